// GICv2: Arm's interrupt controller with memory-mapped CPU interfaces, in four windows. Relies on schema.ts.

import { field, register, type DeviceRegister, type DeviceSpec } from "./schema.ts";

const SOURCE = "ARM IHI 0048B.b, GIC Architecture version 2.0";

/** Interrupts 0 to 15 are sent by software, 16 to 31 are a CPU's own. */
export const GIC_SGIS = 16;
export const GIC_PRIVATE = 32;

/** Numbers from here on are no interrupts. */
export const GIC_SPECIAL = 1020;

/** What IAR and HPPIR give instead of an interrupt. */
export const GIC_SPURIOUS = { group1: 1022, none: 1023 } as const;

/** List registers of QEMU's virtual interface. */
export const GICV2_LIST_REGISTERS = 4;

export const gicv2Fields = {
  gicdCtlr: { enableGrp0: field(0), enableGrp1: field(1) },
  gicdSgir: { id: field(0, 4), nsatt: field(15), targets: field(16, 8), filter: field(24, 2) },
  giccCtlr: {
    enableGrp0: field(0),
    enableGrp1: field(1),
    ackCtl: field(2),
    fiqEn: field(3),
    cbpr: field(4),
    eoiMode: field(9),
  },
  gichHcr: {
    en: field(0),
    uie: field(1),
    lrenpie: field(2),
    npie: field(3),
    vgrp0eie: field(4),
    vgrp0die: field(5),
    vgrp1eie: field(6),
    vgrp1die: field(7),
    eoiCount: field(27, 5),
  },
  gichVmcr: { vmCtlr: field(0, 10), vabp: field(18, 3), vbp: field(21, 3), vpmask: field(27, 5) },
  gichMisr: {
    eoi: field(0),
    u: field(1),
    lrenp: field(2),
    np: field(3),
    vgrp0e: field(4),
    vgrp0d: field(5),
    vgrp1e: field(6),
    vgrp1d: field(7),
  },
  gichLr: {
    virtualId: field(0, 10),
    physicalId: field(10, 10),
    /** Of `physicalId`, for software interrupts and others without hardware. */
    cpuId: field(10, 3),
    eoi: field(19),
    priority: field(23, 5),
    pending: field(28),
    active: field(29),
    group1: field(30),
    hw: field(31),
  },
};

const { gicdCtlr, gicdSgir, giccCtlr, gichHcr, gichVmcr, gichMisr, gichLr } = gicv2Fields;

/** How many interrupts (a multiple of 32) and CPUs there are. */
export interface GicShape {
  readonly interrupts: number;
  readonly cpus: number;
}

/** The distributor. Registers of interrupts 0 to 31 are the accessing CPU's own. */
export function gicv2Distributor({ interrupts, cpus }: GicShape): DeviceSpec {
  const words = interrupts / 32;
  const typer = BigInt((words - 1) | ((cpus - 1) << 5));
  return {
    name: "gicv2-distributor",
    doc: "Which interrupts there are, how urgent, and for whom.",
    source: SOURCE,
    bytes: 0x1000,
    accesses: [1, 2, 4, 8],
    compatible: ["arm,cortex-a15-gic"],
    registers: [
      register("ctlr", 0x000, "Group enables.", { fields: gicdCtlr }),
      register("typer", 0x004, "How many.", { access: "ro", reset: typer }),
      register("iidr", 0x008, "Implementer.", { access: "ro", reset: 0x43bn }),
      register("igroupr", 0x080, "1: group 1.", { count: words }),
      register("isenabler", 0x100, "Stored ones enable.", { count: words }),
      register("icenabler", 0x180, "Stored ones disable.", { count: words }),
      register("ispendr", 0x200, "Stored ones make pending.", { count: words }),
      register("icpendr", 0x280, "Stored ones take that back.", { count: words }),
      register("isactiver", 0x300, "Stored ones make active.", { count: words }),
      register("icactiver", 0x380, "Stored ones deactivate.", { count: words }),
      register("ipriorityr", 0x400, "0 is the most urgent.", { bytes: 1, count: interrupts }),
      register("itargetsr", 0x800, "CPUs that take it, one bit each.", { bytes: 1, count: interrupts }),
      register("icfgr", 0xc00, "Two bits each: 2 is edge-triggered.", { count: 2 * words }),
      register("sgir", 0xf00, "Sends a software interrupt.", { access: "wo", fields: gicdSgir }),
      register("cpendsgir", 0xf10, "By software interrupt: senders, taken back.", { bytes: 1, count: 16 }),
      register("spendsgir", 0xf20, "By software interrupt: senders, added.", { bytes: 1, count: 16 }),
      ...identification(0xfd0, [0x04, 0x00, 0x00, 0x00, 0x90, 0xb4, 0x2b, 0x00, 0x0d, 0xf0, 0x05, 0xb1]),
    ],
  };
}

