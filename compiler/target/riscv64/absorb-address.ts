// When may the access after an address take over its lower half? `auipc; addi; ld` becomes `auipc; ld`.
// Relies on spec/isa for which operands are read and written. Guarantees: the address register is not read afterwards,
// so it may be left with only the upper half.

import { R_RISCV } from "../../../spec/abi/elf-riscv64.ts";
import { riscv64Calls } from "../../../spec/abi/riscv64-calls.ts";
import { operandRole } from "../../../spec/isa/isa.ts";
import { riscv64 } from "../../../spec/isa/riscv64/riscv64.ts";
import type { Instruction, OperandValues } from "../../../spec/isa/schema.ts";
import type * as lab from "../../lang/lab/ast.ts";

export interface AbsorbedAccess {
  readonly instruction: Instruction;
  /** Without `imm`. */
  readonly values: OperandValues;
  /** The access's own offset from the address. */
  readonly offset: bigint;
  readonly relocation: number;
}

// Syntax tells loads from stores: `rd, imm(rs1)` and `rs2, imm(rs1)`.
const loads = new Set(["lb", "lh", "lw", "ld", "lbu", "lhu", "lwu"]);
const stores = new Set(["sb", "sh", "sw", "sd"]);

/** The line after the address `lines[index]` if it is a load or store that can absorb it; else null. */
export function absorbAddress(lines: readonly lab.Line[], index: number): AbsorbedAccess | null {
  const address = lines[index];
  const access = lines[index + 1];
  if (address?.kind !== "address" || access?.kind !== "machine") return null;
  const isLoad = loads.has(access.ins);
  if (!isLoad && !stores.has(access.ins)) return null;
  const [data, offset, base] = access.operands;
  if (data?.kind !== "register" || offset?.kind !== "imm" || base?.kind !== "register") return null;
  if (base.register !== address.dest || (!isLoad && data.register === address.dest)) return null;
  if (!(isLoad && data.register === address.dest) && !isDead(lines, index + 2, address.dest)) return null;
  return {
    instruction: riscv64.instruction(access.ins),
    values: isLoad ? { rd: data.register, rs1: base.register } : { rs2: data.register, rs1: base.register },
    offset: offset.value,
    relocation: isLoad ? R_RISCV.PCREL_LO12_I : R_RISCV.PCREL_LO12_S,
  };
}

// True if the code from `from` on certainly overwrites the register before it reads it.
function isDead(lines: readonly lab.Line[], from: number, register: number): boolean {
  for (let i = from; i < lines.length; i += 1) {
    const line = lines[i];
    if (line?.kind === "address") {
      if (line.dest === register) return true;
      continue;
    }
    if (line?.kind === "foreignCall") return isDeadAtForeignCall(register);
    if (line?.kind === "call") return isDeadAtCall(register);
    if (line?.kind === "return" || line?.kind === "tailCall") return isDeadAtCall(register);
    if (line?.kind !== "machine") return line?.kind === "trap";
    const use = useOf(line, register);
    if (use !== "none") return use === "written";
  }
  return false;
}

// Neither an argument, a result, the return address nor callee-saved.
function isDeadAtCall(register: number): boolean {
  if (register === riscv64Calls.link) return false;
  return riscv64Calls.callerSaved.includes(register) && !riscv64Calls.words.includes(register);
}

function isDeadAtForeignCall(register: number): boolean {
  if (register === riscv64Calls.link) return false;
  return riscv64Calls.callerSaved.includes(register) && !riscv64Calls.foreignWords.includes(register);
}

/** How a machine line uses a register. */
export function useOf(
  line: Extract<lab.Line, { kind: "machine" }>,
  register: number,
): "none" | "read" | "written" {
  const instruction = riscv64.instruction(line.ins);
  let result: "none" | "written" = "none";
  const named = instruction.operands;
  for (const [i, operand] of line.operands.entries()) {
    const name = named[i]?.name;
    if (operand.kind !== "register" || operand.register !== register || name === undefined) continue;
    if (operandRole(riscv64, instruction, name) !== "def") return "read";
    result = "written";
  }
  return result;
}
