// Which function of the source a span belongs to, so that code that was inlined is reported under its own name.

import type { Span } from "../../source/span.ts";
import type { Declaration } from "../../syntax/tree.ts";

/** Answers the name of the function that was written around a span; null outside of all functions. */
export function sourceFunctions(declarations: readonly Declaration[]): (span: Span) => string | null {
  const functions = declarations
    .filter((d) => d.kind === "function")
    .toSorted((a, b) => a.span.start - b.span.start);
  return ({ start }) => {
    let [low, high] = [0, functions.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((functions[middle]?.span.start ?? 0) <= start) low = middle + 1;
      else high = middle;
    }
    const found = functions[low - 1];
    return found !== undefined && start < found.span.end ? found.name.text : null;
  };
}
