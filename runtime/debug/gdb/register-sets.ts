// The registers that gdb sees, by ISA. Relies on the file of each ISA; adding one means adding a row.

import type { Board } from "../../../spec/boards/board.ts";
import { arm64Registers } from "./arm64-registers.ts";
import type { RegisterSetOf } from "./registers.ts";
import { riscv64Registers } from "./riscv64-registers.ts";

export const registerSets: Readonly<Record<Board["isa"], RegisterSetOf>> = {
  riscv64: riscv64Registers,
  arm64: arm64Registers,
};
