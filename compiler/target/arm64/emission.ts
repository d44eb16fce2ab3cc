// How Arm64 code becomes objects and assembly. Relies on expand-line.ts and spec/abi.

import { arm64Calls } from "../../../spec/abi/arm64-calls.ts";
import { R_AARCH64 } from "../../../spec/abi/elf-arm64.ts";
import { arm64 } from "../../../spec/isa/arm64/arm64.ts";
import type { Emission } from "../emission.ts";
import { arm64Expander } from "./expand-line.ts";

const lowerHalves = new Set<number>([
  R_AARCH64.ADD_ABS_LO12_NC,
  R_AARCH64.LDST8_ABS_LO12_NC,
  R_AARCH64.LDST16_ABS_LO12_NC,
  R_AARCH64.LDST32_ABS_LO12_NC,
  R_AARCH64.LDST64_ABS_LO12_NC,
]);

const emission: Emission = {
  ...arm64Expander,
  isa: arm64,
  machine: "arm64",
  flags: 0,
  architecture: null,
  compress: false,
  codeAlignment: 4,
  // Every instruction has 4 bytes.
  padding: 0,
  stackPointer: arm64Calls.stackPointer,
  link: arm64Calls.link,
  fitsNear: () => true,
  assemblyHead: () => [],
  symbolText: (relocation, symbol) => (lowerHalves.has(relocation) ? `:lo12:${symbol}` : symbol),
};

export function arm64Emission(): Emission {
  return emission;
}
