// Random programs: shapes, exceptions, globals, functions in dependency order, and a main that shows everything.

import type {
  Block,
  Exception,
  Exp,
  Function,
  Global,
  Program,
  Shape,
  ShapedName,
  Stmt,
  Struct,
} from "../../../compiler/lang/pan/ast.ts";
import { sameShape } from "../../../compiler/lang/pan/shape.ts";
import { NO_SPAN } from "../../../compiler/source/span.ts";
import * as b from "./build.ts";
import { inScope, wordsOf, type Context, type Declarations, type Local, type Plan } from "./context.ts";
import { ARENA_WORDS, conditionExp, SHARED_BYTES, SHARED_START, valueExp, wordExp } from "./expressions.ts";
import { newRandom, type Random } from "./prng.ts";
import { affordable, randomArgs, randomBlock, randomRaise, selfArgs } from "./statements.ts";

/** Steps that one call of a function may take; a program takes at most a few times as many. */
const FUNCTION_STEPS = 1500;
const MAIN_STEPS = 12_000;
const MOST_RECURSION = 4;

/** A well-defined program; `size` is about the number of statements. */
export function randomProgramTree(seed: number, size: number): Program {
  const random = newRandom(seed);
  const structs = randomStructs(random);
  const words = wordsOf(structs);
  const shapes = randomShapes(random, structs, words);
  const exceptions = randomExceptions(random, shapes);
  const globals: Global[] = [];
  const declarations: Declarations = { structs, exceptions, globals, shapes, words };
  const count = Math.min(14, 1 + random.below(1 + Math.floor(size / 7)));
  addGlobals(random, declarations);
  const plans: Plan[] = [];
  const functions: Function[] = [];
  for (let i = 0; i < count; i++) {
    const plan = randomPlan(`f${String(i)}`, random, declarations);
    const share = Math.ceil(size / (count + 1));
    functions.push(writeFunction(plan, { random, program: declarations, callable: plans, share }));
    plans.push(plan);
  }
  functions.push(writeMain({ random, program: declarations, callable: plans, share: Math.ceil(size / 2) }));
  return { structs, exceptions, globals, functions: shuffled(functions, random), entry: "main" };
}

function shuffled<T>(items: readonly T[], random: Random): readonly T[] {
  const left = [...items];
  const out: T[] = [];
  while (left.length > 0) out.push(...left.splice(random.below(left.length), 1));
  return out;
}

function randomStructs(random: Random): readonly Struct[] {
  const structs: Struct[] = [];
  const count = random.below(4);
  for (let i = 0; i < count; i++) {
    const words = wordsOf(structs);
    const fields: ShapedName[] = [];
    let total = 0;
    const wanted = 1 + random.below(3);
    for (let k = 0; k < wanted; k++) {
      const earlier = structs.map((s): Shape => ({ kind: "named", name: s.name }));
      const shape = random.chance(55)
        ? b.WORD
        : random.pick<Shape>([...earlier, pair(), { kind: "struct", fields: [b.WORD] }]);
      if (total + words(shape) > 6) continue;
      total += words(shape);
      fields.push({ name: random.pick(["a", "len", "x"]) + String(k), shape });
    }
    if (fields.length === 0) fields.push({ name: "only", shape: b.WORD });
    structs.push({ name: `S${String(i)}`, fields, span: NO_SPAN });
  }
  return structs;
}

function pair(): Shape {
  return { kind: "struct", fields: [b.WORD, b.WORD] };
}

function randomShapes(
  random: Random,
  structs: readonly Struct[],
  words: (s: Shape) => number,
): readonly Shape[] {
  const named = structs.map((s): Shape => ({ kind: "named", name: s.name }));
  const shapes: Shape[] = [pair(), ...named];
  const count = 2 + random.below(3);
  for (let i = 0; i < count; i++) {
    const fields: Shape[] = [];
    const wanted = 1 + random.below(4);
    for (let k = 0; k < wanted; k++) {
      const field = random.chance(50) ? b.WORD : random.pick(shapes);
      if (fields.reduce((sum, f) => sum + words(f), words(field)) <= 8) fields.push(field);
    }
    shapes.push({ kind: "struct", fields: fields.length === 0 ? [b.WORD] : fields });
  }
  if (random.chance(20)) shapes.push({ kind: "struct", fields: Array.from({ length: 12 }, () => b.WORD) });
  return shapes;
}

function randomExceptions(random: Random, shapes: readonly Shape[]): readonly Exception[] {
  return Array.from({ length: random.below(4) }, (_, i) => ({
    name: `E${String(i)}`,
    shape: random.chance(50) ? b.WORD : random.pick(shapes),
    span: NO_SPAN,
  }));
}

/** Initialisers see earlier globals only; they do not read memory, whose contents at the start are not defined. */
function addGlobals(random: Random, program: Declarations): void {
  const count = random.below(5);
  for (let i = 0; i < count; i++) {
    const shape = random.chance(60) ? b.WORD : random.pick(program.shapes);
    const value = initialValue(shape, random, program);
    program.globals.push({ name: `g${String(i)}`, shape, value, span: NO_SPAN });
  }
}

