// Random expressions. Data expressions never depend on an address, so that no output does; all accesses are valid.

import type { Exp, Shape } from "../../../compiler/lang/pan/ast.ts";
import { sameShape } from "../../../compiler/lang/pan/shape.ts";
import { NO_SPAN } from "../../../compiler/source/span.ts";
import * as b from "./build.ts";
import { fieldsOf, localsOf, visibleLocals, type Context } from "./context.ts";

/** Words of the arena that programs load from and store to, from `@base` on. */
export const ARENA_WORDS = 64;
/** First byte, from `@base`, of what only shared accesses touch, and its size. */
export const SHARED_START = 1024;
export const SHARED_BYTES = 256;

const COMPARISONS = ["equal", "notEqual", "less", "notLess", "lower", "notLower"] as const;
const SHIFTS = ["lsl", "lsr", "asr", "ror"] as const;
const OPERATORS = ["add", "sub", "mul", "and", "or", "xor"] as const;

/** A data word. */
export function wordExp(c: Context, depth: number): Exp {
  const { random } = c;
  if (depth <= 0) return leaf(c);
  const smaller = (): Exp => wordExp(c, depth - 1);
  const make = random.weighted<() => Exp>([
    [22, () => leaf(c)],
    [20, () => operation(c, depth)],
    [8, () => b.compare(random.pick(COMPARISONS), smaller(), smaller())],
    [9, () => shiftExp(c, depth)],
    [6, () => logical(c, depth)],
    [7, () => b.load(b.WORD, wordAddress(c, 1, depth))],
    [4, () => b.loadBytes(1, byteAddress(c, 1, depth))],
    [4, () => b.loadBytes(4, byteAddress(c, 4, depth))],
    [8, () => projection(b.WORD, c, depth) ?? leaf(c)],
    [2, () => pointerFact(c)],
    [1, () => ({ kind: "bytesInWord", span: NO_SPAN })],
  ]);
  return make();
}

/** A condition: a comparison, or `&&` and `||` of conditions, nested. */
export function conditionExp(c: Context, depth = 2): Exp {
  const { random } = c;
  if (depth > 0 && random.chance(45)) return logical(c, depth);
  if (random.chance(25)) return wordExp(c, 1);
  return b.compare(random.pick(COMPARISONS), wordExp(c, 1), wordExp(c, 1));
}

function leaf(c: Context): Exp {
  const words = localsOf(b.WORD, ["data", "counter"], c).map((v) => b.local(v.name));
  if (words.length > 0 && c.random.chance(60)) return c.random.pick(words);
  const globals = c.program.globals.filter((g) => g.shape.kind === "word");
  if (globals.length > 0 && c.random.chance(35)) return b.global(c.random.pick(globals).name);
  if (c.random.chance(25)) return projection(b.WORD, c, 0) ?? b.constant(c.random.word());
  return b.constant(c.random.word());
}

function operation(c: Context, depth: number): Exp {
  const operator = c.random.pick(OPERATORS);
  const count = operator === "sub" || operator === "mul" ? 2 : 2 + c.random.below(3);
  const args = Array.from({ length: count }, () => wordExp(c, depth - 1));
  if (operator === "mul" && c.random.chance(60)) {
    args[c.random.below(2)] = b.constant(c.random.pick([2n, 3n, 7n, 8n, 10n, 24n, 255n, 4096n, -1n, -4n]));
  }
  return b.op(operator, ...args);
}

function shiftExp(c: Context, depth: number): Exp {
  const amount = c.random.chance(60)
    ? b.constant(c.random.below(64))
    : b.op("and", wordExp(c, depth - 1), b.constant(63));
  return b.shift(c.random.pick(SHIFTS), wordExp(c, depth - 1), amount);
}

/** What `&&`, `||` and `!` are made of. */
function logical(c: Context, depth: number): Exp {
  const zero = b.constant(0);
  const parts = Array.from({ length: 2 + c.random.below(2) }, () => conditionExp(c, depth - 1));
  switch (c.random.below(5)) {
    case 0:
    case 1:
      return b.op("and", ...parts.map((e) => b.compare("notEqual", zero, e)));
    case 2:
    case 3:
      return b.compare("notEqual", zero, b.op("or", ...parts));
    default:
      return b.compare("equal", zero, conditionExp(c, depth - 1));
  }
}

/** Differences and comparisons of addresses do not show where the heap is. */
function pointerFact(c: Context): Exp {
  if (c.random.chance(10)) return b.compare("lower", pointerExp(c, 1), { kind: "topAddr", span: NO_SPAN });
  const [p, q] = [pointerExp(c, 1), pointerExp(c, 1)];
  return c.random.chance(50) ? b.op("sub", p, q) : b.compare(c.random.pick(COMPARISONS), p, q);
}

