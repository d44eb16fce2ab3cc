// GICv3's CPU interface, physical (ICC) or virtual (ICV): the registers ICC_*, by the names of spec/devices/gicv3.ts.
//
// Relies on a bank of interrupts as GICv2's does: the distributor's, or list registers. One security state: group 0 is
// FIQ, group 1 is IRQ. The physical registers that end an interrupt of the other group ignore it; the virtual ones drop
// the priority first, as QEMU does where the architecture leaves the order open.

import { GIC_SPECIAL, GIC_SPURIOUS } from "../../spec/devices/gicv2.ts";
import { GICV3_PRIORITY_BITS, gicv3Fields } from "../../spec/devices/gicv3.ts";
import { fieldMasks } from "../../spec/devices/schema.ts";
import { isSpecial, type VirtualInterrupts } from "./gic-list-registers.ts";
import { IDLE_PRIORITY, type Candidate, type InterruptBank } from "./gicv2-cpu-interface.ts";

const CTLR = fieldMasks(gicv3Fields.iccCtlr);
/** PRIbits, 24-bit interrupt numbers as QEMU says, affinity level 3. */
const CTLR_FIXED = ((GICV3_PRIORITY_BITS - 1) << 8) | (1 << 11) | CTLR.a3v;
const UNUSED_BITS = 8 - GICV3_PRIORITY_BITS;
const PRIORITY_MASK = 0xff & (0xff << UNUSED_BITS);
const MINIMUM_BPR = UNUSED_BITS - 1;
const ID_MASK = 0xff_ffffn;

/** Plain data; pairs are by group. */
export interface IccState {
  ctlr: number;
  pmr: number;
  readonly bpr: [number, number];
  readonly apr: [number, number];
  readonly isEnabled: [boolean, boolean];
}

export function initialIcc(): IccState {
  return { ctlr: 0, pmr: 0, bpr: [MINIMUM_BPR, MINIMUM_BPR + 1], apr: [0, 0], isEnabled: [false, false] };
}

/** What a system register does; a missing handler reads as zero or ignores. */
export interface SystemRegisterHandlers {
  readonly read?: () => bigint;
  readonly write?: (value: bigint) => void;
}

/** Handlers by name of the register. */
export type SystemRegisterModel = Readonly<Record<string, SystemRegisterHandlers>>;

export class Gicv3CpuInterface {
  readonly registers: SystemRegisterModel;
  protected readonly current: () => IccState;
  private readonly bank: InterruptBank;

  constructor(current: () => IccState, bank: InterruptBank) {
    this.current = current;
    this.bank = bank;
    this.registers = {
      icc_pmr_el1: {
        read: () => BigInt(current().pmr),
        write: (value) => (current().pmr = Number(value & 0xffn) & PRIORITY_MASK),
      },
      icc_rpr_el1: { read: () => BigInt(Math.min(this.runningPriority(), 0xff)) },
      icc_dir_el1: { write: (value) => this.deactivate(Number(value & ID_MASK)) },
      icc_ctlr_el1: {
        read: () => BigInt(current().ctlr | CTLR_FIXED),
        write: (value) => (current().ctlr = Number(value & 0xffn) & (CTLR.cbpr | CTLR.eoiMode)),
      },
      ...this.groupRegisters(0),
      ...this.groupRegisters(1),
    };
  }

  /** What the interface signals to its CPU. */
  signals(): { readonly irq: boolean; readonly fiq: boolean } {
    const best = this.pending();
    const isSignalled = best !== null && this.preempts(best);
    return { irq: isSignalled && best.group === 1, fiq: isSignalled && best.group === 0 };
  }

  /** Values below the least that exists become that. */
  storeBinaryPoint(group: 0 | 1, value: number): void {
    this.current().bpr[group] = Math.max(value, MINIMUM_BPR + group);
  }

  protected groupPriority({ priority, group }: Pick<Candidate, "priority" | "group">): number {
    return priority & this.groupMask(group);
  }

  /** Ends the interrupt that runs, and deactivates it unless that is a step of its own. */
  protected end(id: number, group: 0 | 1): void {
    const running = this.highestActive();
    // Only the group that runs can end something.
    if (this.bank.find(id) === null || running?.group !== group) return;
    this.drop(running);
    if (!this.splitsEnd()) this.bank.deactivate(id, true);
  }

  /** The most urgent active priority and its group, group 0 among equals. */
  protected highestActive(): { readonly level: number; readonly group: 0 | 1 } | null {
    const { apr } = this.current();
    const active = apr[0] | apr[1];
    if (active === 0) return null;
    const level = lowestBit(active);
    return { level, group: ((apr[0] >>> level) & 1) === 1 ? 0 : 1 };
  }

