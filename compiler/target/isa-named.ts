// The instruction set of each target that has machine code, by the name that programs carry (word.Program.isa).

import { arm64 } from "../../spec/isa/arm64/arm64.ts";
import { riscv64 } from "../../spec/isa/riscv64/riscv64.ts";
import type { Isa } from "../../spec/isa/schema.ts";

export type IsaName = "riscv64" | "arm64";

const known: Readonly<Record<IsaName, Isa>> = { riscv64, arm64 };

export function isIsaName(name: string): name is IsaName {
  return name === "riscv64" || name === "arm64";
}

/** The description of `name`; null for null. */
export function isaNamed(name: IsaName): Isa;
export function isaNamed(name: IsaName | null): Isa | null;
export function isaNamed(name: IsaName | null): Isa | null {
  if (name === null) return null;
  return known[name];
}
