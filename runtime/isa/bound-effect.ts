// What an instruction does under a binding: its effect in spec/isa, and what is switched on or off there.
//
// Relies on spec/isa. All executors take effects from here. On Arm64 accesses by a stack pointer that is not a multiple
// of 16 may trap (SCTLR_ELx.SA; Arm DDI 0487, J1.3.1 CheckSPAlignment), so may every access that is not aligned
// (SCTLR_ELx.A), and the accesses of ldtr and sttr have the rights of EL0.

import type { Access, Effect, Expr, Stmt } from "../../spec/isa/effect.ts";
import { forEachExpr, forEachStmt, isAccess, stmtExprs } from "../../spec/isa/effect.ts";
import { effectOf } from "../../spec/isa/isa.ts";
import type { Instruction } from "../../spec/isa/schema.ts";
import { mapChildren, mapStmt } from "../../spec/isa/effect-rewrite.ts";
import type { IsaBinding } from "./binding.ts";

const made = new WeakMap<IsaBinding, WeakMap<Instruction, Effect>>();

/** The effect of `instruction` over its own operands, as `effectOf` gives it, under `binding`. */
export function boundEffect(binding: IsaBinding, instruction: Instruction): Effect {
  const effect = effectOf(binding.isa, instruction);
  const { stack, alignsAccesses, accessesAsUser } = binding;
  if (stack === null && !alignsAccesses && accessesAsUser === null) return effect;
  const known = made.get(binding) ?? new WeakMap<Instruction, Effect>();
  made.set(binding, known);
  const before = known.get(instruction);
  if (before !== undefined) return before;
  const changed = accessesMemory(effect) ? { body: changedBody(binding, instruction, effect) } : effect;
  known.set(instruction, changed);
  return changed;
}

function changedBody(binding: IsaBinding, instruction: Instruction, effect: Effect): readonly Stmt[] {
  const { stack, alignsAccesses, accessesAsUser } = binding;
  let { body } = effect;
  const all = (change: (access: Access) => Access): void => {
    body = body.map((s) => withAccesses(s, change));
  };
  if (alignsAccesses) all((access) => ({ ...access, aligned: true }));
  if (accessesAsUser === instruction.group) all((access) => ({ ...access, asUser: true }));
  if (stack === null) return body;
  const bases = instruction.operands.filter(
    ({ kind }) => kind.kind === "register" && stack.classes.includes(kind.class),
  );
  return [...bases.map(({ name }) => alignmentCheck(binding, stack, name)), ...body];
}

// The statement with every access changed.
function withAccesses(s: Stmt, change: (access: Access) => Access): Stmt {
  const changeIn = (e: Expr): Expr => {
    const changed = mapChildren(e, changeIn);
    return "access" in changed ? { ...changed, access: change(changed.access) } : changed;
  };
  const mapped = mapStmt(s, changeIn);
  return mapped.kind === "store" ? { ...mapped, access: change(mapped.access) } : mapped;
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
