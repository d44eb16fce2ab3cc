// The board `virt` of qemu-system-riscv64 7.2: memory map, interrupt numbers, device tree.
//
// Relies on board.ts and device-tree.ts. Source: the addresses and the tree that QEMU itself prints (`dumpdtb`);
// test/oracle/boards compares. Not there: PCI Express and the platform bus.

import { CLINT_HZ } from "../devices/clint.ts";
import { SIFIVE_TEST_COMMANDS } from "../devices/sifive-test.ts";
import { INTERRUPT } from "../isa/riscv64/status.ts";
import { chosenNode, deviceNamed, type Board, type BoardConfiguration, type BoardDevice } from "./board.ts";
import { labelled, nameAt, node, phandle, reg, type Cell, type DeviceTreeNode } from "./device-tree.ts";

const MIB = 1n << 20n;
const VIRTIO_SLOTS = 8;
const VIRTIO_BASE = 0x1000_1000n;
const VIRTIO_BYTES = 0x1000n;
const FIRST_VIRTIO_INTERRUPT = 1;
export const UART_CLOCK_HZ = 3_686_400;

/** Sources of the PLIC, the one that does not exist (0) included. */
export const PLIC_SOURCES = 96;

// prettier-ignore
const fixedDevices: readonly BoardDevice[] = [
  { name: "finisher", kind: "test-finisher", address: 0x0010_0000n, bytes: 0x1000n,    interrupt: null },
  { name: "rtc",      kind: "goldfish-rtc",  address: 0x0010_1000n, bytes: 0x1000n,    interrupt: 11 },
  { name: "clint",    kind: "clint",         address: 0x0200_0000n, bytes: 0x1_0000n,  interrupt: null },
  { name: "plic",     kind: "plic",          address: 0x0c00_0000n, bytes: 0x60_0000n, interrupt: null },
  { name: "uart0",    kind: "ns16550a",      address: 0x1000_0000n, bytes: 0x100n,     interrupt: 10 },
  { name: "fw-cfg",   kind: "fw-cfg",        address: 0x1010_0000n, bytes: 0x18n,      interrupt: null },
  { name: "flash0",   kind: "cfi-flash",     address: 0x2000_0000n, bytes: 32n * MIB,  interrupt: null },
  { name: "flash1",   kind: "cfi-flash",     address: 0x2200_0000n, bytes: 32n * MIB,  interrupt: null },
];

const virtio: readonly BoardDevice[] = Array.from({ length: VIRTIO_SLOTS }, (_, slot) => ({
  name: `virtio${String(slot)}`,
  kind: "virtio-mmio",
  address: VIRTIO_BASE + BigInt(slot) * VIRTIO_BYTES,
  bytes: VIRTIO_BYTES,
  interrupt: FIRST_VIRTIO_INTERRUPT + slot,
}));

const [rtc, uart, finisher, plic, clint] = [
  one("rtc"),
  one("uart0"),
  one("finisher"),
  one("plic"),
  one("clint"),
];
const [fwCfg, flash, secondFlash] = [one("fw-cfg"), one("flash0"), one("flash1")];

function one(name: string): BoardDevice {
  return deviceNamed(fixedDevices, name);
}

function interruptOf({ interrupt }: BoardDevice): Readonly<Record<string, readonly Cell[]>> {
  return { interrupts: [interrupt ?? 0], "interrupt-parent": [phandle("plic")] };
}

function cpu(index: number): DeviceTreeNode {
  const controller = node("interrupt-controller", {
    "#interrupt-cells": [1],
    "interrupt-controller": true,
    compatible: "riscv,cpu-intc",
  });
  const properties = {
    device_type: "cpu",
    reg: [index],
    status: "okay",
    compatible: "riscv",
    "riscv,isa": "rv64imafdc_zicsr_zifencei_zihintpause_zba_zbb_zbs_sstc",
    "mmu-type": "riscv,sv48",
  };
  const name = `cpu@${String(index)}`;
  return labelled(`cpu${String(index)}`, node(name, properties, [labelled(localOf(index), controller)]));
}

function localOf(hart: number): string {
  return `cpu${String(hart)}-intc`;
}

