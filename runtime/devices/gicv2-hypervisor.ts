// GICv2's virtual interface as a hypervisor sees it (GICH): its registers and how they encode the list registers.
//
// Relies on gic-list-registers.ts, and on gicv2-cpu-interface.ts, whose state the registers vmcr and apr show.

import { GICV2_LIST_REGISTERS, gicv2Fields } from "../../spec/devices/gicv2.ts";
import { fieldMasks } from "../../spec/devices/schema.ts";
import { initialVirtualList, type ListRegister, type VirtualInterrupts, type VirtualList } from "./gic-list-registers.ts"; // prettier-ignore
import {
  initialCpuInterface,
  VIRTUAL_SHAPE,
  type CpuInterface,
  type CpuInterfaceState,
} from "./gicv2-cpu-interface.ts";
import type { RegisterHandlers, RegisterModel } from "./register-table.ts";

const HCR = fieldMasks(gicv2Fields.gichHcr);
const VMCR = fieldMasks(gicv2Fields.gichVmcr);
const LR = fieldMasks(gicv2Fields.gichLr);
const HCR_MASK = Object.values(HCR).reduce((all, mask) => all | mask, 0);

/** One CPU's virtual interface: plain data. */
export interface VirtualCpuState extends VirtualList {
  readonly interface: CpuInterfaceState;
}

export function initialVirtualCpu(): VirtualCpuState {
  return { ...initialVirtualList(GICV2_LIST_REGISTERS), interface: initialCpuInterface(VIRTUAL_SHAPE) };
}

/** What the accessing CPU's hypervisor can see and change. */
export interface HypervisorView {
  readonly state: VirtualCpuState;
  readonly interrupts: VirtualInterrupts;
  readonly cpuInterface: CpuInterface;
}

/** Registers of GICH. */
export function hypervisorModel(at: () => HypervisorView, changed: () => void): RegisterModel {
  const word = (read: (view: HypervisorView) => number): RegisterHandlers["read"] => {
    return (index) => (index === 0 ? BigInt(read(at()) >>> 0) : 0n);
  };
  return {
    hcr: {
      read: () => BigInt(at().state.hcr >>> 0),
      write: (value) => {
        at().state.hcr = (Number(value) & HCR_MASK) >>> 0;
        changed();
      },
    },
    vmcr: {
      read: () => BigInt(loadVmcr(at().state.interface)),
      write: (value) => {
        storeVmcr(at(), Number(value));
        changed();
      },
    },
    misr: { read: () => BigInt(at().interrupts.maintenance()) },
    eisr: { read: word((view) => view.interrupts.ended()) ?? (() => 0n) },
    elrsr: { read: word((view) => view.interrupts.empty()) ?? (() => 0n) },
    apr: {
      read: () => BigInt(at().state.interface.apr[0] ?? 0),
      write: (value) => {
        at().state.interface.apr[0] = Number(value);
        changed();
      },
    },
    lr: {
      read: (index) => {
        const entry = at().state.lr[index];
        return BigInt(entry === undefined ? 0 : encode(entry));
      },
      write: (value, index) => {
        at().state.lr[index] = decode(Number(value));
        changed();
      },
    },
  };
}

function loadVmcr({ ctlr, abpr, bpr, pmr }: CpuInterfaceState): number {
  return (ctlr | (abpr << 18) | (bpr << 21) | ((pmr >>> 3) << 27)) >>> 0;
}

function storeVmcr({ state, cpuInterface }: HypervisorView, value: number): void {
  const own = state.interface;
  cpuInterface.storeCtlr(value & VMCR.vmCtlr);
  own.abpr = Math.max((value & VMCR.vabp) >>> 18, VIRTUAL_SHAPE.minimumBpr + 1);
  own.bpr = Math.max((value & VMCR.vbp) >>> 21, VIRTUAL_SHAPE.minimumBpr);
  cpuInterface.storePmr(((value & VMCR.vpmask) >>> 27) << 3);
}

function encode(entry: ListRegister): number {
  const flags =
    (entry.isPending ? LR.pending : 0) |
    (entry.isActive ? LR.active : 0) |
    (entry.group === 1 ? LR.group1 : 0) |
    (entry.isHardware ? LR.hw : 0);
  return (flags | entry.virtualId | (entry.physical << 10) | ((entry.priority >>> 3) << 23)) >>> 0;
}

function decode(value: number): ListRegister {
  return {
    virtualId: value & LR.virtualId,
    physical: (value & LR.physicalId) >>> 10,
    isHardware: (value & LR.hw) !== 0,
    priority: ((value & LR.priority) >>> 23) << 3,
    group: (value & LR.group1) === 0 ? 0 : 1,
    isPending: (value & LR.pending) !== 0,
    isActive: (value & LR.active) !== 0,
  };
}
