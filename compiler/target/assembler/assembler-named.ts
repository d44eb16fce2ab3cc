// The assembler's facts for each machine, by the name that objects carry.

import type { ObjectMachine } from "../../object/object-file.ts";
import { arm64Target } from "./arm64-target.ts";
import type { AssemblerTarget } from "./assembler-target.ts";
import { riscv64Target } from "./riscv64-target.ts";

const targets: Readonly<Record<ObjectMachine, AssemblerTarget>> = {
  riscv64: riscv64Target,
  arm64: arm64Target,
};

/** What assembly for `name` is like. */
export function assemblerNamed(name: ObjectMachine): AssemblerTarget {
  return targets[name];
}
