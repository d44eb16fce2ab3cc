// How each kind of device of spec/boards is made and wired. Relies on runtime/devices.
// Adding a kind means adding a row.

import { PLIC_SOURCES, UART_CLOCK_HZ } from "../../spec/boards/virt-riscv64.ts";
import { deviceNamed, type BoardConfiguration, type BoardDevice } from "../../spec/boards/board.ts";
import type { BusDevice } from "../core/bus.ts";
import { unconnected, type InterruptLine } from "../core/interrupt-line.ts";
import type { Timeline } from "../core/timeline.ts";
import type { ByteChannel, ByteInput } from "../devices/byte-channel.ts";
import { Clint } from "../devices/clint.ts";
import { Ns16550a } from "../devices/ns16550a.ts";
import { Pl011 } from "../devices/pl011.ts";
import { Plic } from "../devices/plic.ts";
import type { VirtioFunction } from "../devices/virtio/function.ts";
import type { GuestMemory } from "../devices/virtio/guest-memory.ts";
import { VirtioMmio } from "../devices/virtio/transport.ts";
import type { PowerRequest } from "../firmware/firmware-machine.ts";
import type { SystemHart } from "../isa/system.ts";

/** What devices are wired to. */
export interface Wiring {
  readonly devices: readonly BoardDevice[];
  readonly configuration: BoardConfiguration;
  readonly harts: readonly SystemHart[];
  readonly timeline: Timeline;
  readonly memory: GuestMemory;
  /** The host's end of the serial line. */
  readonly channel: ByteChannel;
  /** What is plugged into a virtio slot by its device's name. */
  readonly plugged: ReadonlyMap<string, VirtioFunction>;
  readonly isLegacyVirtio: boolean;
  readonly power: (request: PowerRequest) => void;
  /** A register that no model has, or a broken rule: told once for each text. */
  readonly notice: (text: string) => void;
}

/** What a builder makes: devices by their names on the board, and what others are wired to. */
interface Built {
  readonly devices: ReadonlyMap<string, BusDevice>;
  /** Interrupt inputs of the board's controller by number; null: this is no controller. */
  readonly inputs: ((number: number) => InterruptLine) | null;
  /** Where the host's bytes for the serial line go. */
  readonly input: ByteInput | null;
}

type Builder = (device: BoardDevice, wiring: Wiring, interrupt: InterruptLine) => Built;

function single(device: BoardDevice, model: BusDevice, input: ByteInput | null = null): Built {
  return { devices: new Map([[device.name, model]]), inputs: null, input };
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
  plic: (device, wiring) => {
    const lines = wiring.harts.flatMap((hart) => [hart.input("external"), hart.input("supervisorExternal")]);
    const shape = { sources: PLIC_SOURCES, contexts: lines.length };
    const plic = new Plic({ ...options(device, wiring), ...shape, lines });
    return { devices: new Map([[device.name, plic]]), inputs: (n) => plic.input(n), input: null };
  },
};

const others: Readonly<Record<string, Builder>> = {
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
  readonly placed: readonly { readonly start: bigint; readonly device: BusDevice }[];
  readonly serial: ByteInput | null;
}

/** Builds the interrupt controller first, then everything that interrupts it. */
export function buildDevices(wiring: Wiring): BoardDevices {
  const models = new Map<string, BusDevice>();
  let inputs: ((number: number) => InterruptLine) | null = null;
  let serial: ByteInput | null = null;
  const add = (device: BoardDevice, builder: Builder | undefined): void => {
    if (builder === undefined || models.has(device.name)) return;
    const line = device.interrupt === null || inputs === null ? unconnected : inputs(device.interrupt);
    const built = builder(device, wiring, line);
    for (const [name, model] of built.devices) models.set(name, model);
    inputs ??= built.inputs;
    serial ??= built.input;
  };
  for (const device of wiring.devices) add(device, controllers[device.kind]);
  for (const device of wiring.devices) add(device, others[device.kind]);
  const placed = [...models].map(([name, device]) => ({
    start: deviceNamed(wiring.devices, name).address,
    device,
  }));
  return { placed, serial };
}
