// The board `virt` of qemu-system-aarch64 7.2 with cortex-a53 cores: memory map, interrupt numbers, device tree.
//
// Relies on board.ts and device-tree.ts. Source: the addresses and the tree that QEMU itself prints (`dumpdtb`);
// test/oracle/boards compares. Not there: PCI Express, message-signalled interrupts, the platform bus, secure memory.

import { PSCI_FUNCTION, PSCI_WIDE } from "../abi/psci.ts";
import { chosenNode, deviceNamed, type Board, type BoardConfiguration, type BoardDevice } from "./board.ts";
import {
  labelled,
  nameAt,
  node,
  phandle,
  reg,
  type DeviceTreeNode,
  type PropertyText,
} from "./device-tree.ts";

const MIB = 1n << 20n;
const VIRTIO_SLOTS = 32;
const VIRTIO_BASE = 0x0a00_0000n;
const VIRTIO_BYTES = 0x200n;
const FIRST_VIRTIO_INTERRUPT = 16;
const CLOCK_HZ = 24_000_000;
/** The poweroff key is that line of the GPIO device; its code is Linux's KEY_POWER. */
const POWER_LINE = 3;
const KEY_POWER = 116;

// Interrupt specifiers of the GIC (Linux, arm,gic binding): kind, number, flags.
const SHARED = 0;
const PRIVATE = 1;
const EDGE = 1;
const LEVEL = 4;

/** Interrupts that the GIC distinguishes, the 32 private ones of a core included. */
export const GIC_INTERRUPTS = 288;
/** IDs of private interrupts and of shared ones begin here. */
export const FIRST_PRIVATE_ID = 16;
export const FIRST_SHARED_ID = 32;

/** Private interrupts of each core, by number in the private range (ID 16 is number 0). */
export const PRIVATE_INTERRUPTS = {
  pmu: 7,
  maintenance: 9,
  hypervisorTimer: 10,
  virtualTimer: 11,
  secureTimer: 13,
  physicalTimer: 14,
} as const;

// prettier-ignore
const gic2: readonly BoardDevice[] = [
  { name: "gic-distributor", kind: "gicv2-distributor",       address: 0x0800_0000n, bytes: 0x1_0000n, interrupt: null },
  { name: "gic-cpu",         kind: "gicv2-cpu-interface",     address: 0x0801_0000n, bytes: 0x1_0000n, interrupt: null },
];
// prettier-ignore
const gic2Virtual: readonly BoardDevice[] = [
  { name: "gic-hypervisor",  kind: "gicv2-hypervisor",        address: 0x0803_0000n, bytes: 0x1_0000n, interrupt: null },
  { name: "gic-vcpu",        kind: "gicv2-virtual-interface", address: 0x0804_0000n, bytes: 0x1_0000n, interrupt: null },
];
// prettier-ignore
const gic3: readonly BoardDevice[] = [
  { name: "gic-distributor",   kind: "gicv3-distributor",     address: 0x0800_0000n, bytes: 0x1_0000n,   interrupt: null },
  { name: "gic-redistributor", kind: "gicv3-redistributor",   address: 0x080a_0000n, bytes: 0xf6_0000n,  interrupt: null },
];

// prettier-ignore
const others: readonly BoardDevice[] = [
  { name: "flash0", kind: "cfi-flash", address: 0n,            bytes: 64n * MIB, interrupt: null },
  { name: "flash1", kind: "cfi-flash", address: 0x0400_0000n,  bytes: 64n * MIB, interrupt: null },
  { name: "uart0",  kind: "pl011",     address: 0x0900_0000n,  bytes: 0x1000n,   interrupt: 1 },
  { name: "rtc",    kind: "pl031",     address: 0x0901_0000n,  bytes: 0x1000n,   interrupt: 2 },
  { name: "fw-cfg", kind: "fw-cfg",    address: 0x0902_0000n,  bytes: 0x18n,     interrupt: null },
  { name: "gpio",   kind: "pl061",     address: 0x0903_0000n,  bytes: 0x1000n,   interrupt: 7 },
];

