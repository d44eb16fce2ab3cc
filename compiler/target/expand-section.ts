// Lab sections as code items: what all targets share. A target says which instructions stand for one line
// (<isa>/expand-line.ts); this file walks the section, names labels and reads operands.
//
// Relies on spec/isa and environment.ts. Guarantees: labels of a section are local to the file.

import type { Instruction, OperandValues } from "../../spec/isa/schema.ts";
import type * as lab from "../lang/lab/ast.ts";
import { bug } from "../source/bug.ts";
import type { Span } from "../source/span.ts";
import {
  step,
  type CodeForm,
  type CodeStep,
  type Destination,
  type ExpandOptions,
  type FrameChange,
  type Item,
} from "./code-item.ts";
import type { Code } from "./convention.ts";
import { symbolName } from "./environment.ts";

/** The forms that stand for one or more Lab lines. */
export interface Expansion {
  readonly forms: readonly CodeForm[];
  readonly lines: number;
}

/** A line that becomes code. */
export type CodeLine = Exclude<lab.Line, { kind: "label" }>;

export interface SectionContext extends ExpandOptions {
  readonly section: lab.Section;
  /** Counts the labels that expansion makes. */
  readonly made: { labels: number };
}

/** What a target says. */
export interface SectionExpander {
  /** The instructions for `line`, which is `section.lines[index]`, and perhaps for lines after it. */
  expandLine(context: SectionContext, line: CodeLine, index: number): Expansion;
  /** For each line the frame's rule that holds after it if it differs from the one before, else null. */
  frameChanges(section: lab.Section): readonly (FrameChange | null)[];
}

/** The items of one section. */
export function expandSection(
  section: lab.Section,
  options: ExpandOptions,
  target: SectionExpander,
): readonly Item[] {
  const items: Item[] = [];
  const context: SectionContext = { ...options, section, made: { labels: 0 } };
  const frames = target.frameChanges(section);
  for (let i = 0; i < section.lines.length;) {
    const line = section.lines[i];
    if (line === undefined) break;
    if (line.kind === "label") {
      items.push({ kind: "label", label: labelName(line.label, section.name) });
      i += 1;
      continue;
    }
    const { forms, lines } = target.expandLine(context, line, i);
    i += lines;
    items.push({ kind: "code", forms, span: line.span, frame: frames[i - 1] ?? null });
  }
  return items;
}

/** How many words each function takes. */
export function paramWordsOf(program: lab.Program): (callee: string) => number {
  const words = new Map(program.sections.map((s) => [s.name, s.paramWords]));
  return (callee) => words.get(callee) ?? bug(`no section ${callee}`);
}

// The name of a label of the section: local to the file, never in symbol tables.
function labelName(label: lab.Label, section: string): string {
  return `.L${symbolName(section)}.${String(label)}`;
}

/** A label for an upper half, which the lower half names. */
export function nextLabel({ section, made }: SectionContext): string {
  made.labels += 1;
  return `.L${symbolName(section.name)}.hi${String(made.labels)}`;
}

/** One line's forms, from short to long. */
export function one(...forms: readonly CodeForm[]): Expansion {
  return { forms, lines: 1 };
}

/** A label of the section as a destination. */
export function destination({ section }: SectionContext, label: lab.Label): Destination {
  return { kind: "label", label: labelName(label, section.name) };
}

/** Something that the linker knows. */
export function linked(symbol: string, relocation: number, addend = 0n): Destination {
  return { kind: "symbol", symbol, addend, relocation };
}

/** A step whose operand `name` layout or the linker fills in. */
export function openStep(
  instruction: Instruction,
  values: OperandValues,
  name: string,
  to: Destination,
): CodeStep {
  return { ...step(instruction, { ...values, [name]: 0 }), open: { name, part: "whole", to } };
}

/** Operand values by name, in the order of spec/isa's operand list; a branch's target is left out. */
export function operandValues(
  instruction: Instruction,
  operands: Code["operands"],
  span: Span,
): Record<string, number> {
  const values: Record<string, number> = {};
  const named = instruction.operands.filter((o) => o.kind.kind !== "target");
  if (named.length !== operands.length)
    bug(`${instruction.name} has ${String(operands.length)} operands`, span);
  named.forEach((operand, i) => {
    const given = operands[i];
    if (given === undefined) return;
    values[operand.name] = given.kind === "register" ? given.register : Number(given.value);
  });
  return values;
}
