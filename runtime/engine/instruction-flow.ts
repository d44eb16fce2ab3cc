// Where execution goes after an instruction, read off its specialised effect. Relies on spec/isa's effect language.
// No ISA is named here: a call is a jump that also writes the address of the next instruction to a register.

import type { Expr, Stmt } from "../../spec/isa/effect.ts";
import { hasAccess, isConstant } from "../../spec/isa/effect-folding.ts";
import { canTranslate } from "./effect-to-wasm.ts";

/** outside: what it does cannot be translated, so it is executed outside of translated code. */
export type Flow =
  | { readonly kind: "next" }
  | { readonly kind: "jump"; readonly target: bigint; readonly isCall: boolean }
  | { readonly kind: "branch"; readonly cond: Expr; readonly taken: bigint; readonly otherwise: bigint }
  | { readonly kind: "indirect"; readonly isCall: boolean }
  | { readonly kind: "outside" };

/** A translatable instruction: `straight` are its statements without those that `flow` stands for. */
export interface FlowParts {
  readonly straight: readonly Stmt[];
  readonly flow: Flow;
}

/** Nothing of it is translated. */
export const OUTSIDE: FlowParts = { straight: [], flow: { kind: "outside" } };

/** Splits the statements of one instruction; `next` is the address of the one after it. */
export function flowOf(body: readonly Stmt[], next: bigint): FlowParts {
  if (!canTranslate(body)) return OUTSIDE;
  const last = body.at(-1);
  const jumps = body.filter(writesPc);
  if (jumps.length === 0) return { straight: body, flow: { kind: "next" } };
  if (jumps.length > 1) return OUTSIDE;
  const [jump] = jumps;
  if (jump?.kind === "if") return jump === last ? branchOf(jump, body, next) : OUTSIDE;
  if (jump?.kind !== "setPc") return OUTSIDE;
  const isCall = body.some((s) => s.kind === "setRegister" && isConstant(s.value, next));
  if (jump.value.kind !== "const") return { straight: body, flow: { kind: "indirect", isCall } };
  const straight = body.filter((s) => s !== jump);
  return { straight, flow: { kind: "jump", target: jump.value.value, isCall } };
}

function branchOf(branch: Extract<Stmt, { kind: "if" }>, body: readonly Stmt[], next: bigint): FlowParts {
  const taken = onlyTarget(branch.then, next);
  const otherwise = onlyTarget(branch.else, next);
  if (taken === null || otherwise === null || hasAccess(branch.cond)) return OUTSIDE;
  return { straight: body.slice(0, -1), flow: { kind: "branch", cond: branch.cond, taken, otherwise } };
}

// The constant that an arm sets the pc to; null if it does anything else.
function onlyTarget(arm: readonly Stmt[], next: bigint): bigint | null {
  const [first] = arm;
  if (first === undefined) return next;
  return arm.length === 1 && first.kind === "setPc" && first.value.kind === "const"
    ? first.value.value
    : null;
}

function writesPc(s: Stmt): boolean {
  return s.kind === "setPc" || (s.kind === "if" && (s.then.some(writesPc) || s.else.some(writesPc)));
}
