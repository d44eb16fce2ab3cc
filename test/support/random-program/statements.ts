// Random statements. Every loop is counted, every call is paid for from the budget, every exception that can arrive
// is either caught or announced by the plan of the function.

import type { AccessBytes, Block, Exp, Stmt } from "../../../compiler/lang/pan/ast.ts";
import { sameShape } from "../../../compiler/lang/pan/shape.ts";
import { NO_SPAN } from "../../../compiler/source/span.ts";
import * as b from "./build.ts";
import { inScope, localsOf, newName, visibleLocals, type Context, type Local, type Plan } from "./context.ts";
import {
  byteAddress,
  conditionExp,
  pointerExp,
  sharedAddress,
  valueExp,
  wordAddress,
  wordExp,
} from "./expressions.ts";
import { rotation } from "./rotation.ts";

/** Statements of a block, about `count` of them; stops when the budget is spent. */
export function randomBlock(c: Context, count: number): Block {
  const stmts: Stmt[] = [];
  for (let i = 0; i < count && c.budget.statements > 0; i++) {
    c.budget.statements -= 1;
    c.budget.steps -= c.times;
    stmts.push(...randomStmt(c));
  }
  return stmts;
}

function randomStmt(c: Context): readonly Stmt[] {
  const { random } = c;
  const make = random.weighted<() => readonly Stmt[]>([
    [18, () => [declaration(c)]],
    [16, () => assignment(c)],
    [10, () => [storeStmt(c)]],
    [8, () => [output(c)]],
    [10, () => ifStmt(c)],
    [7, () => loopStmts(c)],
    [14, () => callStmts(c)],
    [4, () => addCarry(c)],
    [5, () => sharedStmts(c)],
    [9, () => throwStmt(c)],
    [3, () => [b.block(inScope(c, (inner) => randomBlock(inner, 1 + random.below(3))))]],
    [5, () => leaveLoop(c)],
    [1, () => rotation(c)],
    [1, () => [b.simple(random.pick(["tick", "skip"]))]],
    [1, () => [{ kind: "annotation", text: ` assert n${String(random.below(99))} >= 0 `, span: NO_SPAN }]],
  ]);
  const made = make();
  return made.length > 0 ? made : [output(c)];
}

function declaration(c: Context): Stmt {
  if (c.random.chance(12)) {
    const value = pointerExp(c, 2);
    const name = newName(c, "p");
    c.locals.push({ name, shape: b.WORD, role: "pointer" });
    return b.dec(name, b.WORD, value);
  }
  const shape = c.random.chance(60) ? b.WORD : c.random.pick(c.program.shapes);
  return declare(c, { name: newName(c), shape, role: "data" });
}

/** `var name = ...`; the value is written in the scope outside. */
function declare(c: Context, local: Local): Stmt {
  const value = valueExp(local.shape, c, 3);
  c.locals.push(local);
  return b.dec(local.name, local.shape, value);
}

function assignment(c: Context): readonly Stmt[] {
  const { random } = c;
  const { globals } = c.program;
  if (globals.length > 0 && random.chance(35)) {
    const g = random.pick(globals);
    return [b.assign("global", g.name, valueExp(g.shape, c, 3))];
  }
  const targets = visibleLocals(c).filter((v) => v.role !== "counter");
  if (targets.length === 0) return [];
  const target = random.pick(targets);
  if (target.role === "pointer") return [b.assign("local", target.name, pointerExp(c, 2))];
  if (target.shape.kind !== "word" && random.chance(30)) {
    const swapped = rotateFields(target);
    if (swapped !== null) return [swapped];
  }
  return [b.assign("local", target.name, valueExp(target.shape, c, 3))];
}

/** `x = < x.1, x.2, x.0 >`: a parallel assignment, where all components have one shape. */
function rotateFields(target: Local): Stmt | null {
  const { shape, name } = target;
  if (shape.kind !== "struct") return null;
  const [first] = shape.fields;
  if (first === undefined || !shape.fields.every((field) => sameShape(field, first))) return null;
  const fields = shape.fields.map((_, i): Exp => {
    const index = (i + 1) % shape.fields.length;
    return { kind: "rawField", index, value: b.local(name), span: NO_SPAN };
  });
  return b.assign("local", name, b.rawStruct(fields));
}

function storeStmt(c: Context): Stmt {
  const { random } = c;
  if (random.chance(25)) return b.storeBytes(1, byteAddress(c, 1, 2), wordExp(c, 2));
  if (random.chance(25)) return b.storeBytes(4, byteAddress(c, 4, 2), wordExp(c, 2));
  const shape = random.chance(50) ? b.WORD : random.pick(c.program.shapes);
  const address = wordAddress(c, c.program.words(shape), 2);
  // Overlapping copies are the interesting ones.
  if (shape.kind !== "word" && random.chance(35)) {
    const from = b.op("add", address, b.constant(random.chance(50) ? 8 : 0));
    return b.store(b.op("add", address, b.constant(8 * random.below(3))), b.load(shape, from));
  }
  return b.store(address, valueExp(shape, c, 2));
}

