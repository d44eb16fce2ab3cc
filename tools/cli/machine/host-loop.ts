// Runs a session in this process: slices of virtual time with the host's events in between, until something ends it.
// Relies on runtime/boards and the Node edges. Host time is only used to sleep and for `--timeout`.

import type { Session } from "../../../runtime/boards/session.ts";
import type { Runner } from "../../../runtime/debug/trace.ts";
import { BOARD_NS_PER_INSTRUCTION } from "../../../runtime/core/clock.ts";
import type { PowerRequest } from "../../../runtime/firmware/firmware-machine.ts";
import type { StopPoint } from "./words.ts";

/** What the loop asks and tells. */
export interface LoopOptions {
  readonly session: Session;
  /** Runs the session, with what is around it. */
  readonly runner: Runner;
  /** A debugger holds the machine. */
  readonly isHalted: () => boolean;
  /** A debugger may let a machine go on that nothing else can wake. */
  readonly hasDebugger: boolean;
  /** True: idle time is skipped whenever nothing of the host can end it. */
  readonly skipsIdle: () => boolean;
  readonly timeoutMs: number | null;
  /** Where a replay ends. */
  readonly endNs: bigint | null;
  /** Where the user wants the run to end. */
  readonly stop: StopPoint | null;
  readonly reboots: boolean;
  /** After each slice: output goes out. True: the run is over. */
  readonly afterSlice: () => LoopEnd | null;
  /** The guest resets the board and the run goes on: power-on again. */
  readonly restart: () => void;
}

/** asked: `--until`, control-A x. */
export type LoopEnd =
  | { readonly kind: "power"; readonly request: PowerRequest }
  | { readonly kind: "asked"; readonly exitCode: number }
  | { readonly kind: "timeout" }
  | { readonly kind: "stuck" };

const AT_THE_END: LoopEnd = { kind: "asked", exitCode: 0 };

/** Virtual time between two looks at the host. */
const SLICE_NS = 10_000_000n;
const MS_NS = 1_000_000n;
/** Longest sleep in one piece: sockets and terminals end it earlier. */
const MAX_SLEEP_MS = 50;
/** A timer further away than this is none. */
const FAR_NS = 10n ** 15n;

export class HostLoop {
  private readonly options: LoopOptions;
  private wake: (() => void) | null = null;
  private quit: LoopEnd | null = null;

  constructor(options: LoopOptions) {
    this.options = options;
  }

  /** The host has something for the guest: a sleep ends. */
  readonly notify = (): void => {
    this.wake?.();
  };

  /** Ends the run at the next slice. */
  end(end: LoopEnd): void {
    this.quit ??= end;
    this.notify();
  }

  async run(): Promise<LoopEnd> {
    const { session, runner, afterSlice, timeoutMs } = this.options;
    const { machine } = session;
    const start = performance.now();
    for (;;) {
      const skips = this.options.skipsIdle();
      const end = this.endNs();
      const slice = machine.now() + SLICE_NS;
      const outcome = runner.run(end !== null && end < slice ? end : slice, skips);
      const ended = afterSlice() ?? this.quit ?? (this.isOver() ? AT_THE_END : null);
      if (ended !== null) return ended;
      if (outcome.kind === "power") {
        if (outcome.request.kind === "off" || !this.options.reboots) return outcome;
        this.options.restart();
      }
      if (timeoutMs !== null && performance.now() - start > timeoutMs) return { kind: "timeout" };
      if (outcome.kind === "idle") {
        const isStuck = outcome.until === null || outcome.until - machine.now() > FAR_NS;
        if (skips && isStuck && !session.hasInput && !this.options.hasDebugger) return { kind: "stuck" };
        await this.sleep(outcome.until);
      } else if (this.options.isHalted()) await this.pause(MAX_SLEEP_MS);
      else await nextTurn();
    }
  }

  // The earliest instant at which the run may have come to its end; null: never.
  private endNs(): bigint | null {
    const { endNs, stop } = this.options;
    const stopNs = stop === null ? null : stop.kind === "time" ? stop.ns : this.retiredAtNs(stop.count);
    if (endNs === null || stopNs === null) return endNs ?? stopNs;
    return endNs < stopNs ? endNs : stopNs;
  }

  // An instruction takes its time at least: idle time and traps only delay the end.
  private retiredAtNs(count: bigint): bigint | null {
    const { session } = this.options;
    const { machine } = session;
    const isIdle = machine.harts.every((hart) => !hart.isOn || hart.isWaiting) && !session.hasInput;
    const from = isIdle ? machine.timeline.nextDeadline() : machine.now();
    return from === null ? null : from + (count - machine.retired()) * BOARD_NS_PER_INSTRUCTION;
  }

  private isOver(): boolean {
    const { endNs, stop, session } = this.options;
    const { machine } = session;
    const isReplayed = endNs !== null && machine.now() >= endNs;
    if (isReplayed || stop === null) return isReplayed;
    return stop.kind === "time" ? machine.now() >= stop.ns : machine.retired() >= stop.count;
  }

  // Until the guest's next timer, or until the host has something; idle time passes as long as it really took.
  private async sleep(until: bigint | null): Promise<void> {
    const { session } = this.options;
    const now = session.machine.now();
    const left = until === null ? MAX_SLEEP_MS : Number((until - now) / MS_NS) + 1;
    const before = performance.now();
    await this.pause(Math.min(left, MAX_SLEEP_MS));
    const slept = now + BigInt(Math.round((performance.now() - before) * 1e6));
    const limits = [slept, until, this.endNs()].filter((ns) => ns !== null);
    session.passIdle(limits.reduce((least, ns) => (ns < least ? ns : least)));
  }

  private async pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = (): void => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.wake = null;
  }
}

// Sockets, timers and the terminal get their turn.
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
