// Random surface trees that obey the static rules, conveniences included, made from a tape of numbers.
//
// Each choice takes the next number of the tape; past its end every choice is the simplest one, so programs are
// finite and fast-check can shrink them by shortening the tape. Spans are distinct and count up.

import type * as tree from "../../compiler/syntax/tree.ts";
import type { Span } from "../../compiler/source/span.ts";

type Shape =
  | { readonly kind: "word" }
  | { readonly kind: "struct"; readonly fields: readonly Shape[] }
  | { readonly kind: "named"; readonly name: string };

interface Signature {
  readonly name: string;
  readonly params: readonly Shape[];
  readonly result: Shape;
}

interface Variable {
  readonly name: string;
  readonly shape: Shape;
  readonly local: boolean;
}

const WORD: Shape = { kind: "word" };

/** The choices, the names declared so far, and how much more may be generated. */
class Maker {
  readonly #tape: readonly number[];
  #at = 0;
  #position = 0;
  readonly structs: { readonly name: string; readonly fields: readonly (readonly [string, Shape])[] }[] = [];
  readonly functions: Signature[] = [];
  readonly exceptions: (readonly [string, Shape])[] = [];
  readonly constants: string[] = [];
  scope: readonly Variable[] = [];

  constructor(tape: readonly number[]) {
    this.#tape = tape;
  }

  get spent(): boolean {
    return this.#at >= this.#tape.length;
  }