function identification(offset: number, bytes: readonly number[]): readonly DeviceRegister[] {
  return bytes.map((byte, index) =>
    register(`id${index}`, offset + 4 * index, "Identification.", { access: "ro", reset: BigInt(byte) }),
  );
}

const cpuInterfaceRegisters: readonly DeviceRegister[] = [
  register("ctlr", 0x00, "Group enables and modes.", { fields: giccCtlr }),
  register("pmr", 0x04, "Only more urgent interrupts are signalled."),
  register("bpr", 0x08, "Bits of the priority that do not preempt."),
  register("iar", 0x0c, "Takes the pending interrupt.", { access: "ro" }),
  register("eoir", 0x10, "Drops its priority, and deactivates it unless EOImode.", { access: "wo" }),
  register("rpr", 0x14, "Priority of what runs.", { access: "ro" }),
  register("hppir", 0x18, "The pending interrupt.", { access: "ro" }),
  register("abpr", 0x1c, "bpr for group 1."),
  register("apr", 0xd0, "Active priorities of group 0.", { count: 4 }),
  register("nsapr", 0xe0, "Active priorities of group 1.", { count: 4 }),
  register("iidr", 0xfc, "Implementer.", { access: "ro", reset: 0x0002_043bn }),
  register("dir", 0x1000, "Deactivates an interrupt.", { access: "wo" }),
];

/** The accessing CPU's interface. */
export const gicv2CpuInterface: DeviceSpec = {
  name: "gicv2-cpu-interface",
  doc: "Taking and completing interrupts.",
  source: SOURCE,
  bytes: 0x2000,
  accesses: [1, 2, 4, 8],
  compatible: [],
  registers: cpuInterfaceRegisters,
};

/** The same, for a guest under a hypervisor. */
export const gicv2VirtualCpuInterface: DeviceSpec = {
  ...gicv2CpuInterface,
  name: "gicv2-virtual-cpu-interface",
  doc: "Taking and completing virtual interrupts.",
};

/** What a hypervisor sees of the accessing CPU's virtual interface. */
export const gicv2Hypervisor: DeviceSpec = {
  name: "gicv2-hypervisor",
  doc: "Virtual interrupts and what maintenance they need.",
  source: SOURCE,
  bytes: 0x1000,
  accesses: [1, 2, 4, 8],
  compatible: [],
  registers: [
    register("hcr", 0x00, "Enables.", { fields: gichHcr }),
    register("vtr", 0x04, "How many: 5 priority bits, 5 preemption bits, and the list registers.", {
      access: "ro",
      reset: 0x9000_0000n + BigInt(GICV2_LIST_REGISTERS - 1),
    }),
    register("vmcr", 0x08, "The virtual CPU interface's registers.", { fields: gichVmcr }),
    register("misr", 0x10, "Why the maintenance interrupt is pending.", { access: "ro", fields: gichMisr }),
    register("eisr", 0x20, "List registers that were completed and asked for it.", {
      access: "ro",
      count: 2,
    }),
    register("elrsr", 0x30, "Empty list registers.", { access: "ro", count: 2 }),
    register("apr", 0xf0, "Active virtual priorities."),
    register("lr", 0x100, "Virtual interrupts.", { count: GICV2_LIST_REGISTERS, fields: gichLr }),
  ],
};
