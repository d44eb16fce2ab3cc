// What is special about the boards of each ISA: architecture and built-in firmware. Relies on runtime/isa and firmware.
// Adding an ISA means adding a row.

import type { Board } from "../../spec/boards/board.ts";
import type { FirmwareMachine } from "../firmware/firmware-machine.ts";
import { sbiFirmware } from "../firmware/sbi.ts";
import { riscv64System } from "../isa/riscv64/system.ts";
import type { FirmwareCalls, SystemArchitecture } from "../isa/system.ts";
import type { BootPlan } from "./boot-plan.ts";

export interface BoardSystem {
  readonly architecture: SystemArchitecture;
  readonly firmware: (machine: FirmwareMachine, plan: BootPlan) => FirmwareCalls;
}

const systems: Readonly<Partial<Record<Board["isa"], BoardSystem>>> = {
  riscv64: { architecture: riscv64System, firmware: (machine) => sbiFirmware(machine) },
};

export function systemOf(board: Board): BoardSystem {
  const system = systems[board.isa];
  if (system === undefined) throw new Error(`boards of ${board.isa} cannot run yet`);
  return system;
}
