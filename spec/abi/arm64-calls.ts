// The internal calling convention of Arm64: AAPCS64's register roles, with more argument and result registers.
// Relies on internal-calls.ts. Source of the C part: Procedure Call Standard for the Arm 64-bit Architecture, 6.1.1.

import type { CallRegisters } from "./internal-calls.ts";

// prettier-ignore
export const arm64Calls: CallRegisters = {
  file: "x",
  count: 32,
  zero: null,                                                         // 31 is zero or sp, as the operand says
  stackPointer: 31,
  link: 30,
  scratch: 16,                                                        // linkers' veneers use it and x17
  entryScratch: 17,
  words: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  foreignWords: [0, 1, 2, 3],
  callerSaved: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 30],
  calleeSaved: [19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29],
  reserved: [18],                                                     // the platform's
};
