// Where the parts of a user program's address space lie: segments and heap from below, the stack at the top.
// Relies on nothing. The loader, the check before it and the calls about memory all take these places from here.

/** Where user memory ends: the top of the stack. Below 2^38, the smallest user half of the supported ISAs. */
export const STACK_TOP = 0x3f_ffff_f000n;
/** Default size of the stack, as Linux's `ulimit -s`. */
export const DEFAULT_STACK_BYTES = 8n << 20n;
const GAP_BELOW_STACK = 1n << 20n;

/** The lowest address of a stack of that size. */
export function stackStart(stackBytes: bigint): bigint {
  return STACK_TOP - stackBytes;
}

/** Where everything else must end: a gap keeps a stack that runs over from writing into it. */
export function mapCeiling(stackBytes: bigint): bigint {
  return stackStart(stackBytes) - GAP_BELOW_STACK;
}
