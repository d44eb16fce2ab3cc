// GICv3's virtual interface as a hypervisor sees it: the registers ICH_*, by the names of spec/devices/gicv3.ts.
//
// Relies on gic-list-registers.ts, and on gicv3-cpu-interface.ts, whose state the registers ICH_VMCR and ICH_AP*R show.

import { GICV3_LIST_REGISTERS, GICV3_PRIORITY_BITS, gicv3Fields } from "../../spec/devices/gicv3.ts";
import { fieldMask, fieldMasks, type RegisterField } from "../../spec/devices/schema.ts";
import { EMPTY_LIST_REGISTER, initialVirtualList, type ListRegister, type VirtualInterrupts, type VirtualList } from "./gic-list-registers.ts"; // prettier-ignore
import { initialIcc, type Gicv3VirtualCpuInterface, type IccState, type SystemRegisterHandlers, type SystemRegisterModel } from "./gicv3-cpu-interface.ts"; // prettier-ignore

const HCR = fieldMasks(gicv3Fields.ichHcr);
const HCR_MASK = Object.values(HCR).reduce((all, mask) => all | mask, 0);
const VMCR = fieldMasks(gicv3Fields.ichVmcr);
const CTLR = fieldMasks(gicv3Fields.iccCtlr);
const PRIORITY_MASK = 0xff & (0xff << (8 - GICV3_PRIORITY_BITS));
const { ichLr: LR, ichVtr: VTR } = gicv3Fields;
/** TDIR traps one register, affinity level 3, 24-bit interrupt numbers as QEMU says; no GICv4. */
const VTR_VALUE =
  place(VTR.listRegisters, GICV3_LIST_REGISTERS - 1) |
  place(VTR.tds, 1) |
  place(VTR.nv4, 1) |
  place(VTR.a3v, 1) |
  place(VTR.idBits, 1) |
  place(VTR.preBits, GICV3_PRIORITY_BITS - 1) |
  place(VTR.priBits, GICV3_PRIORITY_BITS - 1);

/** One CPU's virtual interface: plain data. */
export interface VirtualIccState extends VirtualList {
  readonly icc: IccState;
}

export function initialVirtualIcc(): VirtualIccState {
  return { ...initialVirtualList(GICV3_LIST_REGISTERS), icc: initialIcc() };
}

/** One CPU's virtual interface with its parts. */
export interface VirtualIcc {
  readonly current: () => VirtualIccState;
  readonly interrupts: VirtualInterrupts;
  readonly cpuInterface: Gicv3VirtualCpuInterface;
}

/** The registers ICH_* of one CPU. */
export function hypervisorRegisters({ current, interrupts, cpuInterface }: VirtualIcc): SystemRegisterModel {
  const shown = (name: string): SystemRegisterHandlers => cpuInterface.registers[name] ?? {};
  return {
    ich_hcr_el2: {
      read: () => BigInt(current().hcr),
      write: (value) => (current().hcr = (Number(BigInt.asUintN(32, value)) & HCR_MASK) >>> 0),
    },
    ich_vtr_el2: { read: () => VTR_VALUE },
    ich_misr_el2: { read: () => BigInt(interrupts.maintenance()) },
    ich_eisr_el2: { read: () => BigInt(interrupts.ended()) },
    ich_elrsr_el2: { read: () => BigInt(interrupts.empty()) },
    ich_vmcr_el2: {
      read: () => BigInt(loadVmcr(current().icc)),
      write: (value) => storeVmcr(current().icc, cpuInterface, Number(BigInt.asUintN(32, value))),
    },
    ich_ap0r0_el2: shown("icc_ap0r0_el1"),
    ich_ap1r0_el2: shown("icc_ap1r0_el1"),
    ...Object.fromEntries(current().lr.map((_, index) => listRegister(current, index))),
  };
}

function listRegister(current: () => VirtualIccState, index: number): [string, SystemRegisterHandlers] {
  return [
    `ich_lr${String(index)}_el2`,
    {
      read: () => encode(current().lr[index] ?? EMPTY_LIST_REGISTER),
      write: (value) => (current().lr[index] = decode(value)),
    },
  ];
}

function loadVmcr({ ctlr, pmr, bpr, isEnabled }: IccState): number {
  const flags =
    VMCR.vfiqEn |
    (isEnabled[0] ? VMCR.veng0 : 0) |
    (isEnabled[1] ? VMCR.veng1 : 0) |
    ((ctlr & CTLR.cbpr) === 0 ? 0 : VMCR.vcbpr) |
    ((ctlr & CTLR.eoiMode) === 0 ? 0 : VMCR.veoim);
  return (flags | (bpr[1] << 18) | (bpr[0] << 21) | (pmr << 24)) >>> 0;
}

function storeVmcr(icc: IccState, cpuInterface: Gicv3VirtualCpuInterface, value: number): void {
  icc.isEnabled[0] = (value & VMCR.veng0) !== 0;
  icc.isEnabled[1] = (value & VMCR.veng1) !== 0;
  icc.ctlr = ((value & VMCR.vcbpr) === 0 ? 0 : CTLR.cbpr) | ((value & VMCR.veoim) === 0 ? 0 : CTLR.eoiMode);
  icc.pmr = (value >>> 24) & PRIORITY_MASK;
  cpuInterface.storeBinaryPoint(1, (value & VMCR.vbpr1) >>> 18);
  cpuInterface.storeBinaryPoint(0, (value & VMCR.vbpr0) >>> 21);
}

function encode(entry: ListRegister): bigint {
  return (
    place(LR.virtualId, entry.virtualId) |
    place(LR.physicalId, entry.physical) |
    place(LR.priority, entry.priority) |
    place(LR.group1, entry.group) |
    place(LR.hw, Number(entry.isHardware)) |
    place(LR.pending, Number(entry.isPending)) |
    place(LR.active, Number(entry.isActive))
  );
}

function decode(value: bigint): ListRegister {
  const part = (field: RegisterField): number => Number((value & fieldMask(field)) >> BigInt(field.low));
  return {
    virtualId: part(LR.virtualId),
    physical: part(LR.physicalId),
    isHardware: part(LR.hw) === 1,
    priority: part(LR.priority) & PRIORITY_MASK,
    group: part(LR.group1) === 0 ? 0 : 1,
    isPending: part(LR.pending) === 1,
    isActive: part(LR.active) === 1,
  };
}

function place({ low }: RegisterField, value: number): bigint {
  return BigInt(value) << BigInt(low);
}
