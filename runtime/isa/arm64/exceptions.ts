// Exceptions of Arm64: which level takes one, what it finds in ESR, FAR, HPFAR, ELR and SPSR, and the way back.
//
// Relies on spec/isa/arm64 (classes are the codes of `traps`). Sources: Arm DDI 0487, D1.3 (entry and return), D17.2.37
// (ESR_ELx). Routing to EL3 does not exist.

import { arm64 } from "../../../spec/isa/arm64/arm64.ts";
import { MASK, SPSR, VECTOR } from "../../../spec/isa/arm64/privileged-state.ts";
import { FAULT } from "../../../spec/isa/arm64/privileged-translation.ts";
import type { Level } from "../../../spec/isa/arm64/privileged.ts";
import type { Trap } from "../../../spec/isa/effect-eval.ts";
import type { MemoryFault } from "../../core/memory.ts";
import type { AccessTrap } from "../effect-machine.ts";
import { statusParts } from "./address-translation.ts";
import { accessSyndrome } from "./access-syndrome.ts";
import {
  areDebugExceptionsEnabled,
  clearStep,
  debugTarget,
  pendingStep,
  returnToStep,
} from "./debug-exceptions.ts";
import { bit, field, type ProcessorState } from "./processor-state.ts";
import { arm64Binding } from "./user.ts";

/** A trap whose level was decided where it was raised. */
export interface RoutedTrap extends Trap {
  readonly target: 1 | 2;
}

/** What a synchronous exception tells its handler. */
export interface Syndrome {
  readonly target: 1 | 2;
  readonly exceptionClass: number;
  /** ESR_ELx.ISS. */
  readonly specific: number;
  /** ELR_ELx: after the instruction for calls, else the instruction itself. */
  readonly returnAddress: bigint;
  readonly faultAddress: bigint | null;
  /** For HPFAR_EL2. */
  readonly intermediate: bigint | null;
}

const classes: ReadonlyMap<string, number> = new Map(arm64.traps.map(({ name, code }) => [name, code]));
const WORD_BYTES = 4n;
// An abort from the same level has a class of its own, the next one.
const FROM_SAME_LEVEL = 1;
const UNCATEGORISED = 0;
// ISS of waits and floating point: "condition valid", always.
const ALWAYS = 0x1e0_0000;
const FLOATING_POINT = "floatingPointAccess";

/** Level of an exception that nothing routes: this one, at least EL1; EL2 stands in for EL1 if it says so. */
export function ownTarget(state: ProcessorState): 1 | 2 {
  return state.level === 2 || state.generalTraps() ? 2 : 1;
}

/** The syndrome of `trap`, which the instruction with the bits `word` at the hart's pc raised. */
export function syndromeOf(state: ProcessorState, trap: Trap, word: number | null): Syndrome {
  const { cause } = trap;
  const make = makers[cause] ?? plain;
  return make(state, trap, word);
}

type Maker = (state: ProcessorState, trap: Trap, word: number | null) => Syndrome;

// The class of the cause, for whoever handles this level's own exceptions.
const plain: Maker = (state, trap) => ({
  target: isRouted(trap) ? trap.target : ownTarget(state),
  exceptionClass: classes.get(trap.cause) ?? UNCATEGORISED,
  specific: 0,
  returnAddress: state.hart.pc,
  faultAddress: null,
  intermediate: null,
});

const withImmediate: Maker = (state, trap, word) => ({
  ...plain(state, trap, word),
  specific: Number(BigInt.asUintN(16, trap.value)),
});

// The handler returns behind a call.
const call: Maker = (state, trap, word) => ({
  ...withImmediate(state, trap, word),
  returnAddress: state.hart.pc + WORD_BYTES,
});

const conditional: Maker = (state, trap, word) => {
  const own = plain(state, trap, word);
  // What EL2 takes instead of EL1 is not reported as a switched-off unit, which EL1 alone controls.
  if (trap.cause === FLOATING_POINT && own.target === 1 && state.generalTraps()) {
    return { ...own, target: 2, exceptionClass: UNCATEGORISED };
  }
  const kind = trap.cause === FLOATING_POINT ? 0 : Number(trap.value);
  return { ...own, target: own.target === 1 ? ownTarget(state) : 2, specific: ALWAYS | kind };
};

