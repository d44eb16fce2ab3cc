// What the machine must know about one ISA beyond its tables: fetch, names of traps, user-visible CSRs.
// Relies on spec/isa. One value per ISA (riscv64.ts); executors and machines take it as a parameter and name no ISA.

import type { Trap } from "../../spec/isa/effect-eval.ts";
import type { Isa } from "../../spec/isa/schema.ts";
import type { Hart } from "../core/hart.ts";
import type { AccessKind } from "../core/memory.ts";
import type { Decoder } from "./decoder.ts";

/** What only the machine around a hart can answer: CSRs and helpers of spec/isa. */
export interface SystemPort {
  readCsr(number: number, hart: Hart): bigint | Trap;
  writeCsr(number: number, value: bigint, hart: Hart): Trap | null;
  helper(name: string, args: readonly bigint[], hart: Hart): bigint | Trap | null;
}

export interface IsaBinding {
  readonly isa: Isa;
  readonly decoder: Decoder;
  /** Names in `isa.traps`. */
  readonly traps: {
    readonly fault: Readonly<Record<AccessKind, string>>;
    readonly misaligned: { readonly load: string; readonly store: string };
    readonly undefinedInstruction: string;
    readonly systemCall: string;
    readonly breakpoint: string;
  };
  /** Bytes of the system-call instruction: where execution goes on afterwards. */
  readonly systemCallBytes: number;
  /** CSRs and helpers as a user program sees them. */
  readonly userPort: SystemPort;
}
