// What an instruction does in user mode: its effect in spec/isa, and what the kernel switched on.
//
// Relies on spec/isa. All executors take effects from here. Today that is one thing: on Arm64, Linux lets accesses by a
// stack pointer trap that is not a multiple of 16 (SCTLR_EL1.SA0; Arm DDI 0487, J1.3.1 CheckSPAlignment).

import type { Effect, Expr, Stmt } from "../../spec/isa/effect.ts";
import { forEachExpr, forEachStmt, isAccess, stmtExprs } from "../../spec/isa/effect.ts";
import { effectOf } from "../../spec/isa/isa.ts";
import type { Instruction } from "../../spec/isa/schema.ts";
import type { IsaBinding } from "./binding.ts";

const checked = new WeakMap<Instruction, Effect>();

/** The effect of `instruction` over its own operands, as `effectOf` gives it, for a user program. */
export function userEffect(binding: IsaBinding, instruction: Instruction): Effect {
  const effect = effectOf(binding.isa, instruction);
  const { stack } = binding;
  if (stack === null) return effect;
  const known = checked.get(instruction);
  if (known !== undefined) return known;
  const bases = instruction.operands.filter(
    ({ kind }) => kind.kind === "register" && stack.classes.includes(kind.class),
  );
  const made = accessesMemory(effect)
    ? { body: [...bases.map(({ name }) => alignmentCheck(binding, stack, name)), ...effect.body] }
    : effect;
  checked.set(instruction, made);
  return made;
}

// if (index(base) == stack pointer && base[low] != 0) trap(base)
function alignmentCheck(binding: IsaBinding, stack: NonNullable<IsaBinding["stack"]>, name: string): Stmt {
  const [view] = stack.classes;
  const base: Expr = {
    kind: "register",
    width: binding.isa.wordWidth,
    register: { class: binding.isa.registerClass(view), index: { kind: "operand", name } },
  };
  const width = Math.log2(stack.alignment);
  const number = (bits: number, value: bigint): Expr => ({ kind: "const", width: bits, value });
  const low: Expr = { kind: "extract", width, low: 0, arg: base };
  const isStack: Expr = { kind: "index", width: 8, name };
  const compare = (op: "eq" | "ne", left: Expr, right: Expr): Expr => ({
    kind: "compare",
    width: 1,
    op,
    left,
    right,
  });
  const isBase = compare("eq", isStack, number(8, BigInt(stack.register)));
  const isOff = compare("ne", low, number(width, 0n));
  const cond: Expr = { kind: "binary", width: 1, op: "and", left: isBase, right: isOff };
  return { kind: "if", cond, then: [{ kind: "trap", cause: stack.trap, value: base }], else: [] };
}

function accessesMemory(effect: Effect): boolean {
  let found = false;
  forEachStmt(effect.body, (s) => {
    if (s.kind === "store") found = true;
    for (const e of stmtExprs(s)) {
      forEachExpr(e, (node) => {
        if (isAccess(node) && "access" in node) found = true;
      });
    }
  });
  return found;
}
