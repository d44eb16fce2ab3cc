// Conditions of crep-to-loop: comparisons tested directly, `&&` and `||` as branches.
//
// After desugaring, `a && b` is `(0 != a) & (0 != b)` and `a || b` is `0 != (a | b)`; crep-arith may have simplified
// the tests. Only the truth of a condition matters here, so `!= 0` and `== 0` around it disappear.

import type * as crep from "../../lang/crep/ast.ts";
import type * as loop from "../../lang/loop/ast.ts";
import { negateCompare } from "../../lang/machine-word.ts";
import type { Span } from "../../source/span.ts";
import { operandOf, type Lowering, type Out } from "./expressions.ts";

const NOTHING_LIVE: loop.VarSet = new Set();

/** A condition without the tests against zero around it; `holds` is false if it was negated. */
interface Core {
  readonly exp: crep.Exp;
  readonly holds: boolean;
}

function coreOf(condition: crep.Exp): Core {
  let exp = condition;
  let holds = true;
  for (;;) {
    const tested = testedAgainstZero(exp);
    if (tested === null) return { exp, holds };
    if (exp.kind === "compare" && exp.op === "equal") holds = !holds;
    exp = tested;
  }
}

/** `x` of `x != 0`, `0 != x`, `x == 0`, `0 == x`. */
function testedAgainstZero(e: crep.Exp): crep.Exp | null {
  if (e.kind !== "compare" || (e.op !== "equal" && e.op !== "notEqual")) return null;
  if (isZero(e.right)) return e.left;
  return isZero(e.left) ? e.right : null;
}

function isZero(e: crep.Exp): boolean {
  return e.kind === "const" && e.value === 0n;
}

/** True for values that are 0 or 1. */
function isTruthValue(e: crep.Exp): boolean {
  if (e.kind === "compare") return true;
  if (e.kind === "const") return e.value <= 1n;
  return e.kind === "op" && (e.op === "and" || e.op === "or" || e.op === "xor") && e.args.every(isTruthValue);
}

type Operation = Extract<crep.Exp, { readonly kind: "op" }>;

/** A conjunction: its value is the bitwise and of truth values. */
function isConjunction(e: crep.Exp): e is Operation {
  return e.kind === "op" && e.op === "and" && e.args.every(isTruthValue);
}

/** A disjunction worth branching on: some part of it is a test. */
function isDisjunction(e: crep.Exp): e is Operation {
  return e.kind === "op" && e.op === "or" && e.args.some(isTruthValue);
}

/** True if the condition needs more than one branch. */
export function isLogical(condition: crep.Exp): boolean {
  const { exp } = coreOf(condition);
  return isConjunction(exp) || isDisjunction(exp);
}

/** The condition as one comparison; its operands go to `out`. */
export function directCondition(condition: crep.Exp, out: Out, c: Lowering): loop.Condition {
  const { exp, holds } = coreOf(condition);
  if (exp.kind === "compare") {
    const left = operandOf(exp.left, out, c);
    const right = operandOf(exp.right, out, c);
    return { op: holds ? exp.op : negateCompare[exp.op], left, right };
  }
  const left = operandOf(exp, out, c);
  return { op: holds ? "notEqual" : "equal", left, right: { kind: "const", value: 0n } };
}

/** Where a branch goes, and where its statements are written. */
export interface Target {
  /** Scopes to leave: 0 is the innermost. */
  readonly depth: number;
  readonly span: Span;
  readonly out: Out;
  readonly c: Lowering;
}

/** Leaves `depth` scopes if the truth of `condition` is `when`; goes on otherwise. */
export function branchAway(condition: crep.Exp, when: boolean, target: Target): void {
  const { depth, span, out, c } = target;
  const { exp, holds } = coreOf(condition);
  const wanted = when === holds;
  const leave: loop.Stmt = { kind: "break", depth, span };
  if (isConjunction(exp)) leaveByParts(exp.args, wanted, !wanted, target);
  else if (isDisjunction(exp)) leaveByParts(disjuncts(exp), wanted, wanted, target);
  else if (exp.kind === "const") {
    if ((exp.value !== 0n) === wanted) out.push(leave);
  } else {
    const { op, left, right } = directCondition(exp, out, c);
    const test = { op: wanted ? op : negateCompare[op], left, right };
    out.push({ kind: "if", condition: test, then: [leave], else: [], liveOut: NOTHING_LIVE, span });
  }
}

/** The parts of a disjunction; those that are not tests are tested together, by one bitwise or. */
function disjuncts(e: Operation): readonly crep.Exp[] {
  const tests = e.args.filter(isTruthValue);
  const words = e.args.filter((arg) => !isTruthValue(arg));
  const [only] = words;
  if (only === undefined) return tests;
  return [...tests, words.length === 1 ? only : { ...e, args: words }];
}

/**
 * Leaves if the whole is `wanted`. `each`: one part that is `wanted` decides (an or that holds, an and that does
 * not); otherwise all parts must be `wanted`, and the first that is not skips the others.
 */
function leaveByParts(parts: readonly crep.Exp[], wanted: boolean, each: boolean, target: Target): void {
  if (each) {
    for (const part of parts) branchAway(part, wanted, target);
    return;
  }
  const { depth, span, c } = target;
  const body: Out = [];
  const last = parts.length - 1;
  parts.forEach((part, i) => {
    if (i < last) branchAway(part, !wanted, { depth: 0, span, out: body, c });
    else branchAway(part, wanted, { depth: depth + 1, span, out: body, c });
  });
  target.out.push({ kind: "block", body, liveOut: NOTHING_LIVE, span });
}
