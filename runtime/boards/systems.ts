// What is special about the boards of each ISA: architecture and built-in firmware. Relies on runtime/isa and firmware.
// Adding an ISA means adding a row.

import {
  ARM64_SEMIHOSTING,
  RISCV_SEMIHOSTING,
  type SemihostingRegisters,
} from "../../spec/abi/semihosting.ts";
import type { Board, BoardConfiguration } from "../../spec/boards/board.ts";
import type { FirmwareMachine } from "../firmware/firmware-machine.ts";
import { psciFirmware } from "../firmware/psci.ts";
import { sbiFirmware } from "../firmware/sbi.ts";
import { serialConsole } from "../firmware/serial-console.ts";
import { arm64System } from "../isa/arm64/system.ts";
import { riscv64System } from "../isa/riscv64/system.ts";
import type { FirmwareCalls, SystemArchitecture } from "../isa/system.ts";
import type { BootPlan } from "./boot-plan.ts";

export interface BoardSystem {
  readonly architecture: (configuration: BoardConfiguration) => SystemArchitecture;
  readonly firmware: (machine: FirmwareMachine, plan: BootPlan, serialAddress: bigint) => FirmwareCalls;
  /** Registers of a semihosting call. */
  readonly semihosting: SemihostingRegisters;
}

const systems: Readonly<Record<Board["isa"], BoardSystem>> = {
  riscv64: {
    architecture: () => riscv64System,
    firmware: (machine, _plan, serialAddress) =>
      sbiFirmware(machine, serialConsole(machine.physical, serialAddress)),
    semihosting: RISCV_SEMIHOSTING.registers,
  },
  arm64: {
    architecture: ({ hasHypervisor }) => arm64System({ hasEl2: hasHypervisor }),
    firmware: (machine, plan) => psciFirmware(machine, plan.starts[0]?.privilege ?? "EL1"),
    semihosting: ARM64_SEMIHOSTING.registers,
  },
};

export function systemOf(board: Board): BoardSystem {
  return systems[board.isa];
}