const virtio: readonly BoardDevice[] = Array.from({ length: VIRTIO_SLOTS }, (_, slot) => ({
  name: `virtio${String(slot)}`,
  kind: "virtio-mmio",
  address: VIRTIO_BASE + BigInt(slot) * VIRTIO_BYTES,
  bytes: VIRTIO_BYTES,
  interrupt: FIRST_VIRTIO_INTERRUPT + slot,
}));

const [uart, rtc, fwCfg, gpio] = [one("uart0"), one("rtc"), one("fw-cfg"), one("gpio")];
const [flash, secondFlash] = [one("flash0"), one("flash1")];

function one(name: string): BoardDevice {
  return deviceNamed(others, name);
}

function devices({ gicVersion, hasHypervisor }: BoardConfiguration): readonly BoardDevice[] {
  const gic = gicVersion === 3 ? gic3 : [...gic2, ...(hasHypervisor ? gic2Virtual : [])];
  return [...others, ...gic, ...virtio];
}

function shared({ interrupt }: BoardDevice, trigger: number): readonly number[] {
  return [SHARED, interrupt ?? 0, trigger];
}

// A private interrupt of all cores: GICv2 wants to know which ones.
function toCores(number: number, { gicVersion, harts }: BoardConfiguration): readonly number[] {
  const cores = gicVersion === 2 ? ((1 << harts) - 1) << 8 : 0;
  return [PRIVATE, number, cores | LEVEL];
}

function cpus(harts: number): DeviceTreeNode {
  const numbers = Array.from({ length: harts }, (_, i) => i);
  const cores = numbers.map((i) => node(`core${String(i)}`, { cpu: [phandle(`cpu${String(i)}`)] }));
  const map = node("cpu-map", {}, [node("socket0", {}, [node("cluster0", {}, cores)])]);
  const each = numbers.map((i) =>
    labelled(
      `cpu${String(i)}`,
      node(`cpu@${String(i)}`, {
        reg: [i],
        ...(harts > 1 ? { "enable-method": "psci" } : {}),
        compatible: "arm,cortex-a53",
        device_type: "cpu",
      }),
    ),
  );
  return node("cpus", { "#size-cells": [0], "#address-cells": [1] }, [map, ...each]);
}

function interruptController(configuration: BoardConfiguration): DeviceTreeNode {
  const { gicVersion, hasHypervisor } = configuration;
  const windows = devices(configuration).filter((d) => d.name.startsWith("gic"));
  const properties: Readonly<Record<string, PropertyText>> = {
    ...(hasHypervisor ? { interrupts: [PRIVATE, PRIVATE_INTERRUPTS.maintenance, LEVEL] } : {}),
    reg: windows.flatMap(reg),
    ...(gicVersion === 3 ? { "#redistributor-regions": [1] } : {}),
    compatible: gicVersion === 3 ? "arm,gic-v3" : "arm,cortex-a15-gic",
    ranges: true,
    "#size-cells": [2],
    "#address-cells": [2],
    "interrupt-controller": true,
    "#interrupt-cells": [3],
  };
  return labelled("gic", node("intc@8000000", properties));
}

// A device of Arm's: two clock inputs at most, one interrupt.
function primecell(
  device: BoardDevice,
  name: string,
  more: Readonly<Record<string, PropertyText>>,
): DeviceTreeNode {
  return node(nameAt(name, device), { ...more, interrupts: shared(device, LEVEL), reg: reg(device) });
}

const peripheralClock = { "clock-names": "apb_pclk", clocks: [phandle("clock")] } as const;

