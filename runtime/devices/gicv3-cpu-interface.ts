// GICv3's CPU interface: the registers ICC_*, by the names of spec/devices/gicv3.ts.
//
// Relies on a bank of interrupts as GICv2's does. One security state: group 0 is FIQ, group 1 is IRQ. The registers
// that end an interrupt of the other group ignore it.

import { GIC_SPURIOUS } from "../../spec/devices/gicv2.ts";
import { GICV3_PRIORITY_BITS, gicv3Fields } from "../../spec/devices/gicv3.ts";
import { fieldMasks } from "../../spec/devices/schema.ts";
import { IDLE_PRIORITY, type Candidate, type InterruptBank } from "./gicv2-cpu-interface.ts";

const CTLR = fieldMasks(gicv3Fields.iccCtlr);
/** PRIbits, 24-bit interrupt numbers as QEMU says, affinity level 3. */
const CTLR_FIXED = ((GICV3_PRIORITY_BITS - 1) << 8) | (1 << 11) | CTLR.a3v;
const SRE_FIXED = 7n;
const UNUSED_BITS = 8 - GICV3_PRIORITY_BITS;
const PRIORITY_MASK = 0xff & (0xff << UNUSED_BITS);
const MINIMUM_BPR = UNUSED_BITS - 1;

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

/** Sends a software interrupt: `value` as stored to ICC_SGI*R. */
export type SendSoftwareInterrupt = (value: bigint, group: 0 | 1) => void;

interface SystemRegisterHandlers {
  readonly read?: () => bigint;
  readonly write?: (value: bigint) => void;
}

export class Gicv3CpuInterface {
  /** By name; a missing handler reads as zero or ignores. */
  readonly registers: Readonly<Record<string, SystemRegisterHandlers>>;
  private readonly current: () => IccState;
  private readonly bank: InterruptBank;

  constructor(current: () => IccState, bank: InterruptBank, send: SendSoftwareInterrupt) {
    this.current = current;
    this.bank = bank;
    this.registers = {
      icc_pmr_el1: {
        read: () => BigInt(current().pmr),
        write: (value) => (current().pmr = Number(value) & PRIORITY_MASK),
      },
      icc_rpr_el1: { read: () => BigInt(Math.min(this.runningPriority(), 0xff)) },
      icc_dir_el1: { write: (value) => this.deactivate(Number(value & 0xff_ffffn)) },
      icc_ctlr_el1: {
        read: () => BigInt(current().ctlr | CTLR_FIXED),
        write: (value) => (current().ctlr = Number(value) & (CTLR.cbpr | CTLR.eoiMode)),
      },
      icc_sre_el1: { read: () => SRE_FIXED },
      icc_sre_el2: { read: () => SRE_FIXED | 8n },
      icc_sgi0r_el1: { write: (value) => send(value, 0) },
      icc_sgi1r_el1: { write: (value) => send(value, 1) },
      icc_asgi1r_el1: { write: (value) => send(value, 0) },
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

  private groupRegisters(group: 0 | 1): Readonly<Record<string, SystemRegisterHandlers>> {
    const { current } = this;
    return {
      [`icc_iar${group}_el1`]: { read: () => BigInt(this.acknowledge(group)) },
      [`icc_eoir${group}_el1`]: { write: (value) => this.end(Number(value & 0xff_ffffn), group) },
      [`icc_hppir${group}_el1`]: { read: () => BigInt(this.visiblePending(group)?.id ?? GIC_SPURIOUS.none) },
      [`icc_bpr${group}_el1`]: {
        read: () => BigInt(this.binaryPoint(group)),
        write: (value) => this.storeBinaryPoint(group, Number(value & 7n)),
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
    const { apr } = this.current();
    const active = apr[0] | apr[1];
    return active === 0 ? IDLE_PRIORITY : lowestBit(active) << UNUSED_BITS;
  }

  /** With CBPR, both groups have group 0's binary point. */
  private sharesBinaryPoint(group: 0 | 1): boolean {
    return group === 1 && (this.current().ctlr & CTLR.cbpr) !== 0;
  }

  private binaryPoint(group: 0 | 1): number {
    const { bpr } = this.current();
    return this.sharesBinaryPoint(group) ? Math.min(bpr[0] + 1, 7) : bpr[group];
  }

  private storeBinaryPoint(group: 0 | 1, value: number): void {
    if (!this.sharesBinaryPoint(group)) this.current().bpr[group] = Math.max(value, MINIMUM_BPR + group);
  }

  private groupPriority({ priority, group }: Candidate): number {
    const { bpr } = this.current();
    const point = group === 0 || this.sharesBinaryPoint(group) ? bpr[0] : bpr[1] - 1;
    return priority & (-1 << (point + 1)) & 0xff;
  }

  /** The most urgent interrupt of a group that is enabled here and at the distributor. */
  private pending(): Candidate | null {
    const best = this.bank.best();
    return best !== null && this.current().isEnabled[best.group] ? best : null;
  }

  private preempts(candidate: Candidate): boolean {
    if (candidate.priority >= this.current().pmr) return false;
    const running = this.runningPriority();
    return running === IDLE_PRIORITY || this.groupPriority(candidate) < running;
  }

  private visiblePending(group: 0 | 1): Candidate | null {
    const pending = this.pending();
    return pending?.group === group ? pending : null;
  }

  private acknowledge(group: 0 | 1): number {
    const candidate = this.visiblePending(group);
    if (candidate === null || !this.preempts(candidate)) return GIC_SPURIOUS.none;
    const level = this.groupPriority(candidate) >>> UNUSED_BITS;
    const { apr } = this.current();
    apr[group] = (apr[group] | (1 << level)) >>> 0;
    return this.bank.activate(candidate.id);
  }

  private end(id: number, group: 0 | 1): void {
    const { apr, ctlr } = this.current();
    const { [0]: other0, [1]: other1 } = apr;
    // Only the group that runs can end something.
    const running = other0 | other1;
    if (this.bank.find(id) === null || running === 0) return;
    const bit = running & -running;
    if ((apr[group] & bit) === 0) return;
    apr[group] = (apr[group] & ~bit) >>> 0;
    if ((ctlr & CTLR.eoiMode) === 0) this.bank.deactivate(id, true);
  }

  private deactivate(id: number): void {
    if ((this.current().ctlr & CTLR.eoiMode) !== 0) this.bank.deactivate(id, true);
  }
}

function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}
