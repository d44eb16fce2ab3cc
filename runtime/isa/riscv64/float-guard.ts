// Floating point while mstatus.FS is not dirty: forbidden while off, otherwise marked by the first instruction that
// changes it.
//
// Relies on the effects of spec/isa for which instructions those are. FS turns dirty before the instruction executes; if
// that traps, `undo` takes it back.

import { evaluateEffect, type EffectMachine, type Trap } from "../../../spec/isa/effect-eval.ts";
import { forEachExpr, forEachStmt, stmtExprs, type Effect } from "../../../spec/isa/effect.ts";
import { effectOf } from "../../../spec/isa/isa.ts";
import { riscv64 } from "../../../spec/isa/riscv64/riscv64.ts";
import { FLOAT_FILES, FLOAT_STATE, STATUS } from "../../../spec/isa/riscv64/status.ts";
import type { Instruction, OperandValues } from "../../../spec/isa/schema.ts";
import type { Hart } from "../../core/hart.ts";
import type { InstructionGuard } from "../system.ts";
import type { PrivilegedState } from "./privileged-state.ts";
import { riscv64Binding } from "./user.ts";

/** What STATUS.FS means for execution. */
export type FloatUse = "off" | "unmarked" | "dirty";

const illegal: Trap = { kind: "trap", cause: riscv64Binding.traps.undefinedInstruction, value: 0n };

/** How an instruction uses floating-point state; `csr`: it depends on which CSR. */
type Use = "none" | "reads" | "changes" | "csr";

const uses = new WeakMap<Instruction, Use>();

function useOf(instruction: Instruction): Use {
  const known = uses.get(instruction);
  if (known !== undefined) return known;
  const use = useOfEffect(effectOf(riscv64, instruction));
  uses.set(instruction, use);
  return use;
}

function useOfEffect(effect: Effect): Use {
  let use: Use = "none";
  const note = (found: Use): void => {
    if (use !== "changes" && use !== "csr") use = found;
  };
  forEachStmt(effect.body, (s) => {
    if (s.kind === "setCsr") note("csr");
    if (s.kind === "setRegister" && FLOAT_FILES.includes(s.register.class.file)) note("changes");
    for (const outer of stmtExprs(s)) {
      forEachExpr(outer, (e) => {
        if (e.kind === "csr") note("csr");
        if (e.kind === "register" && FLOAT_FILES.includes(e.register.class.file)) note("reads");
      });
    }
  });
  return use;
}

const floatCsrs: ReadonlySet<number> = new Set(
  riscv64.csrs.flatMap(({ number, fields }) =>
    fields?.some(({ file }) => FLOAT_FILES.includes(file)) === true ? [number] : [],
  ),
);

// The use of one instruction word.
function useOfWord(instruction: Instruction, operands: OperandValues): Use {
  const use = useOf(instruction);
  if (use !== "csr") return use;
  const operand = instruction.operands.find(({ kind }) => kind.kind === "csr");
  const number = operand === undefined ? undefined : operands[operand.name];
  if (number === undefined || !floatCsrs.has(number)) return "none";
  return writesCsr(effectOf(riscv64, instruction), operands) ? "changes" : "reads";
}

// Whether a CSR is written does not depend on values of registers, so any machine shows it.
function writesCsr(effect: Effect, operands: OperandValues): boolean {
  let isWritten = false;
  const machine: EffectMachine = {
    readReg: () => 0n,
    writeReg: () => undefined,
    load: () => 0n,
    store: () => null,
    atomic: () => 0n,
    reserve: () => 0n,
    conditional: () => true,
    readCsr: () => 0n,
    writeCsr: () => {
      isWritten = true;
      return null;
    },
    helper: () => null,
  };
  evaluateEffect(effect, { operands, pc: 0n, lengthBytes: 4 }, machine);
  return isWritten;
}

/** The guards of one hart. */
export interface FloatGuards {
  readonly byUse: Readonly<Record<FloatUse, InstructionGuard | null>>;
  /** The instruction at pc trapped, so it changed nothing; null: the hart is in another state altogether. */
  undo(hart: Hart | null): void;
}

/** `changed` hears that the mode is another one now. */
export function floatGuards(state: PrivilegedState, changed: () => void): FloatGuards {
  let marked: { readonly retired: bigint; readonly before: bigint } | null = null;
  const undo = (hart: Hart | null): void => {
    if (marked !== null && hart?.retired === marked.retired) state.setStatus(STATUS.FS, marked.before);
    marked = null;
  };
  const byUse = {
    off: {
      covers: (instruction: Instruction, operands: OperandValues) =>
        useOfWord(instruction, operands) !== "none",
      check: () => illegal,
    },
    unmarked: {
      covers: (instruction: Instruction, operands: OperandValues) =>
        useOfWord(instruction, operands) === "changes",
      check: (_: Instruction, __: OperandValues, hart: Hart) => {
        marked = { retired: hart.retired, before: state.status(STATUS.FS) };
        state.setStatus(STATUS.FS, FLOAT_STATE.dirty);
        changed();
        return null;
      },
    },
    dirty: null,
  };
  return { byUse, undo };
}
