// GICv2's virtual interface: list registers as a bank of interrupts for a guest, and the hypervisor's view (GICH).
//
// Relies on gicv2-cpu-interface.ts, whose state the registers vmcr and apr show. Completing a virtual interrupt that has
// a physical one behind it deactivates that too.

import { GICV2_LIST_REGISTERS, gicv2Fields } from "../../spec/devices/gicv2.ts";
import { fieldMasks } from "../../spec/devices/schema.ts";
import {
  initialCpuInterface,
  VIRTUAL_SHAPE,
  type Candidate,
  type CpuInterface,
  type CpuInterfaceState,
  type InterruptBank,
} from "./gicv2-cpu-interface.ts";
import type { RegisterHandlers, RegisterModel } from "./register-table.ts";

const HCR = fieldMasks(gicv2Fields.gichHcr);
const VMCR = fieldMasks(gicv2Fields.gichVmcr);
const MISR = fieldMasks(gicv2Fields.gichMisr);
const LR = fieldMasks(gicv2Fields.gichLr);
const HCR_MASK = Object.values(HCR).reduce((all, mask) => all | mask, 0);
const LR_MASK = Object.values(LR).reduce((all, mask) => all | mask, 0);
const EOI_COUNT_ONE = HCR.eoiCount & -HCR.eoiCount;

/** One CPU's virtual interface: plain data. */
export interface VirtualCpuState {
  hcr: number;
  readonly lr: number[];
  readonly interface: CpuInterfaceState;
}

export function initialVirtualCpu(): VirtualCpuState {
  return {
    hcr: 0,
    lr: Array.from({ length: GICV2_LIST_REGISTERS }, () => 0),
    interface: initialCpuInterface(VIRTUAL_SHAPE),
  };
}

/** The list registers of one CPU. */
export class VirtualInterrupts implements InterruptBank {
  private readonly current: () => VirtualCpuState;
  private readonly deactivatePhysical: (id: number) => void;

  constructor(current: () => VirtualCpuState, deactivatePhysical: (id: number) => void) {
    this.current = current;
    this.deactivatePhysical = deactivatePhysical;
  }

  forwards(): boolean {
    return (this.current().hcr & HCR.en) !== 0;
  }

  needsMaintenance(): boolean {
    return this.forwards() && this.maintenance() !== 0;
  }

  best(): Candidate | null {
    let found: Candidate | null = null;
    for (const entry of this.current().lr) {
      if (!isOnlyPending(entry)) continue;
      const candidate = asCandidate(entry);
      if (found === null || candidate.priority < found.priority) found = candidate;
    }
    return found;
  }

  find(id: number): Candidate | null {
    const entry = this.current().lr[this.indexOf(id)];
    return entry === undefined ? null : asCandidate(entry);
  }

  activate(id: number): number {
    const index = this.indexOf(id);
    const entry = this.current().lr[index] ?? 0;
    this.current().lr[index] = ((entry & ~LR.pending) | LR.active) >>> 0;
    const sender = id < 16 ? (entry & LR.cpuId) >>> 10 : 0;
    return id | (sender << 10);
  }

  deactivate(id: number, isDrop: boolean): void {
    const index = this.indexOf(id);
    const entry = this.current().lr[index] ?? 0;
    if ((entry & LR.active) === 0) {
      // No list register was active: the hypervisor has moved it to memory and counts.
      if (isDrop) this.current().hcr = countEnd(this.current().hcr);
      return;
    }
    this.current().lr[index] = (entry & ~LR.active) >>> 0;
    if (entry & LR.hw) this.deactivatePhysical((entry & LR.physicalId) >>> 10);
  }

  /** One bit a list register that was completed and asked for maintenance. */
  ended(): number {
    return this.bitsWhere((entry) => isEmpty(entry) && asksForMaintenance(entry));
  }

  /** One bit a list register that may be filled. */
  empty(): number {
    return this.bitsWhere((entry) => isEmpty(entry) && !asksForMaintenance(entry));
  }

  /** GICH_MISR. */
  maintenance(): number {
    const { hcr, lr, interface: own } = this.current();
    const hasGroup = (bit: number): boolean => (own.ctlr & bit) !== 0;
    const reasons: readonly (readonly [number, boolean])[] = [
      [MISR.eoi, this.ended() !== 0],
      [MISR.u, (hcr & HCR.uie) !== 0 && lr.filter((entry) => !isEmpty(entry)).length < 2],
      [MISR.lrenp, (hcr & HCR.lrenpie) !== 0 && (hcr & HCR.eoiCount) !== 0],
      [MISR.np, (hcr & HCR.npie) !== 0 && !lr.some(isOnlyPending)],
      [MISR.vgrp0e, (hcr & HCR.vgrp0eie) !== 0 && hasGroup(1)],
      [MISR.vgrp0d, (hcr & HCR.vgrp0die) !== 0 && !hasGroup(1)],
      [MISR.vgrp1e, (hcr & HCR.vgrp1eie) !== 0 && hasGroup(2)],
      [MISR.vgrp1d, (hcr & HCR.vgrp1die) !== 0 && !hasGroup(2)],
    ];
    return reasons.reduce((all, [bit, isSet]) => (isSet ? all | bit : all), 0);
  }

  private indexOf(id: number): number {
    return this.current().lr.findIndex((entry) => !isEmpty(entry) && (entry & LR.virtualId) === id);
  }

  private bitsWhere(test: (entry: number) => boolean): number {
    return this.current().lr.reduce((bits, entry, index) => (test(entry) ? bits | (1 << index) : bits), 0);
  }
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
      read: (index) => BigInt(at().state.lr[index] ?? 0),
      write: (value, index) => {
        at().state.lr[index] = (Number(value) & LR_MASK) >>> 0;
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

function isEmpty(entry: number): boolean {
  return (entry & (LR.pending | LR.active)) === 0;
}

function isOnlyPending(entry: number): boolean {
  return (entry & (LR.pending | LR.active)) === LR.pending;
}

function asksForMaintenance(entry: number): boolean {
  return (entry & LR.hw) === 0 && (entry & LR.eoi) !== 0;
}

function asCandidate(entry: number): Candidate {
  return {
    id: entry & LR.virtualId,
    priority: ((entry & LR.priority) >>> 23) << 3,
    group: (entry & LR.group1) === 0 ? 0 : 1,
  };
}

function countEnd(hcr: number): number {
  const count = ((hcr & HCR.eoiCount) + EOI_COUNT_ONE) & HCR.eoiCount;
  return ((hcr & ~HCR.eoiCount) | count) >>> 0;
}
