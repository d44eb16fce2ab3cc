// Our own mistakes: the one way to say that the toolchain itself is wrong.
//
// A user's mistake is a Diagnostic value (diagnostic.ts); a broken invariant of ours throws InternalError,
// which the pipeline runner wraps with the pass, the function and the span that it was working on.

import type { Span } from "./span.ts";

/** Thrown only for mistakes of the toolchain. `where` grows on the way out: pass, function. */
export class InternalError extends Error {
  readonly span: Span | null;
  readonly where: readonly string[];
  constructor(message: string, span: Span | null = null, where: readonly string[] = []) {
    super(message);
    this.name = "InternalError";
    this.span = span;
    this.where = where;
  }
}

/** Reports a broken invariant. Never use for anything that a user's input can cause. */
export function bug(message: string, span: Span | null = null): never {
  throw new InternalError(message, span);
}

/** Marks a point that exhaustive matching has ruled out. */
export function unreachable(value: never): never {
  throw new InternalError(`unreachable value ${JSON.stringify(value)}`);
}
