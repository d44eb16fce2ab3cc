// Flow rules of function bodies (pancake-language.md, 6.2 and 6.4): every path leaves the function, `break` and
// `continue` stand in loops, and code that cannot be reached gets a warning.
//
// Leaving is syntactic: `return` and `throw` leave, a sequence leaves if a member does, an `if` if both branches do;
// `while` (even `while true`) and `try` never do. A statement with a syntax error counts as leaving, silently.

import type { RelatedPlace } from "../source/diagnostic.ts";
import { joinSpans, type Span } from "../source/span.ts";
import type { Block, FunctionDeclaration, Shape, Stmt } from "../syntax/tree.ts";
import { complain, type CheckContext } from "./context.ts";

/** What a statement or block does to the flow. */
interface Flow {
  /** Some member leaves the function. */
  readonly leaves: boolean;
  /** Why the statement after it is unreachable; null if it is reachable. */
  readonly stop: Stop | null;
}

interface Stop {
  readonly exits: "function" | "loop";
  readonly because: RelatedPlace;
}

const GOES_ON: Flow = { leaves: false, stop: null };

/** Reports stray `break` and `continue`, unreachable statements, and paths of `fun` without `return`. */
export function checkFlow(fun: FunctionDeclaration, ctx: CheckContext): void {
  const walk = new FlowWalk(ctx);
  if (!walk.block(fun.body, false).leaves) reportMissingReturn(fun, walk, ctx);
}

/** Statements that are never called unreachable: no effect, or a mistake that has been reported. */
function isSilent(stmt: Stmt): boolean {
  return stmt.kind === "annotation" || stmt.kind === "tick" || stmt.kind === "error";
}

class FlowWalk {
  readonly #ctx: CheckContext;
  /** Blocks that leave the function, for finding the path that does not. */
  readonly leaving = new Set<Block>();
  /** A syntax error came before: it may have been the loop that a jump belongs to. */
  #broken = false;

  constructor(ctx: CheckContext) {
    this.#ctx = ctx;
  }

  block(block: Block, inLoop: boolean): Flow {
    let leaves = false;
    let stop: Stop | null = null;
    let reported = false;
    for (const stmt of block.statements) {
      if (stop !== null && !reported && !isSilent(stmt)) {
        reported = true;
        this.#reportUnreachable(stmt, stop);
      }
      const flow = this.#statement(stmt, inLoop);
      leaves ||= flow.leaves;
      stop ??= flow.stop;
    }
    if (leaves) this.leaving.add(block);
    return { leaves, stop };
  }

  #statement(stmt: Stmt, inLoop: boolean): Flow {
    switch (stmt.kind) {
      case "return": {
        const what = stmt.value.kind === "call" ? "tail call" : "`return`";
        return leavesFunction(stmt.span, `this ${what} leaves the function`);
      }
      case "throw":
        return leavesFunction(stmt.span, "this `throw` leaves the function");
      case "break":
      case "continue":
        return this.#jump(stmt, inLoop);
      case "if":
        return this.#conditional(stmt, inLoop);
      case "while":
        this.block(stmt.body, true);
        return GOES_ON;
      case "try":
        this.block(stmt.handler, inLoop);
        return GOES_ON;
      case "block":
        return this.block(stmt.block, inLoop);
      case "error":
        this.#broken = true;
        return { leaves: true, stop: null };
      case "skip":
      case "tick":
      case "var":
      case "assign":
      case "call":
      case "foreignCall":
      case "store":
      case "sharedLoad":
      case "sharedStore":
      case "annotation":
        return GOES_ON;
    }
  }

  #jump(stmt: Extract<Stmt, { kind: "break" | "continue" }>, inLoop: boolean): Flow {
    const keyword = stmt.kind;
    if (inLoop) {
      const because = { span: stmt.span, text: `this \`${keyword}\` leaves the loop body` };
      return { leaves: false, stop: { exits: "loop", because } };
    }
    if (!this.#broken)
      complain(this.#ctx, "S0105", stmt.span, { with: { keyword }, help: "remove it, or use `return`" });
    return GOES_ON;
  }

  #conditional(stmt: Extract<Stmt, { kind: "if" }>, inLoop: boolean): Flow {
    const then = this.block(stmt.then, inLoop);
    if (stmt.else === null) return GOES_ON;
    const otherwise = this.block(stmt.else, inLoop);
    const leaves = then.leaves && otherwise.leaves;
    const exits = then.stop !== null && then.stop.exits === otherwise.stop?.exits ? then.stop.exits : null;
    if (exits === null) return { leaves, stop: null };
    const text = `both branches of this \`if\` leave the ${exits === "loop" ? "loop body" : "function"}`;
    return { leaves, stop: { exits, because: { span: headOf(stmt), text } } };
  }

  #reportUnreachable(stmt: Stmt, stop: Stop): void {
    complain(this.#ctx, "S0401", headOf(stmt), { label: "never executed", related: [stop.because] });
  }
}