function initialValue(shape: Shape, random: Random, program: Declarations): Exp {
  const earlier = program.globals.filter((g) => sameShape(g.shape, shape));
  if (earlier.length > 0 && random.chance(30)) return b.global(random.pick(earlier).name);
  if (shape.kind === "word") {
    const word = b.constant(random.word());
    return random.chance(30) ? b.op("add", word, b.constant(random.word())) : word;
  }
  if (shape.kind === "struct") return b.rawStruct(shape.fields.map((f) => initialValue(f, random, program)));
  const fields = program.structs.find((s) => s.name === shape.name)?.fields ?? [];
  return {
    kind: "namedStruct",
    name: shape.name,
    fields: fields.map((f) => ({ name: f.name, value: initialValue(f.shape, random, program) })),
    span: NO_SPAN,
  };
}

function randomPlan(name: string, random: Random, program: Declarations): Plan {
  const exported = random.chance(12);
  const recursive = !exported && random.chance(25);
  const shape = (): Shape => (exported || random.chance(60) ? b.WORD : random.pick(program.shapes));
  const params: Local[] = recursive ? [{ name: "n", shape: b.WORD, role: "counter" }] : [];
  const wanted = random.chance(5) ? 12 : random.below(exported ? 5 : 6);
  for (let i = params.length; i < (exported ? Math.min(wanted, 4) : wanted); i++) {
    const role = !exported && random.chance(20) ? "pointer" : "data";
    params.push({ name: `a${String(i)}`, shape: role === "pointer" ? b.WORD : shape(), role });
  }
  return {
    name,
    params,
    result: shape(),
    escapes: exported ? [] : program.exceptions.map((e) => e.name).filter(() => random.chance(50)),
    inline: random.chance(25),
    exported,
    recursive,
    cost: 1,
  };
}

interface Surroundings {
  readonly random: Random;
  readonly program: Declarations;
  readonly callable: readonly Plan[];
  /** Statements to write. */
  readonly share: number;
}

function newContext(plan: Plan, around: Surroundings, steps: number): Context {
  return {
    random: around.random,
    program: around.program,
    plan,
    callable: around.callable,
    locals: [...plan.params],
    loops: 0,
    times: 1,
    budget: { statements: around.share, steps, nextName: 0, selfCalls: 0 },
  };
}

function writeFunction(plan: Plan, around: Surroundings): Function {
  const steps = plan.recursive ? FUNCTION_STEPS / 30 : FUNCTION_STEPS;
  const c = newContext(plan, around, steps);
  const start = plan.recursive
    ? [b.ifElse(b.compare("less", b.local("n"), b.constant(1)), [b.returns(valueExp(plan.result, c, 2))])]
    : [];
  const body = [...start, ...randomBlock(c, around.share), ...randomEnd(c, 2)];
  const once = steps - c.budget.steps + 2;
  const tree = c.budget.selfCalls > 1 ? 2 ** (MOST_RECURSION + 1) : MOST_RECURSION + 1;
  plan.cost = plan.recursive ? once * tree : once;
  return functionOf(plan, body);
}

function functionOf(plan: Plan, body: Block): Function {
  const { name, inline, exported, result } = plan;
  const params = plan.params.map((p) => ({ name: p.name, shape: p.shape }));
  return { name, inline, exported, params, result, body, span: NO_SPAN };
}

/** Statements that leave the function on every path. */
function randomEnd(c: Context, depth: number): readonly Stmt[] {
  const { random, plan } = c;
  if (depth > 0 && random.chance(25)) {
    const then = inScope(c, (inner) => [...randomBlock(inner, 1), ...randomEnd(inner, depth - 1)]);
    return [
      b.ifElse(
        conditionExp(c),
        then,
        inScope(c, (inner) => randomEnd(inner, depth - 1)),
      ),
    ];
  }
  if (random.chance(15)) {
    const raise = randomRaise(c);
    if (raise !== null) return [raise];
  }
  return callEnd(c) ?? [b.returns(valueExp(plan.result, c, 3))];
}

/** A tail call, written as one or as `var r = f(); return r;`. */
function callEnd(c: Context): readonly Stmt[] | null {
  const { random, plan } = c;
  if (!random.chance(45)) return null;
  const hidden = c.locals.some((v) => v.name === "n" && v.role !== "counter");
  if (plan.recursive && !hidden && c.budget.selfCalls < 2 && random.chance(50)) {
    c.budget.selfCalls += 1;
    return [b.tailCall(plan.name, selfArgs(c))];
  }
  const callees = affordable(c, 0).filter((f) => sameShape(f.result, plan.result));
  if (callees.length === 0) return null;
  const callee = random.pick(callees);
  c.budget.steps -= callee.cost;
  const args = randomArgs(callee, c);
  if (random.chance(40)) return [b.tailCall(callee.name, args)];
  if (random.chance(40)) return assignedEnd(callee, args, c);
  return [b.decCall("last", callee.result, callee.name, args), b.returns(b.local("last"))];
}

