// What instruction selection asks of each target that has machine code, by its command-line name.

import type { TargetName } from "../options.ts";
import { arm64Target } from "./arm64/target.ts";
import { machineName, type IsaName } from "./isa-named.ts";
import { riscv64Target } from "./riscv64/target.ts";
import type { Target } from "./target.ts";

const known: Readonly<Record<IsaName, Target>> = { riscv64: riscv64Target, arm64: arm64Target };

/** The target and the name that its programs carry. */
export function targetNamed(target: TargetName): { readonly name: IsaName; readonly target: Target } {
  const name = machineName(target);
  return { name, target: known[name] };
}
