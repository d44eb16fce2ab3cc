// The object format of each machine, by the name that objects carry.

import { bug } from "../../source/bug.ts";
import type { ObjectMachine } from "../object-file.ts";
import type { MachineFormat } from "./machine-format.ts";
import { riscv64Format } from "./riscv64.ts";

const known: Readonly<Partial<Record<ObjectMachine, MachineFormat>>> = { riscv64: riscv64Format };

/** What objects of `name` are like. */
export function machineNamed(name: ObjectMachine): MachineFormat {
  return known[name] ?? bug(`no object format for ${name} yet`);
}
