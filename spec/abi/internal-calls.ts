// What the internal calling convention says about registers and the stack, for any target. Prose: internal-calls.md.
// Relies on nothing. Registers are numbered as in spec/isa. The values for one target: riscv64-calls.ts.

/** Register roles of one target. A register is in at most one of `callerSaved`, `calleeSaved`, `reserved`. */
export interface CallRegisters {
  /** The register file of spec/isa that all of these numbers index. */
  readonly file: string;
  readonly count: number;
  /** Reads as zero; null if the target has none. */
  readonly zero: number | null;
  readonly stackPointer: number;
  /** Where a call leaves the return address. */
  readonly link: number;
  /** Never holds a value across a boundary of the back end's stages; any later stage may overwrite it. */
  readonly scratch: number;
  /** Free at every function's entry: neither an argument nor callee-saved. */
  readonly entryScratch: number;
  /** Words of arguments and of results, in order; the rest goes through the transfer zone. */
  readonly words: readonly number[];
  /** The words of a foreign call (`FOREIGN_WORDS`). */
  readonly foreignWords: readonly number[];
  /** A call may change them. `link` and `scratch` belong here too, though nobody allocates them. */
  readonly callerSaved: readonly number[];
  /** A function leaves them as it found them. */
  readonly calleeSaved: readonly number[];
  /** Belong to the environment: never written by Pancake code. The stack pointer has its own rules. */
  readonly reserved: readonly number[];
}

/** Bytes of one word. */
export const WORD_BYTES = 8;

/** How many words every foreign call has, on any target. */
export const FOREIGN_WORDS = 4;

/** The stack pointer is a multiple of this at every instruction of a function's body. */
export const STACK_ALIGN_BYTES = 16;

/**
 * Bytes below the stack pointer that belong to the running program. Trap and signal handlers that use the same
 * stack must skip them.
 */
export const TRANSFER_ZONE_BYTES = 512;

/** Distance in bytes from the stack pointer at the border of a call to transfer word `index`: always negative. */
export function transferOffset(index: number): number {
  return -WORD_BYTES * (index + 1);
}
