// The helpers of Arm64's effects as a privileged hart performs them: PSTATE, waiting, returns, system instructions.
//
// Relies on spec/isa/arm64/machine.ts for their names. Executed by the reference executor alone, but for the idle ones.

import { HCR, MASK, SCTLR } from "../../../spec/isa/arm64/privileged-state.ts";
import type { Trap } from "../../../spec/isa/effect-eval.ts";
import type { Memory } from "../../core/memory.ts";
import { returnFromException, type RoutedTrap } from "./exceptions.ts";
import { hasWork } from "./interrupts.ts";
import { systemOperation, type MaintenanceWorld } from "./maintenance.ts";
import { bit, type ProcessorState } from "./processor-state.ts";
import { rulesFor, trapOf, undefinedHere } from "./register-traps.ts";

/** Barriers and hints order nothing here, and executors notice changed code by themselves. */
export const idleHelpers: ReadonlySet<string> = new Set(["hint", "fence", "fenceInstruction", "prefetch"]);

/** What helpers reach. */
export interface HelperWorld extends MaintenanceWorld {
  readonly attention: () => void;
  /** Does what may change the level, which counters may depend on. */
  readonly changeLevel: <T>(change: () => T) => T;
}

type Helper = (world: HelperWorld, args: readonly bigint[], memory: Memory) => bigint | Trap | null;

// op1:op2 of the fields of PSTATE that an immediate may set here; others came with later architectures.
export const STATE_FIELD = {
  spsel: 0b000_101n,
  daifSet: 0b011_110n,
  daifClear: 0b011_111n,
  /** Where their four bits are in DAIF. */
  masksAt: 6n,
} as const;

const setState: Helper = ({ state, attention }, [which = 0n, value = 0n]) => {
  if (which === STATE_FIELD.spsel) {
    if (state.level === 0) return undefinedHere;
    state.switchTo(state.level, value & 1n);
    return null;
  }
  if (which !== STATE_FIELD.daifSet && which !== STATE_FIELD.daifClear) return undefinedHere;
  const trap = trapOf(state, rulesFor("daif"), "write");
  if (trap !== null) return trap;
  const bits = (value << STATE_FIELD.masksAt) & MASK.all;
  const before = state.get("daif");
  state.set("daif", which === STATE_FIELD.daifSet ? before | bits : before & ~bits);
  attention();
  return null;
};

// Where a wait that would really wait is trapped to; null: nowhere.
function waitTarget(state: ProcessorState): 1 | 2 | null {
  if (state.level === 0 && !bit(state.get("sctlr_el1"), SCTLR.waitEl0)) return 1;
  return state.level < 2 && bit(state.hypervisorControl(), HCR.waits) ? 2 : null;
}

const waitForInterrupt: Helper = ({ state, attention }) => {
  if (hasWork(state)) return null;
  const target = waitTarget(state);
  if (target !== null) {
    const trap: RoutedTrap = { kind: "trap", cause: "waitTrapped", value: 0n, target };
    return trap;
  }
  state.set("waiting", 1n);
  attention();
  return null;
};

const helpers: Readonly<Record<string, Helper>> = {
  setState,
  waitForInterrupt,
  // The event register is always set: the hart only gives up its turn.
  waitForEvent: ({ attention }) => {
    attention();
    return null;
  },
  clearReservation: ({ state }) => {
    state.hart.dropReservation();
    return null;
  },
  returnFromException: ({ state, attention, changeLevel }) => {
    if (state.level === 0) return undefinedHere;
    attention();
    return changeLevel(() => returnFromException(state));
  },
  systemOperation,
  systemOperationWithResult: () => undefinedHere,
};

/** What is called. */
export interface HelperCall {
  readonly name: string;
  readonly args: readonly bigint[];
  /** As the hart sees it. */
  readonly memory: Memory;
}

/** Performs the helper of that name. */
export function performHelper(world: HelperWorld, { name, args, memory }: HelperCall): bigint | Trap | null {
  if (idleHelpers.has(name)) return null;
  return helpers[name]?.(world, args, memory) ?? (name in helpers ? null : undefinedHere);
}
