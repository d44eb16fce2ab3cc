// Immediates of lowering templates: sums, differences, bits, shifts and named functions of the bound constants.
//
//   expression = term { ("+" | "-" | "&" | "<<" | ">>") term }        from left to right, whatever the operators
//   term = ["-" | "~"] (number | name | "(" expression ")" | function "(" expression, ... ")")
//
// Numbers are signed; shifts are those of a word, `>>` fills with zeros. Relies on nothing but the target's functions.
// Any null (a function that does not apply, a shift by less than 0 or more than 63) makes the whole null.

import { bug } from "../source/bug.ts";
import type { Immediate, ImmediateFunctions } from "./pattern.ts";

const TOKEN = /\s*(0x[0-9a-f]+|\d+|[a-z]\w*|<<|>>|[-+&~(),])/y;

interface Reader {
  readonly text: string;
  readonly tokens: readonly string[];
  at: number;
  readonly constants: ReadonlyMap<string, number>;
  readonly functions: ImmediateFunctions;
}

/** `constants`: positions of the pattern's constants by name. */
export function parseImmediate(
  text: string,
  constants: ReadonlyMap<string, number>,
  functions: ImmediateFunctions,
): Immediate {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const match = TOKEN.exec(text) ?? bug(`immediate \`${text}\` cannot be read`);
    tokens.push(match[1] ?? "");
  }
  const reader: Reader = { text, tokens, at: 0, constants, functions };
  const value = parseSum(reader);
  return reader.at === tokens.length ? value : bug(`immediate \`${text}\` goes on too long`);
}

function parseSum(r: Reader): Immediate {
  let sum = parseTerm(r);
  for (;;) {
    const operator = operators[r.tokens[r.at] ?? ""];
    if (operator === undefined) return sum;
    r.at += 1;
    sum = apply(operator, [sum, parseTerm(r)]);
  }
}

type Operator = (a: bigint, b: bigint) => bigint | null;

const isShift = (count: bigint): boolean => count >= 0n && count < 64n;

const operators: Readonly<Record<string, Operator>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "&": (a, b) => a & b,
  "<<": (a, b) => (isShift(b) ? BigInt.asIntN(64, a << b) : null),
  ">>": (a, b) => (isShift(b) ? BigInt.asIntN(64, BigInt.asUintN(64, a) >> b) : null),
};

function parseTerm(r: Reader): Immediate {
  const token = r.tokens[r.at++] ?? bug(`immediate \`${r.text}\` ends too early`);
  if (token === "-") return apply((a) => -a, [parseTerm(r)]);
  if (token === "~") return apply((a) => ~a, [parseTerm(r)]);
  if (token === "(") {
    const inner = parseSum(r);
    expect(r, ")");
    return inner;
  }
  if (/^\d/.test(token)) {
    const value = BigInt(token);
    return () => value;
  }
  if (r.tokens[r.at] === "(") return parseCall(token, r);
  const slot =
    r.constants.get(token) ?? bug(`immediate \`${r.text}\`: the pattern has no constant \`${token}\``);
  return (constants) => constants[slot] ?? bug(`constant \`${token}\` is not bound`);
}

function parseCall(name: string, r: Reader): Immediate {
  const called = r.functions[name] ?? bug(`immediate \`${r.text}\`: no function \`${name}\``);
  expect(r, "(");
  const args = [parseSum(r)];
  while (r.tokens[r.at] === ",") {
    r.at += 1;
    args.push(parseSum(r));
  }
  expect(r, ")");
  return apply(called, args);
}

function expect(r: Reader, token: string): void {
  if (r.tokens[r.at++] !== token) bug(`immediate \`${r.text}\` misses \`${token}\``);
}

function apply(f: (...args: bigint[]) => bigint | null, args: readonly Immediate[]): Immediate {
  return (constants) => {
    const values: bigint[] = [];
    for (const arg of args) {
      const value = arg(constants);
      if (value === null) return null;
      values.push(value);
    }
    return f(...values);
  };
}
