// What built-in firmware asks of the machine that it runs on. Relies on core and runtime/isa/system.ts.

import type { Memory } from "../core/memory.ts";
import type { Timeline } from "../core/timeline.ts";
import type { FlushScope, SystemHart } from "../isa/system.ts";

/** How a guest ends or restarts its machine. */
export interface PowerRequest {
  readonly kind: "off" | "reset";
  /** What a shell sees: 0 is fine. */
  readonly exitCode: number;
}

export interface FirmwareMachine {
  readonly harts: readonly SystemHart[];
  readonly timeline: Timeline;
  readonly physical: Memory;
  /** Drops translations of the harts, as the scope says, `everywhere` included. */
  flushTranslations(scope: FlushScope): void;
  power(request: PowerRequest): void;
}

/** Where firmware prints and reads. */
export interface FirmwareConsole {
  write(byte: number): void;
  /** A byte that was typed; null: none waits. */
  read(): number | null;
}
