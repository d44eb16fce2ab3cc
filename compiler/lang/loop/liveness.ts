// Backward liveness of LoopLang: exact live sets, and on request without the statements whose results are dead.
//
// One backward walk; a loop is walked again until the set at its head is stable. Heads are remembered between the
// walks of an enclosing loop and only grow, so a nest of depth d costs d + 1 walks of its innermost body.

import type { Block, Function, Handler, Operand, Stmt, Var, VarSet } from "./ast.ts";
import { leaves, stmtOperands, writtenVars } from "./children.ts";

/** Rounds of one loop after which dropping is given up: chains of copies through a loop can need one a variable. */
const MAX_ROUNDS = 16;

/** `f` with every live set exact; nothing is dropped. */
export function withLiveSets(f: Function): Function {
  return flowFunction(f, newFlow(false));
}

/**
 * `f` with every live set exact and without unreachable statements, pure assignments, local loads and reads of
 * globals whose result is dead, and branches left empty. Strongly live variables only: `x := x + 1` keeps nothing.
 */
export function withoutDeadCode(f: Function): Function {
  const flow = newFlow(true);
  const swept = flowFunction(f, flow);
  return flow.gaveUp ? withLiveSets(f) : swept;
}

interface OpenScope {
  /** Live where a `break` of it goes. */
  readonly afterBreak: VarSet;
  /** Live at the head of a loop. */
  readonly head: VarSet;
}

interface Flow {
  readonly drop: boolean;
  gaveUp: boolean;
  readonly scopes: OpenScope[];
  /** Head sets of loops found so far. */
  readonly heads: Map<Stmt, Set<Var>>;
}

function newFlow(drop: boolean): Flow {
  return { drop, gaveUp: false, scopes: [], heads: new Map() };
}

interface Flowed {
  readonly block: Block;
  readonly live: Set<Var>;
}

function flowFunction(f: Function, flow: Flow): Function {
  return { ...f, body: flowBlock(f.body, new Set(), flow).block };
}

/** `live` is consumed: it becomes the set before the block. */
function flowBlock(block: Block, live: Set<Var>, flow: Flow): Flowed {
  const reachable = flow.drop ? reachablePart(block) : block;
  const out: Stmt[] = [];
  let now = live;
  for (let i = reachable.length - 1; i >= 0; i--) {
    const stmt = reachable[i];
    if (stmt !== undefined) now = flowStmt(stmt, now, out, flow);
  }
  return { block: out.reverse(), live: now };
}

/** What follows a leaving statement inside an `if` is cut by the walk of that branch. */
function reachablePart(block: Block): Block {
  const end = block.findIndex(leaves);
  return end < 0 ? block : block.slice(0, end + 1);
}

/** Puts the statement (or nothing) at the end of `out`, which is backwards; answers the set before it. */
function flowStmt(stmt: Stmt, live: Set<Var>, out: Stmt[], flow: Flow): Set<Var> {
  switch (stmt.kind) {
    case "if":
    case "loop":
    case "block":
    case "call":
      return flowNested(stmt, live, out, flow);
    case "assign":
    case "addCarry":
    case "load":
    case "getGlobal":
    case "sharedLoad":
      return flowDefinition(stmt, live, out, flow);
    case "store":
    case "setGlobal":
    case "sharedStore":
      out.push(stmt);
      return use(stmtOperands(stmt), live);
    case "foreignCall":
      out.push({ ...stmt, liveOut: new Set(live) });
      return use(stmt.args, live);
    case "break":
    case "continue":
    case "tailCall":
    case "raise":
    case "return":
      out.push(stmt);
      return liveAtExit(stmt, flow);
  }
}

type Exit = Extract<Stmt, { readonly kind: "break" | "continue" | "tailCall" | "raise" | "return" }>;

function liveAtExit(stmt: Exit, flow: Flow): Set<Var> {
  switch (stmt.kind) {
    case "break":
      return new Set(flow.scopes.at(-1 - stmt.depth)?.afterBreak);
    case "continue":
      return new Set(flow.scopes.at(-1 - stmt.depth)?.head);
    case "tailCall":
    case "raise":
    case "return":
      return use(stmtOperands(stmt), new Set());
  }
}

