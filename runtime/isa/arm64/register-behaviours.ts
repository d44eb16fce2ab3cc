// What reading and writing a system register does beyond keeping a value: PSTATE, timers, counters, identification.
//
// Relies on spec/isa/arm64/privileged.ts for everything else about them. Each entry is by name; a register without one
// is its file, or its value after reset.

import {
  affinityOf,
  cacheSizes,
  MAIN_ID,
  PROCESSOR_FEATURES,
  ZERO_BLOCK_ID,
  ZERO_BLOCK_PROHIBITED,
} from "../../../spec/isa/arm64/privileged-identification.ts";
import { DEBUG_UNITS, HCR, MASK, SCTLR } from "../../../spec/isa/arm64/privileged-state.ts";
import type { DebugMatch } from "./debug-match.ts";
import { pendingInterrupts } from "./interrupts.ts";
import { monitorBehaviours } from "./performance-monitor-registers.ts";
import type { PerformanceMonitors } from "./performance-monitors.ts";
import { bit, type ProcessorState } from "./processor-state.ts";
import type { GenericTimers } from "./timers.ts";

/** What behaviours reach. */
export interface RegisterWorld {
  readonly state: ProcessorState;
  readonly timers: GenericTimers;
  readonly monitors: PerformanceMonitors;
  readonly debug: DebugMatch;
  /** Number of the hart on its board. */
  readonly index: number;
  readonly hasGicRegisters: boolean;
  /** Writes another register of this hart, with what that does. */
  readonly writeRegister: (name: string, value: bigint) => void;
  /** Translations are wrong now. */
  readonly flush: () => void;
  /** Translations of the lower half of EL1&0 are. */
  readonly flushLower: () => void;
  /** The mode, or which interrupts are taken, may have changed. */
  readonly attention: () => void;
}

/** `keep` writes the register's writable bits. */
export interface Behaviour {
  readonly read?: (world: RegisterWorld) => bigint;
  readonly write?: (world: RegisterWorld, value: bigint, keep: (value: bigint) => void) => void;
  /** The register exists at this moment; else accesses are undefined. */
  readonly exists?: (world: RegisterWorld) => boolean;
}

const NO_CACHE = 0n;

// Reads as at EL1 under a hypervisor, which says what is seen there.
function virtualised(name: string, real: (world: RegisterWorld) => bigint): Behaviour {
  return {
    read: (world) => {
      const { state } = world;
      return state.hasEl2 && state.level === 1 ? state.get(name) : real(world);
    },
  };
}

function zeroBlock({ state }: RegisterWorld): bigint {
  const forbidden =
    (state.level === 0 && !bit(state.get("sctlr_el1"), SCTLR.zeroBlockEl0)) ||
    (state.level < 2 && bit(state.hypervisorControl(), HCR.zeroBlock));
  return forbidden ? ZERO_BLOCK_ID | ZERO_BLOCK_PROHIBITED : ZERO_BLOCK_ID;
}

const identification: Readonly<Record<string, Behaviour>> = {
  midr_el1: virtualised("vpidr_el2", () => MAIN_ID),
  mpidr_el1: virtualised("vmpidr_el2", ({ index }) => affinityOf(index)),
  id_aa64pfr0_el1: {
    read: ({ state, hasGicRegisters }) => {
      const { base, el2, gicRegisters } = PROCESSOR_FEATURES;
      return base | (state.hasEl2 ? el2 : 0n) | (hasGicRegisters ? gicRegisters : 0n);
    },
  },
  ccsidr_el1: { read: ({ state }) => cacheSizes[Number(state.get("csselr_el1"))] ?? NO_CACHE },
  dczid_el0: { read: zeroBlock },
  oslsr_el1: { read: ({ state }) => 8n | (state.get("oslar_el1") << 1n) },
};

function stackPointer(name: string, exists: (world: RegisterWorld) => boolean): Behaviour {
  return {
    exists,
    read: ({ state }) => state.stackPointer(name),
    write: ({ state }, value) => {
      state.setStackPointer(name, value);
    },
  };
}

const processorState: Readonly<Record<string, Behaviour>> = {
  currentel: { read: ({ state }) => state.get("el") << 2n },
  spsel: {
    write: ({ state }, value) => {
      state.switchTo(state.level, value & 1n);
    },
  },
  daif: {
    write: ({ attention }, value, keep) => {
      keep(value & MASK.all);
      attention();
    },
  },
  sp_el0: stackPointer("sp_el0", ({ state }) => !state.isSelectedStack("sp_el0")),
  sp_el1: stackPointer("sp_el1", () => true),
  isr_el1: { read: ({ state }) => pendingInterrupts(state) },
};