function peripherals(): readonly DeviceTreeNode[] {
  const pl061 = primecell(gpio, "pl061", {
    ...peripheralClock,
    "gpio-controller": true,
    "#gpio-cells": [2],
    compatible: ["arm,pl061", "arm,primecell"],
  });
  const power = { gpios: [phandle("gpio"), POWER_LINE, 0], "linux,code": [KEY_POWER] };
  return [
    node("gpio-keys", { compatible: "gpio-keys" }, [
      node("poweroff", { ...power, label: "GPIO Key Poweroff" }),
    ]),
    labelled("gpio", pl061),
    primecell(rtc, "pl031", { ...peripheralClock, compatible: ["arm,pl031", "arm,primecell"] }),
    primecell(uart, "pl011", {
      "clock-names": ["uartclk", "apb_pclk"],
      clocks: [phandle("clock"), phandle("clock")],
      compatible: ["arm,pl011", "arm,primecell"],
    }),
  ];
}

// The number of a function's 64-bit form.
function wide(number: bigint): number {
  return Number(number | PSCI_WIDE);
}

function psci(hasHypervisor: boolean): DeviceTreeNode {
  return node("psci", {
    migrate: [wide(PSCI_FUNCTION.migrate)],
    cpu_on: [wide(PSCI_FUNCTION.cpuOn)],
    cpu_off: [Number(PSCI_FUNCTION.cpuOff)],
    cpu_suspend: [wide(PSCI_FUNCTION.cpuSuspend)],
    // Whoever runs at EL2 takes `hvc` itself.
    method: hasHypervisor ? "smc" : "hvc",
    compatible: ["arm,psci-1.0", "arm,psci-0.2", "arm,psci"],
  });
}

function timer(configuration: BoardConfiguration): DeviceTreeNode {
  const { secureTimer, physicalTimer, virtualTimer, hypervisorTimer } = PRIVATE_INTERRUPTS;
  const numbers = [secureTimer, physicalTimer, virtualTimer, hypervisorTimer];
  return node("timer", {
    interrupts: numbers.flatMap((number) => toCores(number, configuration)),
    "always-on": true,
    compatible: ["arm,armv8-timer", "arm,armv7-timer"],
  });
}

function deviceTree(configuration: BoardConfiguration): DeviceTreeNode {
  const { harts, memoryBytes, hasHypervisor } = configuration;
  const memory = { address: virtArm64.memory.address, bytes: memoryBytes };
  const root = { "interrupt-parent": [phandle("gic")], model: "linux,dummy-virt" };
  return node("", { ...root, "#size-cells": [2], "#address-cells": [2], compatible: "linux,dummy-virt" }, [
    psci(hasHypervisor),
    node(nameAt("memory", memory), { reg: reg(memory), device_type: "memory" }),
    node(nameAt("fw-cfg", fwCfg), { "dma-coherent": true, reg: reg(fwCfg), compatible: "qemu,fw-cfg-mmio" }),
    ...virtio.map((slot) =>
      node(nameAt("virtio_mmio", slot), {
        "dma-coherent": true,
        interrupts: shared(slot, EDGE),
        reg: reg(slot),
        compatible: "virtio,mmio",
      }),
    ),
    ...peripherals(),
    node("pmu", {
      interrupts: toCores(PRIVATE_INTERRUPTS.pmu, configuration),
      compatible: "arm,armv8-pmuv3",
    }),
    interruptController(configuration),
    node(nameAt("flash", flash), {
      "bank-width": [4],
      reg: [...reg(flash), ...reg(secondFlash)],
      compatible: "cfi-flash",
    }),
    cpus(harts),
    timer(configuration),
    labelled(
      "clock",
      node("apb-pclk", {
        "clock-output-names": "clk24mhz",
        "clock-frequency": [CLOCK_HZ],
        "#clock-cells": [0],
        compatible: "fixed-clock",
      }),
    ),
    chosenNode(configuration, `/${nameAt("pl011", uart)}`),
  ]);
}

/** QEMU's Arm `virt`. */
export const virtArm64: Board = {
  name: "virt-arm64",
  isa: "arm64",
  doc: "the virt board of qemu-system-aarch64 7.2",
  maxHarts: 4,
  memory: { address: 0x4000_0000n, maxBytes: 3072n * MIB },
  bootRom: null,
  devices,
  deviceTree,
};
