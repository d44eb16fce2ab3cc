// The targets that have machine code, by their command-line names.

import type { TargetName } from "../options.ts";
import { bug } from "../source/bug.ts";
import { arm64Target } from "./arm64/target.ts";
import type { IsaName } from "./isa-named.ts";
import { riscv64Target } from "./riscv64/target.ts";
import type { Target } from "./target.ts";

const known: Readonly<Partial<Record<TargetName, { readonly name: IsaName; readonly target: Target }>>> = {
  riscv64: { name: "riscv64", target: riscv64Target },
  arm64: { name: "arm64", target: arm64Target },
};

/** The target and the name that its programs carry. The command line rejects targets that we do not have. */
export function targetNamed(name: TargetName): { readonly name: IsaName; readonly target: Target } {
  return known[name] ?? bug(`no machine code for ${name} yet`);
}