function leavesFunction(span: Span, text: string): Flow {
  return { leaves: true, stop: { exits: "function", because: { span, text } } };
}

/** The first line of a statement that holds blocks; otherwise all of it. */
function headOf(stmt: Stmt): Span {
  switch (stmt.kind) {
    case "if":
    case "while":
      return joinSpans({ start: stmt.span.start, end: stmt.span.start }, stmt.condition.span);
    case "try":
      return joinSpans({ start: stmt.span.start, end: stmt.span.start }, stmt.call.span);
    case "block":
      return { start: stmt.span.start, end: stmt.span.start + 1 };
    case "skip":
    case "tick":
    case "break":
    case "continue":
    case "var":
    case "assign":
    case "call":
    case "foreignCall":
    case "store":
    case "sharedLoad":
    case "sharedStore":
    case "throw":
    case "return":
    case "annotation":
    case "error":
      return stmt.span;
  }
}

function reportMissingReturn(fun: FunctionDeclaration, walk: FlowWalk, ctx: CheckContext): void {
  const { at, because } = fallThrough(fun.body, walk.leaving);
  const name = fun.name.text;
  const declared = { span: fun.name.span, text: `\`${name}\` must return a value on every path` };
  complain(ctx, "S0104", at, {
    with: { name },
    label: "this point is reached without `return`",
    related: because === null ? [declared] : [because, declared],
    ...(returnsWord(fun.result)
      ? {}
      : { help: "end this path with `return` and a value of the result shape" }),
  });
}

function returnsWord(result: Shape | null): boolean {
  return result === null || (result.kind === "words" && result.count === 1n);
}

interface FallThrough {
  readonly at: Span;
  readonly because: RelatedPlace | null;
}

/** The closing brace that a path of `block` reaches, following the last statement inwards, and why. */
function fallThrough(block: Block, leaving: ReadonlySet<Block>): FallThrough {
  const brace = { start: Math.max(block.span.start, block.span.end - 1), end: block.span.end };
  const end = (because: RelatedPlace | null): FallThrough => ({ at: brace, because });
  const last = block.statements.findLast((stmt) => stmt.kind !== "annotation");
  if (last === undefined) return end(null);
  switch (last.kind) {
    case "if":
      if (last.else !== null && leaving.has(last.then)) return fallThrough(last.else, leaving);
      if (last.else !== null && leaving.has(last.else)) return fallThrough(last.then, leaving);
      if (!leaving.has(last.then)) return end(null);
      return end({ span: headOf(last), text: "no `else`: when this condition is 0, control goes on" });
    case "while":
      return end({
        span: headOf(last),
        text: "a `while` never counts as leaving the function, not even `while true`",
      });
    case "try":
      return end({ span: headOf(last), text: "a `try` never counts as leaving the function" });
    case "block":
      return fallThrough(last.block, leaving);
    case "skip":
    case "tick":
    case "break":
    case "continue":
    case "var":
    case "assign":
    case "call":
    case "foreignCall":
    case "store":
    case "sharedLoad":
    case "sharedStore":
    case "throw":
    case "return":
    case "error":
      return end(null);
  }
}
