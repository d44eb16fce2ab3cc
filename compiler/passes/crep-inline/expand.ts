// The body of a callee in place of a call.
//
// A plain call becomes            With a handler for E:
//     params := args;                 params := args;
//     block {  // if needed           block {            // done
//       body                            block {          // raised
//     }                                   body           // return: dests := values; break to the end of done
//                                       }                // raise E: payload := values; break to the end of raised
//                                       handler
//                                     }
// Variables of the callee are renumbered above those of the caller, so that arguments, results and payloads can be
// assigned one after the other.

import type { Block, Exp, Function, Handler, Stmt, Var } from "../../lang/crep/ast.ts";
import {
  forEachStmt,
  mapExpChildren,
  mapStmtBlocks,
  mapStmtExps,
  mapWrittenVars,
  writtenVars,
} from "../../lang/crep/children.ts";
import { bug } from "../../source/bug.ts";
import type { Span } from "../../source/span.ts";
import type { ExceptionSet } from "../analysis/may-raise.ts";
import { measure } from "./choose.ts";

/** The caller's side of its expansions. */
export interface Expansion {
  nextVar: number;
  readonly names: Map<Var, string>;
  readonly raises: ReadonlyMap<string, ExceptionSet>;
}

/** True if `handler` can be given to every call in `callee` that may raise its exception. */
export function canCatch(callee: Function, handler: Handler, raises: Expansion["raises"]): boolean {
  let possible = true;
  forEachStmt(callee.body, (stmt) => {
    if (stmt.kind !== "call" || stmt.handler === null) return;
    const caught = stmt.handler.exception === handler.exception;
    if (!caught && raises.get(stmt.callee)?.has(handler.exception) === true) possible = false;
  });
  return possible;
}

/** Where the expanded body's returns and raises go. */
interface Site {
  /** Null: a tail call, whose returns are the caller's. */
  readonly results: { readonly dests: readonly Var[] | null } | null;
  readonly handler: Handler | null;
  readonly raises: Expansion["raises"];
  /** Whether some return had to break out of the block around the body. */
  broke: boolean;
}

/** The statements that do what `call` does. */
export function expandCall(
  call: Extract<Stmt, { readonly kind: "call" | "tailCall" }>,
  callee: Function,
  expansion: Expansion,
): readonly Stmt[] {
  const { span } = call;
  const { start, body } = renumber(callee, call.args, span, expansion);
  if (call.kind === "tailCall") return [...start, ...body];
  const { dests } = call;
  const handler = arriving(call.handler, callee, expansion);
  const site: Site = { results: { dests }, handler, raises: expansion.raises, broke: false };
  if (handler === null) {
    const inner = rewriteBlock(body, { depth: 0, last: true }, site);
    return site.broke ? [...start, { kind: "block", body: inner, span }] : [...start, ...inner];
  }
  const raised: Stmt = { kind: "block", body: rewriteBlock(body, { depth: 0, last: false }, site), span };
  return [...start, { kind: "block", body: [raised, ...deeper(handler.body, 0)], span }];
}

/** The handler, if its exception can arrive. */
function arriving(handler: Handler | null, callee: Function, { raises }: Expansion): Handler | null {
  return handler !== null && raises.get(callee.name)?.has(handler.exception) === true ? handler : null;
}

/** The callee's body with its own variables, and the assignments of its parameters. */
function renumber(
  callee: Function,
  args: readonly Exp[],
  span: Span,
  expansion: Expansion,
): { readonly start: readonly Stmt[]; readonly body: Block } {
  const base = expansion.nextVar;
  expansion.nextVar += measure(callee).nextVar;
  for (const [v, name] of callee.names) expansion.names.set(base + v, name);
  const written = new Set<Var>();
  forEachStmt(callee.body, (stmt) => {
    for (const v of writtenVars(stmt)) written.add(v);
  });
  const fixed = new Map<Var, Exp>();
  const start: Stmt[] = [];
  callee.params.forEach((param, i) => {
    const value = args[i] ?? bug(`too few arguments of ${callee.name}`, span);
    // Constants replace parameters that are never assigned, so that crep-arith can fold them.
    if (isConstant(value) && !written.has(param)) fixed.set(param, value);
    else start.push({ kind: "assign", dest: base + param, value, span });
  });
  const exp = (e: Exp): Exp => {
    if (e.kind !== "var") return mapExpChildren(e, exp);
    const value = fixed.get(e.var);
    return value === undefined ? { ...e, var: base + e.var } : { ...value, span: e.span };
  };
  const renumbered = (v: Var): Var => base + v;
  const block = (b: Block): Block =>
    b.map((stmt) => mapWrittenVars(mapStmtBlocks(mapStmtExps(stmt, exp), block), renumbered));
  return { start, body: block(callee.body) };
}

