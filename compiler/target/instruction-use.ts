// What an instruction of spec/isa does besides computing: memory, control, registers. Derived from its effect.

import { forEachExpr, forEachStmt, stmtExprs } from "../../spec/isa/effect.ts";
import { effectOf } from "../../spec/isa/isa.ts";
import type { Instruction, Isa } from "../../spec/isa/schema.ts";

export interface InstructionUse {
  readonly accessesMemory: boolean;
  readonly writesPc: boolean;
  readonly writesRegisters: boolean;
}

const known = new WeakMap<Instruction, InstructionUse>();

export function instructionUse(isa: Isa, instruction: Instruction): InstructionUse {
  const found = known.get(instruction);
  if (found !== undefined) return found;
  const use = { accessesMemory: false, writesPc: false, writesRegisters: false };
  forEachStmt(effectOf(isa, instruction).body, (s) => {
    if (s.kind === "store") use.accessesMemory = true;
    if (s.kind === "setPc") use.writesPc = true;
    if (s.kind === "setRegister") use.writesRegisters = true;
    for (const e of stmtExprs(s)) {
      forEachExpr(e, (inner) => {
        if (["load", "atomic", "reserve", "conditional"].includes(inner.kind)) use.accessesMemory = true;
      });
    }
  });
  known.set(instruction, use);
  return use;
}
