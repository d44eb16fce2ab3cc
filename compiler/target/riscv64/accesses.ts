// RV64's loads and stores of one register at a constant offset. Relies on spec/abi for the relocations of offsets.

import { R_RISCV } from "../../../spec/abi/elf-riscv64.ts";
import type { OpenAccessOf } from "../absorb-address.ts";

// Syntax tells loads from stores: `rd, imm(rs1)` and `rs2, imm(rs1)`.
const loads = new Set(["lb", "lh", "lw", "ld", "lbu", "lhu", "lwu"]);
const stores = new Set(["sb", "sh", "sw", "sd"]);

/** What an access can absorb: any offset, whatever it moves. */
export const openAccessOf: OpenAccessOf = ({ ins, operands }) => {
  const isLoad = loads.has(ins);
  const [data, offset, base] = operands;
  if (!isLoad && !stores.has(ins)) return null;
  if (data?.kind !== "register" || offset?.kind !== "imm" || base?.kind !== "register") return null;
  const relocation = isLoad ? R_RISCV.PCREL_LO12_I : R_RISCV.PCREL_LO12_S;
  return { isLoad, data: data.register, base: base.register, offset: offset.value, unit: 1n, relocation };
};
