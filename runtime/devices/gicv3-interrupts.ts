// A set of a GICv3's interrupts, shared or one CPU's own: its state and the registers that distributor and redistributor
// have alike.
//
// Relies on register-table.ts. A level-sensitive interrupt is pending while its line is high or after a store to
// ISPENDR.

import type { InterruptLine } from "../core/interrupt-line.ts";
import type { RegisterHandlers, RegisterModel } from "./register-table.ts";

/** Plain data, by interrupt. */
export interface InterruptSet {
  readonly isEnabled: boolean[];
  readonly isPending: boolean[];
  readonly isActive: boolean[];
  readonly level: boolean[];
  readonly isGroup1: boolean[];
  readonly isEdge: boolean[];
  readonly priority: number[];
}

/** `count` interrupts, of which the first `edges` are edge-triggered for good. */
export function emptySet(count: number, edges: number): InterruptSet {
  const every = (test: (index: number) => boolean): boolean[] =>
    Array.from({ length: count }, (_, i) => test(i));
  const no = (): boolean => false;
  return {
    isEnabled: every(no),
    isPending: every(no),
    isActive: every(no),
    level: every(no),
    isGroup1: every(no),
    isEdge: every((index) => index < edges),
    priority: Array.from({ length: count }, () => 0),
  };
}

/** The group of the interrupt at `index`. */
export function groupOf({ isGroup1 }: InterruptSet, index: number): 0 | 1 {
  return isGroup1[index] === true ? 1 : 0;
}

/** Whether it would be taken if nothing were more urgent. */
function isCandidate(set: InterruptSet, index: number): boolean {
  if (set.isEnabled[index] !== true || set.isActive[index] === true) return false;
  return isRequested(set, index);
}

/** The most urgent one that would be taken, the lowest number among equals, of those that are eligible; -1: none. */
export function mostUrgent(set: InterruptSet, isEligible: (index: number) => boolean): number {
  let found = -1;
  let least = 0x100;
  for (let index = 0; index < set.priority.length; index += 1) {
    if (!isCandidate(set, index) || !isEligible(index)) continue;
    const priority = set.priority[index] ?? 0;
    if (priority >= least) continue;
    found = index;
    least = priority;
  }
  return found;
}

/** The line of the interrupt at `index`. */
export function setLine(set: () => InterruptSet, index: number, changed: () => void): InterruptLine {
  return {
    set: (level) => {
      if (set().level[index] === level) return;
      set().level[index] = level;
      if (level && set().isEdge[index] === true) set().isPending[index] = true;
      changed();
    },
  };
}

type Flags = "isEnabled" | "isPending" | "isActive" | "isGroup1";

/** Registers from igroupr to icfgr; `edges` as in `emptySet`. */
export function setRegisters(set: () => InterruptSet, edges: number, changed: () => void): RegisterModel {
  const read = (test: (index: number) => boolean): RegisterHandlers["read"] => {
    return (word) => {
      let value = 0;
      for (let bit = 0; bit < 32; bit += 1) if (test(32 * word + bit)) value |= 1 << bit;
      return BigInt(value >>> 0);
    };
  };
  const write = (flags: Flags, isSet: boolean): RegisterHandlers["write"] => {
    return (value, word) => {
      for (let bit = 0; bit < 32; bit += 1) {
        if (((Number(value) >>> bit) & 1) === 1) set()[flags][32 * word + bit] = isSet;
      }
      changed();
    };
  };
  const handlers = (
    shown: RegisterHandlers["read"],
    stored: RegisterHandlers["write"],
    narrowStores: "merge" | "extend",
  ): RegisterHandlers => ({ ...(shown && { read: shown }), ...(stored && { write: stored }), narrowStores });
  const pair = (
    name: string,
    flags: Flags,
    shown = read((index) => set()[flags][index] === true),
  ): RegisterModel => ({
    [`is${name}`]: handlers(shown, write(flags, true), "extend"),
    [`ic${name}`]: handlers(shown, write(flags, false), "extend"),
  });
  const pending = read((index) => isRequested(set(), index));
  const groups: RegisterHandlers["write"] = (value, word) => {
    for (let bit = 0; bit < 32; bit += 1) {
      set().isGroup1[32 * word + bit] = ((Number(value) >>> bit) & 1) === 1;
    }
    changed();
  };
  return {
    igroupr: handlers(
      read((index) => set().isGroup1[index] === true),
      groups,
      "merge",
    ),
    ...pair("enabler", "isEnabled"),
    ...pair("pendr", "isPending", pending),
    ...pair("activer", "isActive"),
    ipriorityr: {
      read: (index) => BigInt(set().priority[index] ?? 0),
      write: (value, index) => {
        set().priority[index] = Number(value);
        changed();
      },
    },
    icfgr: configuration(set, edges, changed),
  };
}

/** Two bits an interrupt, of which the upper one says that it is edge-triggered. */
function configuration(set: () => InterruptSet, edges: number, changed: () => void): RegisterHandlers {
  return {
    read: (word) => {
      let value = 0;
      for (let at = 0; at < 16; at += 1) if (set().isEdge[16 * word + at] === true) value |= 2 << (2 * at);
      return BigInt(value >>> 0);
    },
    write: (value, word) => {
      for (let at = 0; at < 16; at += 1) {
        const index = 16 * word + at;
        if (index >= edges) set().isEdge[index] = ((Number(value) >>> (2 * at)) & 2) !== 0;
      }
      changed();
    },
    narrowStores: "merge",
  };
}

function isRequested(set: InterruptSet, index: number): boolean {
  return set.isPending[index] === true || (set.isEdge[index] !== true && set.level[index] === true);
}
