// Virtual time: a count of retired instructions, one nanosecond each, so that a run never depends on the host's clock.
// Relies on nothing.

/** Nanoseconds per retired instruction. */
export const NS_PER_INSTRUCTION = 1n;

/**
 * The same on a board, whose harts run at 100 MHz: near what the machine executes in real time, so that a guest's
 * delays are neither longer than they say nor a waste of instructions.
 */
export const BOARD_NS_PER_INSTRUCTION = 10n;

/** 2026-01-01T00:00:00Z in seconds: what a guest's wall clock shows when the machine starts. */
export const EPOCH_START_SECONDS = 1_767_225_600n;

/** Nanoseconds since the machine started. */
export function elapsedNs(retired: bigint): bigint {
  return retired * NS_PER_INSTRUCTION;
}

/** Nanoseconds since 1970 on the guest's wall clock. */
export function wallClockNs(retired: bigint): bigint {
  return EPOCH_START_SECONDS * 1_000_000_000n + elapsedNs(retired);
}
