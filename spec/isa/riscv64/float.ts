// RISC-V's choices in floating point (unprivileged manual, chapter "F" 21.2 to 21.4, 21.6, 21.7). Relies on nothing.

import type { FloatRules } from "../float-rules.ts";

/** `rm` and `frm` hold a rounding, `fflags` the accrued flags. */
export const floatRules: FloatRules = {
  flags: { invalid: 4, divideByZero: 3, overflow: 2, underflow: 1, inexact: 0 },
  flagsWidth: 5,
  roundings: ["nearestEven", "towardZero", "down", "up", "nearestAway"],
  modeWidth: 3,
  tininess: "afterRounding",
  signallingInMinNumber: "number",
  nanToInteger: "greatest",
};