  /** 0 .. count-1; 0 when the tape has ended. */
  pick(count: number): number {
    return count <= 1 ? 0 : (this.#tape[this.#at++] ?? 0) % count;
  }

  choose<T>(items: readonly T[]): T {
    const item = items[this.pick(items.length)];
    if (item === undefined) throw new Error("nothing to choose from");
    return item;
  }

  /** True in one of `count` cases, never past the end of the tape. */
  rarely(count: number): boolean {
    return this.pick(count) === 1;
  }

  span(): Span {
    this.#position += 2;
    return { start: this.#position, end: this.#position + 1 };
  }

  name(text: string): tree.Name {
    return { text, span: this.span() };
  }
}

function sameShape(a: Shape, b: Shape): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function randomShape(m: Maker, depth: number): Shape {
  const choice = m.pick(depth > 0 ? 4 : 1);
  if (choice === 1) {
    return { kind: "struct", fields: Array.from({ length: 1 + m.pick(3) }, () => randomShape(m, depth - 1)) };
  }
  const struct = choice === 2 && m.structs.length > 0 ? m.choose(m.structs) : undefined;
  return struct === undefined ? WORD : { kind: "named", name: struct.name };
}

/** A shape that a result or payload may have: at most 32 words. */
function transferShape(m: Maker): Shape {
  const shape = randomShape(m, 2);
  return wordCount(m, shape) <= 32 ? shape : WORD;
}

function wordCount(m: Maker, shape: Shape): number {
  const fields =
    shape.kind === "struct"
      ? shape.fields
      : shape.kind === "named"
        ? (m.structs.find((s) => s.name === shape.name)?.fields ?? []).map(([, field]) => field)
        : null;
  return fields === null ? 1 : fields.reduce((sum, field) => sum + wordCount(m, field), 0);
}

function written(m: Maker, shape: Shape): tree.Shape {
  const span = m.span();
  switch (shape.kind) {
    case "word":
      return { kind: "words", count: 1n, span };
    case "named":
      return { kind: "named", name: shape.name, span };
    case "struct":
      return shape.fields.length > 1 && shape.fields.every((f) => f.kind === "word") && m.rarely(2)
        ? { kind: "words", count: BigInt(shape.fields.length), span }
        : { kind: "struct", fields: shape.fields.map((f) => written(m, f)), span };
  }
}

function shapedName(m: Maker, name: string, shape: Shape): tree.ShapedName {
  const left = shape.kind === "word" && m.rarely(3);
  return { shape: left ? null : written(m, shape), name: m.name(name), span: m.span() };
}

function literal(m: Maker): tree.Exp {
  const value = m.choose([0n, 1n, 7n, -1n, 255n, 4096n, (1n << 64n) - 1n]);
  const text = m.rarely(4) && value >= 0n ? `0x${value.toString(16)}` : String(value);
  return { kind: "int", value, text, span: m.span() };
}

/** Calls are allowed where `calls` says so; `depth` bounds the tree. */
interface Place {
  readonly calls: boolean;
  readonly depth: number;
}

const operators: readonly tree.BinaryOp[] = [
  "+", "-", "*", "&", "|", "^", "&&", "||", "==", "!=", "<", ">", "<=", ">=", "<+", ">+", "<=+", ">=+",
]; // prettier-ignore
const shifts: readonly tree.BinaryOp[] = ["<<", ">>", ">>>", "#>>"];

function wordExpression(m: Maker, place: Place): tree.Exp {
  const span = m.span();
  const inner: Place = { ...place, depth: place.depth - 1 };
  const word = (): tree.Exp => wordExpression(m, inner);
  switch (m.pick(place.depth > 0 && !m.spent ? 12 : 1)) {
    case 1:
    case 2:
      return {
        kind: "binary",
        op: m.choose(operators),
        left: word(),
        right: word(),
        operatorSpan: m.span(),
        span,
      };
    case 3:
      return { kind: "not", operand: word(), span };
    case 4:
      return { kind: "parens", inner: word(), span };
    case 5:
      return { kind: "loadBytes", bytes: m.choose([1, 4] as const), address: word(), span };
    case 6:
      return { kind: "load", shape: written(m, WORD), address: word(), span };
    case 7: {
      const amount: tree.Exp = { kind: "int", value: BigInt(m.pick(64)), text: "0", span: m.span() };
      const right = m.rarely(2) ? word() : { ...amount, text: String(amount.value) };
      return {
        kind: "binary",
        op: m.choose(shifts),
        left: word(),
        right: isInt(right) ? { ...amount, text: String(amount.value) } : variableAmount(m, right),
        operatorSpan: m.span(),
        span,
      };
    }
    case 8:
      return { kind: "constant", name: m.choose(["@base", "@top", "@biw"] as const), span };
    case 9:
      return m.constants.length > 0 ? { kind: "name", name: m.choose(m.constants), span } : literal(m);
    case 10:
    case 11:
      return callExpression(m, WORD, inner) ?? leaf(m, WORD);
    default:
      return leaf(m, WORD);
  }
}

function isInt(exp: tree.Exp): boolean {
  return exp.kind === "int";
}

/** An amount that is surely not a constant of 64 or more: `x & 63`. */
function variableAmount(m: Maker, amount: tree.Exp): tree.Exp {
  const mask: tree.Exp = { kind: "int", value: 63n, text: "63", span: m.span() };
  return { kind: "binary", op: "&", left: amount, right: mask, operatorSpan: m.span(), span: m.span() };
}

/** A variable of `shape`, a component of one, or the simplest value. */
function leaf(m: Maker, shape: Shape): tree.Exp {
  const fitting = m.scope.filter((v) => sameShape(v.shape, shape));
  const structs = m.scope.filter(
    (v) => v.shape.kind === "struct" && v.shape.fields.some((f) => sameShape(f, shape)),
  );
  if (structs.length > 0 && m.rarely(3)) {
    const variable = m.choose(structs);
    const fields = variable.shape.kind === "struct" ? variable.shape.fields : [];
    const index = BigInt(fields.findIndex((f) => sameShape(f, shape)));
    const value: tree.Exp = { kind: "name", name: variable.name, span: m.span() };
    return { kind: "index", value, index, indexSpan: m.span(), span: m.span() };
  }
  const choice = m.pick(fitting.length + 1);
  const variable = fitting[choice - 1];
  if (variable !== undefined) return { kind: "name", name: variable.name, span: m.span() };
  return shape.kind === "word" ? literal(m) : structExpression(m, shape, { calls: false, depth: 0 });
}

function structExpression(m: Maker, shape: Exclude<Shape, { kind: "word" }>, place: Place): tree.Exp {
  const span = m.span();
  if (shape.kind === "struct") {
    return { kind: "rawStruct", fields: shape.fields.map((f) => expression(m, f, place)), span };
  }
  const struct = m.structs.find((s) => s.name === shape.name);
  const fields = (struct?.fields ?? []).map(([name, s]) => ({
    name: m.name(name),
    value: expression(m, s, place),
    span: m.span(),
  }));
  return {
    kind: "namedStruct",
    name: m.name(shape.name),
    fields: m.rarely(2) ? [...fields].reverse() : fields,
    span,
  };
}

function expression(m: Maker, shape: Shape, place: Place): tree.Exp {
  if (shape.kind === "word") return wordExpression(m, place);
  const inner: Place = { ...place, depth: place.depth - 1 };
  switch (m.pick(place.depth > 0 && !m.spent ? 3 : 1)) {
    case 1:
      return structExpression(m, shape, inner);
    case 2:
      return { kind: "load", shape: written(m, shape), address: wordExpression(m, inner), span: m.span() };
    default:
      return leaf(m, shape);
  }
}

function call(m: Maker, signature: Signature, place: Place): tree.Call {
  const args = signature.params.map((s) => expression(m, s, place));
  return { callee: m.name(signature.name), args, span: m.span() };
}

function callExpression(m: Maker, shape: Shape, place: Place): tree.Exp | null {
  const fitting = place.calls ? m.functions.filter((f) => sameShape(f.result, shape)) : [];
  return fitting.length === 0
    ? null
    : { kind: "call", call: call(m, m.choose(fitting), place), span: m.span() };
}

const EVERYWHERE: Place = { calls: true, depth: 3 };

interface Around {
  readonly result: Shape;
  readonly inLoop: boolean;
  readonly depth: number;
}

function block(m: Maker, around: Around, last: tree.Stmt | null = null): tree.Block {
  const before = m.scope;
  const statements: tree.Stmt[] = [];
  for (let n = m.pick(5); n > 0; n--) statements.push(statement(m, around));
  if (last !== null) statements.push(last);
  m.scope = before;
  return { statements, span: m.span() };
}

const simple = [
  "skip",
  "tick",
  "var",
  "assign",
  "call",
  "foreign",
  "store",
  "sharedLoad",
  "sharedStore",
  "carry",
] as const;
const nested = ["if", "while", "try", "throw", "return", "block", "jump"] as const;

function statement(m: Maker, around: Around): tree.Stmt {
  const kinds = around.depth > 0 ? [...simple, ...nested] : simple;
  const kind = m.choose(kinds);
  const span = m.span();
  switch (kind) {
    case "skip":
    case "tick":
      return { kind, span };
    case "var":
      return declaration(m);
    case "assign": {
      const variable = m.scope.length > 0 ? m.choose(m.scope) : null;
      if (variable === null) return { kind: "skip", span };
      return { kind: "assign", target: m.name(variable.name), value: value(m, variable.shape), span };
    }
    case "call":
      return m.functions.length === 0
        ? { kind: "skip", span }
        : { kind: "call", call: call(m, m.choose(m.functions), EVERYWHERE), span };
    case "foreign": {
      const args = Array.from({ length: 4 }, () => wordExpression(m, EVERYWHERE));
      return { kind: "foreignCall", name: m.name("out"), args, span };
    }
    case "store": {
      const bytes = m.choose([null, 1, 4] as const);
      const shape = bytes === null ? randomShape(m, 2) : WORD;
      return {
        kind: "store",
        bytes,
        address: wordExpression(m, EVERYWHERE),
        value: expression(m, shape, EVERYWHERE),
        span,
      };
    }
    case "sharedLoad": {
      const words = m.scope.filter((v) => v.shape.kind === "word");
      if (words.length === 0) return { kind: "skip", span };
      const target = m.name(m.choose(words).name);
      return {
        kind,
        bytes: m.choose([1, 2, 4, 8] as const),
        target,
        address: wordExpression(m, EVERYWHERE),
        span,
      };
    }
    case "sharedStore": {
      const [address, stored] = [wordExpression(m, EVERYWHERE), wordExpression(m, EVERYWHERE)];
      return { kind, bytes: m.choose([1, 2, 4, 8] as const), address, value: stored, span };
    }
    case "carry":
      return carry(m);
    case "if":
    case "while":
    case "try":
    case "throw":
    case "return":
    case "block":
    case "jump":
      return nestedStatement(m, kind, around);
  }
}

function value(m: Maker, shape: Shape): tree.Exp {
  return (m.rarely(3) ? callExpression(m, shape, EVERYWHERE) : null) ?? expression(m, shape, EVERYWHERE);
}

const localNames = ["a", "b", "c", "x", "y", "call_1", "kept_1"] as const;

function declaration(m: Maker): tree.Stmt {
  const shape = randomShape(m, 2);
  const name = m.choose(localNames);
  const initial = value(m, shape);
  m.scope = [{ name, shape, local: true }, ...m.scope.filter((v) => v.name !== name)];
  return { kind: "var", variable: shapedName(m, name, shape), value: initial, span: m.span() };
}

function carry(m: Maker): tree.Stmt {
  const shape: Shape = { kind: "struct", fields: [WORD, WORD] };
  const args = Array.from({ length: 3 }, () => wordExpression(m, EVERYWHERE));
  const sum: tree.Exp = {
    kind: "call",
    call: { callee: m.name("__add_with_carry__"), args, span: m.span() },
    span: m.span(),
  };
  const targets = m.scope.filter((v) => v.local && sameShape(v.shape, shape));
  if (targets.length > 0 && m.rarely(2)) {
    return { kind: "assign", target: m.name(m.choose(targets).name), value: sum, span: m.span() };
  }
  const name = m.choose(localNames);
  m.scope = [{ name, shape, local: true }, ...m.scope.filter((v) => v.name !== name)];
  return { kind: "var", variable: shapedName(m, name, shape), value: sum, span: m.span() };
}

function nestedStatement(m: Maker, kind: (typeof nested)[number], around: Around): tree.Stmt {
  const span = m.span();
  const inner = { ...around, depth: around.depth - 1 };
  switch (kind) {
    case "if": {
      const condition = wordExpression(m, EVERYWHERE);
      const then = block(m, inner);
      if (m.rarely(3)) {
        const chained = nestedStatement(m, "if", inner);
        return { kind, condition, then, else: { statements: [chained], span: m.span() }, elseIf: true, span };
      }
      return { kind, condition, then, else: m.rarely(2) ? block(m, inner) : null, elseIf: false, span };
    }
    case "while":
      return {
        kind,
        condition: wordExpression(m, EVERYWHERE),
        body: block(m, { ...inner, inLoop: true }),
        span,
      };
    case "try":
      return tryStatement(m, inner);
    case "throw": {
      const exception = m.exceptions.length > 0 ? m.choose(m.exceptions) : null;
      if (exception === null) return { kind: "skip", span };
      return { kind, exception: m.name(exception[0]), value: expression(m, exception[1], EVERYWHERE), span };
    }
    case "return":
      return { kind, value: value(m, around.result), span };
    case "block":
      return { kind, block: block(m, inner), span };
    case "jump":
      return { kind: around.inLoop ? m.choose(["break", "continue"] as const) : "tick", span };
  }
}

function tryStatement(m: Maker, inner: Around): tree.Stmt {
  const span = m.span();
  const options = m.exceptions.flatMap(([name, shape]) =>
    m.scope.filter((v) => v.local && sameShape(v.shape, shape)).map((v) => [name, v.name] as const),
  );
  if (options.length === 0 || m.functions.length === 0) return { kind: "skip", span };
  const [exception, payload] = m.choose(options);
  const signature = m.choose(m.functions);
  const targets = m.scope.filter((v) => sameShape(v.shape, signature.result));
  const target = targets.length > 0 && m.rarely(2) ? m.name(m.choose(targets).name) : null;
  return {
    kind: "try",
    target,
    call: call(m, signature, EVERYWHERE),
    exception: m.name(exception),
    payload: m.name(payload),
    handler: block(m, inner),
    span,
  };
}

function makeStructs(m: Maker): readonly tree.Declaration[] {
  return Array.from({ length: m.pick(3) }, (_, n) => {
    const name = `s${String(n)}`;
    const fields = Array.from(
      { length: 1 + m.pick(3) },
      (_, i) => [`f${String(i)}`, randomShape(m, 2)] as const,
    );
    m.structs.push({ name, fields });
    const declared = fields.map(([field, shape]) => shapedName(m, field, shape));
    return { kind: "struct", name: m.name(name), fields: declared, span: m.span() } as const;
  });
}

function makeConstants(m: Maker): readonly tree.Declaration[] {
  return Array.from({ length: m.pick(3) }, (_, n) => {
    const name = `N${String(n)}`;
    const left: tree.Exp =
      m.constants.length > 0 ? { kind: "name", name: m.choose(m.constants), span: m.span() } : literal(m);
    const op = m.choose(operators);
    const value: tree.Exp = {
      kind: "binary",
      op,
      left,
      right: literal(m),
      operatorSpan: m.span(),
      span: m.span(),
    };
    m.constants.push(name);
    return { kind: "const", name: m.name(name), value, span: m.span() } as const;
  });
}

function makeGlobals(m: Maker): readonly tree.Declaration[] {
  return Array.from({ length: m.pick(4) }, (_, n) => {
    const shape = randomShape(m, 2);
    const value = expression(m, shape, { calls: false, depth: 2 });
    const name = `g${String(n % 3)}`;
    m.scope = [{ name, shape, local: false }, ...m.scope.filter((v) => v.name !== name)];
    return { kind: "global", variable: shapedName(m, name, shape), value, span: m.span() } as const;
  });
}

function makeFunction(m: Maker, signature: Signature, globals: readonly Variable[]): tree.Declaration {
  const params = signature.params.map((shape, i) => ({
    name: ["p", "q", "x"][i] ?? "r",
    shape,
    local: true,
  }));
  m.scope = [...params, ...globals.filter((g) => !params.some((p) => p.name === g.name))];
  const parameters = params.map((p) => shapedName(m, p.name, p.shape));
  const result = written(m, signature.result);
  const simplest = (): tree.Stmt => ({
    kind: "return",
    value:
      signature.result.kind === "word"
        ? literal(m)
        : structExpression(m, signature.result, { calls: false, depth: 0 }),
    span: m.span(),
  });
  const around = { result: signature.result, inLoop: false, depth: 3 };
  const body = block(m, around, simplest());
  const [name, signatureSpan, span] = [m.name(signature.name), m.span(), m.span()];
  return {
    kind: "function",
    inline: m.rarely(4),
    exported: false,
    result,
    name,
    parameters,
    body,
    signatureSpan,
    span,
  };
}

/** The program that `tape` chooses; it obeys every static rule. */
export function programFromTape(tape: readonly number[]): tree.Program {
  const m = new Maker(tape);
  const structs = makeStructs(m);
  const constants = makeConstants(m);
  for (let n = m.pick(3); n > 0; n--) m.exceptions.push([`E${String(n)}`, transferShape(m)]);
  const exceptions = m.exceptions.map(([name, shape]): tree.Declaration => {
    return { kind: "exception", name: m.name(name), shape: written(m, shape), span: m.span() };
  });
  const globals = makeGlobals(m);
  const visible = m.scope;
  const count = 1 + m.pick(3);
  for (let n = 0; n < count; n++) {
    const params = Array.from({ length: m.pick(3) }, () => randomShape(m, 2));
    m.functions.push({ name: `fun${String(n)}`, params, result: transferShape(m) });
  }
  const main = { name: "main", params: [], result: WORD };
  const signatures = m.rarely(3) ? m.functions : [...m.functions, main];
  const functions = signatures.map((signature) => makeFunction(m, signature, visible));
  const declarations = [
    ...functions.slice(1),
    ...structs,
    ...globals,
    ...exceptions,
    ...constants,
    ...functions.slice(0, 1),
  ];
  return { declarations, comments: [], span: m.span() };
}
