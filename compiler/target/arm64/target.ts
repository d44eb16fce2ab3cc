// Arm64 for instruction selection: rules, constants, addresses.

import { arm64 } from "../../../spec/isa/arm64/arm64.ts";
import type { Target } from "../target.ts";
import { arm64Constant } from "./constants.ts";
import { immediateFunctions, patterns } from "./patterns.ts";

const PAGE = 4096n;

export const arm64Target: Target = {
  isa: arm64,
  rules: patterns,
  functions: immediateFunctions,
  choices: () => "any",
  constant: arm64Constant,
  // 12 bits in units of the access, or 9 signed bits. What is left of a multiple of the access is a number of pages,
  // which one `add` or `movz` takes; what is left of another offset is a multiple of 256.
  splitOffset: (offset, bytes) => {
    const size = BigInt(bytes);
    const isScaled = offset >= 0n && offset < PAGE * size && offset % size === 0n;
    if (isScaled || (offset >= -256n && offset < 256n)) return { high: 0n, low: offset };
    const low = offset & (offset % size === 0n ? PAGE - 1n : 255n);
    return { high: BigInt.asIntN(64, offset - low), low };
  },
};