/** `var last = e; if c { last = f(); } else { ... } return last;`, and places where that is no tail call. */
function assignedEnd(callee: Plan, args: readonly Exp[], c: Context): readonly Stmt[] {
  const last: Local = { name: "last", shape: callee.result, role: "data" };
  const start = b.dec(last.name, last.shape, valueExp(last.shape, c, 2));
  c.locals.push(last);
  const call = b.call({ scope: "local", name: last.name }, callee.name, args);
  const other = inScope(c, (inner) => randomBlock(inner, 2));
  const turns = b.compare("less", b.local("turn"), b.constant(2));
  const nextTurn = b.assign("local", "turn", b.op("add", b.local("turn"), b.constant(1)));
  c.budget.steps -= 2 * callee.cost;
  const hides = b.dec(last.name, last.shape, valueExp(last.shape, c, 1));
  const middle = c.random.pick<Stmt>([
    b.ifElse(conditionExp(c), [call], other),
    b.ifElse(conditionExp(c), other, [b.block([...other, call])]),
    b.block([hides, call]),
    b.block([b.dec("turn", b.WORD, b.constant(0)), b.whileLoop(turns, [nextTurn, call])]),
    call,
  ]);
  return [start, middle, b.returns(b.local(last.name))];
}

/** Fills memory, runs random statements, shows memory and globals, returns a small number. */
function writeMain(around: Surroundings): Function {
  const plan: Plan = {
    name: "main",
    params: [],
    result: b.WORD,
    escapes: [],
    inline: around.random.chance(10),
    exported: false,
    recursive: false,
    cost: 1,
  };
  const c = newContext(plan, around, MAIN_STEPS);
  const body: Stmt[] = [
    ...fillLoop(0, ARENA_WORDS * 8, 0x9e37_79b9_7f4a_7c15n),
    ...fillLoop(SHARED_START, SHARED_BYTES, 0xd134_2543_de82_ef95n),
    ...randomBlock(c, around.share),
    ...callsOfAll(c),
    ...globalsShown(around.program),
    ...checksum(0, ARENA_WORDS * 8),
    ...checksum(SHARED_START, SHARED_BYTES),
    b.returns(b.op("and", wordExp(c, 2), b.constant(127))),
  ];
  return functionOf(plan, body);
}

/** Main calls what it can afford and has not tried, so that little of the program is dead. */
function callsOfAll(c: Context): readonly Stmt[] {
  const stmts: Stmt[] = [];
  for (const f of affordable(c, 0)) {
    if (f.cost > c.budget.steps) continue;
    c.budget.steps -= f.cost;
    stmts.push(b.call(null, f.name, randomArgs(f, c)));
  }
  return stmts;
}

/** Bytes `start` to `start + size` become words of a fixed sequence; the shared part by shared stores. */
function fillLoop(start: number, size: number, factor: bigint): readonly Stmt[] {
  const at = b.local("at");
  const address = b.op("add", b.base(), at);
  const value = b.op("mul", b.op("add", at, b.constant(1)), b.constant(factor));
  const write: Stmt =
    start === SHARED_START
      ? { kind: "sharedStore", bytes: 8, address, value, span: NO_SPAN }
      : b.store(address, value);
  return [overBytes(start, size, [write])];
}

function overBytes(start: number, size: number, body: readonly Stmt[]): Stmt {
  const next = b.assign("local", "at", b.op("add", b.local("at"), b.constant(8)));
  return b.block([
    b.dec("at", b.WORD, b.constant(start)),
    b.whileLoop(b.compare("less", b.local("at"), b.constant(start + size)), [...body, next]),
  ]);
}

function checksum(start: number, size: number): readonly Stmt[] {
  const address = b.op("add", b.base(), b.local("at"));
  const word = b.local("word");
  const read: readonly Stmt[] =
    start === SHARED_START
      ? [
          b.dec("word", b.WORD, b.constant(0)),
          { kind: "sharedLoad", bytes: 8, scope: "local", name: "word", address, span: NO_SPAN },
        ]
      : [b.dec("word", b.WORD, b.load(b.WORD, address))];
  const mixed = b.op("add", b.op("mul", b.local("sum"), b.constant(31)), word);
  const loop = overBytes(start, size, [...read, b.assign("local", "sum", mixed)]);
  return [b.block([b.dec("sum", b.WORD, b.constant(7)), loop, b.foreign("puthex", b.local("sum"))])];
}

function globalsShown(program: Declarations): readonly Stmt[] {
  return program.globals.flatMap((g) =>
    wordsIn(b.global(g.name), g.shape, program).map((word) => b.foreign("puthex", word)),
  );
}

/** The words of a value, one expression each. */
function wordsIn(exp: Exp, shape: Shape, program: Declarations): readonly Exp[] {
  if (shape.kind === "word") return [exp];
  if (shape.kind === "struct") {
    return shape.fields.flatMap((field, index) =>
      wordsIn({ kind: "rawField", index, value: exp, span: NO_SPAN }, field, program),
    );
  }
  const fields = program.structs.find((s) => s.name === shape.name)?.fields ?? [];
  return fields.flatMap((f) =>
    wordsIn({ kind: "namedField", field: f.name, value: exp, span: NO_SPAN }, f.shape, program),
  );
}
