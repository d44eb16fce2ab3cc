// Machines for tests: a board with one program, and what it wrote to its serial line.

import { planBoot, type BootFiles } from "../../runtime/boards/boot-plan.ts";
import { Machine, type MachineOptions } from "../../runtime/boards/machine.ts";
import { isProblem } from "../../runtime/images/elf-file.ts";
import type { BoardConfiguration } from "../../spec/boards/board.ts";
import { virtArm64 } from "../../spec/boards/virt-arm64.ts";
import { virtRiscv64 } from "../../spec/boards/virt-riscv64.ts";

export const boards = { riscv64: virtRiscv64, arm64: virtArm64 } as const;

export interface TestMachine {
  readonly machine: Machine;
  /** Everything that left through the serial line, byte by byte as Latin-1. */
  readonly output: () => string;
  readonly notices: readonly string[];
}

export interface TestSetting {
  readonly isa: keyof typeof boards;
  readonly files: Partial<BootFiles>;
  readonly configuration?: Partial<BoardConfiguration>;
  readonly options?: Partial<MachineOptions>;
}

/** A machine of 64 MiB with one hart, unless the setting says otherwise. */
export function testMachine({ isa, files, configuration, options }: TestSetting): TestMachine {
  const board = boards[isa];
  const whole: BoardConfiguration = {
    harts: 1,
    memoryBytes: 64n << 20n,
    hasHypervisor: false,
    gicVersion: 2,
    bootArguments: null,
    initrd: null,
    randomSeed: new Uint8Array(32),
    ...configuration,
  };
  const plan = planBoot(board, whole, { kernel: null, bios: null, initrd: null, ...files });
  if (isProblem(plan)) throw new Error(plan.message);
  const written: number[] = [];
  const notices: string[] = [];
  const machine = new Machine({
    board,
    plan,
    executor: "fast",
    channel: { send: (byte) => written.push(byte), ready: () => undefined },
    plugged: new Map(),
    isLegacyVirtio: false,
    onNotice: (text) => notices.push(text),
    ...options,
  });
  return { machine, output: () => Buffer.from(written).toString("latin1"), notices };
}
