// How each kind of device of spec/boards is made and wired. Relies on runtime/devices.
// Adding a kind means adding a row.

import {
  FIRST_PRIVATE_ID,
  FIRST_SHARED_ID,
  GIC_INTERRUPTS,
  PRIVATE_INTERRUPTS,
} from "../../spec/boards/virt-arm64.ts";
import { PLIC_SOURCES, UART_CLOCK_HZ } from "../../spec/boards/virt-riscv64.ts";
import { FW_CFG_KEYS } from "../../spec/devices/fw-cfg.ts";
import { deviceNamed, type BoardConfiguration, type BoardDevice } from "../../spec/boards/board.ts";
import type { BusDevice } from "../core/bus.ts";
import { unconnected, type InterruptLine } from "../core/interrupt-line.ts";
import type { Timeline } from "../core/timeline.ts";
import type { ByteChannel, ByteInput } from "../devices/byte-channel.ts";
import { CfiFlash } from "../devices/cfi-flash.ts";
import { Clint } from "../devices/clint.ts";
import { Gicv2, type GicCpuLines } from "../devices/gicv2.ts";
import { FwCfg, type FwCfgFile } from "../devices/fw-cfg.ts";
import { Gicv3 } from "../devices/gicv3.ts";
import { GoldfishRtc } from "../devices/goldfish-rtc.ts";
import { Ns16550a } from "../devices/ns16550a.ts";
import { Pl011 } from "../devices/pl011.ts";
import { Pl031 } from "../devices/pl031.ts";
import { Pl061 } from "../devices/pl061.ts";
import { Plic } from "../devices/plic.ts";
import { SifiveTest } from "../devices/sifive-test.ts";
import type { VirtioFunction } from "../devices/virtio/function.ts";
import type { GuestMemory } from "../devices/virtio/guest-memory.ts";
import { VirtioMmio } from "../devices/virtio/transport.ts";
import type { PowerRequest } from "../firmware/firmware-machine.ts";
import type { DeviceRegisters, SystemHart } from "../isa/system.ts";
import type { FlashContents } from "./boot-plan.ts";
import { FlashInPlace, type RomWindows } from "./flash-in-place.ts";

/** What devices are wired to. */
export interface Wiring {
  readonly devices: readonly BoardDevice[];
  readonly configuration: BoardConfiguration;
  readonly harts: readonly SystemHart[];
  readonly timeline: Timeline;
  readonly memory: GuestMemory;
  /** The host's end of the serial line. */
  readonly channel: ByteChannel;
  /** What flash banks hold at power-on, by their names. */
  readonly flash: ReadonlyMap<string, FlashContents>;
  readonly firmwareFiles: readonly FwCfgFile[];
  readonly firmwareEntries: ReadonlyMap<number, Uint8Array>;
  readonly rom: RomWindows;
  /** What is plugged into a virtio slot by its device's name. */
  readonly plugged: ReadonlyMap<string, VirtioFunction>;
  readonly isLegacyVirtio: boolean;
  /** The hart whose access a device is answering. */
  readonly accessingHart: () => number;
  readonly power: (request: PowerRequest) => void;
  /** A register that no model has, or a broken rule: told once for each text. */
  readonly notice: (text: string) => void;
}

const EMPTY_FLASH: FlashContents = { image: new Uint8Array(), isReadOnly: false };

/** A device and where its window starts. */
interface Placed {
  readonly start: bigint;
  readonly device: BusDevice;
}

/** What a builder makes: windows, and what others are wired to. */
interface Built {
  readonly placed: readonly Placed[];
  /** Interrupt inputs of the board's controller by number; null: this is no controller. */
  readonly inputs: ((number: number) => InterruptLine) | null;
  /** Where the host's bytes for the serial line go. */
  readonly input: ByteInput | null;
  /** System registers that belong to the controller; null: none. */
  readonly systemRegisters: DeviceRegisters | null;
}

type Builder = (device: BoardDevice, wiring: Wiring, interrupt: InterruptLine) => Built;

