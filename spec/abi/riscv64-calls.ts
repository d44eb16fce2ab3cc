// The internal calling convention of RV64: the psABI's register roles, with more argument and result registers.
// Relies on internal-calls.ts. Source of the C part: RISC-V psABI, "Integer register convention".

import type { CallRegisters } from "./internal-calls.ts";

// prettier-ignore
export const riscv64Calls: CallRegisters = {
  file: "x",
  count: 32,
  zero: 0,
  stackPointer: 2,
  link: 1,
  scratch: 31,                                                        // t6
  entryScratch: 7,                                                    // t2
  words: [10, 11, 12, 13, 14, 15, 16, 17, 28, 29, 30, 5, 6],          // a0-a7, t3-t5, t0, t1
  foreignWords: [10, 11, 12, 13],                                     // a0-a3
  callerSaved: [1, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17, 28, 29, 30, 31],
  calleeSaved: [8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27],        // s0-s11
  reserved: [0, 3, 4],                                                // zero, gp, tp
};
