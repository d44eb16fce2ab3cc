// The targets that have machine code, each with its instruction set: the one list of them. Programs carry the name
// (word.Program.isa); tables with an entry per target are records by it.

import { arm64 } from "../../spec/isa/arm64/arm64.ts";
import { riscv64 } from "../../spec/isa/riscv64/riscv64.ts";
import type { Isa } from "../../spec/isa/schema.ts";
import type { TargetName } from "../options.ts";
import { bug } from "../source/bug.ts";

export type IsaName = Exclude<TargetName, "wasm32">;

const known: Readonly<Record<IsaName, Isa>> = { riscv64, arm64 };

export const isaNames = Object.keys(known).filter(isIsaName);

export function isIsaName(name: string): name is IsaName {
  return Object.hasOwn(known, name);
}

/** The target's name as one with machine code. Structured targets have passes of their own and never come here. */
export function machineName(target: TargetName): IsaName {
  return isIsaName(target) ? target : bug(`${target} has no machine code`);
}

/** The description of `name`; null for null. */
export function isaNamed(name: IsaName): Isa;
export function isaNamed(name: IsaName | null): Isa | null;
export function isaNamed(name: IsaName | null): Isa | null {
  if (name === null) return null;
  return known[name];
}
