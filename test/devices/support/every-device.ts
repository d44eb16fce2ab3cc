// Every device model, made on a bench, with what may come to it from outside.

import type { BusDevice } from "../../../runtime/core/bus.ts";
import type { InterruptLine } from "../../../runtime/core/interrupt-line.ts";
import { Clint } from "../../../runtime/devices/clint.ts";
import { Ns16550a } from "../../../runtime/devices/ns16550a.ts";
import { Pl011 } from "../../../runtime/devices/pl011.ts";
import { Plic } from "../../../runtime/devices/plic.ts";
import type { Random } from "../../support/random-program/prng.ts";
import type { Bench } from "./bench.ts";

/** A device and something random that happens to it from outside. */
export interface DeviceUnderTest {
  readonly device: BusDevice;
  stimulate(random: Random): void;
}

const quiet = (device: BusDevice): DeviceUnderTest => ({
  device,
  stimulate: () => {
    // nothing comes from outside
  },
});

/** Bytes arrive. */
function withInput(device: BusDevice & { receive(bytes: Uint8Array): number }): DeviceUnderTest {
  return {
    device,
    stimulate: (random) => {
      device.receive(
        Uint8Array.from({ length: random.below(random.chance(5) ? 6000 : 40) }, () => random.below(256)),
      );
    },
  };
}

/** Lines rise and fall. */
function withLines(device: BusDevice, inputs: readonly InterruptLine[]): DeviceUnderTest {
  return { device, stimulate: (random) => random.pick(inputs).set(random.chance(50)) };
}

const range = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from }, (_, i) => from + i);

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
  pl011: ({ line, channel }) =>
    withInput(new Pl011({ name: "uart0", line: line("uart"), channel: channel("uart") })),
};
