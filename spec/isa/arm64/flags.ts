// Pieces of effects: how results become condition flags and conditions are decided (Arm DDI 0487, J1 AddWithCarry and
// ConditionHolds). Relies on nothing.

/** Adds `a` and `b` (expressions of `width` bits), writes the result by `write` and the four flags. */
export function addWithFlags(width: number, a: string, b: string, write: string): string {
  const top = `[${String(width - 1)}]`;
  return (
    `let left = ${a}; let right = ${b}; let r = left + right; ${write}; ${resultFlags(top)}; ` +
    `flagC = r <u left; flagV = ((left ^ r) & (right ^ r))${top}`
  );
}

/** As addWithFlags, for a difference: C says that nothing was borrowed. */
export function subtractWithFlags(width: number, a: string, b: string, write: string): string {
  const top = `[${String(width - 1)}]`;
  return (
    `let left = ${a}; let right = ${b}; let r = left - right; ${write}; ${resultFlags(top)}; ` +
    `flagC = left >=u right; flagV = ((left ^ right) & (left ^ r))${top}`
  );
}

/** N and Z of the local `r`; `top` is its sign bit as a subscript. */
export function resultFlags(top: string): string {
  return `flagN = r${top}; flagZ = r == 0`;
}

/** Flags of a logical operation. */
export function logicalFlags(width: number, value: string, write: string): string {
  return `let r = ${value}; ${write}; ${resultFlags(`[${String(width - 1)}]`)}; flagC = 0; flagV = 0`;
}

/** Binds `holds`, one bit: whether the condition that operand `cond` names holds. Known at decoding but for flags. */
export const conditionHolds =
  "let holds = (cond[3:1] == 0 ? flagZ : cond[3:1] == 1 ? flagC : cond[3:1] == 2 ? flagN : " +
  "cond[3:1] == 3 ? flagV : cond[3:1] == 4 ? flagC & ~flagZ : cond[3:1] == 5 ? ~(flagN ^ flagV) : " +
  "cond[3:1] == 6 ? ~(flagN ^ flagV | flagZ) : 1) ^ (cond[0] & (cond[3:1] != 7))";
