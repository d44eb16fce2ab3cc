// When may the access after an address take over its lower half? `auipc; addi; ld` becomes `auipc; ld`.
// Guarantees: the address register is not read afterwards, so it may be left with only the upper half.

import { R_RISCV } from "../../../spec/abi/elf-riscv64.ts";
import { riscv64 } from "../../../spec/isa/riscv64/riscv64.ts";
import type { Instruction, OperandValues } from "../../../spec/isa/schema.ts";
import { isDeadFrom, type CodePlace } from "../register-death.ts";
import { riscv64Convention } from "./convention.ts";

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

/** The line after the address that is line `index` if it is a load or store that can absorb it; else null. */
export function absorbAddress(place: CodePlace, index: number): AbsorbedAccess | null {
  const { lines } = place.section;
  const address = lines[index];
  const access = lines[index + 1];
  if (address?.kind !== "address" || access?.kind !== "machine") return null;
  const isLoad = loads.has(access.ins);
  if (!isLoad && !stores.has(access.ins)) return null;
  const [data, offset, base] = access.operands;
  if (data?.kind !== "register" || offset?.kind !== "imm" || base?.kind !== "register") return null;
  if (base.register !== address.dest || (!isLoad && data.register === address.dest)) return null;
  const isOverwritten = isLoad && data.register === address.dest;
  if (!isOverwritten && !isDeadFrom(place, index + 2, address.dest, riscv64Convention)) return null;
  return {
    instruction: riscv64.instruction(access.ins),
    values: isLoad ? { rd: data.register, rs1: base.register } : { rs2: data.register, rs1: base.register },
    offset: offset.value,
    relocation: isLoad ? R_RISCV.PCREL_LO12_I : R_RISCV.PCREL_LO12_S,
  };
}
