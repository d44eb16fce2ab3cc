// Expressions of pan-to-crep: a value of n words becomes n word expressions.
//
// `path` lists the projections still to be made, outermost struct first; pushing it inward means that a word-shaped
// expression never builds the struct around it, so conditions of loops need no statements in front of them.

import { bug } from "../../source/bug.ts";
import type * as crep from "../../lang/crep/ast.ts";
import { forEachExp } from "../../lang/crep/children.ts";
import { toWord, WORD_BYTES } from "../../lang/machine-word.ts";
import type * as pan from "../../lang/pan/ast.ts";
import type { Scopes } from "../../lang/pan/scope.ts";
import type { Span } from "../../source/span.ts";

export interface GlobalPlace {
  readonly start: number;
  readonly shape: pan.Shape;
}

export interface LocalPlace {
  readonly vars: readonly crep.Var[];
  readonly shape: pan.Shape;
}

/** What the flattening of one function knows. */
export interface Context {
  words(shape: pan.Shape): number;
  readonly globals: ReadonlyMap<string, GlobalPlace>;
  readonly exceptions: ReadonlyMap<string, number>;
  readonly locals: Scopes<LocalPlace>;
  readonly names: Map<crep.Var, string>;
  nextVar: number;
}

/** Where statements go: those of the block being made. */
export type Out = crep.Stmt[];

export function localPlace(name: string, c: Context): LocalPlace {
  return c.locals.lookup(name) ?? bug(`local ${name} is not in scope`);
}

/** An expression of shape `word`; needs no statements. */
export function flattenWord(e: pan.Exp, c: Context): crep.Exp {
  const [word, ...more] = project(e, [], null, c);
  return word !== undefined && more.length === 0 ? word : bug("a struct where a word is wanted", e.span);
}

/** All words of a value; an address used several times goes to a temporary in `out`. */
export function flattenWords(e: pan.Exp, out: Out, c: Context): readonly crep.Exp[] {
  return project(e, [], out, c);
}

type Path = readonly number[];

function project(e: pan.Exp, path: Path, out: Out | null, c: Context): readonly crep.Exp[] {
  const { span } = e;
  switch (e.kind) {
    case "var":
      return projectVar(e, path, c);
    case "rawField":
      return project(e.value, [e.index, ...path], out, c);
    case "rawStruct": {
      const [index, ...rest] = path;
      if (index === undefined) return e.fields.flatMap((field) => project(field, [], out, c));
      return project(e.fields[index] ?? bug("no such component", span), rest, out, c);
    }
    case "load":
      return projectLoad(e, path, out, c);
    case "namedStruct":
    case "namedField":
      return bug(`a ${e.kind} after pan-structs`, span);
    case "const":
    case "loadBytes":
    case "op":
    case "compare":
    case "shift":
    case "baseAddr":
    case "topAddr":
    case "bytesInWord":
      return [wordOf(e, c)];
  }
}

type WordExp = Extract<
  pan.Exp,
  {
    readonly kind:
      "const" | "loadBytes" | "op" | "compare" | "shift" | "baseAddr" | "topAddr" | "bytesInWord";
  }
>;

function wordOf(e: WordExp, c: Context): crep.Exp {
  const { span } = e;
  switch (e.kind) {
    case "const":
      return e;
    case "bytesInWord":
      return { kind: "const", value: BigInt(WORD_BYTES), span };
    case "baseAddr":
    case "topAddr":
      return { kind: e.kind, span };
    case "loadBytes":
      return { kind: "load", bytes: e.bytes, address: flattenWord(e.address, c), span };
    case "op":
      return { kind: "op", op: e.op, args: e.args.map((arg) => flattenWord(arg, c)), span };
    case "compare": {
      const left = flattenWord(e.left, c);
      return { kind: "compare", op: e.op, left, right: flattenWord(e.right, c), span };
    }
    case "shift": {
      const value = flattenWord(e.value, c);
      return { kind: "shift", op: e.op, value, amount: flattenWord(e.amount, c), span };
    }
  }
}

interface Part {
  /** Words before the part. */
  readonly offset: number;
  readonly words: number;
}

function partOf(shape: pan.Shape, path: Path, span: Span, c: Context): Part {
  let offset = 0;
  let part = shape;
  for (const index of path) {
    if (part.kind !== "struct") return bug("a projection from a word", span);
    offset += part.fields.slice(0, index).reduce((sum, field) => sum + c.words(field), 0);
    part = part.fields[index] ?? bug("no such component", span);
  }
  return { offset, words: c.words(part) };
}

function projectVar(
  e: Extract<pan.Exp, { readonly kind: "var" }>,
  path: Path,
  c: Context,
): readonly crep.Exp[] {
  const { span } = e;
  if (e.scope === "local") {
    const { vars, shape } = localPlace(e.name, c);
    const { offset, words } = partOf(shape, path, span, c);
    return vars.slice(offset, offset + words).map((v) => ({ kind: "var", var: v, span }));
  }
  const place = c.globals.get(e.name) ?? bug(`global ${e.name} has no place`, span);
  const { offset, words } = partOf(place.shape, path, span, c);
  return Array.from({ length: words }, (_, i) => ({ kind: "global", index: place.start + offset + i, span }));
}

function projectLoad(
  e: Extract<pan.Exp, { readonly kind: "load" }>,
  path: Path,
  out: Out | null,
  c: Context,
): readonly crep.Exp[] {
  const { span } = e;
  const { offset, words } = partOf(e.shape, path, span, c);
  const whole = plusOffset(flattenWord(e.address, c), offset * WORD_BYTES);
  const start = words === 1 || out === null ? whole : shareable(whole, out, c);
  return Array.from({ length: words }, (_, i) => ({
    kind: "load",
    bytes: 8,
    address: plusOffset(start, i * WORD_BYTES),
    span,
  }));
}

/** `address + bytes`, with constants added at once. */
export function plusOffset(address: crep.Exp, bytes: number): crep.Exp {
  if (bytes === 0) return address;
  const { span } = address;
  if (address.kind === "const") return { kind: "const", value: toWord(address.value + BigInt(bytes)), span };
  const last = address.kind === "op" && address.op === "add" ? address.args.at(-1) : undefined;
  if (address.kind === "op" && last?.kind === "const") {
    return { ...address, args: [...address.args.slice(0, -1), plusOffset(last, bytes)] };
  }
  return { kind: "op", op: "add", args: [address, { kind: "const", value: BigInt(bytes), span }], span };
}

/** `e` itself if evaluating it again costs at most an addition, else a temporary that holds it. */
export function shareable(e: crep.Exp, out: Out, c: Context): crep.Exp {
  return isCheap(e) ? e : temporary(e, out, c);
}

function isCheap(e: crep.Exp): boolean {
  if (e.kind === "var" || e.kind === "const" || e.kind === "baseAddr" || e.kind === "topAddr") return true;
  if (e.kind !== "op" || e.op !== "add" || e.args.length !== 2) return false;
  const [base, offset] = e.args;
  return base !== undefined && isCheap(base) && base.kind !== "op" && offset?.kind === "const";
}

export function temporary(value: crep.Exp, out: Out, c: Context): crep.Exp {
  const dest = c.nextVar++;
  out.push({ kind: "assign", dest, value, span: value.span });
  return { kind: "var", var: dest, span: value.span };
}

export function readsMemory(e: crep.Exp): boolean {
  let reads = false;
  forEachExp(e, (inner) => {
    if (inner.kind === "load") reads = true;
  });
  return reads;
}
