// Bare-metal programs for both ISAs: how they are compiled, and how they run on QEMU and on our machine.
//
// Relies on the cross compilers and qemu-system 7.2. What differs between the ISAs is the table `kinds`.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MachineOptions, MachineOutcome } from "../../../runtime/boards/machine.ts";
import type { ExecutorName } from "../../../runtime/isa/executor.ts";
import type { BoardConfiguration } from "../../../spec/boards/board.ts";
import { boards, testMachine } from "../../boards/support.ts";

export type Isa = keyof typeof boards;

/** A board to run on. */
export interface Setting {
  readonly isa: Isa;
  readonly harts?: number;
  readonly hasHypervisor?: boolean;
  readonly gicVersion?: 2 | 3;
  /** RISC-V: the program runs in supervisor mode, below OpenSBI on QEMU and the built-in firmware on our machine. */
  readonly hasFirmware?: boolean;
}

interface Kind {
  readonly compiler: string;
  readonly flags: string;
  /** Where an ELF file is linked to. */
  readonly text: (setting: Setting) => bigint;
  /** What every program is linked with, besides the console. */
  readonly library: (setting: Setting) => readonly string[];
  readonly qemu: (setting: Setting) => readonly string[];
  /** Our machine's counterpart of what QEMU does without firmware. */
  readonly bios: (setting: Setting) => "none" | null;
}

const OWN_LIBRARY = ["start.S", "traps.c", "device-line.c"];
const FIRMWARE_BYTES = 0x20_0000n;

const kinds: Readonly<Record<Isa, Kind>> = {
  riscv64: {
    compiler: "riscv64-linux-gnu-gcc",
    flags: "-march=rv64imafdc_zicsr_zifencei -mabi=lp64 -mcmodel=medany -Wl,--no-relax",
    text: ({ hasFirmware = false }) => boards.riscv64.memory.address + (hasFirmware ? FIRMWARE_BYTES : 0n),
    library: ({ hasFirmware = false }) => (hasFirmware ? ["supervisor-start.S"] : OWN_LIBRARY),
    qemu: ({ hasFirmware = false }) =>
      `qemu-system-riscv64 -M virt -cpu rv64,h=false -bios ${hasFirmware ? "default" : "none"}`.split(" "),
    bios: ({ hasFirmware = false }) => (hasFirmware ? null : "none"),
  },
  arm64: {
    compiler: "aarch64-linux-gnu-gcc",
    flags: "-march=armv8-a -mgeneral-regs-only -ffixed-x18",
    // The first pages are the device tree's.
    text: () => boards.arm64.memory.address + 0x8_0000n,
    library: () => OWN_LIBRARY,
    qemu: ({ hasHypervisor = false, gicVersion = 2 }) => {
      const board = `virt,gic-version=${String(gicVersion)},virtualization=${hasHypervisor ? "on" : "off"}`;
      return ["qemu-system-aarch64", "-M", board, "-cpu", "cortex-a53"];
    },
    bios: () => null,
  },
};

const FLAGS =
  "-O1 -ffreestanding -nostdlib -static -fno-pie -no-pie -fno-stack-protector -Wall -Wextra -Werror" +
  " -Wl,--build-id=none,-n,--no-warn-rwx-segments";
const MEMORY_MIB = 64;
const FIRST_HEADING = "== ";
const PROGRAMS = join(import.meta.dirname, "programs");
/** Longer than any program takes; one that hangs is stopped. */
const LIMIT_NS = 1_000_000_000n;

function configurationOf({ harts = 1, hasHypervisor = false, gicVersion = 2 }: Setting): BoardConfiguration {
  const memoryBytes = BigInt(MEMORY_MIB) << 20n;
  const rest = { bootArguments: null, initrd: null, randomSeed: new Uint8Array(32) };
  return { harts, hasHypervisor, gicVersion, memoryBytes, ...rest };
}

/** Slots of the board that virtio devices can be plugged into, in the order of their addresses. */
export function virtioSlots(setting: Setting): readonly string[] {
  const devices = boards[setting.isa].devices(configurationOf(setting));
  return devices.filter(({ kind }) => kind === "virtio-mmio").map(({ name }) => name);
}

// Addresses and interrupts of the board's devices: DEVICE_UART0, INTERRUPT_UART0; VIRTIO_SLOTS.
function definitions(setting: Setting): readonly string[] {
  const devices = boards[setting.isa].devices(configurationOf(setting));
  const places = devices.flatMap(({ name, address, interrupt }) => {
    const word = name.toUpperCase().replaceAll("-", "_");
    return [
      `-DDEVICE_${word}=0x${address.toString(16)}`,
      ...(interrupt === null ? [] : [`-DINTERRUPT_${word}=${String(interrupt)}`]),
    ];
  });
  return [...places, `-DVIRTIO_SLOTS=${String(virtioSlots(setting).length)}`];
}

/** A folder for compiled programs and what machines leave behind; `close` removes it. */
export class Bench {
  readonly folder = mkdtempSync(join(tmpdir(), "pancake-bare-metal-"));

  close(): void {
    rmSync(this.folder, { recursive: true });
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** Compiles `source` (below `programs`) with the library; the path of the ELF file. */
  compile(source: string, setting: Setting): string {
    const { compiler, flags, ...kind } = kinds[setting.isa];
    const text = kind.text(setting).toString(16);
    const library = join(PROGRAMS, "library");
    const own = join(library, setting.isa);
    const path = this.path("program.elf");
    this.run(compiler, [
      ...`${FLAGS} ${flags} -Wl,-Ttext=0x${text}`.split(" "),
      ...definitions(setting),
      ...[`-I${library}`, `-I${own}`],
      ...kind.library(setting).map((name) => join(own, name)),
      ...[join(library, "console.c"), join(PROGRAMS, source)],
      ...["-o", path],
    ]);
    return path;
  }

  /** What the program writes to QEMU's serial line; the firmware's own words before it are left out. */
  onQemu(elf: string, setting: Setting, more: readonly string[] = []): string {
    const [command = "", ...board] = kinds[setting.isa].qemu(setting);
    // A pipe that is full would lose characters: programs do not wait for the UART.
    const serial = this.path("serial.txt");
    const basics = `-m ${String(MEMORY_MIB)}M -smp ${String(setting.harts ?? 1)} -nodefaults -display none`;
    const args = [...board, ...basics.split(" "), "-kernel", elf, "-serial", `file:${serial}`, ...more];
    this.run(command, args);
    const written = readFileSync(serial, "latin1");
    return setting.hasFirmware === true ? written.slice(written.indexOf(FIRST_HEADING)) : written;
  }

  private run(command: string, args: readonly string[]): void {
    const done = spawnSync(command, args, { encoding: "utf8", timeout: 20_000, killSignal: "SIGKILL" });
    if (done.status !== 0) throw new Error(`${command}: ${done.stdout}${done.stderr}`);
  }
}

/** What the program writes on our machine, and how the run ended. */
export function onOurs(
  elf: string,
  setting: Setting,
  executor: ExecutorName,
  options: Partial<MachineOptions> = {},
): { readonly transcript: string; readonly outcome: MachineOutcome } {
  const { isa } = setting;
  const { machine, output } = testMachine({
    isa,
    files: { kernel: readFileSync(elf), bios: kinds[isa].bios(setting) },
    configuration: configurationOf(setting),
    options: { executor, ...options },
  });
  const outcome = machine.run(LIMIT_NS, true);
  return { transcript: output(), outcome };
}
