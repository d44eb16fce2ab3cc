// RV64GC with machine, supervisor and user mode, as an architecture for boards. Relies on the files of this folder.

import { privilegedFiles } from "../../../spec/isa/riscv64/privileged.ts";
import { riscv64 } from "../../../spec/isa/riscv64/riscv64.ts";
import type { SystemArchitecture } from "../system.ts";
import { MODE_COUNT } from "./modes.ts";
import { PrivilegedHart } from "./privileged-hart.ts";
import { riscv64Binding } from "./user.ts";

/** RISC-V for boards. */
export const riscv64System: SystemArchitecture = {
  binding: riscv64Binding,
  files: [...riscv64.files, ...privilegedFiles],
  modeCount: MODE_COUNT,
  makeHart: (hart, index, board) => new PrivilegedHart(hart, index, board),
};
