// The targets with machine code: tests that hold for each of them walk this list.

import type { MachineTarget } from "../../tools/differential/run-everywhere.ts";

export type { MachineTarget } from "../../tools/differential/run-everywhere.ts";

export const machineTargets: readonly MachineTarget[] = ["riscv64", "arm64"];
