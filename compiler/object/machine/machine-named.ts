// The object format of each machine, by the name that objects carry.

import type { ObjectMachine } from "../object-file.ts";
import { arm64Format } from "./arm64.ts";
import type { MachineFormat } from "./machine-format.ts";
import { riscv64Format } from "./riscv64.ts";

const machines: Readonly<Record<ObjectMachine, MachineFormat>> = {
  riscv64: riscv64Format,
  arm64: arm64Format,
};

/** What objects of `name` are like. */
export function machineNamed(name: ObjectMachine): MachineFormat {
  return machines[name];
}
