// The helpers of Arm64's effects as a privileged hart performs them: PSTATE, waiting, returns, system instructions.
//
// Relies on spec/isa/arm64/machine.ts for their names. Executed by the reference executor alone, but for the idle ones.

import { HCR, MASK, SCTLR } from "../../../spec/isa/arm64/privileged-state.ts";
import type { Trap } from "../../../spec/isa/effect-eval.ts";
import type { Memory } from "../../core/memory.ts";
import { type Events } from "./events.ts";
import { returnFromException, type RoutedTrap } from "./exceptions.ts";
import { hasWork } from "./interrupts.ts";
import { systemOperation, type MaintenanceWorld } from "./maintenance.ts";
import { bit, type ProcessorState } from "./processor-state.ts";
import { rulesFor, trapOf, undefinedHere } from "./register-traps.ts";

/** Barriers and hints order nothing here, and executors notice changed code by themselves. */
export const idleHelpers: ReadonlySet<string> = new Set(["hint", "fence", "fenceInstruction", "prefetch"]);

/** What helpers reach. */
export interface HelperWorld extends MaintenanceWorld {
  readonly events: Events;
  /** Of all harts. */
  readonly signalEvent: () => void;
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

/** A kind of wait: the bits of SCTLR_EL1 and HCR_EL2 that decide about it, and what a syndrome calls it. */
interface Wait {
  readonly user: number;
  readonly guest: number;
  readonly kind: bigint;
}

const INTERRUPT_WAIT: Wait = { user: SCTLR.waitEl0, guest: HCR.waits, kind: 0n };
const EVENT_WAIT: Wait = { user: SCTLR.eventEl0, guest: HCR.eventWaits, kind: 1n };

// Where a wait that would really wait is trapped to; null: nowhere.
function waitTarget(state: ProcessorState, { user, guest }: Wait): 1 | 2 | null {
  if (state.level === 0 && !bit(state.get("sctlr_el1"), user)) return 1;
  return state.level < 2 && bit(state.hypervisorControl(), guest) ? 2 : null;
}

function waitTrap(state: ProcessorState, wait: Wait): RoutedTrap | null {
  const target = waitTarget(state, wait);
  return target === null ? null : { kind: "trap", cause: "waitTrapped", value: wait.kind, target };
}

const waitForInterrupt: Helper = ({ state, attention }) => {
  if (hasWork(state)) return null;
  const trap = waitTrap(state, INTERRUPT_WAIT);
  if (trap !== null) return trap;
  state.set("waiting", 1n);
  attention();
  return null;
};

const waitForEvent: Helper = ({ state, events, attention }) => {
  if (events.take()) return null;
  const trap = waitTrap(state, EVENT_WAIT);
  if (trap !== null) return trap;
  events.wait();
  attention();
  return null;
};

const helpers: Readonly<Record<string, Helper>> = {
  setState,
  waitForInterrupt,
  waitForEvent,
  sendEvent: ({ events, signalEvent }, [isForAll = 0n]) => {
    if (isForAll === 1n) signalEvent();
    else events.signal();
    return null;
  },
  clearReservation: ({ state }) => {
    state.hart.dropReservation();
    return null;
  },
  returnFromException: ({ state, events, attention, changeLevel }) => {
    if (state.level === 0) return undefinedHere;
    events.signal();
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