function single(device: BoardDevice, model: BusDevice, input: ByteInput | null = null): Built {
  return { placed: [{ start: device.address, device: model }], inputs: null, input, systemRegisters: null };
}

function options(
  { name }: BoardDevice,
  wiring: Wiring,
): { name: string; onUnknown: (offset: number) => void } {
  return {
    name,
    onUnknown: (offset) => {
      wiring.notice(`${name}: there is no register at offset 0x${offset.toString(16)}`);
    },
  };
}

const controllers: Readonly<Record<string, Builder>> = {
  "gicv2-distributor": buildGicv2,
  "gicv3-distributor": buildGicv3,
  plic: (device, wiring) => {
    const lines = wiring.harts.flatMap((hart) => [hart.input("external"), hart.input("supervisorExternal")]);
    const shape = { sources: PLIC_SOURCES, contexts: lines.length };
    const plic = new Plic({ ...options(device, wiring), ...shape, lines });
    return { ...single(device, plic), inputs: (n) => plic.input(n) };
  },
};

const gicCommon = {
  interrupts: GIC_INTERRUPTS,
  maintenanceInterrupt: FIRST_PRIVATE_ID + PRIVATE_INTERRUPTS.maintenance,
} as const;

function gicCpuLines(hart: SystemHart): GicCpuLines {
  return {
    irq: hart.input("irq"),
    fiq: hart.input("fiq"),
    virtualIrq: hart.input("virq"),
    virtualFiq: hart.input("vfiq"),
  };
}

function buildGicv2(device: BoardDevice, wiring: Wiring): Built {
  const { harts, accessingHart: accessingCpu } = wiring;
  const lines = harts.map(gicCpuLines);
  const own = { ...options(device, wiring), ...gicCommon, lines, accessingCpu };
  const gic = new Gicv2(own);
  connectOutputs(harts, (number, hart) => gic.privateInput(FIRST_PRIVATE_ID + number, hart));
  const windows: readonly (readonly [string, BusDevice])[] = [
    ["gic-distributor", gic.distributor],
    ["gic-cpu", gic.cpuInterface],
    ["gic-hypervisor", gic.hypervisor],
    ["gic-vcpu", gic.virtualCpuInterface],
  ];
  const placed = windows.flatMap(([name, window]) => {
    const at = wiring.devices.find((d) => d.name === name);
    return at === undefined ? [] : [{ start: at.address, device: window }];
  });
  return { ...single(device, gic.distributor), placed, inputs: (n) => gic.input(FIRST_SHARED_ID + n) };
}

function buildGicv3(device: BoardDevice, wiring: Wiring): Built {
  const { harts } = wiring;
  const cpus = harts.map((hart, index) => ({
    lines: gicCpuLines(hart),
    affinity: BigInt(index),
  }));
  const gic = new Gicv3({ ...options(device, wiring), ...gicCommon, cpus });
  connectOutputs(harts, (number, hart) => gic.privateInput(FIRST_PRIVATE_ID + number, hart));
  const first = deviceNamed(wiring.devices, "gic-redistributor").address;
  const redistributors = gic.redistributors.map((window, cpu) => ({
    start: first + BigInt(cpu * window.bytes),
    device: window,
  }));
  const systemRegisters: DeviceRegisters = {
    read: (number, { hart, view }) => gic.readSystemRegister(hart.index, number, view),
    write: (number, value, { hart, view }) => gic.writeSystemRegister(hart.index, number, value, view),
  };
  const built = single(device, gic.distributor);
  const placed = [...built.placed, ...redistributors];
  return { ...built, placed, inputs: (n) => gic.input(FIRST_SHARED_ID + n), systemRegisters };
}

// The timers and the counters of Arm's harts by their outputs' names.
function connectOutputs(
  harts: readonly SystemHart[],
  input: (number: number, hart: number) => InterruptLine,
): void {
  for (const [index, hart] of harts.entries()) {
    hart.output("cntp", input(PRIVATE_INTERRUPTS.physicalTimer, index));
    hart.output("cntv", input(PRIVATE_INTERRUPTS.virtualTimer, index));
    hart.output("cnthp", input(PRIVATE_INTERRUPTS.hypervisorTimer, index));
    hart.output("pmu", input(PRIVATE_INTERRUPTS.pmu, index));
  }
}

