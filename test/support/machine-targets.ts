// The targets with machine code: tests that hold for each of them walk this list.

export const machineTargets = ["riscv64", "arm64"] as const;

export type MachineTarget = (typeof machineTargets)[number];
