// Our devices at the addresses of QEMU's virt boards, with their lines as they are wired there.

import { Bus } from "../../../runtime/core/bus.ts";
import { unconnected, type InterruptLine } from "../../../runtime/core/interrupt-line.ts";
import { silentChannel } from "../../../runtime/devices/byte-channel.ts";
import { CfiFlash } from "../../../runtime/devices/cfi-flash.ts";
import { Clint } from "../../../runtime/devices/clint.ts";
import { Gicv2 } from "../../../runtime/devices/gicv2.ts";
import { Gicv3 } from "../../../runtime/devices/gicv3.ts";
import { GoldfishRtc } from "../../../runtime/devices/goldfish-rtc.ts";
import { Ns16550a } from "../../../runtime/devices/ns16550a.ts";
import { Pl011 } from "../../../runtime/devices/pl011.ts";
import { Pl031 } from "../../../runtime/devices/pl031.ts";
import { Pl061 } from "../../../runtime/devices/pl061.ts";
import { Plic } from "../../../runtime/devices/plic.ts";
import { Bench } from "../../devices/support/bench.ts";
import type { Stand } from "./operations.ts";
import type { QemuMachine } from "./qtest.ts";

/** Inputs that remember their level beside passing it on. */
function remembered(input: (number: number) => InterruptLine): Pick<Stand, "setLine" | "level"> & {
  readonly line: (number: number) => InterruptLine;
} {
  const levels = new Map<number, boolean>();
  const setLine = (number: number, level: boolean): void => {
    levels.set(number, level);
    input(number).set(level);
  };
  return {
    setLine,
    level: (number) => levels.get(number) ?? false,
    line: (number) => ({ set: (level) => setLine(number, level) }),
  };
}

/** Of one bank. */
export const FLASH_BYTES = { riscv: 32 << 20, arm: 64 << 20 } as const;

function emptyFlash(bytes: number): CfiFlash {
  return new CfiFlash({ name: "flash0", bytes, image: new Uint8Array(0), isReadOnly: false });
}

export const RISCV = {
  clint: 0x0200_0000n,
  plic: 0x0c00_0000n,
  uart: 0x1000_0000n,
  rtc: 0x0010_1000n,
  flash: 0x2000_0000n,
} as const;

export const riscvQemu: QemuMachine = {
  command: "qemu-system-riscv64",
  machine: ["-M", "virt", "-smp", "2"],
  controller: "/machine/unattached/device[2]",
};

export function riscvStand(): Stand {
  const bus = new Bus();
  const { timeline } = new Bench();
  const hart = { software: unconnected, timer: unconnected };
  bus.attach(RISCV.clint, new Clint({ name: "clint", timeline, lines: [hart, hart] }));
  const plic = new Plic({ name: "plic", sources: 96, contexts: 4, lines: [] });
  bus.attach(RISCV.plic, plic);
  const { line, setLine, level } = remembered((source) => plic.input(source));
  bus.attach(
    RISCV.uart,
    new Ns16550a({ name: "uart0", timeline, line: line(10), channel: silentChannel, clockHz: 3_686_400 }),
  );
  bus.attach(RISCV.flash, emptyFlash(FLASH_BYTES.riscv));
  bus.attach(RISCV.rtc, new GoldfishRtc({ name: "rtc", timeline, line: line(11) }));
  return { bus, setLine, level };
}

export const ARM = {
  gicDistributor: 0x0800_0000n,
  gicCpuInterface: 0x0801_0000n,
  gicHypervisor: 0x0803_0000n,
  gicVirtualCpuInterface: 0x0804_0000n,
  uart: 0x0900_0000n,
  rtc: 0x0901_0000n,
  gpio: 0x0903_0000n,
  flash: 0n,
} as const;

export const armQemu: QemuMachine = {
  command: "qemu-system-aarch64",
  machine: ["-M", "virt,gic-version=2,virtualization=on", "-cpu", "cortex-a53"],
  controller: "/machine/unattached/device[1]",
};

const noLines = { irq: unconnected, fiq: unconnected, virtualIrq: unconnected, virtualFiq: unconnected };

export function armStand(): Stand {
  const bus = new Bus();
  const gic = new Gicv2({
    name: "gic",
    interrupts: 288,
    lines: [noLines],
    accessingCpu: () => 0,
    maintenanceInterrupt: 25,
  });
  bus.attach(ARM.gicDistributor, gic.distributor);
  bus.attach(ARM.gicCpuInterface, gic.cpuInterface);
  bus.attach(ARM.gicHypervisor, gic.hypervisor);
  bus.attach(ARM.gicVirtualCpuInterface, gic.virtualCpuInterface);
  // QEMU numbers the shared interrupts from 0.
  const { line, setLine, level } = remembered((input) => gic.input(32 + input));
  bus.attach(ARM.uart, new Pl011({ name: "uart0", line: line(1), channel: silentChannel }));
  bus.attach(ARM.flash, emptyFlash(FLASH_BYTES.arm));
  bus.attach(ARM.rtc, new Pl031({ name: "rtc", timeline: new Bench().timeline, line: line(2) }));
  bus.attach(ARM.gpio, new Pl061({ name: "gpio", line: line(7) }));
  return { bus, setLine, level };
}

export const ARM_GICV3 = { distributor: 0x0800_0000n, redistributor: 0x080a_0000n } as const;

export const gicv3Qemu: QemuMachine = {
  command: "qemu-system-aarch64",
  machine: ["-M", "virt,gic-version=3,its=off", "-cpu", "cortex-a53"],
  controller: "/machine/unattached/device[1]",
};

export function gicv3Stand(): Stand {
  const bus = new Bus();
  const gic = new Gicv3({
    name: "gic",
    interrupts: 288,
    cpus: [{ lines: noLines, affinity: 0n }],
    maintenanceInterrupt: 25,
  });
  bus.attach(ARM_GICV3.distributor, gic.distributor);
  for (const redistributor of gic.redistributors) bus.attach(ARM_GICV3.redistributor, redistributor);
  const { setLine, level } = remembered((input) => gic.input(32 + input));
  return { bus, setLine, level };
}