// op0 21:20, op2 19:17, op1 16:14, CRn 13:10, Rt 9:5, CRm 4:1, direction 0, from the bits of mrs, msr and sys.
const systemRegister: Maker = (state, trap, word) => {
  const bits = word ?? 0;
  const part = (low: number, width: number): number => (bits >>> low) & ((1 << width) - 1);
  const numbers = (part(19, 2) << 20) | (part(5, 3) << 17) | (part(16, 3) << 14) | (part(12, 4) << 10);
  const own = plain(state, trap, word);
  const specific = numbers | (part(0, 5) << 5) | (part(8, 4) << 1) | part(21, 1);
  return { ...own, target: own.target === 1 ? ownTarget(state) : 2, specific };
};

const abort: Maker = (state, trap, word) => {
  const fault = faultOf(trap);
  const { code, isTableAccess, isStage2, isMaintenance } = statusParts(fault?.status);
  const isAlignment = fault === null || fault.reason === "misaligned";
  const target = isStage2 ? 2 : ownTarget(state);
  const own = plain(state, trap, word);
  const isFetch = trap.cause.startsWith("instruction");
  const isStore = trap.cause.startsWith("store");
  const status = isAlignment ? FAULT.alignment : code;
  const instruction = isStage2 && !isTableAccess && !isFetch && word !== null ? accessSyndrome(word) : 0;
  return {
    ...own,
    target,
    exceptionClass: own.exceptionClass + (state.level === target ? FROM_SAME_LEVEL : 0),
    specific:
      instruction |
      (isMaintenance ? 1 << 8 : 0) |
      (isTableAccess ? 1 << 7 : 0) |
      (isStore ? IS_STORE : 0) |
      status,
    faultAddress: trap.value,
    intermediate: isStage2 ? (fault?.intermediate ?? 0n) : null,
  };
};

const misalignedJump: Maker = (state, trap, word) => ({
  ...plain(state, trap, word),
  faultAddress: state.hart.pc,
});

// PSTATE.IL comes before a word that is no instruction (D1.3.5), which no guard of the mode is asked about.
const undefinedWord: Maker = (state, trap, word) =>
  plain(state, state.get("il") === 0n ? trap : { ...trap, cause: "illegalState" }, word);

// What a processor without the call does instead; those that exist are taken before (calls.ts).
const undefinedCall: Maker = (state, trap, word) => ({
  ...plain(state, trap, word),
  exceptionClass: UNCATEGORISED,
});

const breakpoint: Maker = (state, trap, word) => ({
  ...withImmediate(state, trap, word),
  target: state.level === 2 ? 2 : debugTarget(state),
});

// FAR is unknown after a breakpoint; QEMU's zero.
const debugRegister: Maker = (state, trap, word) => {
  const target = debugTarget(state);
  const own = plain(state, trap, word);
  const isFetch = trap.cause === HARDWARE_BREAKPOINT;
  const isStore = faultOf(trap)?.access === "store";
  return {
    ...own,
    target,
    exceptionClass: own.exceptionClass + (state.level === target ? FROM_SAME_LEVEL : 0),
    specific: (isStore ? IS_STORE : 0) | FAULT.debug,
    faultAddress: isFetch ? 0n : trap.value,
  };
};
const HARDWARE_BREAKPOINT = "hardwareBreakpoint";
const SOFTWARE_STEP = "softwareStep";
const IS_STORE = 1 << 6;
const STEP_IS_VALID = 1 << 24;
const STEP_IS_EXCLUSIVE = 1 << 6;

const makers: Readonly<Record<string, Maker>> = {
  environmentCall: call,
  hypervisorCall: (state, trap, word) =>
    isRouted(trap) ? call(state, trap, word) : undefinedCall(state, trap, word),
  monitorCall: (state, trap, word) =>
    isRouted(trap) ? withImmediate(state, trap, word) : undefinedCall(state, trap, word),
  [arm64Binding.traps.undefinedInstruction]: undefinedWord,
  halt: undefinedCall,
  breakpoint,
  [HARDWARE_BREAKPOINT]: debugRegister,
  watchpoint: debugRegister,
  systemRegister,
  waitTrapped: conditional,
  [FLOATING_POINT]: conditional,
  instructionMisaligned: misalignedJump,
  ...Object.fromEntries(
    ["load", "store", "instruction"].flatMap((access) => [
      [`${access}Access`, abort],
      [`${access}PageFault`, abort],
    ]),
  ),
  loadMisaligned: abort,
  storeMisaligned: abort,
};

