// Code between Lab and bytes: labels and instructions, some of which can be written in several lengths.
//
// A target turns Lab lines into items; layout-code.ts chooses lengths and offsets; encoders and printers follow.
// Relies on spec/isa. An item's forms all do the same; they are ordered from short to long.

import type { Instruction, OperandValues } from "../../spec/isa/schema.ts";
import type { Span } from "../source/span.ts";
import type { Environment } from "./environment.ts";

/** How Lab lines are to be written. */
export interface ExpandOptions {
  readonly environment: Environment;
  /** Use short forms where they exist. */
  readonly compress: boolean;
  /** All functions of the output lie within the reach of a short call. */
  readonly near: boolean;
  /** How many words a function of the program takes. */
  readonly paramWords: (callee: string) => number;
}

/** What an operand that is not known yet refers to. */
export type Destination =
  /** A label of the same section. */
  | { readonly kind: "label"; readonly label: string }
  /** Something that the linker knows; `relocation` is the machine's number. */
  | {
      readonly kind: "symbol";
      readonly symbol: string;
      readonly addend: bigint;
      readonly relocation: number;
    };

/** The operand that layout or the linker fills in. Its value among `values` is 0 until then. */
interface OpenOperand {
  readonly name: string;
  /** `high`, `low`: halves of a distance that an upper-immediate instruction and the next one split. */
  readonly part: "whole" | "high" | "low";
  readonly to: Destination;
}

/** One instruction. */
export interface CodeStep {
  readonly instruction: Instruction;
  readonly values: OperandValues;
  readonly open: OpenOperand | null;
  /** A label in front of it, for a later step's lower half. */
  readonly label: string | null;
}

/** An instruction that GNU as shortens or lengthens by itself, or lines of assembly. */
type Spelling =
  | { readonly kind: "step"; readonly step: CodeStep }
  | { readonly kind: "lines"; readonly lines: readonly string[] };

export interface CodeForm {
  readonly steps: readonly CodeStep[];
  /** How GNU as is told to make these steps, if not by writing each of them. */
  readonly spelling: Spelling | null;
}

export type Item =
  | { readonly kind: "label"; readonly label: string }
  | {
      readonly kind: "code";
      /** At least one; from short to long. */
      readonly forms: readonly CodeForm[];
      readonly span: Span;
      /** The frame's rule that holds from the end of this item on; null: no change. */
      readonly frame: FrameChange | null;
    };

/** A new rule for the frame: the CFA is the stack pointer plus `cfaOffset`, with these registers saved. */
export interface FrameChange {
  readonly cfaOffset: number;
  readonly saved: readonly { readonly register: number; readonly cfaOffset: number }[];
}

/** A step whose operands are all known. */
export function step(instruction: Instruction, values: OperandValues): CodeStep {
  return { instruction, values, open: null, label: null };
}

/** A form that is written as its steps are. */
export function plainForm(...steps: readonly CodeStep[]): CodeForm {
  return { steps, spelling: null };
}

/** A form that GNU as makes from one instruction. */
export function shortened(steps: readonly CodeStep[], whole: CodeStep): CodeForm {
  return { steps, spelling: { kind: "step", step: whole } };
}

/** A form that is written as a pseudo-instruction. */
export function written(steps: readonly CodeStep[], ...lines: readonly string[]): CodeForm {
  return { steps, spelling: { kind: "lines", lines } };
}
