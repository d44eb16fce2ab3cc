// GICv2's CPU interface, physical (GICC) or virtual (GICV): masks, preemption, taking and completing interrupts.
//
// Relies on a bank of interrupts that it chooses from: the distributor, or a CPU's list registers. As QEMU's without
// security extensions: all accesses are secure ones, so IAR gives 1022 for group 1 unless CTLR.AckCtl is set.

import { GIC_SPECIAL, GIC_SPURIOUS, gicv2Fields } from "../../spec/devices/gicv2.ts";
import { fieldMasks } from "../../spec/devices/schema.ts";
import type { RegisterHandlers, RegisterModel } from "./register-table.ts";

const CTLR = fieldMasks(gicv2Fields.giccCtlr);
const CTLR_MASK = Object.values(CTLR).reduce((all, mask) => all | mask, 0);

/** The running priority while nothing is active: less urgent than any. */
export const IDLE_PRIORITY = 0x100;

/** Plain data. */
export interface CpuInterfaceState {
  ctlr: number;
  pmr: number;
  bpr: number;
  abpr: number;
  /** Active priorities: one bit a preemption level, by group. */
  readonly apr: number[];
  readonly nsapr: number[];
}

/** An interrupt that could be signalled. */
export interface Candidate {
  readonly id: number;
  readonly priority: number;
  readonly group: 0 | 1;
}

/** The interrupts of one CPU interface. */
export interface InterruptBank {
  /** Whether the distributor (or the hypervisor) lets interrupts of this group through to the interface. */
  forwards(group: 0 | 1): boolean;
  /** The most urgent one that is pending and not active, the lowest number among equals. */
  best(): Candidate | null;
  /** Null: there is no interrupt of this number. */
  find(id: number): Candidate | null;
  /** Pending becomes active; what IAR gives, with the sender of a software interrupt. */
  activate(id: number): number;
  /** `isDrop`: EOIR dropped a priority, or DIR was stored. */
  deactivate(id: number, isDrop: boolean): void;
}

/** What differs between the physical and the virtual interface. */
export interface CpuInterfaceShape {
  /** Bits of priorities that exist. */
  readonly priorityMask: number;
  readonly minimumBpr: number;
  /** True: the two groups have active priorities of their own. */
  readonly splitsGroups: boolean;
}

export const PHYSICAL_SHAPE: CpuInterfaceShape = {
  priorityMask: 0xff,
  minimumBpr: 0,
  splitsGroups: true,
};
export const VIRTUAL_SHAPE: CpuInterfaceShape = {
  priorityMask: 0xf8,
  minimumBpr: 2,
  splitsGroups: false,
};

export function initialCpuInterface({ minimumBpr }: CpuInterfaceShape): CpuInterfaceState {
  return { ctlr: 0, pmr: 0, bpr: minimumBpr, abpr: minimumBpr + 1, apr: [0, 0, 0, 0], nsapr: [0, 0, 0, 0] };
}

/** One CPU's interface. `changed` is called after whatever may change its outputs. */
export class CpuInterface {
  readonly bank: InterruptBank;
  private readonly current: () => CpuInterfaceState;
  private readonly shape: CpuInterfaceShape;

  constructor(current: () => CpuInterfaceState, bank: InterruptBank, shape: CpuInterfaceShape) {
    this.current = current;
    this.bank = bank;
    this.shape = shape;
  }

  /** What the interface signals to its CPU. */
  signals(): { readonly irq: boolean; readonly fiq: boolean } {
    const { ctlr } = this.current();
    const best = this.pending();
    const isSignalled =
      best !== null &&
      best.priority < this.runningPriority() &&
      this.bank.forwards(best.group) &&
      isGroupEnabled(this.current(), best.group);
    const isFiq = isSignalled && best.group === 0 && (ctlr & CTLR.fiqEn) !== 0;
    return { irq: isSignalled && !isFiq, fiq: isFiq };
  }

  runningPriority(): number {
    const { apr, nsapr } = this.current();
    for (const [word, bits] of apr.entries()) {
      const active = bits | (nsapr[word] ?? 0);
      if (active !== 0) return (32 * word + lowestBit(active)) << (this.shape.minimumBpr + 1);
    }
    return IDLE_PRIORITY;
  }

  loadIar(): number {
    const visible = this.visiblePending();
    if (visible >= GIC_SPURIOUS.group1) return visible;
    const candidate = this.bank.find(visible);
    if (candidate === null || candidate.priority >= this.runningPriority()) return GIC_SPURIOUS.none;
    const level = this.groupPriority(candidate) >>> (this.shape.minimumBpr + 1);
    const active = this.activePriorities(candidate.group);
    active[level >>> 5] = ((active[level >>> 5] ?? 0) | (1 << (level & 31))) >>> 0;
    return this.bank.activate(candidate.id);
  }