function isRouted(trap: Trap): trap is RoutedTrap {
  return "target" in trap;
}

function faultOf(trap: Trap): MemoryFault | null {
  // Traps of accesses are AccessTraps (effect-machine.ts).
  return "fault" in trap ? (trap as AccessTrap).fault : null;
}

const LONG_INSTRUCTION = 1n << 25n;
const CLASS_AT = 26n;
// HPFAR_EL2 holds bits 47 to 12 of the address from bit 4.
const PAGE_BITS = 12n;
const PAGE_AT = 4n;

/** Enters the handler of a synchronous exception. */
export function takeSynchronous(state: ProcessorState, syndrome: Syndrome): void {
  const { target, exceptionClass, specific, faultAddress, intermediate } = syndrome;
  const suffix = String(target);
  state.set(`esr_el${suffix}`, (BigInt(exceptionClass) << CLASS_AT) | LONG_INSTRUCTION | BigInt(specific));
  if (faultAddress !== null) state.set(`far_el${suffix}`, faultAddress);
  if (intermediate !== null) state.set("hpfar_el2", (intermediate >> PAGE_BITS) << PAGE_AT);
  // A call is stepped: its handler returns to the step exception.
  if (syndrome.returnAddress !== state.hart.pc) clearStep(state);
  enterHandler(state, target, VECTOR.synchronous, syndrome.returnAddress);
}

/** Takes the software step exception that is to be taken instead of the next instruction; false: there is none. */
export function takeStep(state: ProcessorState): boolean {
  const step = pendingStep(state);
  if (step === null) return false;
  const { isValid, isExclusive } = step;
  const target = debugTarget(state);
  takeSynchronous(state, {
    target,
    exceptionClass:
      (classes.get(SOFTWARE_STEP) ?? UNCATEGORISED) + (state.level === target ? FROM_SAME_LEVEL : 0),
    specific: FAULT.debug | (isValid ? STEP_IS_VALID : 0) | (isExclusive ? STEP_IS_EXCLUSIVE : 0),
    returnAddress: state.hart.pc,
    faultAddress: null,
    intermediate: null,
  });
  return true;
}

/** Saves the state and goes to the vector. */
export function enterHandler(
  state: ProcessorState,
  target: 1 | 2,
  vector: bigint,
  returnAddress: bigint,
): void {
  const { hart } = state;
  const suffix = String(target);
  const fromSame = state.get("spsel") === 0n ? 0n : VECTOR.sameLevelOwnStack;
  const offset = state.level < target ? VECTOR.lowerLevel : fromSame;
  state.set(`spsr_el${suffix}`, state.savedState());
  state.set(`elr_el${suffix}`, returnAddress);
  state.switchTo(target, 1n);
  clearStep(state);
  state.set("daif", MASK.all);
  state.set("il", 0n);
  hart.pc = state.get(`vbar_el${suffix}`) + offset + vector;
}

/** eret: restores the state and answers the new pc. The level must be above EL0. */
export function returnFromException(state: ProcessorState): bigint {
  const suffix = String(state.level);
  const saved = state.get(`spsr_el${suffix}`);
  const pc = state.get(`elr_el${suffix}`);
  const level = returnLevel(state, saved);
  // Asked only where it matters.
  const wasDebugEnabled = bit(saved, SPSR.step) && areDebugExceptionsEnabled(state);
  state.hart.dropReservation();
  state.restoreFlags(saved);
  if (level === null) {
    state.set("il", 1n);
  } else {
    state.set("il", saved >> BigInt(SPSR.illegal));
    state.switchTo(level, saved & 1n);
  }
  returnToStep(state, saved, wasDebugEnabled);
  return pc;
}

// Null: an illegal return (Arm DDI 0487, D1.3.4).
function returnLevel(state: ProcessorState, saved: bigint): Level | null {
  const level = field(saved, SPSR.level, 2);
  const isEl1WithGeneralTraps = level === 1 && state.generalTraps();
  const isMalformed =
    bit(saved, SPSR.narrow) || bit(saved, 1) || (level === 0 && bit(saved, SPSR.stackSelect));
  if (isMalformed || level > state.level || isEl1WithGeneralTraps) return null;
  return level === 0 ? 0 : level === 1 ? 1 : 2;
}
