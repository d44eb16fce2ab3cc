// Chooses the length of every item of a function: the shortest forms whose jumps reach, found by growing only.
// Relies on code-item.ts. Guarantees: every open operand to a label holds its distance; a form, once grown, stays, so
// the number of rounds is bounded by the number of forms. Cost: a walk over the items per round, few rounds in practice.

import { inRange, operandRange } from "../../spec/isa/encoding.ts";
import type { Isa } from "../../spec/isa/schema.ts";
import { bug } from "../source/bug.ts";
import type { Span } from "../source/span.ts";
import type { CodeForm, CodeStep, FrameChange, Item } from "./code-item.ts";

/** What stands where. Steps have their distances to labels filled in; open operands to symbols stay open. */
export type PlacedItem =
  | { readonly kind: "label"; readonly label: string; readonly offset: number }
  | {
      readonly kind: "code";
      readonly offset: number;
      readonly form: CodeForm;
      readonly span: Span;
      readonly frame: FrameChange | null;
    };

export interface CodeLayout {
  readonly items: readonly PlacedItem[];
  /** Offsets of labels, those of steps included. */
  readonly labels: ReadonlyMap<string, number>;
  readonly sizeBytes: number;
}

/** Lays out the items of one section from offset 0. */
export function layOutCode(isa: Isa, items: readonly Item[]): CodeLayout {
  const chosen = new Array<number>(items.length).fill(0);
  let labels = placeLabels(items, chosen);
  while (grow(isa, { items, chosen, labels })) labels = placeLabels(items, chosen);
  return fillIn({ items, chosen, labels });
}

interface Draft {
  readonly items: readonly Item[];
  /** Index of the form of each item. */
  readonly chosen: number[];
  readonly labels: ReadonlyMap<string, number>;
}

function formOf(item: Extract<Item, { kind: "code" }>, index: number | undefined): CodeForm {
  return item.forms[index ?? 0] ?? bug("an item has no form of that number", item.span);
}

// Bytes of an instruction.
function stepBytes(step: CodeStep): number {
  return step.instruction.encoding.bits / 8;
}

function formBytes(form: CodeForm): number {
  let bytes = 0;
  for (const step of form.steps) bytes += stepBytes(step);
  return bytes;
}

function placeLabels(items: readonly Item[], chosen: readonly number[]): ReadonlyMap<string, number> {
  const labels = new Map<string, number>();
  let offset = 0;
  items.forEach((item, i) => {
    if (item.kind === "label") {
      labels.set(item.label, offset);
      return;
    }
    for (const step of formOf(item, chosen[i]).steps) {
      if (step.label !== null) labels.set(step.label, offset);
      offset += stepBytes(step);
    }
  });
  return labels;
}

// Takes the next longer form wherever a jump does not reach; true if anything changed.
function grow(isa: Isa, draft: Draft): boolean {
  let changed = false;
  let offset = 0;
  draft.items.forEach((item, i) => {
    if (item.kind === "label") return;
    const form = formOf(item, draft.chosen[i]);
    if (item.forms.length > 1 && !reaches(isa, form, { offset, labels: draft.labels })) {
      const next = (draft.chosen[i] ?? 0) + 1;
      if (next < item.forms.length) {
        draft.chosen[i] = next;
        changed = true;
      }
    }
    offset += formBytes(form);
  });
  return changed;
}

interface At {
  readonly offset: number;
  readonly labels: ReadonlyMap<string, number>;
}

function reaches(isa: Isa, form: CodeForm, at: At): boolean {
  let offset = at.offset;
  for (const step of form.steps) {
    const { open, instruction } = step;
    if (open?.to.kind === "label" && open.part === "whole") {
      const operand = instruction.operands.find((o) => o.name === open.name);
      const distance = labelOffset(at.labels, open.to.label) - offset;
      if (operand !== undefined && !inRange(operandRange(isa, instruction, operand), distance)) return false;
    }
    offset += stepBytes(step);
  }
  return true;
}

function labelOffset(labels: ReadonlyMap<string, number>, label: string): number {
  return labels.get(label) ?? bug(`a jump goes to label ${label}, which is not in the section`);
}

function fillIn(draft: Draft): CodeLayout {
  const { labels } = draft;
  let offset = 0;
  const items = draft.items.map((item, i): PlacedItem => {
    if (item.kind === "label") return { ...item, offset };
    const { span, frame } = item;
    const { steps, spelling } = formOf(item, draft.chosen[i]);
    const start = offset;
    let before = offset;
    const resolved = steps.map((step) => {
      const at = { offset, before, labels };
      before = offset;
      offset += stepBytes(step);
      return step.open === null ? step : resolveStep(step, at);
    });
    return { kind: "code", offset: start, form: { steps: resolved, spelling }, span, frame };
  });
  return { items, labels, sizeBytes: offset };
}

const ROUND = 0x800;
const HALF = 0x1000;

// `before`: where the step with the upper half is, from which the distance counts.
function resolveStep(step: CodeStep, at: At & { readonly before: number }): CodeStep {
  const { open } = step;
  if (open?.to.kind !== "label") return step;
  const distance = labelOffset(at.labels, open.to.label) - (open.part === "low" ? at.before : at.offset);
  const high = Math.floor((distance + ROUND) / HALF);
  const part = { whole: distance, high: high < 0 ? high + 0x100000 : high, low: distance - high * HALF }[
    open.part
  ];
  return { ...step, values: { ...step.values, [open.name]: part } };
}
