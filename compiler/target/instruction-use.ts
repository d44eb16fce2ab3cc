// What an instruction of spec/isa does besides computing: memory, control, registers, flags. Derived from its effect.
//
// Condition flags are register files of one bit. No operand names them: an instruction that reads them relies on the
// last one before it that wrote them.

import { forEachExpr, forEachStmt, stmtExprs, type RegisterRef } from "../../spec/isa/effect.ts";
import { effectOf } from "../../spec/isa/isa.ts";
import type { Instruction, Isa, Operand } from "../../spec/isa/schema.ts";

export interface InstructionUse {
  readonly accessesMemory: boolean;
  readonly writesPc: boolean;
  /** Flags not counted. */
  readonly writesRegisters: boolean;
  readonly readsFlags: boolean;
  readonly writesFlags: boolean;
}

const known = new WeakMap<Instruction, InstructionUse>();

export function instructionUse(isa: Isa, instruction: Instruction): InstructionUse {
  const found = known.get(instruction);
  if (found !== undefined) return found;
  const use = {
    accessesMemory: false,
    writesPc: false,
    writesRegisters: false,
    readsFlags: false,
    writesFlags: false,
  };
  forEachStmt(effectOf(isa, instruction).body, (s) => {
    if (s.kind === "store") use.accessesMemory = true;
    if (s.kind === "setPc") use.writesPc = true;
    if (s.kind === "setRegister" && isFlag(s.register)) use.writesFlags = true;
    if (s.kind === "setRegister" && !isFlag(s.register)) use.writesRegisters = true;
    for (const e of stmtExprs(s)) {
      forEachExpr(e, (inner) => {
        if (["load", "atomic", "reserve", "conditional"].includes(inner.kind)) use.accessesMemory = true;
        if (inner.kind === "register" && isFlag(inner.register)) use.readsFlags = true;
      });
    }
  });
  known.set(instruction, use);
  return use;
}

/** The register number that the operand takes for zero; null if it has none. */
export function zeroNumber(isa: Isa, { kind }: Operand): number | null {
  if (kind.kind !== "register") return null;
  const { special } = isa.registerClass(kind.class);
  return special?.file === null ? special.index : null;
}

/** True for condition flags. */
export function isFlag(register: RegisterRef): boolean {
  return register.class.width === 1;
}
