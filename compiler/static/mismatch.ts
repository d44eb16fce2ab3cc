// How a wrong shape is reported: at the innermost component that differs if the expression is a struct literal,
// at the expression with the path to the difference otherwise.

import type { RelatedPlace } from "../source/diagnostic.ts";
import type { Span } from "../source/span.ts";
import type { Exp } from "../syntax/tree.ts";
import { withoutParens } from "./chain.ts";
import { complain, type CheckContext } from "./context.ts";
import { firstDifference, shapesEqual, showShape, UNKNOWN, wordsOf, type Shape } from "./shapes.ts";

/** What was wanted, and how to say it. */
export interface Wanted {
  readonly code: string;
  readonly shape: Shape;
  /** Parameters of the message besides `expected` and `found`. */
  readonly with: Readonly<Record<string, string>>;
  /** The parameter that names the thing of this shape: a component's path is appended to it, or `what` describes it. */
  readonly subject?: string;
  readonly related?: readonly RelatedPlace[];
}

/** Reports unless `found`, the shape of `exp`, is the wanted one. True if it is. */
export function expectShape(exp: Exp, found: Shape, wanted: Wanted, ctx: CheckContext): boolean {
  if (shapesEqual(wanted.shape, found)) return true;
  reportAt(exp, found, { wanted, path: "", expected: wanted.shape }, ctx);
  return false;
}

/** The same for a value that has no expression of its own (the result of a call, a caught payload). */
export function expectShapeAt(span: Span, found: Shape, wanted: Wanted, ctx: CheckContext): boolean {
  if (shapesEqual(wanted.shape, found)) return true;
  report(span, found, { wanted, path: "", expected: wanted.shape }, ctx);
  return false;
}

interface Component {
  readonly wanted: Wanted;
  /** Projections from the whole to this component: `.1.0`. */
  readonly path: string;
  readonly expected: Shape;
}

function reportAt(exp: Exp, found: Shape, at: Component, ctx: CheckContext): void {
  const { expected } = at;
  const inner = withoutParens(exp);
  const literal = inner.kind === "rawStruct" && expected.kind === "struct" && found.kind === "struct";
  if (!literal || expected.fields.length !== inner.fields.length) {
    report(exp.span, found, at, ctx);
    return;
  }
  inner.fields.forEach((field, i) => {
    const [wantedField, foundField] = [expected.fields[i] ?? UNKNOWN, found.fields[i] ?? UNKNOWN];
    if (shapesEqual(wantedField, foundField)) return;
    reportAt(field, foundField, { ...at, path: `${at.path}.${String(i)}`, expected: wantedField }, ctx);
  });
}

function report(span: Span, found: Shape, at: Component, ctx: CheckContext): void {
  const { wanted, path, expected } = at;
  const notes: string[] = [];
  if (path !== "") {
    notes.push(`this has shape ${showShape(found)}; the whole value should have ${showShape(wanted.shape)}`);
  }
  const difference = firstDifference(expected, found);
  if (difference !== null && difference.path !== "") {
    const [e, f] = [showShape(difference.expected), showShape(difference.found)];
    notes.push(`${difference.path} is ${f} where ${e} is expected`);
  }
  const help = helpFor(expected, found);
  const subject =
    path === "" || wanted.subject === undefined ? {} : nameComponent(wanted, wanted.subject, path);
  complain(ctx, wanted.code, span, {
    with: { ...wanted.with, ...subject, expected: showShape(expected), found: showShape(found) },
    label: notes.length === 0 ? `this has shape ${showShape(found)}` : notes.join("; "),
    ...(wanted.related === undefined ? {} : { related: wanted.related }),
    ...(help === null ? {} : { help }),
  });
}

function nameComponent(wanted: Wanted, subject: string, path: string): Readonly<Record<string, string>> {
  const whole = wanted.with[subject] ?? "";
  return { [subject]: subject === "what" ? `component ${path} of ${whole}` : `${whole}${path}` };
}

/** A hint for the mix-ups that the two shapes by themselves reveal. */
function helpFor(expected: Shape, found: Shape): string | null {
  if (
    found.kind === "struct" &&
    found.fields.length === 1 &&
    shapesEqual(found.fields[0] ?? UNKNOWN, expected)
  ) {
    return `${showShape(found)} is a struct of one component: take it with \`.0\``;
  }
  if (expected.kind === "struct" && expected.fields.length === 1) {
    if (shapesEqual(expected.fields[0] ?? UNKNOWN, found)) {
      return `${showShape(expected)} is a struct of one component: write \`<...>\` around the value`;
    }
  }
  const named = expected.kind === "named" ? expected : found.kind === "named" ? found : null;
  const other = named === expected ? found : expected;
  if (named === null || other.kind === "word" || other.kind === "unknown") return null;
  if (other.kind === "named" || wordsOf(other) !== wordsOf(named)) return null;
  return `a named struct never equals a raw one: write \`${named.name} <...>\` with its field names`;
}
