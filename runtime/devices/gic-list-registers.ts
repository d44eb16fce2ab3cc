// List registers of a GIC's virtual interface: the interrupts that a hypervisor has listed for the guest that runs.
//
// Relies on gicv2-cpu-interface.ts for what an interface chooses from. GICv2 and GICv3 encode the registers differently
// (gicv2-hypervisor.ts, gicv3-hypervisor.ts) and mean the same. Completing a virtual interrupt that has a physical one
// behind it deactivates that too.

import { GIC_SPECIAL, GIC_SPURIOUS, gicv2Fields } from "../../spec/devices/gicv2.ts";
import { fieldMasks } from "../../spec/devices/schema.ts";
import type { Candidate, InterruptBank } from "./gicv2-cpu-interface.ts";

const HCR = fieldMasks(gicv2Fields.gichHcr);
const MISR = fieldMasks(gicv2Fields.gichMisr);
const EOI_COUNT_ONE = HCR.eoiCount & -HCR.eoiCount;
/** In `physical` of an entry without hardware: its end asks for maintenance. */
const ASKS_FOR_MAINTENANCE = 1 << 9;

/** One list register: plain data, replaced as a whole. */
export interface ListRegister {
  readonly virtualId: number;
  /** The interrupt behind it; without hardware the field is for software, but for one bit. */
  readonly physical: number;
  readonly isHardware: boolean;
  readonly priority: number;
  readonly group: 0 | 1;
  readonly isPending: boolean;
  readonly isActive: boolean;
}

/** What is after power-on. */
export const EMPTY_LIST_REGISTER: ListRegister = {
  virtualId: 0,
  physical: 0,
  isHardware: false,
  priority: 0,
  group: 0,
  isPending: false,
  isActive: false,
};

/** A hypervisor's controls and list registers of one CPU: plain data. */
export interface VirtualList {
  hcr: number;
  readonly lr: ListRegister[];
}

export function initialVirtualList(registers: number): VirtualList {
  return { hcr: 0, lr: Array.from({ length: registers }, () => EMPTY_LIST_REGISTER) };
}

/** What list registers are wired to. */
export interface VirtualWiring {
  /** The guest has enabled this group at its interface. */
  readonly isEnabled: (group: 0 | 1) => boolean;
  /** True: interrupts of a group that is not enabled hide no other ones. */
  readonly skipsDisabledGroups: boolean;
  readonly deactivatePhysical: (id: number) => void;
}

/** The list registers of one CPU as interrupts to choose from. */
export class VirtualInterrupts implements InterruptBank {
  private readonly current: () => VirtualList;
  private readonly wiring: VirtualWiring;

  constructor(current: () => VirtualList, wiring: VirtualWiring) {
    this.current = current;
    this.wiring = wiring;
  }

  forwards(): boolean {
    return (this.current().hcr & HCR.en) !== 0;
  }

  needsMaintenance(): boolean {
    return this.forwards() && this.maintenance() !== 0;
  }

  best(): Candidate | null {
    const { skipsDisabledGroups, isEnabled } = this.wiring;
    let found: ListRegister | null = null;
    for (const entry of this.current().lr) {
      if (!isOnlyPending(entry) || (skipsDisabledGroups && !isEnabled(entry.group))) continue;
      if (found === null || entry.priority < found.priority) found = entry;
    }
    return found === null ? null : asCandidate(found);
  }

  find(id: number): Candidate | null {
    const entry = this.current().lr[this.indexOf(id)];
    return entry === undefined ? null : asCandidate(entry);
  }

  /** Like `find`, of those that are active. */
  findActive(id: number): Candidate | null {
    const entry = this.current().lr[this.indexOf(id)];
    return entry?.isActive === true ? asCandidate(entry) : null;
  }

  activate(id: number): number {
    const index = this.indexOf(id);
    const entry = this.current().lr[index];
    if (entry === undefined) return GIC_SPURIOUS.none;
    // What is no interrupt only goes away.
    this.current().lr[index] = { ...entry, isPending: false, isActive: !isSpecial(id) };
    // GICv2's software interrupts come with their sender.
    return id < 16 ? id | ((entry.physical & 7) << 10) : id;
  }

  deactivate(id: number, isDrop: boolean): void {
    const index = this.indexOf(id);
    const entry = this.current().lr[index];
    if (entry?.isActive !== true) {
      // No list register was active: the hypervisor has moved it to memory and counts.
      if (isDrop) this.current().hcr = countEnd(this.current().hcr);
      return;
    }
    this.current().lr[index] = { ...entry, isActive: false };
    if (entry.isHardware) this.wiring.deactivatePhysical(entry.physical);
  }

  /** One bit a list register that was completed and asked for maintenance. */
  ended(): number {
    return this.bitsWhere((entry) => isEmpty(entry) && asksForMaintenance(entry));
  }

  /** One bit a list register that may be filled. */
  empty(): number {
    return this.bitsWhere((entry) => isEmpty(entry) && !asksForMaintenance(entry));
  }

  /** Why maintenance is needed, as MISR says it. */
  maintenance(): number {
    const { hcr, lr } = this.current();
    const { isEnabled } = this.wiring;
    const reasons: readonly (readonly [number, boolean])[] = [
      [MISR.eoi, this.ended() !== 0],
      [MISR.u, (hcr & HCR.uie) !== 0 && lr.filter((entry) => !isEmpty(entry)).length < 2],
      [MISR.lrenp, (hcr & HCR.lrenpie) !== 0 && (hcr & HCR.eoiCount) !== 0],
      [MISR.np, (hcr & HCR.npie) !== 0 && !lr.some(isOnlyPending)],
      [MISR.vgrp0e, (hcr & HCR.vgrp0eie) !== 0 && isEnabled(0)],
      [MISR.vgrp0d, (hcr & HCR.vgrp0die) !== 0 && !isEnabled(0)],
      [MISR.vgrp1e, (hcr & HCR.vgrp1eie) !== 0 && isEnabled(1)],
      [MISR.vgrp1d, (hcr & HCR.vgrp1die) !== 0 && !isEnabled(1)],
    ];
    return reasons.reduce((all, [bit, isSet]) => (isSet ? all | bit : all), 0);
  }

  private indexOf(id: number): number {
    return this.current().lr.findIndex((entry) => !isEmpty(entry) && entry.virtualId === id);
  }

  private bitsWhere(test: (entry: ListRegister) => boolean): number {
    return this.current().lr.reduce((bits, entry, index) => (test(entry) ? bits | (1 << index) : bits), 0);
  }
}

/** Numbers that IAR gives instead of an interrupt. */
export function isSpecial(id: number): boolean {
  return id >= GIC_SPECIAL && id <= GIC_SPURIOUS.none;
}

function isEmpty({ isPending, isActive }: ListRegister): boolean {
  return !isPending && !isActive;
}

function isOnlyPending({ isPending, isActive }: ListRegister): boolean {
  return isPending && !isActive;
}

function asksForMaintenance({ isHardware, physical }: ListRegister): boolean {
  return !isHardware && (physical & ASKS_FOR_MAINTENANCE) !== 0;
}

function asCandidate({ virtualId: id, priority, group }: ListRegister): Candidate {
  return { id, priority, group };
}

function countEnd(hcr: number): number {
  const count = ((hcr & HCR.eoiCount) + EOI_COUNT_ONE) & HCR.eoiCount;
  return ((hcr & ~HCR.eoiCount) | count) >>> 0;
}
