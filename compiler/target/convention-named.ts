// The calling convention of each target that has machine code, by the name that programs carry.

import { arm64Convention } from "./arm64/convention.ts";
import type { Convention } from "./convention.ts";
import type { IsaName } from "./isa-named.ts";
import { riscv64Convention } from "./riscv64/convention.ts";

const known: Readonly<Record<IsaName, Convention>> = {
  riscv64: riscv64Convention,
  arm64: arm64Convention,
};

/** Register roles and frame instructions of `name`. */
export function conventionNamed(name: IsaName): Convention {
  return known[name];
}
