// Arithmetic on operand values in aliases: `63 - shift` in an expansion, `if (imms != 63) shift = 63 - imms` in its
// inverse. Relies on effect-parse.ts for the grammar. Values are exact JS integers; comparisons give 1 or 0.

import type { RawExpr, RawStmt } from "./effect-syntax.ts";
import { tableError } from "./table-error.ts";

const operators: Readonly<Record<string, (a: number, b: number) => number>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "&": (a, b) => a & b,
  "|": (a, b) => a | b,
  "^": (a, b) => a ^ b,
  "<<": (a, b) => a << b,
  ">>u": (a, b) => a >>> b,
  "==": (a, b) => Number(a === b),
  "!=": (a, b) => Number(a !== b),
  "<s": (a, b) => Number(a < b),
  "<=s": (a, b) => Number(a <= b),
  "&&": (a, b) => a & b,
  "||": (a, b) => a | b,
};

/** The value of `e`, in which names are operands. */
export function computeOperand(e: RawExpr, values: Readonly<Record<string, number>>): number {
  switch (e.kind) {
    case "number":
      return Number(e.value);
    case "name":
      return values[e.name] ?? tableError(`arithmetic: no operand \`${e.name}\``);
    case "prefix": {
      const arg = computeOperand(e.arg, values);
      return e.op === "-" ? -arg : e.op === "~" ? ~arg : 1 - arg;
    }
    case "infix": {
      const operator = operators[e.op] ?? tableError(`arithmetic: no operator \`${e.op}\``);
      return operator(computeOperand(e.left, values), computeOperand(e.right, values));
    }
    case "choose":
      return computeOperand(computeOperand(e.cond, values) === 1 ? e.then : e.else, values);
    default:
      return tableError(`arithmetic: \`${e.kind}\` has no meaning here`);
  }
}

/** Own operand values that the statements give for an instruction's; null if a condition does not hold. */
export function computeInverse(
  statements: readonly RawStmt[],
  values: Readonly<Record<string, number>>,
): Record<string, number> | null {
  const own: Record<string, number> = {};
  for (const s of statements) {
    if (s.kind === "if") {
      const inner = computeOperand(s.cond, values) === 1 ? computeInverse(s.then, values) : null;
      if (inner === null) return null;
      Object.assign(own, inner);
    } else if (s.kind === "assign" && s.target.kind === "name") {
      own[s.target.name] = computeOperand(s.value, values);
    } else return tableError(`arithmetic: \`${s.kind}\` has no meaning here`);
  }
  return own;
}