function use(operands: readonly Operand[], live: Set<Var>): Set<Var> {
  for (const o of operands) if (o.kind === "var") live.add(o.var);
  return live;
}

type Definition = Extract<
  Stmt,
  { readonly kind: "assign" | "addCarry" | "load" | "getGlobal" | "sharedLoad" }
>;

function flowDefinition(stmt: Definition, live: Set<Var>, out: Stmt[], flow: Flow): Set<Var> {
  const dests = writtenVars(stmt);
  const dead = !dests.some((v) => live.has(v));
  if (dead && flow.drop && stmt.kind !== "sharedLoad") return live;
  out.push(stmt);
  for (const v of dests) live.delete(v);
  return use(stmtOperands(stmt), live);
}

type Nested = Extract<Stmt, { readonly kind: "if" | "loop" | "block" | "call" }>;

function flowNested(stmt: Nested, live: Set<Var>, out: Stmt[], flow: Flow): Set<Var> {
  switch (stmt.kind) {
    case "if": {
      const then = flowBlock(stmt.then, new Set(live), flow);
      const other = flowBlock(stmt.else, new Set(live), flow);
      if (flow.drop && then.block.length === 0 && other.block.length === 0) return live;
      out.push({ ...stmt, then: then.block, else: other.block, liveOut: live });
      return use([stmt.condition.left, stmt.condition.right], union(then.live, other.live));
    }
    case "block": {
      flow.scopes.push({ afterBreak: live, head: new Set() });
      const body = flowBlock(stmt.body, new Set(live), flow);
      flow.scopes.pop();
      if (!flow.drop || body.block.length > 0) out.push({ ...stmt, body: body.block, liveOut: live });
      return body.live;
    }
    case "loop":
      return flowLoop(stmt, live, out, flow);
    case "call":
      return flowCall(stmt, live, out, flow);
  }
}

function union(a: Set<Var>, b: Set<Var>): Set<Var> {
  const [large, small] = a.size >= b.size ? [a, b] : [b, a];
  for (const v of small) large.add(v);
  return large;
}

function flowLoop(
  stmt: Extract<Stmt, { readonly kind: "loop" }>,
  live: Set<Var>,
  out: Stmt[],
  flow: Flow,
): Set<Var> {
  const head = flow.heads.get(stmt) ?? new Set();
  flow.heads.set(stmt, head);
  for (let round = 0; ; round++) {
    flow.scopes.push({ afterBreak: live, head });
    const body = flowBlock(stmt.body, new Set(head), flow);
    flow.scopes.pop();
    const before = head.size;
    addAll(head, body.live);
    if (head.size === before || flow.gaveUp) {
      out.push({ ...stmt, liveIn: new Set(head), body: body.block, liveOut: live });
      return new Set(head);
    }
    if (flow.drop && round >= MAX_ROUNDS) flow.gaveUp = true;
  }
}

function addAll(into: Set<Var>, from: ReadonlySet<Var>): void {
  for (const v of from) into.add(v);
}

function flowCall(
  stmt: Extract<Stmt, { readonly kind: "call" }>,
  live: Set<Var>,
  out: Stmt[],
  flow: Flow,
): Set<Var> {
  const caught = stmt.handler === null ? null : flowHandler(stmt.handler, live, flow);
  const unused = flow.drop && stmt.dests !== null && !stmt.dests.some((v) => live.has(v));
  const liveOut = new Set(live);
  for (const v of stmt.dests ?? []) liveOut.delete(v);
  out.push({ ...stmt, dests: unused ? null : stmt.dests, handler: caught?.handler ?? null, liveOut });
  const before = new Set(liveOut);
  if (caught !== null) addAll(before, caught.live);
  return use(stmt.args, before);
}

function flowHandler(
  handler: Handler,
  live: ReadonlySet<Var>,
  flow: Flow,
): { readonly handler: Handler; readonly live: Set<Var> } {
  const body = flowBlock(handler.body, new Set(live), flow);
  for (const v of handler.payload) body.live.delete(v);
  return { handler: { ...handler, body: body.block }, live: body.live };
}
