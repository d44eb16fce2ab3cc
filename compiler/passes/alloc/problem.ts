// What register allocation works on: a function's blocks over temporaries, no longer in SSA form.
//
// A temporary is a number. Below `convention.count` it is the machine register of that number; the others are to be
// given a place. A problem is made by lower.ts, changed by spill.ts (which only adds temporaries and copies), read by
// everything else. Copies of one step happen at the same time; every other step is one instruction.

import type { Convention } from "../../target/convention.ts";
import type { Span } from "../../source/span.ts";
import type { Label, MemoryKind, Place, TransferZone } from "../../lang/stack/ast.ts";
import type { TrapReason } from "../../lang/trap-reason.ts";

export type Temp = number;

export type TempOperand =
  | { readonly kind: "temp"; readonly temp: Temp }
  | { readonly kind: "fixed"; readonly register: number }
  | { readonly kind: "imm"; readonly value: bigint };

/** Where a copied word comes from or goes to. */
export type CopyPlace =
  | { readonly kind: "temp"; readonly temp: Temp }
  | { readonly kind: "transfer"; readonly zone: TransferZone; readonly index: number };

export interface Copy {
  readonly dest: CopyPlace;
  readonly source: CopyPlace;
}

export interface MachineStep {
  readonly kind: "machine";
  readonly ins: string;
  readonly operands: readonly TempOperand[];
  readonly memory: MemoryKind;
  readonly uses: readonly Temp[];
  readonly defs: readonly Temp[];
  readonly span: Span;
}

export interface AddressStep {
  readonly kind: "address";
  readonly dest: Temp;
  /** `dest` again. */
  readonly defs: readonly Temp[];
  readonly place: Place;
  readonly offset: bigint;
  readonly span: Span;
}

/** Made by `copiesStep`. */
export interface CopiesStep {
  readonly kind: "copies";
  readonly copies: readonly Copy[];
  readonly uses: readonly Temp[];
  readonly defs: readonly Temp[];
  readonly span: Span;
}

/** Uses and defines machine registers only; changes all caller-saved ones. */
export interface CallStep {
  readonly kind: "call";
  readonly callee: string;
  readonly argWords: number;
  readonly resultWords: number;
  readonly uses: readonly Temp[];
  readonly defs: readonly Temp[];
  readonly span: Span;
}

export interface ForeignCallStep {
  readonly kind: "foreignCall";
  readonly name: string;
  readonly uses: readonly Temp[];
  readonly span: Span;
}

export type Step = MachineStep | AddressStep | CopiesStep | CallStep | ForeignCallStep;

/** A step that makes a word out of nothing, so that it can be made again wherever it is wanted. */
export type ConstantStep = MachineStep | AddressStep;

export type End =
  | { readonly kind: "jump"; readonly to: Label; readonly span: Span }
  | {
      readonly kind: "machineBranch";
      readonly ins: string;
      readonly operands: readonly TempOperand[];
      readonly uses: readonly Temp[];
      readonly then: Label;
      readonly else: Label;
      readonly span: Span;
    }
  | { readonly kind: "return"; readonly uses: readonly Temp[]; readonly span: Span }
  | {
      readonly kind: "tailCall";
      readonly callee: string;
      readonly argWords: number;
      readonly uses: readonly Temp[];
      readonly span: Span;
    }
  | { readonly kind: "trap"; readonly reason: TrapReason; readonly span: Span };

export interface Block {
  readonly label: Label;
  readonly steps: readonly Step[];
  readonly end: End;
}

export interface Problem {
  readonly blocks: readonly Block[];
  /** One above the largest temporary. */
  readonly tempCount: number;
  readonly convention: Convention;
  /** Positions in `blocks`. */
  readonly successors: readonly (readonly number[])[];
  /** How often each block runs, the entry being 1. */
  readonly frequency: Float64Array;
  /** Temporaries with one definition that can be repeated anywhere, with that definition. */
  readonly constants: ReadonlyMap<Temp, ConstantStep>;
}

/** Where a temporary was put once and for all; absent: a register, to be chosen. */
export type Homes = ReadonlyMap<Temp, "memory" | "constant">;

const NONE: readonly Temp[] = [];

/** Copies that happen at the same time; their destinations are distinct. */
export function copiesStep(copies: readonly Copy[], span: Span): CopiesStep {
  const uses: Temp[] = [];
  const defs: Temp[] = [];
  for (const { dest, source } of copies) {
    if (source.kind === "temp") uses.push(source.temp);
    if (dest.kind === "temp") defs.push(dest.temp);
  }
  return { kind: "copies", copies, uses, defs, span };
}

/** Temporaries that a step reads. */
export function stepUses(step: Step): readonly Temp[] {
  return step.kind === "address" ? NONE : step.uses;
}

/** Temporaries that a step writes; what a call merely spoils is not among them. */
export function stepDefs(step: Step): readonly Temp[] {
  return step.kind === "foreignCall" ? NONE : step.defs;
}

export function endUses(end: End): readonly Temp[] {
  return end.kind === "jump" || end.kind === "trap" ? NONE : end.uses;
}

export function endTargets(end: End): readonly Label[] {
  if (end.kind === "jump") return [end.to];
  return end.kind === "machineBranch" ? [end.then, end.else] : NONE;
}

/** True for the machine registers among temporaries. */
export function isRegister(problem: Problem, temp: Temp): boolean {
  return temp < problem.convention.count;
}
