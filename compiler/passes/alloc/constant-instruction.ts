// Which instructions make a word out of nothing: they may be repeated wherever the word is wanted.
//
// Relies on spec/isa: the effect reads no register but the zero register, no pc, no memory, and writes one operand.

import {
  forEachExpr,
  forEachStmt,
  isAccess,
  stmtExprs,
  type Effect,
  type RegisterRef,
} from "../../../spec/isa/effect.ts";
import { effectOf } from "../../../spec/isa/isa.ts";
import type { Instruction } from "../../../spec/isa/schema.ts";
import { machineRoles } from "../../lang/stack/machine-roles.ts";
import type { Convention } from "../../target/convention.ts";
import { isFlag } from "../../target/instruction-use.ts";
import type { MachineStep } from "./problem.ts";

const pure = new WeakMap<Instruction, boolean>();

/** True if `step` defines one temporary and depends on nothing but its immediates. */
export function isConstantInstruction(step: MachineStep, convention: Convention): boolean {
  if (step.uses.length > 0 || step.defs.length !== 1 || step.memory !== null) return false;
  const found = machineRoles(convention.isa, step.ins);
  if (found === null || found.use.readsFlags || found.use.writesFlags) return false;
  if (step.operands.some((o, i) => o.kind === "fixed" && o.register !== found.zeros[i])) return false;
  return isPureInstruction(step.ins, convention);
}

/** True if the instruction computes its written operands and flags from the others and does nothing else. */
export function isPureInstruction(ins: string, convention: Convention): boolean {
  const found = machineRoles(convention.isa, ins);
  if (found === null) return false;
  let answer = pure.get(found.instruction);
  if (answer === undefined) {
    answer = isPure(effectOf(convention.isa, found.instruction));
    pure.set(found.instruction, answer);
  }
  return answer;
}

// No access, no trap, no jump, no pc, and no register but operands and flags.
function isPure(effect: Effect): boolean {
  let answer = true;
  forEachStmt(effect.body, (s) => {
    if (s.kind !== "let" && s.kind !== "setRegister" && s.kind !== "if") answer = false;
    if (s.kind === "setRegister" && isHidden(s.register)) answer = false;
    for (const e of stmtExprs(s)) {
      forEachExpr(e, (x) => {
        if (isAccess(x) || x.kind === "pc" || x.kind === "nextPc") answer = false;
        if (x.kind === "register" && isHidden(x.register)) answer = false;
      });
    }
  });
  return answer;
}

// A register that no operand names.
function isHidden(register: RegisterRef): boolean {
  return register.index.kind === "fixed" && !isFlag(register);
}
