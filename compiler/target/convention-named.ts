// The calling convention of each target that has machine code, by the name that programs carry.

import { bug } from "../source/bug.ts";
import type { Convention } from "./convention.ts";
import type { IsaName } from "./isa-named.ts";
import { riscv64Convention } from "./riscv64/convention.ts";

const known: Readonly<Partial<Record<IsaName, Convention>>> = { riscv64: riscv64Convention };

/** Register roles and frame instructions of `name`. */
export function conventionNamed(name: IsaName): Convention {
  return known[name] ?? bug(`no calling convention for ${name} yet`);
}
