// Instructions by which a program asks whoever runs the machine: semihosting, alike for all ISAs. Relies on system.ts.

import type { HartBoard, SystemHart } from "./system.ts";

/** Bytes of the instruction that asks, on both ISAs. */
const REQUEST_BYTES = 4n;

/**
 * Lets the board answer the request at the hart's pc, which then retires; a request that waits changes nothing, and is
 * made again. False: nobody listens, so the instruction traps as the architecture says.
 */
export function hostAnswers(board: HartBoard, system: SystemHart, isUnprivileged: boolean): boolean {
  const { semihosting } = board;
  if (semihosting === null || (isUnprivileged && !semihosting.atUser)) return false;
  if (semihosting.call(system) === "answered") {
    system.hart.pc += REQUEST_BYTES;
    system.hart.retired += 1n;
  }
  return true;
}
