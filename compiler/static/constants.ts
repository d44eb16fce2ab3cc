// Constant expressions: their values, and the declarations `const NAME = ...;` (a convenience, design.md D1).
//
// A constant is one word, built from literals, `true`, `false`, `@biw`, other constants and operators. Constants may
// be declared in any order and are visible everywhere. They share the name space of globals. A definition that goes
// in a circle is reported at each constant of the circle.

import { arith, compare, shift, toSigned, toWord, WORD_BYTES, type Word } from "../lang/machine-word.ts";
import type { Declaration, Exp } from "../syntax/tree.ts";
import { chainNodes, type Binary } from "./chain.ts";
import { complain, didYouMean, type CheckContext } from "./context.ts";
import type { ConstantInfo } from "./declared.ts";

type ConstDeclaration = Extract<Declaration, { kind: "const" }>;
type Lookup = (name: string) => Word | null;

/** The value of `exp`; null if it is not constant, or has no value (a shift by 64 or more). */
export function constantValue(exp: Exp, lookup: Lookup): Word | null {
  switch (exp.kind) {
    case "int":
      return toWord(exp.value);
    case "bool":
      return exp.value ? 1n : 0n;
    case "constant":
      return exp.name === "@biw" ? BigInt(WORD_BYTES) : null;
    case "name":
      return lookup(exp.name);
    case "parens":
      return constantValue(exp.inner, lookup);
    case "not": {
      const value = constantValue(exp.operand, lookup);
      return value === null ? null : truth(value === 0n);
    }
    case "binary":
      return binaryValue(exp, lookup);
    case "load":
    case "loadBytes":
    case "rawStruct":
    case "namedStruct":
    case "index":
    case "field":
    case "call":
    case "error":
      return null;
  }
}

function binaryValue(exp: Binary, lookup: Lookup): Word | null {
  const nodes = chainNodes(exp);
  let value = constantValue(nodes[0].left, lookup);
  for (const node of nodes) {
    if (value === null) return null;
    const right = constantValue(node.right, lookup);
    if (right === null) return null;
    value = operations[node.op](value, right);
  }
  return value;
}

function truth(holds: boolean): Word {
  return holds ? 1n : 0n;
}

function shiftBy(op: keyof typeof shift): (value: Word, amount: Word) => Word | null {
  return (value, amount) => (amount < 64n ? shift[op](value, Number(amount)) : null);
}

const operations: Readonly<Record<Binary["op"], (a: Word, b: Word) => Word | null>> = {
  "||": (a, b) => truth((a | b) !== 0n),
  "&&": (a, b) => truth(a !== 0n && b !== 0n),
  "==": (a, b) => truth(compare.equal(a, b)),
  "!=": (a, b) => truth(compare.notEqual(a, b)),
  "<": (a, b) => truth(compare.less(a, b)),
  ">": (a, b) => truth(compare.less(b, a)),
  "<=": (a, b) => truth(compare.notLess(b, a)),
  ">=": (a, b) => truth(compare.notLess(a, b)),
  "<+": (a, b) => truth(compare.lower(a, b)),
  ">+": (a, b) => truth(compare.lower(b, a)),
  "<=+": (a, b) => truth(compare.notLower(b, a)),
  ">=+": (a, b) => truth(compare.notLower(a, b)),
  "|": arith.or,
  "^": arith.xor,
  "&": arith.and,
  "<<": shiftBy("lsl"),
  ">>": shiftBy("asr"),
  ">>>": shiftBy("lsr"),
  "#>>": shiftBy("ror"),
  "+": arith.add,
  "-": arith.sub,
  "*": arith.mul,
};

/** Fills `ctx.declared.constants`; reports duplicates, values that are not constant, and circles. */
export function declareConstants(declarations: readonly ConstDeclaration[], ctx: CheckContext): void {
  const byName = new Map<string, ConstDeclaration>();
  for (const declaration of declarations) {
    const { text: name, span } = declaration.name;
    const first = byName.get(name);
    if (first === undefined) byName.set(name, declaration);
    else {
      const related = [{ span: first.name.span, text: `\`${name}\` is first declared here` }];
      complain(ctx, "S0011", span, { with: { name }, related });
    }
  }
  const circular = circularNames(byName);
  for (const [name, declaration] of inDependencyOrder(byName)) {
    let value: Word | null = null;
    if (circular.has(name)) complain(ctx, "S0113", declaration.name.span, { with: { name } });
    else if (!reportNonConstant(declaration.value, { name, byName, ctx })) {
      value = constantValue(declaration.value, (used) => ctx.declared.constants.get(used)?.value ?? null);
    }
    const info: ConstantInfo = { name, value, declaredAt: declaration.name.span };
    ctx.declared.constants.set(name, info);
  }
}

/** Calls `visit` on `exp` and, through operators and parentheses, on every part of it. */
function forEachPart(exp: Exp, visit: (part: Exp) => void): void {
  visit(exp);
  if (exp.kind === "parens") forEachPart(exp.inner, visit);
  else if (exp.kind === "not") forEachPart(exp.operand, visit);
  else if (exp.kind === "binary") {
    const nodes = chainNodes(exp);
    forEachPart(nodes[0].left, visit);
    for (const node of nodes) forEachPart(node.right, visit);
  }
}

