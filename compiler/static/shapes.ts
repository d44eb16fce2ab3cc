// Shapes as the checker knows them: resolved, with their size, and `unknown` where a mistake was already reported.
//
// Equality is structural for raw structs and by name for named ones (pancake-language.md, 3.1). `unknown` equals
// everything, so one mistake is reported once. Sizes stay below MAX_SHAPE_WORDS, so walking a shape is cheap.

export type Shape =
  | { readonly kind: "word" }
  | { readonly kind: "struct"; readonly fields: readonly Shape[]; readonly words: number }
  | { readonly kind: "named"; readonly name: string; readonly words: number }
  | { readonly kind: "unknown" };

/** The largest shape that the compiler keeps in variables. Upstream has no limit; nobody comes near this one. */
export const MAX_SHAPE_WORDS = 4096;

/** The largest result of a function and payload of an exception (pancake-language.md, 7.7). */
export const MAX_TRANSFER_WORDS = 32;

export const WORD: Shape = { kind: "word" };
export const UNKNOWN: Shape = { kind: "unknown" };

/** Size in words; `unknown` counts as one. */
export function wordsOf(shape: Shape): number {
  return shape.kind === "struct" || shape.kind === "named" ? shape.words : 1;
}

/** The raw struct of these components. */
export function structOf(fields: readonly Shape[]): Shape {
  let words = 0;
  for (const field of fields) words += wordsOf(field);
  return { kind: "struct", fields, words };
}

/** The shape written `n`: a word for 1, else a raw struct of `n` words. `n` is 1 .. MAX_SHAPE_WORDS. */
export function shapeOfWords(count: number): Shape {
  return count === 1 ? WORD : structOf(Array.from({ length: count }, () => WORD));
}

export function shapesEqual(a: Shape, b: Shape): boolean {
  if (a === b || a.kind === "unknown" || b.kind === "unknown") return true;
  if (a.kind === "named") return b.kind === "named" && a.name === b.name;
  if (a.kind === "word" || b.kind !== "struct") return a.kind === b.kind;
  return (
    a.fields.length === b.fields.length && a.fields.every((f, i) => shapesEqual(f, b.fields[i] ?? UNKNOWN))
  );
}

export function isWord(shape: Shape): boolean {
  return shape.kind === "word" || shape.kind === "unknown";
}

/** As a user writes it; more than four plain words are written as their number. */
export function showShape(shape: Shape): string {
  switch (shape.kind) {
    case "word":
      return "1";
    case "named":
      return shape.name;
    case "unknown":
      return "?";
    case "struct":
      return shape.fields.length > 4 && shape.fields.every((f) => f.kind === "word")
        ? String(shape.fields.length)
        : `{${shape.fields.map(showShape).join(",")}}`;
  }
}

/** Where two different shapes differ first. */
export interface ShapeDifference {
  /** Projections from the whole to the place: `.1.0`; empty if the shapes differ as wholes. */
  readonly path: string;
  readonly expected: Shape;
  readonly found: Shape;
}

/** The first innermost difference; null if the shapes are equal. */
export function firstDifference(expected: Shape, found: Shape): ShapeDifference | null {
  let path = "";
  let [e, f] = [expected, found];
  if (shapesEqual(e, f)) return null;
  for (;;) {
    if (e.kind !== "struct" || f.kind !== "struct" || e.fields.length !== f.fields.length) break;
    const found: readonly Shape[] = f.fields;
    const at = e.fields.findIndex((part, i) => !shapesEqual(part, found[i] ?? UNKNOWN));
    const [nextE, nextF] = [e.fields[at], found[at]];
    if (nextE === undefined || nextF === undefined) break;
    path += `.${String(at)}`;
    [e, f] = [nextE, nextF];
  }
  return { path, expected: e, found: f };
}
