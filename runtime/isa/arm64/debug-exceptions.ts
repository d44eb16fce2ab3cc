// Debug exceptions of Arm64: which level takes them, when they are enabled, and software step (Arm DDI 0487, D2).
//
// Relies on the hart's state. PSTATE.SS is not cleared when the stepped instruction retires: it holds only while the
// hart's retired count is the one that `stepFrom` names, so stepping costs nothing where nobody steps.

import { MASK, MDCR, MDSCR, SPSR } from "../../../spec/isa/arm64/privileged-state.ts";
import { forEachExpr, forEachStmt, stmtExprs } from "../../../spec/isa/effect.ts";
import { arm64 } from "../../../spec/isa/arm64/arm64.ts";
import { effectOf } from "../../../spec/isa/isa.ts";
import type { Instruction } from "../../../spec/isa/schema.ts";
import type { InstructionGuard } from "../system.ts";
import { bit, type ProcessorState } from "./processor-state.ts";

/** The level that takes debug exceptions: EL1, or EL2 if that asks for them. */
export function debugTarget(state: ProcessorState): 1 | 2 {
  if (!state.hasEl2) return 1;
  return state.generalTraps() || bit(state.get("mdcr_el2"), MDCR.debugToEl2) ? 2 : 1;
}

/** True if debug exceptions other than those of `brk` can be taken now (D2.4). */
export function areDebugExceptionsEnabled(state: ProcessorState): boolean {
  if (state.get("oslar_el1") !== 0n || state.get("osdlr_el1") !== 0n) return false;
  const { level } = state;
  const target = debugTarget(state);
  if (level !== target) return level < target;
  return bit(state.get("mdscr_el1"), MDSCR.own) && (state.get("daif") & MASK.debug) === 0n;
}

/** True if breakpoints and watchpoints are compared now. */
export function watchesNow(state: ProcessorState): boolean {
  return bit(state.get("mdscr_el1"), MDSCR.monitor) && areDebugExceptionsEnabled(state);
}

/** True if software step is active. */
export function stepsNow(state: ProcessorState): boolean {
  return bit(state.get("mdscr_el1"), MDSCR.step) && areDebugExceptionsEnabled(state);
}

/** An exception is taken, or its return makes nothing of PSTATE.SS. */
export function clearStep(state: ProcessorState): void {
  state.set("stepState", 0n);
}

/** What an exception return makes of SPSR.SS. `wasEnabled`: debug exceptions, before it. The return itself retires yet. */
export function returnToStep(state: ProcessorState, saved: bigint, wasEnabled: boolean): void {
  const steps = bit(saved, SPSR.step) && !wasEnabled && stepsNow(state);
  state.set("stepState", steps ? 1n : 0n);
  if (steps) state.set("stepFrom", state.hart.retired + 1n);
}

/** What ESR_ELx says of a step. */
export interface StepSyndrome {
  /** An instruction was stepped, so the next is known. */
  readonly isValid: boolean;
  readonly isExclusive: boolean;
}

/** The step exception that is to be taken instead of the next instruction; null: none. */
export function pendingStep(state: ProcessorState): StepSyndrome | null {
  if (!stepsNow(state) || state.stepState() !== 0n) return null;
  const isValid = state.get("stepState") !== 0n;
  return { isValid, isExclusive: isValid && state.get("stepExclusive") !== 0n };
}

/** Lets one instruction after another out of the executor; `inner` is what the mode checks anyway. */
export function stepGuard(
  state: ProcessorState,
  inner: InstructionGuard | null,
  attention: () => void,
): InstructionGuard {
  return {
    covers: () => true,
    check: (instruction, operands, hart) => {
      state.set("stepExclusive", loadsExclusively(instruction) ? 1n : 0n);
      attention();
      return inner?.covers(instruction, operands) === true ? inner.check(instruction, operands, hart) : null;
    },
  };
}

const exclusive = new Map<Instruction, boolean>();

function loadsExclusively(instruction: Instruction): boolean {
  const known = exclusive.get(instruction);
  if (known !== undefined) return known;
  let found = false;
  forEachStmt(effectOf(arm64, instruction).body, (s) => {
    for (const top of stmtExprs(s)) {
      forEachExpr(top, (e) => {
        if (e.kind === "reserve") found = true;
      });
    }
  });
  exclusive.set(instruction, found);
  return found;
}
