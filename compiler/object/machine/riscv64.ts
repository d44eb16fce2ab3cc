// RV64 objects (RISC-V psABI). Relies on spec/abi and on the attributes beside it.

import { EF_RISCV, ELF_MACHINES, SHT } from "../../../spec/abi/elf.ts";
import { R_RISCV, riscv64OtherRelocations, riscv64Relocations } from "../../../spec/abi/elf-riscv64.ts";
import { riscv64Calls } from "../../../spec/abi/riscv64-calls.ts";
import { encode } from "../../../spec/isa/encoding.ts";
import { riscv64 } from "../../../spec/isa/riscv64/riscv64.ts";
import { rulesByNumber, type MachineFormat } from "./machine-format.ts";
import { attributesBytes, mergeArchitectures, readArchitecture } from "./riscv64-attributes.ts";

export const riscv64Format: MachineFormat = {
  isa: riscv64,
  elfMachine: ELF_MACHINES.riscv64,
  relocations: rulesByNumber(riscv64Relocations),
  otherRelocations: riscv64OtherRelocations,
  addressRelocations: { 4: R_RISCV[32], 8: R_RISCV[64] },
  alignmentRelocation: R_RISCV.ALIGN,
  // Upper halves of 32 bits with a sign (`auipc`).
  addressReach: 2 ** 31,
  pageBytes: 0x1000,
  linuxBaseAddress: 0x10000n,
  bareBaseAddress: 0x80000000n,
  // On demand, as it reads the instruction tables.
  get padding() {
    return [
      { word: encode(riscv64, "addi", { rd: 0, rs1: 0, imm: 0 }), bytes: 4 },
      { word: encode(riscv64, "c.nop", { imm: 0 }), bytes: 2 },
    ];
  },
  mappingSymbols: null,
  // DWARF's numbers are the machine's.
  frameRegisters: riscv64Calls,
  attributes: {
    section: ".riscv.attributes",
    type: SHT.RISCV_ATTRIBUTES,
    write: attributesBytes,
    read: readArchitecture,
    merge: mergeArchitectures,
  },
  mergeFlags: (flags) => {
    const abi = Math.max(0, ...flags.map((f) => f & EF_RISCV.FLOAT_ABI_MASK));
    return flags.reduce((merged, f) => merged | (f & EF_RISCV.RVC), abi);
  },
};
