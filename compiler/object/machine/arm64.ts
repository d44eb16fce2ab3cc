// AArch64 objects (ELF for the Arm 64-bit Architecture). Relies on spec/abi.

import { ELF_MACHINES } from "../../../spec/abi/elf.ts";
import { arm64OtherRelocations, arm64Relocations, R_AARCH64 } from "../../../spec/abi/elf-arm64.ts";
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
  padding: [{ word: encode(arm64, "nop", {}), bytes: 4 }],
  // DWARF's numbers are the machine's.
  frameRegisters: { stackPointer: 31, link: 30 },
  attributes: null,
  mergeFlags: () => 0,
};
