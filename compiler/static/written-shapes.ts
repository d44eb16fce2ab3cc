// From shapes as written to shapes as known: undeclared structs and too large shapes are reported. Shapes of no words
// are the parser's business.

import type { Shape as WrittenShape } from "../syntax/tree.ts";
import { complain, structNamed, type CheckContext } from "./context.ts";
import {
  MAX_SHAPE_WORDS,
  shapeOfWords,
  showShape,
  structOf,
  UNKNOWN,
  WORD,
  wordsOf,
  type Shape,
} from "./shapes.ts";

/** The shape that `written` means; null (left out) is one word. `unknown` after a reported mistake. */
export function resolveShape(written: WrittenShape | null, ctx: CheckContext): Shape {
  if (written === null) return WORD;
  const shape = resolvePart(written, ctx);
  return reportOversize(written, shape, ctx) ? UNKNOWN : shape;
}

function resolvePart(written: WrittenShape, ctx: CheckContext): Shape {
  switch (written.kind) {
    case "error":
      return UNKNOWN;
    case "named":
      return structNamed(written.name, written.span, ctx);
    case "words":
      return resolveWords(written.count, written, ctx);
    case "struct":
      return structOf(written.fields.map((field) => resolvePart(field, ctx)));
  }
}

function resolveWords(count: bigint, written: WrittenShape, ctx: CheckContext): Shape {
  if (count < 1n) return UNKNOWN;
  if (count <= BigInt(MAX_SHAPE_WORDS)) return shapeOfWords(Number(count));
  complain(ctx, "S0202", written.span, { with: { found: String(count), limit: MAX_SHAPE_WORDS } });
  return UNKNOWN;
}

/** Reports a shape with more words than we keep in variables. */
export function reportOversize(written: WrittenShape, shape: Shape, ctx: CheckContext): boolean {
  if (wordsOf(shape) <= MAX_SHAPE_WORDS) return false;
  complain(ctx, "S0202", written.span, {
    with: { found: wordsOf(shape), limit: MAX_SHAPE_WORDS },
    label: showShape(shape),
  });
  return true;
}