const others: Readonly<Record<string, Builder>> = {
  "test-finisher": (device, wiring) => {
    const own = {
      powerOff: (exitCode: number): void => wiring.power({ kind: "off", exitCode }),
      resetMachine: (): void => wiring.power({ kind: "reset", exitCode: 0 }),
    };
    return single(device, new SifiveTest({ ...options(device, wiring), ...own }));
  },
  "goldfish-rtc": (device, wiring, line) => {
    const { timeline } = wiring;
    return single(device, new GoldfishRtc({ ...options(device, wiring), timeline, line }));
  },
  pl031: (device, wiring, line) => {
    const { timeline } = wiring;
    return single(device, new Pl031({ ...options(device, wiring), timeline, line }));
  },
  pl061: (device, wiring, line) => single(device, new Pl061({ ...options(device, wiring), line })),
  "cfi-flash": (device, wiring) => {
    const bytes = Number(device.bytes);
    const { image, isReadOnly } = wiring.flash.get(device.name) ?? EMPTY_FLASH;
    const flash = new CfiFlash({ name: device.name, bytes, image, isReadOnly });
    return single(device, new FlashInPlace(flash, device.address, wiring.rom));
  },
  "fw-cfg": (device, wiring) => {
    const { memory, configuration } = wiring;
    const cpus = new Uint8Array(2);
    cpus[0] = configuration.harts;
    const entries = new Map([[FW_CFG_KEYS.cpus, cpus], ...wiring.firmwareEntries]);
    return single(
      device,
      new FwCfg({ ...options(device, wiring), memory, files: wiring.firmwareFiles, entries }),
    );
  },
  clint: (device, wiring) => {
    const lines = wiring.harts.map((hart) => ({
      software: hart.input("software"),
      timer: hart.input("timer"),
    }));
    return single(device, new Clint({ ...options(device, wiring), timeline: wiring.timeline, lines }));
  },
  ns16550a: (device, wiring, line) => {
    const { timeline, channel } = wiring;
    const uart = new Ns16550a({
      ...options(device, wiring),
      timeline,
      line,
      channel,
      clockHz: UART_CLOCK_HZ,
    });
    return single(device, uart, uart);
  },
  pl011: (device, wiring, line) => {
    const uart = new Pl011({ ...options(device, wiring), line, channel: wiring.channel });
    return single(device, uart, uart);
  },
  "virtio-mmio": (device, wiring, line) => {
    const { memory, timeline, plugged, isLegacyVirtio: isLegacy, notice } = wiring;
    const own = {
      ...options(device, wiring),
      bytes: Number(device.bytes),
      isLegacy,
      plugged: plugged.get(device.name) ?? null,
      onMalformed: (why: string): void => {
        notice(`${device.name}: the driver broke a rule of virtio: ${why}`);
      },
    };
    return single(device, new VirtioMmio({ ...own, memory, timeline, line }));
  },
};

/** All devices of a board, wired up. */
export interface BoardDevices {
  readonly placed: readonly Placed[];
  readonly serial: ByteInput | null;
  readonly systemRegisters: DeviceRegisters | null;
}

/** Builds the interrupt controller first, then everything that interrupts it. */
export function buildDevices(wiring: Wiring): BoardDevices {
  const placed: Placed[] = [];
  let controller: Built | null = null;
  let serial: ByteInput | null = null;
  for (const device of wiring.devices) {
    const built = controllers[device.kind]?.(device, wiring, unconnected);
    if (built === undefined) continue;
    controller = built;
    placed.push(...built.placed);
  }
  for (const device of wiring.devices) {
    const { interrupt } = device;
    const line = interrupt === null ? null : controller?.inputs?.(interrupt);
    const built = others[device.kind]?.(device, wiring, line ?? unconnected);
    if (built === undefined) continue;
    placed.push(...built.placed);
    serial ??= built.input;
  }
  return { placed, serial, systemRegisters: controller?.systemRegisters ?? null };
}
