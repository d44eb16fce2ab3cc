// Every device model, made on a bench, with what may come to it from outside.

import type { DeviceSpec } from "../../../spec/devices/schema.ts";
import type { BusDevice } from "../../../runtime/core/bus.ts";
import type { InterruptLine } from "../../../runtime/core/interrupt-line.ts";
import { CfiFlash } from "../../../runtime/devices/cfi-flash.ts";
import { Clint } from "../../../runtime/devices/clint.ts";
import { FwCfg } from "../../../runtime/devices/fw-cfg.ts";
import { Gicv2, type GicCpuLines } from "../../../runtime/devices/gicv2.ts";
import { gicv3SystemRegisters } from "../../../spec/devices/gicv3.ts";
import { Gicv3 } from "../../../runtime/devices/gicv3.ts";
import { GoldfishRtc } from "../../../runtime/devices/goldfish-rtc.ts";
import { Ns16550a } from "../../../runtime/devices/ns16550a.ts";
import { Pl011 } from "../../../runtime/devices/pl011.ts";
import { Pl031 } from "../../../runtime/devices/pl031.ts";
import { Pl061 } from "../../../runtime/devices/pl061.ts";
import { Plic } from "../../../runtime/devices/plic.ts";
import { SifiveTest } from "../../../runtime/devices/sifive-test.ts";
import type { Random } from "../../support/random-program/prng.ts";
import type { Bench } from "./bench.ts";

/** A device and something random that happens to it from outside. */
export interface DeviceUnderTest {
  readonly device: BusDevice;
  stimulate(random: Random): void;
  /** Done before each access, e.g. another CPU is the one that accesses. */
  before?(random: Random): void;
  /** Parts of the state that a reset leaves alone. */
  readonly nonVolatile?: readonly string[];
  /** Offsets where registers are. */
  readonly registers: readonly number[];
}

type Described = BusDevice & { readonly spec: DeviceSpec };

function registersOf({ registers }: DeviceSpec): readonly number[] {
  return registers.flatMap(({ offset, count, stride }) =>
    range(0, count).map((index) => offset + index * stride),
  );
}

const quiet = (device: Described): DeviceUnderTest => ({
  device,
  registers: registersOf(device.spec),
  stimulate: () => {
    // nothing comes from outside
  },
});

/** Bytes arrive. */
function withInput(device: Described & { receive(bytes: Uint8Array): number }): DeviceUnderTest {
  return {
    device,
    registers: registersOf(device.spec),
    stimulate: (random) => {
      device.receive(
        Uint8Array.from({ length: random.below(random.chance(5) ? 6000 : 40) }, () => random.below(256)),
      );
    },
  };
}

/** Lines rise and fall. */
function withLines(device: Described, inputs: readonly InterruptLine[]): DeviceUnderTest {
  const registers = registersOf(device.spec);
  return { device, registers, stimulate: (random) => random.pick(inputs).set(random.chance(50)) };
}

const WINDOW = 0x20000;

/** Several windows of one device as one, each starting at a multiple of 128 KiB. */
export function sideBySide(name: string, windows: readonly BusDevice[]): BusDevice {
  const at = (offset: number): BusDevice | null => {
    const window = windows[Math.floor(offset / WINDOW)];
    return window !== undefined && offset % WINDOW < window.bytes ? window : null;
  };
  return {
    name,
    bytes: WINDOW * windows.length,
    load: (offset, bytes) => at(offset)?.load(offset % WINDOW, bytes) ?? 0n,
    store: (offset, value, bytes) => at(offset)?.store(offset % WINDOW, value, bytes),
    reset: () => {
      for (const window of windows) window.reset();
    },
    saveState: () => windows.map((window) => window.saveState()),
    restoreState: (states) => {
      for (const [index, window] of windows.entries()) window.restoreState((states as unknown[])[index]);
    },
  };
}

function sideBySideRegisters(windows: readonly Described[]): readonly number[] {
  return windows.flatMap(({ spec }, index) => registersOf(spec).map((offset) => index * WINDOW + offset));
}

const range = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from }, (_, i) => from + i);

function gicLines(line: Bench["line"], cpu: number): GicCpuLines {
  return {
    irq: line(`irq${cpu}`),
    fiq: line(`fiq${cpu}`),
    virtualIrq: line(`virtual irq${cpu}`),
    virtualFiq: line(`virtual fiq${cpu}`),
  };
}