/** An aligned address among the first 32 words of the arena. */
export function pointerExp(c: Context, depth: number): Exp {
  const pointers = localsOf(b.WORD, ["pointer"], c);
  if (pointers.length > 0 && c.random.chance(60)) return b.local(c.random.pick(pointers).name);
  if (c.random.chance(40)) return b.op("add", b.base(), b.constant(8 * c.random.below(32)));
  const index = b.op("and", wordExp(c, depth - 1), b.constant(31));
  const offset = c.random.chance(50)
    ? b.shift("lsl", index, b.constant(3))
    : b.op("mul", index, { kind: "bytesInWord", span: NO_SPAN });
  return b.op("add", b.base(), offset);
}

/** An aligned address with `words` words of the arena behind it. */
export function wordAddress(c: Context, words: number, depth: number): Exp {
  const room = ARENA_WORDS - 32 - words;
  const pointer = c.random.chance(12) ? b.base() : pointerExp(c, depth);
  if (c.random.chance(45)) return pointer;
  return b.op("add", pointer, b.constant(8 * c.random.below(Math.min(room, 16))));
}

/** An address in the arena, a multiple of `bytes`. */
export function byteAddress(c: Context, bytes: 1 | 4, depth: number): Exp {
  const step = (limit: number): bigint => BigInt(bytes * c.random.below(limit));
  if (c.random.chance(50)) return b.op("add", wordAddress(c, 1, depth), b.constant(step(8 / bytes)));
  if (bytes === 1) return b.op("add", b.base(), b.op("and", wordExp(c, depth - 1), b.constant(511)));
  const index = b.op("and", wordExp(c, depth - 1), b.constant(127));
  return b.op("add", b.base(), b.shift("lsl", index, b.constant(2)));
}

/** An address for shared accesses of `bytes`. */
export function sharedAddress(c: Context, bytes: 1 | 2 | 4 | 8): Exp {
  const count = SHARED_BYTES / bytes;
  if (c.random.chance(50)) {
    return b.op("add", b.base(), b.constant(SHARED_START + bytes * c.random.below(count)));
  }
  const index = b.op("and", wordExp(c, 1), b.constant(count - 1));
  const scaled = bytes === 1 ? index : b.op("mul", index, b.constant(bytes));
  return b.op("add", b.base(), b.constant(SHARED_START), scaled);
}

/** A data value of any shape. */
export function valueExp(shape: Shape, c: Context, depth: number): Exp {
  if (shape.kind === "word") return wordExp(c, depth);
  const { random } = c;
  const variables = localsOf(shape, ["data"], c).map((v) => b.local(v.name));
  if (variables.length > 0 && random.chance(40)) return random.pick(variables);
  const globals = c.program.globals.filter((g) => sameShape(g.shape, shape));
  if (globals.length > 0 && random.chance(25)) return b.global(random.pick(globals).name);
  if (random.chance(20)) return b.load(shape, wordAddress(c, c.program.words(shape), depth));
  const part = random.chance(25) ? projection(shape, c, depth) : null;
  return part ?? literal(shape, c, depth);
}

function literal(shape: Shape, c: Context, depth: number): Exp {
  if (shape.kind === "word") return wordExp(c, depth);
  if (shape.kind === "struct") {
    return b.rawStruct(shape.fields.map((field) => valueExp(field, c, depth - 1)));
  }
  const declared = c.program.structs.find((s) => s.name === shape.name)?.fields ?? [];
  const fields = declared.map((f) => ({ name: f.name, value: valueExp(f.shape, c, depth - 1) }));
  if (c.random.chance(50)) fields.reverse();
  return { kind: "namedStruct", name: shape.name, fields, span: NO_SPAN };
}

/** A component of that shape of something larger that is at hand, or null. */
function projection(wanted: Shape, c: Context, depth: number): Exp | null {
  const sources: { readonly exp: Exp; readonly shape: Shape }[] = [
    ...visibleLocals(c)
      .filter((v) => v.role === "data" && v.shape.kind !== "word")
      .map((v) => ({ exp: b.local(v.name), shape: v.shape })),
    ...c.program.globals
      .filter((g) => g.shape.kind !== "word")
      .map((g) => ({ exp: b.global(g.name), shape: g.shape })),
  ];
  const small = c.program.shapes.filter((s) => s.kind !== "word" && c.program.words(s) <= 8);
  if (depth > 1 && small.length > 0) {
    const shape = c.random.pick(small);
    const words = c.program.words(shape);
    const exp = c.random.chance(60) ? b.load(shape, wordAddress(c, words, depth - 1)) : literal(shape, c, 1);
    sources.push({ exp, shape });
  }
  const found = sources.flatMap(({ exp, shape }) => projections(exp, shape, wanted, c));
  return found.length === 0 ? null : c.random.pick(found);
}

function projections(exp: Exp, shape: Shape, wanted: Shape, c: Context): readonly Exp[] {
  return fieldsOf(shape, c.program).flatMap((field, index) => {
    const named = "name" in field && "shape" in field;
    const inner = named ? field.shape : field;
    const part: Exp = named
      ? { kind: "namedField", field: field.name, value: exp, span: NO_SPAN }
      : { kind: "rawField", index, value: exp, span: NO_SPAN };
    const here = sameShape(inner, wanted) ? [part] : [];
    return [...here, ...projections(part, inner, wanted, c)];
  });
}
