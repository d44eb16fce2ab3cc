// Values and labels of WordLang's text form, and what the parse of a function collects; see parse.ts.

import type { Isa } from "../../../spec/isa/schema.ts";
import type { TextReader } from "../text-reader.ts";
import type { Value } from "./ast.ts";

/** What the parse of one function collects on the way. */
export interface FunctionText {
  readonly isa: Isa | null;
  readonly names: Map<Value, string>;
  nextValue: number;
  nextLabel: number;
}

/** `b7`. */
export function parseLabel(r: TextReader, text: FunctionText): number {
  const token = r.peek();
  const match = /^b(\d+)$/.exec(r.name());
  if (match === null) return r.fail("expected a label such as `b0`", token);
  const label = Number(match[1]);
  text.nextLabel = Math.max(text.nextLabel, label + 1);
  return label;
}

/** `%7` or `name%7`; the name is kept. */
export function parseValue(r: TextReader, text: FunctionText): Value {
  const token = r.peek();
  if (token.kind !== "variable") r.fail(`expected a value such as \`%0\`, found \`${token.text}\``);
  r.next();
  const at = token.text.indexOf("%");
  const value = Number(token.text.slice(at + 1));
  if (at > 0) text.names.set(value, token.text.slice(0, at));
  text.nextValue = Math.max(text.nextValue, value + 1);
  return value;
}

/** `(%1, %2)`. */
export function parseArgs(r: TextReader, text: FunctionText): readonly Value[] {
  r.expect("(");
  return r.list(")", () => parseValue(r, text));
}