function cpus(harts: number): DeviceTreeNode {
  const numbers = Array.from({ length: harts }, (_, i) => i);
  const cores = numbers.map((i) => node(`core${String(i)}`, { cpu: [phandle(`cpu${String(i)}`)] }));
  return node(
    "cpus",
    { "#address-cells": [1], "#size-cells": [0], "timebase-frequency": [Number(CLINT_HZ)] },
    [...numbers.map(cpu), node("cpu-map", {}, [node("cluster0", {}, cores)])],
  );
}

// Pairs of hart and local interrupt, hart by hart.
function toHarts(harts: number, ...interrupts: readonly number[]): readonly Cell[] {
  return Array.from({ length: harts }, (_, hart) =>
    interrupts.flatMap((number) => [phandle(localOf(hart)), number]),
  ).flat();
}

function soc(harts: number): DeviceTreeNode {
  return node("soc", { "#address-cells": [2], "#size-cells": [2], compatible: "simple-bus", ranges: true }, [
    node(nameAt("rtc", rtc), { ...interruptOf(rtc), reg: reg(rtc), compatible: "google,goldfish-rtc" }),
    node(nameAt("serial", uart), {
      ...interruptOf(uart),
      reg: reg(uart),
      "clock-frequency": [UART_CLOCK_HZ],
      compatible: "ns16550a",
    }),
    labelled(
      "finisher",
      node(nameAt("test", finisher), {
        reg: reg(finisher),
        compatible: ["sifive,test1", "sifive,test0", "syscon"],
      }),
    ),
    ...[...virtio].reverse().map((slot) =>
      node(nameAt("virtio_mmio", slot), {
        ...interruptOf(slot),
        reg: reg(slot),
        compatible: "virtio,mmio",
      }),
    ),
    labelled(
      "plic",
      node(nameAt("plic", plic), {
        "riscv,ndev": [PLIC_SOURCES],
        reg: reg(plic),
        "interrupts-extended": toHarts(harts, INTERRUPT.MEI, INTERRUPT.SEI),
        "interrupt-controller": true,
        compatible: ["sifive,plic-1.0.0", "riscv,plic0"],
        "#address-cells": [0],
        "#interrupt-cells": [1],
      }),
    ),
    node(nameAt("clint", clint), {
      "interrupts-extended": toHarts(harts, INTERRUPT.MSI, INTERRUPT.MTI),
      reg: reg(clint),
      compatible: ["sifive,clint0", "riscv,clint0"],
    }),
  ]);
}

function syscon(name: string, value: number): DeviceTreeNode {
  const properties = { value: [value], offset: [0], regmap: [phandle("finisher")] };
  return node(name, { ...properties, compatible: `syscon-${name}` });
}

function deviceTree(configuration: BoardConfiguration): DeviceTreeNode {
  const { harts, memoryBytes } = configuration;
  const memory = { address: virtRiscv64.memory.address, bytes: memoryBytes };
  const root = { "#address-cells": [2], "#size-cells": [2], compatible: "riscv-virtio" };
  return node("", { ...root, model: "riscv-virtio,qemu" }, [
    node(nameAt("fw-cfg", fwCfg), { "dma-coherent": true, reg: reg(fwCfg), compatible: "qemu,fw-cfg-mmio" }),
    node(nameAt("flash", flash), {
      "bank-width": [4],
      reg: [...reg(flash), ...reg(secondFlash)],
      compatible: "cfi-flash",
    }),
    chosenNode(configuration, `/soc/${nameAt("serial", uart)}`),
    syscon("poweroff", SIFIVE_TEST_COMMANDS.pass),
    syscon("reboot", SIFIVE_TEST_COMMANDS.reset),
    node(nameAt("memory", memory), { device_type: "memory", reg: reg(memory) }),
    cpus(harts),
    soc(harts),
  ]);
}

/** QEMU's RISC-V `virt`. */
export const virtRiscv64: Board = {
  name: "virt-riscv64",
  isa: "riscv64",
  doc: "the virt board of qemu-system-riscv64 7.2",
  maxHarts: 4,
  memory: { address: 0x8000_0000n, maxBytes: 3072n * MIB },
  bootRom: { address: 0x1000n, bytes: 0xf000n },
  devices: () => [...fixedDevices, ...virtio],
  deviceTree,
};