  storeEoir(value: number): void {
    const id = value & 0x3ff;
    if (id >= GIC_SPECIAL) return;
    const group = this.bank.find(id)?.group ?? null;
    if (this.shape.splitsGroups && group === null) return;
    const isDrop = this.runningPriority() !== IDLE_PRIORITY;
    if (!isDrop && this.shape.splitsGroups) return;
    this.dropPriority(group ?? 0);
    if (!this.splitsEnd()) this.bank.deactivate(id, isDrop);
  }

  storeDir(value: number): void {
    const id = value & 0x3ff;
    if (id < GIC_SPECIAL && this.splitsEnd()) this.bank.deactivate(id, true);
  }

  /** Registers of both windows; `apr` of the virtual one is one word. */
  static model(at: () => CpuInterface, changed: () => void): RegisterModel {
    const stored = (key: "bpr" | "abpr", more: number): RegisterHandlers => ({
      read: () => BigInt(at().current()[key]),
      write: (value) => {
        const least = at().shape.minimumBpr + more;
        at().current()[key] = Math.max(Number(value & 7n), least);
        changed();
      },
    });
    const bits = (key: "apr" | "nsapr"): RegisterHandlers => ({
      read: (word) => BigInt(at().current()[key][word] ?? 0),
      write: (value, word) => {
        if (!at().shape.splitsGroups && (key === "nsapr" || word > 0)) return;
        at().current()[key][word] = Number(value);
        changed();
      },
    });
    const action = (act: (gic: CpuInterface, value: number) => void): RegisterHandlers => ({
      write: (value) => {
        act(at(), Number(value));
        changed();
      },
    });
    return {
      ctlr: { read: () => BigInt(at().current().ctlr), ...action((gic, value) => gic.storeCtlr(value)) },
      pmr: { read: () => BigInt(at().current().pmr), ...action((gic, value) => gic.storePmr(value)) },
      bpr: stored("bpr", 0),
      abpr: stored("abpr", 1),
      iar: {
        read: () => {
          const id = at().loadIar();
          changed();
          return BigInt(id);
        },
      },
      eoir: action((gic, value) => gic.storeEoir(value)),
      rpr: { read: () => BigInt(Math.min(at().runningPriority(), 0xff)) },
      hppir: { read: () => BigInt(at().visiblePending()) },
      apr: bits("apr"),
      nsapr: bits("nsapr"),
      dir: action((gic, value) => gic.storeDir(value)),
    };
  }

  storeCtlr(value: number): void {
    this.current().ctlr = value & CTLR_MASK;
  }

  storePmr(value: number): void {
    this.current().pmr = value & this.shape.priorityMask;
  }

  /** The most urgent interrupt that PMR lets through, if any group is enabled at both ends. */
  private pending(): Candidate | null {
    const isOn = (this.current().ctlr & (CTLR.enableGrp0 | CTLR.enableGrp1)) !== 0;
    if (!isOn || !(this.bank.forwards(0) || this.bank.forwards(1))) return null;
    const best = this.bank.best();
    return best !== null && best.priority < this.current().pmr ? best : null;
  }

  private visiblePending(): number {
    const pending = this.pending();
    if (pending === null) return GIC_SPURIOUS.none;
    const isHidden = pending.group === 1 && (this.current().ctlr & CTLR.ackCtl) === 0;
    return isHidden ? GIC_SPURIOUS.group1 : pending.id;
  }

  private groupPriority({ priority, group }: Candidate): number {
    const { ctlr, bpr, abpr } = this.current();
    const point = group === 1 && (ctlr & CTLR.cbpr) === 0 ? abpr - 1 : bpr;
    return priority & (-1 << ((point & 7) + 1)) & 0xff;
  }

  private activePriorities(group: 0 | 1): number[] {
    const { apr, nsapr } = this.current();
    return group === 1 && this.shape.splitsGroups ? nsapr : apr;
  }

  private dropPriority(group: 0 | 1): void {
    const active = this.activePriorities(group);
    const word = active.findIndex((bits) => bits !== 0);
    const bits = active[word] ?? 0;
    if (word >= 0) active[word] = (bits & (bits - 1)) >>> 0;
  }

  /** True: EOIR drops the priority only, DIR deactivates. */
  private splitsEnd(): boolean {
    return (this.current().ctlr & CTLR.eoiMode) !== 0;
  }
}

/** Whether CTLR lets interrupts of this group be signalled. */
export function isGroupEnabled({ ctlr }: CpuInterfaceState, group: 0 | 1): boolean {
  return (ctlr & (group === 0 ? CTLR.enableGrp0 : CTLR.enableGrp1)) !== 0;
}

function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}