function isConstant(e: Exp): boolean {
  return e.kind === "const" || e.kind === "baseAddr" || e.kind === "topAddr";
}

/** Where a statement of the body stands. */
interface Position {
  /** Scopes of the body around it. */
  readonly depth: number;
  /** Its end is the end of the body. */
  readonly last: boolean;
}

function rewriteBlock(block: Block, position: Position, site: Site): Block {
  const out: Stmt[] = [];
  block.forEach((stmt, i) => {
    const at = { depth: position.depth, last: position.last && i === block.length - 1 };
    rewriteStmt(stmt, at, out, site);
  });
  return out;
}

function rewriteStmt(stmt: Stmt, at: Position, out: Stmt[], site: Site): void {
  const { span } = stmt;
  switch (stmt.kind) {
    case "return":
      assignAll(site.results?.dests ?? [], stmt.values, span, out);
      finish(at, span, out, site);
      return;
    case "tailCall": {
      const dests = site.results?.dests ?? null;
      const { callee, args } = stmt;
      out.push(withHandler({ kind: "call", dests, callee, args, handler: null, span }, at, site));
      finish(at, span, out, site);
      return;
    }
    case "raise":
      if (site.handler?.exception === stmt.exception) {
        assignAll(site.handler.payload, stmt.payload, span, out);
        out.push({ kind: "break", depth: at.depth, span });
      } else out.push(stmt);
      return;
    case "call": {
      const inner = mapStmtBlocks<Stmt>(stmt, (block) => rewriteBlock(block, at, site));
      out.push(inner.kind === "call" ? withHandler(inner, at, site) : inner);
      return;
    }
    case "if":
      out.push(mapStmtBlocks<Stmt>(stmt, (block) => rewriteBlock(block, at, site)));
      return;
    case "while":
    case "block": {
      const inside = { depth: at.depth + 1, last: at.last && stmt.kind === "block" };
      out.push(mapStmtBlocks<Stmt>(stmt, (block) => rewriteBlock(block, inside, site)));
      return;
    }
    case "assign":
    case "addCarry":
    case "store":
    case "setGlobal":
    case "break":
    case "continue":
    case "foreignCall":
    case "sharedLoad":
    case "sharedStore":
    case "tick":
      out.push(stmt);
  }
}

function assignAll(dests: readonly Var[], values: readonly Exp[], span: Span, out: Stmt[]): void {
  dests.forEach((dest, i) => {
    out.push({ kind: "assign", dest, value: values[i] ?? bug("too few words", span), span });
  });
}

/** The results are assigned: goes to the end of the expansion. */
function finish(at: Position, span: Span, out: Stmt[], site: Site): void {
  if (at.last) return;
  site.broke = true;
  out.push({ kind: "break", depth: at.depth + (site.handler === null ? 0 : 1), span });
}

type Call = Extract<Stmt, { readonly kind: "call" }>;

/** Gives the call the handler of the expansion, if it needs one. */
function withHandler(call: Call, at: Position, site: Site): Stmt {
  const { handler } = site;
  if (handler === null || call.handler !== null) return call;
  if (site.raises.get(call.callee)?.has(handler.exception) !== true) return call;
  const leave: Stmt = { kind: "break", depth: at.depth, span: call.span };
  return { ...call, handler: { exception: handler.exception, payload: handler.payload, body: [leave] } };
}

/** A block that has moved into one more scope: breaks out of it count one more. */
function deeper(block: Block, depth: number): Block {
  return block.map((stmt) => {
    if (stmt.kind === "break" || stmt.kind === "continue") {
      return stmt.depth >= depth ? { ...stmt, depth: stmt.depth + 1 } : stmt;
    }
    const inside = stmt.kind === "while" || stmt.kind === "block" ? depth + 1 : depth;
    return mapStmtBlocks<Stmt>(stmt, (inner) => deeper(inner, inside));
  });
}
