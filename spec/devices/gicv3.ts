// GICv3: Arm's interrupt controller with affinity routing and CPU interfaces in system registers. Relies on schema.ts.
//
// One security state (GICD_CTLR.DS is always set), no LPIs. Which system registers a guest's accesses to ICC_* really
// meet, and what traps, stands with the traps of spec/isa/arm64.

import { field, register, type DeviceRegister, type DeviceSpec } from "./schema.ts";
import { gicv2Fields, type GicShape } from "./gicv2.ts";

const SOURCE = "ARM IHI 0069H, GIC Architecture version 3";

/** Size of one CPU's redistributor: two frames. */
export const GICV3_REDISTRIBUTOR_BYTES = 0x20000;
/** Priority bits that CPU interfaces have. */
export const GICV3_PRIORITY_BITS = 5;
/** List registers of a cortex-a53. */
export const GICV3_LIST_REGISTERS = 4;

export const gicv3Fields = {
  gicdCtlr: { enableGrp0: field(0), enableGrp1: field(1), are: field(4), ds: field(6) },
  waker: { processorSleep: field(1), childrenAsleep: field(2) },
  iccCtlr: { cbpr: field(0), eoiMode: field(1), priBits: field(8, 3), idBits: field(11, 3), a3v: field(15) },
  iccSre: { sre: field(0), dfb: field(1), dib: field(2) },
  iccEnable: { enable: field(0) },
  ichHcr: {
    ...gicv2Fields.gichHcr,
    tc: field(10),
    tall0: field(11),
    tall1: field(12),
    tsei: field(13),
    tdir: field(14),
  },
  ichMisr: gicv2Fields.gichMisr,
  ichVmcr: {
    veng0: field(0),
    veng1: field(1),
    vfiqEn: field(3),
    vcbpr: field(4),
    veoim: field(9),
    vbpr1: field(18, 3),
    vbpr0: field(21, 3),
    vpmr: field(24, 8),
  },
  ichVtr: {
    listRegisters: field(0, 5),
    tds: field(19),
    nv4: field(20),
    a3v: field(21),
    idBits: field(23, 3),
    preBits: field(26, 3),
    priBits: field(29, 3),
  },
  /** 64 bits. */
  ichLr: {
    virtualId: field(0, 32),
    physicalId: field(32, 13),
    priority: field(48, 8),
    group1: field(60),
    hw: field(61),
    pending: field(62),
    active: field(63),
  },
};

const { gicdCtlr, waker } = gicv3Fields;

/** The distributor: interrupts from 32 on. */
export function gicv3Distributor({ interrupts }: Pick<GicShape, "interrupts">): DeviceSpec {
  const words = interrupts / 32;
  // No 1 of N, affinity level 3, 16 bits of interrupt numbers, no LPIs.
  const typer = BigInt((1 << 25) | (1 << 24) | (0xf << 19) | (words - 1));
  const fromSecondWord = { count: words - 1 };
  return {
    name: "gicv3-distributor",
    doc: "Shared interrupts: how urgent, and for whom.",
    source: SOURCE,
    bytes: 0x10000,
    accesses: [1, 2, 4, 8],
    compatible: ["arm,gic-v3"],
    registers: [
      register("ctlr", 0x0000, "Group enables.", { fields: gicdCtlr, reset: 0x50n }),
      register("typer", 0x0004, "How many.", { access: "ro", reset: typer }),
      register("iidr", 0x0008, "Implementer.", { access: "ro", reset: 0x43bn }),
      register("typer2", 0x000c, "GICv4's numbers of virtual processors: none.", { access: "ro" }),
      register("statusr", 0x0010, "Errors: none are reported."),
      register("igroupr", 0x0084, "1: group 1.", fromSecondWord),
      register("isenabler", 0x0104, "Stored ones enable.", fromSecondWord),
      register("icenabler", 0x0184, "Stored ones disable.", fromSecondWord),
      register("ispendr", 0x0204, "Stored ones make pending.", fromSecondWord),
      register("icpendr", 0x0284, "Stored ones take that back.", fromSecondWord),
      register("isactiver", 0x0304, "Stored ones make active.", fromSecondWord),
      register("icactiver", 0x0384, "Stored ones deactivate.", fromSecondWord),
      register("ipriorityr", 0x0420, "0 is the most urgent.", { bytes: 1, count: interrupts - 32 }),
      register("icfgr", 0x0c08, "Two bits each: 2 is edge-triggered.", { count: 2 * (words - 1) }),
      register("irouter", 0x6100, "Affinity of the CPU that takes it; bit 31: any.", {
        bytes: 8,
        count: interrupts - 32,
      }),
      ...identification(0xffd0, 0x92),
    ],
  };
}

