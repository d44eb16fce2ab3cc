// AArch64 objects (ELF for the Arm 64-bit Architecture). Relies on spec/abi.

import { ELF_MACHINES } from "../../../spec/abi/elf.ts";
import { arm64OtherRelocations, arm64Relocations, R_AARCH64 } from "../../../spec/abi/elf-arm64.ts";
import { arm64Calls } from "../../../spec/abi/arm64-calls.ts";
import { encode } from "../../../spec/isa/encoding.ts";
import { arm64 } from "../../../spec/isa/arm64/arm64.ts";
import { rulesByNumber, type MachineFormat } from "./machine-format.ts";

export const arm64Format: MachineFormat = {
  isa: arm64,
  elfMachine: ELF_MACHINES.arm64,
  relocations: rulesByNumber(arm64Relocations),
  otherRelocations: arm64OtherRelocations,
  addressRelocations: { 4: R_AARCH64.ABS32, 8: R_AARCH64.ABS64 },
  alignmentRelocation: null,
  // Page numbers of 21 bits with a sign (`adrp`).
  addressReach: 2 ** 32,
  pageBytes: 0x10000,
  linuxBaseAddress: 0x11000n,
  // QEMU puts the device tree at the start of RAM.
  bareBaseAddress: 0x40200000n,
  // On demand, as it reads the instruction tables.
  get padding() {
    return [{ word: encode(arm64, "nop", {}), bytes: 4 }];
  },
  mappingSymbols: { code: "$x", data: "$d" },
  // DWARF's numbers are the machine's.
  frameRegisters: arm64Calls,
  attributes: null,
  mergeFlags: () => 0,
};
