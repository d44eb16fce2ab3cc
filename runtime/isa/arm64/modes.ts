// The ways in which an Arm64 hart executes: exception level, and what SCTLR, CPACR, CPTR and MDSCR switch on and off.
//
// Relies on user.ts for the binding. Guarantees: a mode's number says everything that changes instructions or rights of
// accesses; the tables themselves are not part of it (a change of them flushes).

import { arm64 } from "../../../spec/isa/arm64/arm64.ts";
import type { Level } from "../../../spec/isa/arm64/privileged.ts";
import { SCTLR } from "../../../spec/isa/arm64/privileged-state.ts";
import { forEachExpr, forEachStmt, stmtExprs } from "../../../spec/isa/effect.ts";
import { effectOf } from "../../../spec/isa/isa.ts";
import type { Instruction, RegisterClass } from "../../../spec/isa/schema.ts";
import type { IsaBinding } from "../binding.ts";
import type { HartMode, InstructionGuard } from "../system.ts";
import { stepGuard, stepsNow, watchesNow } from "./debug-exceptions.ts";
import type { DebugMatch } from "./debug-match.ts";
import type { RoutedTrap } from "./exceptions.ts";
import { inlineForms } from "./inline-forms.ts";
import { bit, field, type ProcessorState } from "./processor-state.ts";
import { arm64Binding } from "./user.ts";

// A mode's number: level, then one bit for each.
const ALIGNS = 1;
const CHECKS_STACK = 2;
const NO_FLOAT = 4;
const ILLEGAL = 8;
const STEPS = 16;
const WATCHES = 32;
const LEVEL = 64;

/** Modes of all three levels. */
export const MODE_COUNT = 3 * LEVEL;

const floatFiles: ReadonlySet<string> = new Set(["v", "fpcr", "fpsr"]);
const CPACR_ENABLE = 20;
const CPTR_TRAP = 10;

/** The level that takes floating point and vector instructions as exceptions now; null: they are allowed. */
export function floatTrapTarget(state: ProcessorState): 1 | 2 | null {
  const { level } = state;
  const enable = field(state.get("cpacr_el1"), CPACR_ENABLE, 2);
  const isAllowed = enable === 3 || (enable === 1 && level === 1);
  if (level <= 1 && !isAllowed) return 1;
  return state.hasEl2 && bit(state.get("cptr_el2"), CPTR_TRAP) ? 2 : null;
}

/** The number of the mode that the hart is in. */
export function modeNumber(state: ProcessorState): number {
  const { level } = state;
  const control = state.controlOf(level);
  const stackBit = level === 0 ? SCTLR.stackCheckEl0 : SCTLR.stackCheck;
  return (
    level * LEVEL +
    (bit(control, SCTLR.align) ? ALIGNS : 0) +
    (bit(control, stackBit) ? CHECKS_STACK : 0) +
    (floatTrapTarget(state) === null ? 0 : NO_FLOAT) +
    (state.get("il") === 0n ? 0 : ILLEGAL) +
    debugBits(state)
  );
}

// A software step or watched places; neither without a bit of MDSCR_EL1.
function debugBits(state: ProcessorState): number {
  if (state.get("mdscr_el1") === 0n) return 0;
  return (stepsNow(state) ? STEPS : 0) + (watchesNow(state) ? WATCHES : 0);
}

function levelOf(number: number): Level {
  const level = Math.floor(number / LEVEL);
  return level === 0 ? 0 : level === 1 ? 1 : 2;
}

// Bindings by the bits that matter to them, shared by all harts: executors remember effects by binding.
const bindings = new Map<number, IsaBinding>();

function bindingOf(number: number, hasEl2: boolean): IsaBinding {
  const level = levelOf(number);
  const key = (hasEl2 ? 3 * LEVEL : 0) + level * LEVEL + (number & (ALIGNS | CHECKS_STACK));
  const known = bindings.get(key);
  if (known !== undefined) return known;
  const made: IsaBinding = {
    ...arm64Binding,
    stack: (key & CHECKS_STACK) === 0 ? null : arm64Binding.stack,
    alignsAccesses: (key & ALIGNS) !== 0,
    // At EL2 there is no EL0 of the same regime.
    accessesAsUser: level === 1 ? "AccessesAsUser" : null,
    inline: inlineForms(level, hasEl2),
  };
  bindings.set(key, made);
  return made;
}

/** What modes of one hart are made of. */
export interface ModeParts {
  readonly state: ProcessorState;
  readonly debug: DebugMatch;
  readonly attention: () => void;
}

/** The mode with that number. */
export function modeOf(number: number, { state, debug, attention }: ModeParts): HartMode {
  const level = levelOf(number);
  const guard = guardOf(number, state);
  return {
    number,
    name: `EL${String(level)}`,
    binding: bindingOf(number, state.hasEl2),
    guard: (number & STEPS) === 0 ? guard : stepGuard(state, guard, attention),
    watch: (number & WATCHES) === 0 ? null : debug.watchAt(level),
    userWatch: (number & WATCHES) === 0 ? null : debug.watchAt(0),
  };
}

function guardOf(number: number, state: ProcessorState): InstructionGuard | null {
  if ((number & ILLEGAL) !== 0) return illegalStateGuard;
  return (number & NO_FLOAT) === 0 ? null : floatGuard(state);
}

const illegalStateGuard: InstructionGuard = {
  covers: () => true,
  check: () => ({ kind: "trap", cause: "illegalState", value: 0n }),
};

function floatGuard(state: ProcessorState): InstructionGuard {
  return {
    covers: usesFloat,
    check: () => {
      const target = floatTrapTarget(state);
      if (target === null) return null;
      const trap: RoutedTrap = { kind: "trap", cause: "floatingPointAccess", value: 0n, target };
      return trap;
    },
  };
}

const floatUse = new Map<Instruction, boolean>();

function usesFloat(instruction: Instruction): boolean {
  const known = floatUse.get(instruction);
  if (known !== undefined) return known;
  let found = false;
  const look = ({ file }: RegisterClass): void => {
    if (floatFiles.has(file)) found = true;
  };
  forEachStmt(effectOf(arm64, instruction).body, (s) => {
    if (s.kind === "setRegister") look(s.register.class);
    for (const top of stmtExprs(s)) {
      forEachExpr(top, (e) => {
        if (e.kind === "register") look(e.register.class);
      });
    }
  });
  floatUse.set(instruction, found);
  return found;
}