/** One CPU's redistributor: its own interrupts, 0 to 31. */
export function gicv3Redistributor(): DeviceSpec {
  return {
    name: "gicv3-redistributor",
    doc: "A CPU's private interrupts.",
    source: SOURCE,
    bytes: GICV3_REDISTRIBUTOR_BYTES,
    accesses: [1, 2, 4, 8],
    compatible: [],
    registers: [
      register("ctlr", 0x00000, "LPIs: there are none.", { access: "ro" }),
      register("iidr", 0x00004, "Implementer.", { access: "ro", reset: 0x43bn }),
      register("typer", 0x00008, "Affinity, number, and whether it is the last one.", {
        bytes: 8,
        access: "ro",
      }),
      register("statusr", 0x00010, "Errors: none are reported."),
      register("waker", 0x00014, "Whether the CPU takes interrupts.", { fields: waker, reset: 6n }),
      ...identification(0x0ffd0, 0x93),
      register("igroupr", 0x10080, "1: group 1."),
      register("isenabler", 0x10100, "Stored ones enable."),
      register("icenabler", 0x10180, "Stored ones disable."),
      register("ispendr", 0x10200, "Stored ones make pending."),
      register("icpendr", 0x10280, "Stored ones take that back."),
      register("isactiver", 0x10300, "Stored ones make active."),
      register("icactiver", 0x10380, "Stored ones deactivate."),
      register("ipriorityr", 0x10400, "0 is the most urgent.", { bytes: 1, count: 32 }),
      register("icfgr", 0x10c00, "Two bits each: 2 is edge-triggered.", { count: 2 }),
    ],
  };
}

function identification(offset: number, part: number): readonly DeviceRegister[] {
  const bytes = [0x44, 0x00, 0x00, 0x00, part, 0xb4, 0x3b, 0x00, 0x0d, 0xf0, 0x05, 0xb1];
  return bytes.map((byte, index) =>
    register(`id${index}`, offset + 4 * index, "Identification.", { access: "ro", reset: BigInt(byte) }),
  );
}

/** A register of the CPU interface. */
export interface GicSystemRegister {
  readonly name: string;
  /** op0:op1:CRn:CRm:op2 in 16 bits, as csrs of spec/isa/arm64. */
  readonly number: number;
  readonly access: "ro" | "wo" | "rw";
}

/** `place`: op1, CRn, CRm, op2. */
function at(
  name: string,
  place: readonly [number, number, number, number],
  access: GicSystemRegister["access"] = "rw",
): GicSystemRegister {
  const [op1, crn, crm, op2] = place;
  return { name, access, number: (3 << 14) | (op1 << 11) | (crn << 7) | (crm << 3) | op2 };
}

const listRegisters = Array.from({ length: GICV3_LIST_REGISTERS }, (_, index) =>
  at(`ich_lr${String(index)}_el2`, [4, 12, 12 + (index >> 3), index & 7]),
);

export const gicv3SystemRegisters: readonly GicSystemRegister[] = [
  at("icc_pmr_el1", [0, 4, 6, 0]),
  at("icc_iar0_el1", [0, 12, 8, 0], "ro"),
  at("icc_eoir0_el1", [0, 12, 8, 1], "wo"),
  at("icc_hppir0_el1", [0, 12, 8, 2], "ro"),
  at("icc_bpr0_el1", [0, 12, 8, 3]),
  at("icc_ap0r0_el1", [0, 12, 8, 4]),
  at("icc_ap1r0_el1", [0, 12, 9, 0]),
  at("icc_dir_el1", [0, 12, 11, 1], "wo"),
  at("icc_rpr_el1", [0, 12, 11, 3], "ro"),
  at("icc_sgi1r_el1", [0, 12, 11, 5], "wo"),
  at("icc_asgi1r_el1", [0, 12, 11, 6], "wo"),
  at("icc_sgi0r_el1", [0, 12, 11, 7], "wo"),
  at("icc_iar1_el1", [0, 12, 12, 0], "ro"),
  at("icc_eoir1_el1", [0, 12, 12, 1], "wo"),
  at("icc_hppir1_el1", [0, 12, 12, 2], "ro"),
  at("icc_bpr1_el1", [0, 12, 12, 3]),
  at("icc_ctlr_el1", [0, 12, 12, 4]),
  at("icc_sre_el1", [0, 12, 12, 5]),
  at("icc_igrpen0_el1", [0, 12, 12, 6]),
  at("icc_igrpen1_el1", [0, 12, 12, 7]),
  at("icc_sre_el2", [4, 12, 9, 5]),
  at("ich_ap0r0_el2", [4, 12, 8, 0]),
  at("ich_ap1r0_el2", [4, 12, 9, 0]),
  at("ich_hcr_el2", [4, 12, 11, 0]),
  at("ich_vtr_el2", [4, 12, 11, 1], "ro"),
  at("ich_misr_el2", [4, 12, 11, 2], "ro"),
  at("ich_eisr_el2", [4, 12, 11, 3], "ro"),
  at("ich_elrsr_el2", [4, 12, 11, 5], "ro"),
  at("ich_vmcr_el2", [4, 12, 11, 7]),
  ...listRegisters,
];
