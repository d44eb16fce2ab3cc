// Processor state that is no system register: PSTATE, banked stack pointers, and what the machine remembers of a hart.
// Sources: Arm DDI 0487, D1.3 (registers), C5.2.19 (SPSR). Relies on nothing.

import type { RegisterFile } from "../schema.ts";

/** Pieces of PSTATE beside the condition flags; `DAIF` and `SPSel` are the system registers of these names. */
export const stateFiles: readonly RegisterFile[] = [
  // PSTATE.EL and PSTATE.IL.
  { name: "el", width: 2, count: 1 },
  { name: "il", width: 1, count: 1 },
  // EL2's own stack pointer while it is not the selected one (SP_EL0 and SP_EL1 are system registers).
  { name: "sp_el2", width: 64, count: 1 },
  // Some remembered translation is of an address with a tag in its top byte.
  { name: "tagged", width: 1, count: 1 },
  // Waits for an interrupt (wfi), or for an event (wfe); is switched off.
  { name: "waiting", width: 1, count: 1 },
  { name: "waitingForEvent", width: 1, count: 1 },
  { name: "off", width: 1, count: 1 },
  // The event register, and when it was cleared, in nanoseconds; while waiting: when the wait began.
  { name: "event", width: 1, count: 1 },
  { name: "eventClearedAt", width: 64, count: 1 },
  // Levels of the interrupt inputs.
  { name: "irqLine", width: 1, count: 1 },
  { name: "fiqLine", width: 1, count: 1 },
  { name: "virqLine", width: 1, count: 1 },
  { name: "vfiqLine", width: 1, count: 1 },
  // PSTATE.SS holds while the hart's retired count is `stepFrom`; the step was or will be of a load exclusive.
  { name: "stepState", width: 1, count: 1 },
  { name: "stepFrom", width: 64, count: 1 },
  { name: "stepExclusive", width: 1, count: 1 },
  // When PMCCNTR_EL0 held the value of its file, and event counters those of theirs: nanoseconds, instructions.
  { name: "cycleStart", width: 64, count: 1 },
  { name: "eventTime", width: 64, count: 1 },
  { name: "eventRetired", width: 64, count: 1 },
];

/** Where PSTATE is in SPSR_ELx, by lowest bit. */
export const SPSR = {
  stackSelect: 0,
  level: 2,
  /** 32-bit state; never here. */
  narrow: 4,
  masks: 6,
  illegal: 20,
  step: 21,
  flags: ["flagV", "flagC", "flagZ", "flagN"],
  firstFlag: 28,
} as const;

/** Bits of PSTATE.DAIF as DAIF and SPSR hold them. */
export const MASK = { debug: 0x200n, error: 0x100n, irq: 0x80n, fiq: 0x40n, all: 0x3c0n } as const;

/** Control bits by their place. */
export const SCTLR = { mmu: 0, align: 1, stackCheck: 3, stackCheckEl0: 4, userMasks: 9, zeroBlockEl0: 14, userCacheType: 15, waitEl0: 16, eventEl0: 18, writeNeverExecutes: 19, userCaches: 26 } as const; // prettier-ignore

/** HCR_EL2. */
export const HCR = { stage2: 0, walkDevice: 2, fiq: 3, irq: 4, error: 5, virtualFiq: 6, virtualIrq: 7, cacheable: 12, waits: 13, eventWaits: 14, monitorCalls: 19, zeroBlock: 28, noCalls: 29, general: 27 } as const; // prettier-ignore

/** MDSCR_EL1: software step, debug exceptions of the level that takes them, breakpoints and watchpoints. */
export const MDSCR = { step: 0, own: 13, monitor: 15 } as const;

/** MDCR_EL2: debug exceptions go to EL2. */
export const MDCR = { debugToEl2: 8 } as const;

/** DBGBCR<n>_EL1 and DBGWCR<n>_EL1 (Arm DDI 0487, D17.3.2 and D17.3.11): the lowest bit and the width of each field. */
export const DEBUG_CONTROL = {
  enable: [0, 1],
  /** PMC of breakpoints, PAC of watchpoints: EL1, EL0. */
  privilege: [1, 2],
  higher: [13, 1],
  security: [14, 2],
  linked: [16, 4],
  breakpoint: { bytes: [5, 4], type: [20, 4] },
  watchpoint: { access: [3, 2], bytes: [5, 8], isLinked: [20, 1], mask: [24, 5] },
} as const;

/** How many breakpoints there are, and the first that can compare contexts; and watchpoints (ID_AA64DFR0_EL1). */
export const DEBUG_UNITS = { breakpoints: 6, firstContext: 4, watchpoints: 4 } as const;

/** With TGE (bit 27) routing is forced and most traps are off: bits that are then set and clear (effective value). */
export const HCR_WITH_GENERAL = {
  set: 0x38n,
  // SWIO 1, PTW 2, VF 6, VI 7, VSE 8, FB 9, TID1 16, TID3 18, TSC 19, TACR 21, TSW 22, TTLB 25, TVM 26, HCD 29, TRVM 30.
  clear: [1, 2, 6, 7, 8, 9, 16, 18, 19, 21, 22, 25, 26, 29, 30, 35].reduce(
    (b, i) => b | (1n << BigInt(i)),
    0n,
  ),
} as const;

/** Offset in a vector table by what was taken from where (Arm DDI 0487, D1.3.1). */
export const VECTOR = { sameLevelOwnStack: 0x200n, lowerLevel: 0x400n, synchronous: 0n, irq: 0x80n, fiq: 0x100n } as const; // prettier-ignore
