// Suspicious addresses (pancake-language.md, 6.4): does an address come from `@base`, as local memory must, or not, as
// shared memory must not? A taint per word of every local, followed through assignments and joined where paths meet.
//
// Priority Based > NotTrusted > Trusted > NotBased; arithmetic takes the maximum of its operands. A local on whose
// taint two paths disagree becomes NotTrusted in all its words. Differences from upstream: a shift has the taint of
// the shifted value (Q9), handlers of `try` count (Q26), and a path that leaves by `return`, `throw`, `break` or
// `continue` does not take part in the join after it. Loop bodies are walked once, as upstream does.

import type { Block, Exp, FunctionDeclaration, Stmt } from "../syntax/tree.ts";
import { addWithCarryIn } from "./calls.ts";
import { chainNodes, withoutParens, type Binary } from "./chain.ts";
import type { CheckContext } from "./context.ts";
import {
  join,
  level,
  maximum,
  NOT_BASED,
  partOf,
  TAINTED,
  TRUSTED,
  warnOfAddress,
  type Access,
  type Taint,
} from "./taint-lattice.ts";
import { bind, enterBlock, leaveBlock, lookUp, newScope, type Scope } from "./scope.ts";

/** A local and what is known of it now. */
interface Cell {
  taint: Taint;
}

interface TaintContext extends CheckContext {
  readonly locals: Scope<Cell>;
  /** Assignments since the function began, for undoing a branch. */
  readonly log: { readonly cell: Cell; readonly before: Taint }[];
}

/** Warns of suspicious addresses in `fun`. */
export function checkAddresses(fun: FunctionDeclaration, base: CheckContext): void {
  const ctx: TaintContext = { ...base, locals: newScope(), log: [] };
  for (const { name } of fun.parameters) bind(ctx.locals, name.text, { taint: TRUSTED });
  walkBlock(fun.body, ctx);
}

/** Warns of suspicious addresses in the initial value of a global. */
export function checkAddressesOf(value: Exp, base: CheckContext): void {
  taintOf(value, { ...base, locals: newScope(), log: [] });
}

/** True if the end of the block is not reached. */
function walkBlock(block: Block, ctx: TaintContext): boolean {
  const mark = enterBlock(ctx.locals);
  let exits = false;
  for (const stmt of block.statements) exits = walkStatement(stmt, ctx) || exits;
  leaveBlock(ctx.locals, mark);
  return exits;
}

function walkStatement(stmt: Stmt, ctx: TaintContext): boolean {
  switch (stmt.kind) {
    case "var":
      bind(ctx.locals, stmt.variable.name.text, { taint: taintOf(stmt.value, ctx) });
      return false;
    case "assign":
      assign(stmt.target.text, taintOf(stmt.value, ctx), ctx);
      return false;
    case "call":
      walkAll(stmt.call.args, ctx);
      return false;
    case "foreignCall":
      walkAll(stmt.args, ctx);
      return false;
    case "store":
    case "sharedStore":
      checkAccess(
        { access: "st", bytes: stmt.bytes, shared: stmt.kind === "sharedStore" },
        stmt.address,
        ctx,
      );
      taintOf(stmt.value, ctx);
      return false;
    case "sharedLoad":
      checkAccess({ access: "ld", bytes: stmt.bytes, shared: true }, stmt.address, ctx);
      assign(stmt.target.text, TRUSTED, ctx);
      return false;
    case "if":
      return walkIf(stmt, ctx);
    case "while":
      taintOf(stmt.condition, ctx);
      joinPaths(
        null,
        runBranch(ctx, () => walkBlock(stmt.body, ctx)),
        ctx,
      );
      return false;
    case "try":
      return walkTry(stmt, ctx);
    case "throw":
    case "return":
      taintOf(stmt.value, ctx);
      return true;
    case "break":
    case "continue":
      return true;
    case "block":
      return walkBlock(stmt.block, ctx);
    case "skip":
    case "tick":
    case "annotation":
    case "error":
      return false;
  }
}

function checkAccess(access: Access, address: Exp, ctx: TaintContext): void {
  warnOfAddress(access, address, { taint: taintOf(address, ctx), ctx });
}

function walkAll(exps: readonly Exp[], ctx: TaintContext): void {
  for (const exp of exps) taintOf(exp, ctx);
}

function assign(name: string, taint: Taint, ctx: TaintContext): void {
  const cell = lookUp(ctx.locals, name);
  if (cell !== undefined) setTaint(cell, taint, ctx);
}

function setTaint(cell: Cell, taint: Taint, ctx: TaintContext): void {
  ctx.log.push({ cell, before: cell.taint });
  cell.taint = taint;
}

/** The locals that a path assigned, with their taint at its end. */
interface Path {
  readonly exits: boolean;
  readonly after: ReadonlyMap<Cell, Taint>;
}