function output(c: Context): Stmt {
  const { random } = c;
  if (random.chance(20)) {
    const printable = b.op("add", b.constant(33), b.op("and", wordExp(c, 2), b.constant(63)));
    return b.foreign("putchar", printable);
  }
  return b.foreign(random.pick(["puthex", "putint"]), wordExp(c, 2));
}

function ifStmt(c: Context): readonly Stmt[] {
  const condition = conditionExp(c);
  const size = (): number => 1 + c.random.below(4);
  const then = inScope(c, (inner) => randomBlock(inner, size()));
  const otherwise = c.random.chance(50) ? inScope(c, (inner) => randomBlock(inner, size())) : [];
  if (c.random.chance(10)) return [b.ifElse(condition, [], then)];
  return [b.ifElse(condition, then, otherwise)];
}

/** A loop that runs at most 8 times; its counter changes first, so `continue` is safe. */
function loopStmts(c: Context): readonly Stmt[] {
  const { random, budget } = c;
  const most = 1 + random.below(8);
  if (c.loops >= 3 || budget.steps < c.times * most * 6) return [];
  const name = newName({ ...c, locals: [] }, "i");
  const bound = random.chance(60) ? b.constant(most) : b.op("and", wordExp(c, 1), b.constant(most));
  const up = random.chance(50);
  c.locals.push({ name, shape: b.WORD, role: "counter" });
  const counter = b.local(name);
  const inside = { ...c, loops: c.loops + 1, times: c.times * most };
  const step = b.assign("local", name, b.op(up ? "add" : "sub", counter, b.constant(1)));
  const body = inScope(inside, (inner) => [step, ...randomBlock(inner, 1 + random.below(5))]);
  const test = up ? upTest(c, counter, most) : downTest(c, counter);
  return [b.dec(name, b.WORD, up ? b.constant(0) : bound), loopWith(c, test, body)];
}

function upTest(c: Context, counter: Exp, most: number): Exp {
  const bound = b.constant(most);
  const test = b.compare(c.random.pick(["less", "lower"]), counter, bound);
  if (c.random.chance(70)) return test;
  const zero = b.constant(0);
  return b.op("and", b.compare("notEqual", zero, test), b.compare("notEqual", zero, conditionExp(c)));
}

function downTest(c: Context, counter: Exp): Exp {
  return c.random.chance(50)
    ? counter
    : b.compare(c.random.pick(["less", "notEqual"]), b.constant(0), counter);
}

/** `while test { body }`, or the same with an endless loop and a break. */
function loopWith(c: Context, test: Exp, body: Block): Stmt {
  if (c.random.chance(80)) return b.whileLoop(test, body);
  const leave = b.ifElse(b.compare("equal", b.constant(0), test), [b.simple("break")]);
  return b.whileLoop(b.constant(1), [leave, ...body]);
}

function leaveLoop(c: Context): readonly Stmt[] {
  if (c.loops === 0) return [];
  return [b.ifElse(conditionExp(c), [b.simple(c.random.pick(["break", "continue"]))])];
}

function throwStmt(c: Context): readonly Stmt[] {
  if (c.plan.escapes.length === 0) return [];
  const raise = randomRaise(c);
  if (raise === null) return [];
  // Not always, but not seldom either: words are seldom zero.
  const often = b.op("and", wordExp(c, 1), b.constant(3));
  return [b.ifElse(c.random.chance(50) ? often : conditionExp(c), [raise])];
}

/** `throw` of an exception that the function may let through. */
export function randomRaise(c: Context): Stmt | null {
  const possible = c.program.exceptions.filter((e) => c.plan.escapes.includes(e.name));
  if (possible.length === 0) return null;
  const exception = c.random.pick(possible);
  return b.raise(exception.name, valueExp(exception.shape, c, 2));
}

function addCarry(c: Context): readonly Stmt[] {
  const pair = { kind: "struct", fields: [b.WORD, b.WORD] } as const;
  const stmts: Stmt[] = [];
  let [target] = localsOf(pair, ["data"], c);
  if (target === undefined || c.random.chance(30)) {
    target = { name: newName({ ...c, locals: [] }, "s"), shape: pair, role: "data" };
    stmts.push(declare(c, target));
  }
  const [left, right, carryIn] = [wordExp(c, 2), wordExp(c, 2), wordExp(c, 1)];
  stmts.push({ kind: "addCarry", name: target.name, left, right, carryIn, span: NO_SPAN });
  return stmts;
}