  protected drop({ level, group }: { readonly level: number; readonly group: 0 | 1 }): void {
    const { apr } = this.current();
    apr[group] = (apr[group] & ~(1 << level)) >>> 0;
  }

  /** True: EOIR drops the priority only, DIR deactivates. */
  protected splitsEnd(): boolean {
    return (this.current().ctlr & CTLR.eoiMode) !== 0;
  }

  private groupRegisters(group: 0 | 1): SystemRegisterModel {
    const { current } = this;
    return {
      [`icc_iar${group}_el1`]: { read: () => BigInt(this.acknowledge(group)) },
      [`icc_eoir${group}_el1`]: { write: (value) => this.end(Number(value & ID_MASK), group) },
      [`icc_hppir${group}_el1`]: { read: () => BigInt(this.visiblePending(group)?.id ?? GIC_SPURIOUS.none) },
      [`icc_bpr${group}_el1`]: {
        read: () => BigInt(this.binaryPoint(group)),
        write: (value) => {
          if (!this.sharesBinaryPoint(group)) this.storeBinaryPoint(group, Number(value & 7n));
        },
      },
      [`icc_ap${group}r0_el1`]: {
        read: () => BigInt(current().apr[group]),
        write: (value) => (current().apr[group] = Number(value & 0xffff_ffffn)),
      },
      [`icc_igrpen${group}_el1`]: {
        read: () => BigInt(current().isEnabled[group]),
        write: (value) => (current().isEnabled[group] = (value & 1n) === 1n),
      },
    };
  }

  private runningPriority(): number {
    const active = this.highestActive();
    return active === null ? IDLE_PRIORITY : active.level << UNUSED_BITS;
  }

  /** With CBPR, both groups have group 0's binary point. */
  private sharesBinaryPoint(group: 0 | 1): boolean {
    return group === 1 && (this.current().ctlr & CTLR.cbpr) !== 0;
  }

  private binaryPoint(group: 0 | 1): number {
    const { bpr } = this.current();
    return this.sharesBinaryPoint(group) ? Math.min(bpr[0] + 1, 7) : bpr[group];
  }

  /** The bits of a priority that decide about preemption. */
  private groupMask(group: 0 | 1): number {
    const { bpr } = this.current();
    const point = group === 0 || this.sharesBinaryPoint(group) ? bpr[0] : bpr[1] - 1;
    return (-1 << (point + 1)) & 0xff;
  }

  /** The most urgent interrupt of a group that is enabled here. */
  private pending(): Candidate | null {
    const best = this.bank.best();
    return best !== null && this.current().isEnabled[best.group] ? best : null;
  }

  private preempts({ priority, group }: Candidate): boolean {
    if (!this.bank.forwards(group) || priority >= this.current().pmr) return false;
    const running = this.runningPriority();
    const mask = this.groupMask(group);
    return running === IDLE_PRIORITY || (priority & mask) < (running & mask);
  }

  private visiblePending(group: 0 | 1): Candidate | null {
    const pending = this.pending();
    return pending?.group === group && pending.priority < 0xff ? pending : null;
  }

  private acknowledge(group: 0 | 1): number {
    const candidate = this.visiblePending(group);
    if (candidate === null || !this.preempts(candidate)) return GIC_SPURIOUS.none;
    if (!isSpecial(candidate.id)) {
      const level = this.groupPriority(candidate) >>> UNUSED_BITS;
      const { apr } = this.current();
      apr[group] = (apr[group] | (1 << level)) >>> 0;
    }
    this.bank.activate(candidate.id);
    return candidate.id;
  }

  private deactivate(id: number): void {
    if (id < GIC_SPECIAL && this.splitsEnd()) this.bank.deactivate(id, true);
  }
}

/** The interface that a guest meets under a hypervisor: its interrupts are those of list registers. */
export class Gicv3VirtualCpuInterface extends Gicv3CpuInterface {
  private readonly list: VirtualInterrupts;

  constructor(current: () => IccState, list: VirtualInterrupts) {
    super(current, list);
    this.list = list;
  }

  protected override end(id: number, group: 0 | 1): void {
    const running = this.highestActive();
    if (isSpecial(id) || running === null) return;
    this.drop(running);
    const ended = this.list.findActive(id);
    // Not among the list registers: counted.
    if (ended === null) {
      this.list.deactivate(id, true);
      return;
    }
    const isRunning = ended.group === group && this.groupPriority(ended) === running.level << UNUSED_BITS;
    if (isRunning && !this.splitsEnd()) this.list.deactivate(id, true);
  }
}

function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}