/** Makers by name. */
export const everyDevice: Readonly<Record<string, (bench: Bench) => DeviceUnderTest>> = {
  clint: ({ timeline, line }) =>
    quiet(
      new Clint({
        name: "clint",
        timeline,
        lines: range(0, 2).map((hart) => ({
          software: line(`software${hart}`),
          timer: line(`timer${hart}`),
        })),
      }),
    ),
  plic: ({ line }) => {
    const plic = new Plic({
      name: "plic",
      sources: 96,
      contexts: 4,
      lines: range(0, 4).map((context) => line(`context${context}`)),
    });
    return withLines(
      plic,
      range(1, 96).map((source) => plic.input(source)),
    );
  },
  ns16550a: ({ timeline, line, channel }) =>
    withInput(
      new Ns16550a({
        name: "uart0",
        timeline,
        line: line("uart"),
        channel: channel("uart"),
        clockHz: 3_686_400,
      }),
    ),
  gicv2: ({ line }) => {
    let cpu = 0;
    const gic = new Gicv2({
      name: "gic",
      interrupts: 288,
      lines: range(0, 2).map((index) => gicLines(line, index)),
      accessingCpu: () => cpu,
      maintenanceInterrupt: 25,
    });
    const inputs = [
      ...range(32, 64).map((id) => gic.input(id)),
      ...range(16, 32).flatMap((id) => [gic.privateInput(id, 0), gic.privateInput(id, 1)]),
    ];
    const windows = [gic.distributor, gic.cpuInterface, gic.hypervisor, gic.virtualCpuInterface];
    return {
      device: sideBySide("gic", windows),
      registers: sideBySideRegisters(windows),
      before: (random) => {
        cpu = random.below(2);
      },
      stimulate: (random) => random.pick(inputs).set(random.chance(50)),
    };
  },
  gicv3: ({ line }) => {
    const gic = new Gicv3({
      name: "gic",
      interrupts: 288,
      cpus: range(0, 2).map((cpu) => ({ lines: gicLines(line, cpu), affinity: BigInt(cpu) })),
      maintenanceInterrupt: 25,
    });
    const inputs = [
      ...range(32, 64).map((id) => gic.input(id)),
      ...range(16, 32).flatMap((id) => [gic.privateInput(id, 0), gic.privateInput(id, 1)]),
    ];
    const windows = [gic.distributor, ...gic.redistributors];
    return {
      device: sideBySide("gic", windows),
      registers: sideBySideRegisters(windows),
      before: (random) => {
        const { number } = random.pick(gicv3SystemRegisters);
        const view = random.pick(["physical", "virtual"] as const);
        if (random.chance(50)) gic.readSystemRegister(random.below(2), number, view);
        else gic.writeSystemRegister(random.below(2), number, random.word(), view);
      },
      stimulate: (random) => random.pick(inputs).set(random.chance(50)),
    };
  },
  pl011: ({ line, channel }) =>
    withInput(new Pl011({ name: "uart0", line: line("uart"), channel: channel("uart") })),
  pl031: ({ timeline, line }) => quiet(new Pl031({ name: "rtc", timeline, line: line("rtc") })),
  "goldfish-rtc": ({ timeline, line }) =>
    quiet(new GoldfishRtc({ name: "rtc", timeline, line: line("rtc") })),
  pl061: ({ line }) => {
    const outputs = range(0, 8).map((number) => line(`output${number}`));
    const gpio = new Pl061({ name: "gpio", line: line("gpio"), outputs });
    return withLines(
      gpio,
      range(0, 8).map((number) => gpio.input(number)),
    );
  },
  "sifive-test": () =>
    quiet(
      new SifiveTest({
        name: "test",
        powerOff: () => {
          // The machine would end.
        },
        resetMachine: () => {
          // The machine would start again.
        },
      }),
    ),
  "cfi-flash": () => {
    const device = new CfiFlash({ name: "flash0", bytes: 2 << 20, image: pattern(5000), isReadOnly: false });
    return { ...quiet(device), nonVolatile: ["pages"], registers: range(0, 512).map((index) => 4 * index) };
  },
  "fw-cfg": () => {
    const memory = new Uint8Array(0x10000);
    const inside = (address: bigint, count: number): boolean =>
      address + BigInt(count) <= BigInt(memory.length);
    return quiet(
      new FwCfg({
        name: "fw-cfg",
        memory: {
          read: (address, count) =>
            inside(address, count) ? memory.slice(Number(address), Number(address) + count) : null,
          write: (address, bytes) => {
            if (!inside(address, bytes.length)) return false;
            memory.set(bytes, Number(address));
            return true;
          },
        },
        files: [{ name: "etc/file", data: pattern(100) }],
        entries: new Map(),
      }),
    );
  },
};

function pattern(bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, index) => index);
}