function sharedStmts(c: Context): readonly Stmt[] {
  const bytes = c.random.pick<AccessBytes>([1, 2, 4, 8]);
  const address = sharedAddress(c, bytes);
  if (c.random.chance(50)) {
    return [{ kind: "sharedStore", bytes, address, value: wordExp(c, 2), span: NO_SPAN }];
  }
  const locals = localsOf(b.WORD, ["data"], c);
  const globals = c.program.globals.filter((g) => g.shape.kind === "word");
  if (globals.length > 0 && c.random.chance(30)) {
    const { name } = c.random.pick(globals);
    return [{ kind: "sharedLoad", bytes, scope: "global", name, address, span: NO_SPAN }];
  }
  if (locals.length === 0) return [];
  const { name } = c.random.pick(locals);
  return [{ kind: "sharedLoad", bytes, scope: "local", name, address, span: NO_SPAN }];
}

/** What a call may do here: the callees that fit the budget and whose exceptions have somewhere to go. */
export function affordable(c: Context, caught: number): readonly Plan[] {
  return c.callable.filter((f) => {
    const loose = f.escapes.filter((e) => !c.plan.escapes.includes(e));
    return loose.length <= caught && f.cost * c.times <= c.budget.steps;
  });
}

/** Arguments for `f`; those that bound a recursion stay small. */
export function randomArgs(f: Plan, c: Context): readonly Exp[] {
  return f.params.map((p) => {
    if (p.role === "counter") {
      return c.random.chance(50) ? b.constant(c.random.below(4)) : b.op("and", wordExp(c, 1), b.constant(3));
    }
    return p.role === "pointer" ? pointerExp(c, 2) : valueExp(p.shape, c, 2);
  });
}

function callStmts(c: Context): readonly Stmt[] {
  const self = selfCall(c);
  if (self !== null) return self;
  const callees = affordable(c, 1);
  if (callees.length === 0) return [];
  const callee = c.random.pick(callees);
  c.budget.steps -= callee.cost * c.times;
  const loose = callee.escapes.find((e) => !c.plan.escapes.includes(e));
  if (loose !== undefined) return tryCall(callee, loose, c);
  if (callee.escapes.length > 0 && c.random.chance(50))
    return tryCall(callee, c.random.pick(callee.escapes), c);
  return plainCall(callee, randomArgs(callee, c), c);
}

function plainCall(callee: Plan, args: readonly Exp[], c: Context): readonly Stmt[] {
  const { random } = c;
  if (random.chance(45)) {
    const name = newName(c, "r");
    c.locals.push({ name, shape: callee.result, role: "data" });
    return [b.decCall(name, callee.result, callee.name, args)];
  }
  return [b.call(callTarget(callee, c), callee.name, args)];
}

/** A variable for the result, or null to discard it. */
function callTarget(
  callee: Plan,
  c: Context,
): { readonly scope: "local" | "global"; readonly name: string } | null {
  const globals = c.program.globals.filter((g) => sameShape(g.shape, callee.result));
  if (globals.length > 0 && c.random.chance(40))
    return { scope: "global", name: c.random.pick(globals).name };
  const locals = localsOf(callee.result, ["data"], c);
  if (locals.length === 0 || c.random.chance(15)) return null;
  return { scope: "local", name: c.random.pick(locals).name };
}

function tryCall(callee: Plan, exception: string, c: Context): readonly Stmt[] {
  const declared = c.program.exceptions.find((e) => e.name === exception);
  if (declared === undefined) return [];
  const stmts: Stmt[] = [];
  let [variable] = localsOf(declared.shape, ["data"], c);
  if (variable === undefined || c.random.chance(50)) {
    variable = { name: newName({ ...c, locals: [] }, "e"), shape: declared.shape, role: "data" };
    stmts.push(declare(c, variable));
  }
  const args = randomArgs(callee, c);
  const target = callTarget(callee, c);
  const body = inScope(c, (inner) => [
    ...randomBlock(inner, 1 + c.random.below(3)),
    ...(c.random.chance(40) ? leaveLoop(inner) : []),
  ]);
  stmts.push(b.call(target, callee.name, args, { exception, variable: variable.name, body }));
  return stmts;
}

/** A call of the function itself, with its bound one smaller; at most two, never in a loop. */
function selfCall(c: Context): readonly Stmt[] | null {
  const [bound] = c.plan.params;
  if (!c.plan.recursive || bound === undefined || c.loops > 0 || c.budget.selfCalls >= 2) return null;
  const reachable = visibleLocals(c).some((v) => v.name === bound.name && v.role === "counter");
  if (!reachable || c.random.chance(50)) return null;
  c.budget.selfCalls += 1;
  return plainCall(c.plan, selfArgs(c), c);
}

/** Arguments of a self call: the bound goes down. */
export function selfArgs(c: Context): readonly Exp[] {
  const [bound, ...others] = c.plan.params;
  const less = b.op("sub", b.local(bound?.name ?? ""), b.constant(1));
  return [less, ...randomArgs({ ...c.plan, params: others }, c)];
}
