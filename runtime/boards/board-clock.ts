// Virtual time of a board: the time of each instruction that any hart retires and of each trap, and what was
// skipped while all harts waited. Relies on core/hart.ts. Guarantees: it never goes back.

import { BOARD_NS_PER_INSTRUCTION } from "../core/clock.ts";
import type { Hart } from "../core/hart.ts";

export class BoardClock {
  private base = 0n;
  private running: Hart | null = null;
  private mark = 0n;

  /** Nanoseconds since power-on, also while a hart runs. */
  now(): bigint {
    const { running } = this;
    return running === null
      ? this.base
      : this.base + (running.retired - this.mark) * BOARD_NS_PER_INSTRUCTION;
  }

  /** From now on `hart` retires instructions. */
  start(hart: Hart): void {
    this.stop();
    this.running = hart;
    this.mark = hart.retired;
  }

  stop(): void {
    this.base = this.now();
    this.running = null;
  }

  /** Instructions until `ns` from now, at least one. */
  instructionsFor(ns: bigint): bigint {
    return (ns + BOARD_NS_PER_INSTRUCTION - 1n) / BOARD_NS_PER_INSTRUCTION;
  }

  /** A trap or an interrupt takes as long as an instruction. */
  passEntry(): void {
    this.base += BOARD_NS_PER_INSTRUCTION;
  }

  /** Time that no instruction takes. */
  pass(ns: bigint): void {
    this.base += ns;
  }

  /** Back to a time of a snapshot, or of power-on. */
  set(ns: bigint): void {
    this.running = null;
    this.base = ns;
  }
}