/** Walks one path and undoes its assignments. */
function runBranch(ctx: TaintContext, walk: () => boolean): Path {
  const mark = ctx.log.length;
  const exits = walk();
  const after = new Map<Cell, Taint>();
  for (let entry = ctx.log[ctx.log.length - 1]; ctx.log.length > mark; entry = ctx.log[ctx.log.length - 1]) {
    ctx.log.pop();
    if (entry === undefined) break;
    if (!after.has(entry.cell)) after.set(entry.cell, entry.cell.taint);
    entry.cell.taint = entry.before;
  }
  return { exits, after };
}

/** Goes on after two paths meet; null is the path that assigned nothing. */
function joinPaths(one: Path | null, other: Path, ctx: TaintContext): void {
  const empty: Path = { exits: false, after: new Map() };
  const [a, b] = [one ?? empty, other];
  if (a.exits && b.exits) return;
  for (const cell of new Set([...a.after.keys(), ...b.after.keys()])) {
    const taintA = a.after.get(cell) ?? cell.taint;
    const taintB = b.after.get(cell) ?? cell.taint;
    setTaint(cell, a.exits ? taintB : b.exits ? taintA : join(taintA, taintB), ctx);
  }
}

function walkIf(stmt: Extract<Stmt, { kind: "if" }>, ctx: TaintContext): boolean {
  taintOf(stmt.condition, ctx);
  const then = runBranch(ctx, () => walkBlock(stmt.then, ctx));
  const { else: otherwise } = stmt;
  const other = otherwise === null ? null : runBranch(ctx, () => walkBlock(otherwise, ctx));
  joinPaths(other, then, ctx);
  return then.exits && other?.exits === true;
}

function walkTry(stmt: Extract<Stmt, { kind: "try" }>, ctx: TaintContext): boolean {
  walkAll(stmt.call.args, ctx);
  const returned = runBranch(ctx, () => {
    if (stmt.target !== null) assign(stmt.target.text, TRUSTED, ctx);
    return false;
  });
  const caught = runBranch(ctx, () => {
    assign(stmt.payload.text, TRUSTED, ctx);
    return walkBlock(stmt.handler, ctx);
  });
  joinPaths(returned, caught, ctx);
  return false;
}

/** The taint of the value of `exp`, after warning of the addresses in it. */
function taintOf(exp: Exp, ctx: TaintContext): Taint {
  switch (exp.kind) {
    case "int":
    case "bool":
      return NOT_BASED;
    case "constant":
      return exp.name === "@biw" ? NOT_BASED : TAINTED;
    case "name":
      return taintOfName(exp.name, ctx);
    case "parens":
      return taintOf(exp.inner, ctx);
    case "binary":
      return taintOfBinary(exp, ctx);
    case "not":
      taintOf(exp.operand, ctx);
      return NOT_BASED;
    case "load":
      checkAccess({ access: "ld", bytes: null, shared: false }, exp.address, ctx);
      return TRUSTED;
    case "loadBytes":
      checkAccess({ access: "ld", bytes: exp.bytes, shared: false }, exp.address, ctx);
      return TRUSTED;
    case "rawStruct":
      return { kind: "raw", parts: exp.fields.map((field) => taintOf(field, ctx)) };
    case "namedStruct": {
      const parts = new Map(exp.fields.map((field) => [field.name.text, taintOf(field.value, ctx)]));
      return { kind: "named", parts };
    }
    case "index":
      return partOf(taintOf(exp.value, ctx), Number(exp.index));
    case "field":
      return partOf(taintOf(exp.value, ctx), exp.field.text);
    case "call":
      return taintOfCall(exp, ctx);
    case "error":
      return TRUSTED;
  }
}

function taintOfName(name: string, ctx: TaintContext): Taint {
  const cell = lookUp(ctx.locals, name);
  if (cell !== undefined) return cell.taint;
  return ctx.declared.constants.has(name) ? NOT_BASED : TRUSTED;
}

function taintOfCall(exp: Extract<Exp, { kind: "call" }>, ctx: TaintContext): Taint {
  const args = exp.call.args.map((arg) => taintOf(arg, ctx));
  if (addWithCarryIn(exp) === null) return TRUSTED;
  const sum = maximum(level(args[0] ?? TRUSTED), level(args[1] ?? TRUSTED));
  return { kind: "raw", parts: [sum, NOT_BASED] };
}

const arithmetic: ReadonlySet<string> = new Set(["+", "-", "*", "&", "|", "^"]);

function taintOfBinary(exp: Binary, ctx: TaintContext): Taint {
  const nodes = chainNodes(exp);
  let taint = level(taintOf(withoutParens(nodes[0].left), ctx));
  for (const node of nodes) {
    const right = level(taintOf(node.right, ctx));
    if (arithmetic.has(node.op)) taint = maximum(taint, right);
    else if (!node.op.includes("<<") && !node.op.includes(">>")) taint = NOT_BASED;
  }
  return taint;
}
