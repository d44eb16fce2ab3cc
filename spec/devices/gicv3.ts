// GICv3: Arm's interrupt controller with affinity routing and CPU interfaces in system registers. Relies on schema.ts.
//
// One security state (GICD_CTLR.DS is always set), no LPIs. The virtual interface (ICH, ICV) is not there yet.

import { field, register, type DeviceRegister, type DeviceSpec } from "./schema.ts";
import type { GicShape } from "./gicv2.ts";

const SOURCE = "ARM IHI 0069H, GIC Architecture version 3";

/** Size of one CPU's redistributor: two frames. */
export const GICV3_REDISTRIBUTOR_BYTES = 0x20000;
/** Priority bits that CPU interfaces have. */
export const GICV3_PRIORITY_BITS = 5;

export const gicv3Fields = {
  gicdCtlr: { enableGrp0: field(0), enableGrp1: field(1), are: field(4), ds: field(6) },
  waker: { processorSleep: field(1), childrenAsleep: field(2) },
  iccCtlr: { cbpr: field(0), eoiMode: field(1), priBits: field(8, 3), idBits: field(11, 3), a3v: field(15) },
  iccSre: { sre: field(0), dfb: field(1), dib: field(2) },
  iccEnable: { enable: field(0) },
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
}

/** `place`: op1, CRn, CRm, op2. */
function icc(name: string, place: readonly [number, number, number, number]): GicSystemRegister {
  const [op1, crn, crm, op2] = place;
  return { name, number: (3 << 14) | (op1 << 11) | (crn << 7) | (crm << 3) | op2 };
}

export const gicv3SystemRegisters: readonly GicSystemRegister[] = [
  icc("icc_pmr_el1", [0, 4, 6, 0]),
  icc("icc_iar0_el1", [0, 12, 8, 0]),
  icc("icc_eoir0_el1", [0, 12, 8, 1]),
  icc("icc_hppir0_el1", [0, 12, 8, 2]),
  icc("icc_bpr0_el1", [0, 12, 8, 3]),
  icc("icc_ap0r0_el1", [0, 12, 8, 4]),
  icc("icc_ap1r0_el1", [0, 12, 9, 0]),
  icc("icc_dir_el1", [0, 12, 11, 1]),
  icc("icc_rpr_el1", [0, 12, 11, 3]),
  icc("icc_sgi1r_el1", [0, 12, 11, 5]),
  icc("icc_asgi1r_el1", [0, 12, 11, 6]),
  icc("icc_sgi0r_el1", [0, 12, 11, 7]),
  icc("icc_iar1_el1", [0, 12, 12, 0]),
  icc("icc_eoir1_el1", [0, 12, 12, 1]),
  icc("icc_hppir1_el1", [0, 12, 12, 2]),
  icc("icc_bpr1_el1", [0, 12, 12, 3]),
  icc("icc_ctlr_el1", [0, 12, 12, 4]),
  icc("icc_sre_el1", [0, 12, 12, 5]),
  icc("icc_igrpen0_el1", [0, 12, 12, 6]),
  icc("icc_igrpen1_el1", [0, 12, 12, 7]),
  icc("icc_sre_el2", [4, 12, 9, 5]),
];
