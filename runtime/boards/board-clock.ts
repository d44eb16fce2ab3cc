// Virtual time of a board: the time of each instruction that any hart retires and of each trap, and what was
// skipped while all harts waited. Relies on core/hart.ts. Guarantees: it never goes back.

import { BOARD_NS_PER_INSTRUCTION } from "../core/clock.ts";
import type { Hart } from "../core/hart.ts";
import type { Ram } from "../core/ram.ts";

const WORD_BYTES = 8;

export class BoardClock {
  /**
   * Byte offset in the Ram of an i64: the time at which the running hart would have retired nothing yet, if it had always
   * run. Translated code adds what it has retired since (engine/virtual-time.ts).
   */
  readonly at: number;
  private readonly ram: Ram;
  // The time while no hart runs.
  private stopped = 0n;
  private running: Hart | null = null;

  constructor(ram: Ram) {
    const at = ram.allocateArea(WORD_BYTES, WORD_BYTES);
    if (at === null) throw new Error("no room for the clock");
    this.ram = ram;
    this.at = at;
  }

  /** Nanoseconds since power-on, also while a hart runs. */
  now(): bigint {
    const { running } = this;
    return running === null ? this.stopped : this.origin + timeOf(running.retired);
  }

  /** From now on `hart` retires instructions. */
  start(hart: Hart): void {
    const now = this.now();
    this.running = hart;
    this.origin = now - timeOf(hart.retired);
  }

  stop(): void {
    this.stopped = this.now();
    this.running = null;
  }

  /** Instructions until `ns` from now, at least one. */
  instructionsFor(ns: bigint): bigint {
    return (ns + BOARD_NS_PER_INSTRUCTION - 1n) / BOARD_NS_PER_INSTRUCTION;
  }

  /** A trap or an interrupt takes as long as an instruction. */
  passEntry(): void {
    this.pass(BOARD_NS_PER_INSTRUCTION);
  }

  /** Time that no instruction takes. */
  pass(ns: bigint): void {
    if (this.running === null) this.stopped += ns;
    else this.origin += ns;
  }

  /** Back to a time of a snapshot, or of power-on. */
  set(ns: bigint): void {
    this.running = null;
    this.stopped = ns;
  }

  private get origin(): bigint {
    return BigInt.asIntN(64, this.ram.u64[this.at / WORD_BYTES] ?? 0n);
  }
  private set origin(ns: bigint) {
    this.ram.u64[this.at / WORD_BYTES] = BigInt.asUintN(64, ns);
  }
}

function timeOf(instructions: bigint): bigint {
  return instructions * BOARD_NS_PER_INSTRUCTION;
}
