// RV64 for instruction selection: rules, constants, addresses.

import { riscv64 } from "../../../spec/isa/riscv64/riscv64.ts";
import type { Target } from "../target.ts";
import { riscv64Constant } from "./constants.ts";
import { immediateFunctions, patterns } from "./patterns.ts";

export const riscv64Target: Target = {
  isa: riscv64,
  rules: patterns,
  functions: immediateFunctions,
  choices: (has) => (has("zicond") ? "zero" : "none"),
  constant: riscv64Constant,
  // Loads and stores take 12 signed bits; what is left is one `lui`.
  splitOffset: (offset) => {
    const low = BigInt.asIntN(12, offset);
    return { high: BigInt.asIntN(64, offset - low), low };
  },
};
