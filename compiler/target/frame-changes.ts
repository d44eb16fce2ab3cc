// Where the frame of a function changes, found from the moves of the stack pointer and the saves of registers.
//
// Relies on the shape that stack-frames gives prologues: the stack pointer moves by constants, and a callee-saved
// register is stored before it is written. Guarantees nothing about code; a wrong rule only spoils a backtrace.

import type * as lab from "../lang/lab/ast.ts";
import { forEachMachineRegister } from "../lang/stack/register-use.ts";
import type { FrameChange } from "./code-item.ts";
import type { Convention } from "./convention.ts";

type MachineLine = Extract<lab.Line, { kind: "machine" }>;

/** What a machine line does to the frame, as a target sees it. */
export interface FrameEffect {
  /** What it adds to the stack pointer; `whole`: a number in a register, so the whole frame, taken or given back. */
  readonly moves: number | "whole";
  /** Registers that it stores, by their distance from the stack pointer as it is afterwards. */
  readonly stores: readonly { readonly register: number; readonly offset: number }[];
}

export const NO_EFFECT: FrameEffect = { moves: 0, stores: [] };

const ENTRY: FrameChange = { cfaOffset: 0, saved: [] };

/** For each line the rule that holds after it if it differs from the one before it, else null. */
export function frameChanges(
  section: lab.Section,
  convention: Convention,
  effectOf: (line: MachineLine) => FrameEffect,
): readonly (FrameChange | null)[] {
  const tracker = new FrameTracker(section, convention);
  const atLabel = new Map<lab.Label, FrameChange>();
  let state = ENTRY;
  let full = ENTRY;
  return section.lines.map((line, i) => {
    const before = state;
    if (line.kind === "machine") state = tracker.after(line, effectOf(line), state);
    if (state.cfaOffset >= full.cfaOffset) full = state;
    if ((line.kind === "jump" || line.kind === "branch") && !atLabel.has(line.to))
      atLabel.set(line.to, state);
    const isLast = i === section.lines.length - 1;
    if (endsFlow(line) && !isLast) state = nextLabelState(section.lines, i + 1, atLabel) ?? full;
    return state === before ? null : state;
  });
}

function endsFlow(line: lab.Line): boolean {
  return line.kind === "jump" || line.kind === "return" || line.kind === "tailCall" || line.kind === "trap";
}

function nextLabelState(
  lines: readonly lab.Line[],
  from: number,
  atLabel: ReadonlyMap<lab.Label, FrameChange>,
): FrameChange | undefined {
  for (let i = from; i < lines.length; i += 1) {
    const line = lines[i];
    if (line?.kind !== "label") return undefined;
    const known = atLabel.get(line.label);
    if (known !== undefined) return known;
  }
  return undefined;
}

// Remembers which registers do not hold their caller's words any more.
class FrameTracker {
  readonly #written = new Set<number>();
  readonly #savable: readonly number[];
  readonly #frameBytes: number;
  readonly #convention: Convention;

  constructor(section: lab.Section, convention: Convention) {
    this.#savable = [convention.link, ...convention.calleeSaved];
    this.#frameBytes = section.frameBytes;
    this.#convention = convention;
  }

  after(line: MachineLine, effect: FrameEffect, before: FrameChange): FrameChange {
    const state = this.#moved(before, effect.moves);
    const added = effect.stores.filter(
      ({ register }) => this.#savable.includes(register) && !this.#written.has(register),
    );
    for (const { register } of added) this.#written.add(register);
    forEachMachineRegister(line, this.#convention, {
      read: () => undefined,
      write: (r) => this.#written.add(r),
    });
    if (added.length === 0) return state;
    const places = added.map(({ register, offset }) => ({ register, cfaOffset: offset - state.cfaOffset }));
    return { cfaOffset: state.cfaOffset, saved: [...state.saved, ...places] };
  }

  #moved(state: FrameChange, moves: number | "whole"): FrameChange {
    if (moves === 0) return state;
    const whole = state.cfaOffset === 0 ? this.#frameBytes : 0;
    const cfaOffset = moves === "whole" ? whole : state.cfaOffset - moves;
    return cfaOffset <= 0 ? ENTRY : { cfaOffset, saved: state.saved };
  }
}
