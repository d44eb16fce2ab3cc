// What the user-mode machine knows about each target: instructions, system-call registers, calling convention.
// Relies on runtime/isa and spec/abi. Adding a target means adding a row.

import { arm64Calls } from "../../spec/abi/arm64-calls.ts";
import { ELF_MACHINES, FOREIGN_MACHINES } from "../../spec/abi/elf.ts";
import type { CallRegisters } from "../../spec/abi/internal-calls.ts";
import { LINUX_ARM64, LINUX_RISCV64, type LinuxArchitecture } from "../../spec/abi/linux-user.ts";
import { riscv64Calls } from "../../spec/abi/riscv64-calls.ts";
import { arm64Binding } from "../isa/arm64/user.ts";
import type { IsaBinding } from "../isa/binding.ts";
import { riscv64Binding } from "../isa/riscv64/user.ts";
import { problem, type Problem } from "../problem.ts";
import type { ElfFile } from "../images/elf-file.ts";

/** Machines by our name of the target. */
export type TargetName = keyof typeof ELF_MACHINES;

export interface Architecture {
  readonly name: TargetName;
  readonly binding: IsaBinding;
  readonly linux: LinuxArchitecture;
  readonly calls: CallRegisters;
}

/** All targets. */
const architectures: Readonly<Record<TargetName, Architecture>> = {
  riscv64: { name: "riscv64", binding: riscv64Binding, linux: LINUX_RISCV64, calls: riscv64Calls },
  arm64: { name: "arm64", binding: arm64Binding, linux: LINUX_ARM64, calls: arm64Calls },
};

/** The target that the file's machine number means, or R0004. */
export function architectureOf(elf: ElfFile): Architecture | Problem {
  const number = Number(elf.header.machine);
  const all = Object.values(architectures);
  const found = all.find(({ name }) => ELF_MACHINES[name] === number);
  if (found !== undefined) return found;
  return problem("R0004", {
    expected: all.map(({ name }) => name).join(" or "),
    found: FOREIGN_MACHINES[number] ?? `machine number ${String(number)}`,
  });
}