type ByName = ReadonlyMap<string, ConstDeclaration>;

function usedConstants(declaration: ConstDeclaration, byName: ByName): readonly string[] {
  const used: string[] = [];
  forEachPart(declaration.value, (leaf) => {
    if (leaf.kind === "name" && byName.has(leaf.name)) used.push(leaf.name);
  });
  return used;
}

/**
 * A depth-first walk over the uses, with an explicit stack: a long row of constants, each using the next, is a
 * deep graph. Emits each constant after those that it uses; `onCircle` gets the names on the stack from the one
 * that was met again.
 */
function walkUses(byName: ByName, onCircle: (names: readonly string[]) => void): readonly string[] {
  const order: string[] = [];
  const state = new Map<string, "open" | "done">();
  for (const root of byName.keys()) {
    const stack: { readonly name: string; readonly uses: readonly string[]; next: number }[] = [];
    const open = (name: string): void => {
      const declaration = byName.get(name);
      state.set(name, "open");
      stack.push({
        name,
        uses: declaration === undefined ? [] : usedConstants(declaration, byName),
        next: 0,
      });
    };
    if (!state.has(root)) open(root);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const use = top.uses[top.next++];
      if (use === undefined) {
        state.set(top.name, "done");
        order.push(top.name);
        stack.pop();
      } else if (!state.has(use)) open(use);
      else if (state.get(use) === "open") {
        const from = stack.findIndex((entry) => entry.name === use);
        onCircle(stack.slice(from).map((entry) => entry.name));
      }
    }
  }
  return order;
}

function circularNames(byName: ByName): ReadonlySet<string> {
  const circular = new Set<string>();
  walkUses(byName, (names) => names.forEach((name) => circular.add(name)));
  return circular;
}

function inDependencyOrder(byName: ByName): readonly (readonly [string, ConstDeclaration])[] {
  return walkUses(byName, () => undefined).flatMap((name) => {
    const declaration = byName.get(name);
    return declaration === undefined ? [] : [[name, declaration] as const];
  });
}

interface ConstantCheck {
  readonly name: string;
  readonly byName: ByName;
  readonly ctx: CheckContext;
}

/** Reports every part of `exp` that cannot stand in a constant; true if there was one. */
function reportNonConstant(exp: Exp, check: ConstantCheck): boolean {
  let bad = false;
  const { ctx, name } = check;
  forEachPart(exp, (part) => {
    if (part.kind === "binary") checkShiftAmount(part, ctx);
    if (part.kind === "int") checkLiteral(part, ctx);
    const found = nonConstant(part, check);
    if (found === null) return;
    bad = true;
    if (found !== "reported") complain(ctx, "S0112", part.span, { with: { name, found } });
  });
  return bad;
}

/** Reports a constant shift amount of 64 or more: Error in the semantics (pancake-language.md, 7.2). */
export function checkShiftAmount(exp: Binary, ctx: CheckContext): void {
  if (!exp.op.includes("<<") && !exp.op.includes(">>")) return;
  const amount = constantValue(exp.right, (name) => ctx.declared.constants.get(name)?.value ?? null);
  if (amount === null || amount < 64n) return;
  const shown = String(toSigned(amount));
  complain(ctx, "S0114", exp.right.span, { with: { amount: shown }, label: `the amount is ${shown}` });
}

/** Warns of a literal that is not the value of a word, signed or unsigned. */
export function checkLiteral(exp: Extract<Exp, { kind: "int" }>, ctx: CheckContext): void {
  if (exp.value < 1n << 64n && exp.value >= -(1n << 63n)) return;
  complain(ctx, "S0407", exp.span, { with: { text: exp.text, value: String(toWord(exp.value)) } });
}

/** What `leaf` is, if it cannot stand in a constant; "reported" if that has been said already. */
function nonConstant(leaf: Exp, { byName, ctx }: ConstantCheck): string | null {
  switch (leaf.kind) {
    case "int":
    case "bool":
    case "parens":
    case "not":
    case "binary":
      return null;
    case "constant":
      return leaf.name === "@biw" ? null : `\`${leaf.name}\`, which is known only at run time`;
    case "name": {
      if (byName.has(leaf.name)) return null;
      if (ctx.declared.globalPlaces.has(leaf.name)) return `global \`${leaf.name}\``;
      const hint = didYouMean(ctx, leaf.name, byName.keys());
      complain(ctx, "S0001", leaf.span, {
        with: { name: leaf.name },
        label: "no constant of this name",
        ...hint,
      });
      return "reported";
    }
    case "load":
    case "loadBytes":
      return "a load from memory";
    case "rawStruct":
    case "namedStruct":
      return "a struct";
    case "index":
    case "field":
      return "a component of a struct";
    case "call":
      return "a call";
    case "error":
      return "reported";
  }
}
