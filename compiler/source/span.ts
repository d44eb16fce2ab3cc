// A place in the text of one translation unit.
//
// Offsets count UTF-16 units in the *preprocessed* text of the unit (all files in order). The unit's origin map
// (compiler/source/translation-unit.ts) says which file, line and macro expansion an offset came from, so nodes
// carry two numbers only and macros cost nothing until a diagnostic is rendered.

export interface Span {
  /** First offset. */
  readonly start: number;
  /** Offset after the last one. `end >= start`. */
  readonly end: number;
}

/** The span of nodes that no source text produced (the default `main`, for example). */
export const NO_SPAN: Span = { start: -1, end: -1 };

/** The smallest span that covers both; NO_SPAN is neutral. */
export function joinSpans(a: Span, b: Span): Span {
  if (a.start < 0) return b;
  if (b.start < 0) return a;
  return { start: Math.min(a.start, b.start), end: Math.max(a.end, b.end) };
}