// Translation and what is switched on: nothing that was remembered holds.
const flushes: Behaviour = {
  write: ({ flush, attention }, value, keep) => {
    keep(value);
    flush();
    attention();
  },
};
// The tables of one half of EL1&0, and an ASID: pages of the upper half do not depend on that, because what is of one
// address space there is invalidated when it changes. So a switch of address spaces leaves the kernel's pages known.
const ASID_BITS = 0xffffn << 48n;
const tableBases: Readonly<Record<string, Behaviour>> = {
  ttbr0_el1: {
    write: ({ state, flushLower }, value, keep) => {
      const before = state.get("ttbr0_el1");
      keep(value);
      if (state.get("ttbr0_el1") !== before) flushLower();
    },
  },
  ttbr1_el1: {
    write: ({ state, flush, flushLower }, value, keep) => {
      const before = state.get("ttbr1_el1");
      keep(value);
      const changed = state.get("ttbr1_el1") ^ before;
      if ((changed & ~ASID_BITS) !== 0n) flush();
      else if (changed !== 0n) flushLower();
    },
  },
};
const changesMode: Behaviour = {
  write: ({ attention }, value, keep) => {
    keep(value);
    attention();
  },
};
const flushing = ["sctlr_el1", "sctlr_el2", "tcr_el1", "ttbr0_el2", "tcr_el2"];
const flushingStage2 = ["hcr_el2", "vttbr_el2", "vtcr_el2"];

function timer(output: string, suffix: string): Record<string, Behaviour> {
  const update: Behaviour["write"] = ({ timers }, value, keep) => {
    keep(value);
    timers.update(output);
  };
  return {
    [`${output}_ctl_${suffix}`]: { read: ({ timers }) => timers.readControl(output), write: update },
    [`${output}_cval_${suffix}`]: { write: update },
    [`${output}_tval_${suffix}`]: {
      read: ({ timers }) => timers.readValue(output),
      write: ({ timers }, value) => {
        timers.writeValue(output, value);
      },
    },
  };
}

const timers: Readonly<Record<string, Behaviour>> = {
  cntpct_el0: { read: (world) => world.timers.count(false) },
  cntvct_el0: { read: (world) => world.timers.count(true) },
  cntvoff_el2: {
    write: (world, value, keep) => {
      keep(value);
      world.timers.updateAll();
    },
  },
  // Only the highest level may set it: EL2 if that is there (see `exists` of the port for writes).
  ...timer("cntp", "el0"),
  ...timer("cntv", "el0"),
  ...timer("cnthp", "el2"),
};

// BAS of a breakpoint selects pairs of bytes: bits 6 and 8 read as those below them.
function withPairedBytes(control: bigint): bigint {
  const low = control & BYTE_PAIRS;
  return (control & ~(BYTE_PAIRS << 1n)) | (low << 1n);
}
const BYTE_PAIRS = 0xa0n;

// A breakpoint or watchpoint that is on, before or after the write, is one that views of memory know of.
function debugPair(kind: "b" | "w", i: number): Record<string, Behaviour> {
  const [control, value] = [`dbg${kind}cr${String(i)}_el1`, `dbg${kind}vr${String(i)}_el1`];
  const write: Behaviour["write"] = ({ state, debug, flush, attention }, written, keep) => {
    const before = state.get(control);
    keep(written);
    if (kind === "b") state.set(control, withPairedBytes(state.get(control)));
    debug.changed();
    if (((before | state.get(control)) & 1n) === 0n) return;
    flush();
    attention();
  };
  return { [control]: { write }, [value]: { write } };
}

const debugging: Readonly<Record<string, Behaviour>> = Object.fromEntries([
  ...Array.from({ length: DEBUG_UNITS.breakpoints }, (_, i) => Object.entries(debugPair("b", i))).flat(),
  ...Array.from({ length: DEBUG_UNITS.watchpoints }, (_, i) => Object.entries(debugPair("w", i))).flat(),
  ...["mdscr_el1", "oslar_el1", "osdlr_el1"].map((name) => [name, changesMode] as const),
]);

// Where debug exceptions go, and which counters are EL2's own.
const debugControl: Behaviour = {
  write: ({ monitors, attention }, value, keep) => {
    monitors.change(() => {
      keep(value);
    });
    attention();
  },
};

/** All of them by register name. */
export const behaviours: Readonly<Record<string, Behaviour>> = {
  ...identification,
  ...processorState,
  ...timers,
  ...monitorBehaviours,
  ...debugging,
  ...Object.fromEntries([...flushing, ...flushingStage2].map((name) => [name, flushes])),
  ...tableBases,
  cpacr_el1: changesMode,
  cptr_el2: changesMode,
  mdcr_el2: debugControl,
};
