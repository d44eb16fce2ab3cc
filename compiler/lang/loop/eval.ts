// The semantics of LoopLang, as closures made once per function. The program must pass check.ts.
//
// With `forgetDead` the evaluator unassigns, after every call, `if`, `loop` and `block`, all variables outside the
// live set given there: a program whose live sets are too small then reads an unassigned variable, which is Error.

import type { Span } from "../../source/span.ts";
import { branch, breakable, whileLoop } from "../eval/control.ts";
import { NORMAL, type Exec, type Get } from "../eval/machine.ts";
import { globalWord, localLoad, setSlot } from "../eval/memory.ts";
import { arithmetic, comparison, constant, shifted, truth, type Test } from "../eval/operations.ts";
import { isPlain } from "../structured/ast.ts";
import {
  compileBlock,
  compileCall,
  compileForeignCall,
  compilePlain,
  programEvaluator,
  readVar,
  type Context,
} from "../structured/eval.ts";
import type { Evaluator, World } from "../world.ts";
import type { Condition, Exp, Operand, Program, Stmt, Var } from "./ast.ts";

export interface LoopEvalOptions {
  readonly forgetDead?: boolean;
}

/** Makes `program` ready to run. Globals start as zeros. */
export function evaluator(program: Program, world: World, options: LoopEvalOptions = {}): Evaluator {
  const compile = options.forgetDead === true ? compileForgetting : compileStmt;
  return programEvaluator(program, world, { compileValue: operand, compileStmt: compile });
}

type LoopContext = Context<Operand, Stmt>;

function operand(o: Operand, c: LoopContext): Get {
  return o.kind === "const" ? constant(o.value) : readVar(o.var, c);
}

function compileExp(e: Exp, span: Span, c: LoopContext): Get {
  switch (e.kind) {
    case "var":
    case "const":
      return operand(e, c);
    case "op":
      return arithmetic(e.op, operand(e.left, c), operand(e.right, c));
    case "compare":
      return truth(compileCondition(e, c));
    case "shift":
      return shifted(e.op, operand(e.value, c), operand(e.amount, c), span);
    case "baseAddr":
      return constant(c.machine.base);
    case "topAddr":
      return constant(c.machine.top);
  }
}

function compileCondition(e: Condition, c: LoopContext): Test {
  return comparison(e.op, operand(e.left, c), operand(e.right, c));
}

function compileStmt(stmt: Stmt, c: LoopContext): Exec {
  if (isPlain(stmt)) return compilePlain(stmt, c);
  switch (stmt.kind) {
    case "assign": {
      const value = compileExp(stmt.value, stmt.span, c);
      return setSlot(c.slot(stmt.dest), value);
    }
    case "load": {
      const address = operand(stmt.address, c);
      return setSlot(c.slot(stmt.dest), localLoad(c.machine, address, stmt));
    }
    case "getGlobal":
      return setSlot(c.slot(stmt.dest), globalWord(c.machine, stmt.index));
    case "if": {
      const then = compileBlock(stmt.then, c);
      return branch(compileCondition(stmt.condition, c), then, compileBlock(stmt.else, c));
    }
    case "loop":
      return forever(compileBlock(stmt.body, c), c);
    case "block":
      return breakable(compileBlock(stmt.body, c));
    case "call":
      return compileCall(stmt, c);
    case "foreignCall":
      return compileForeignCall(stmt, c);
  }
}

function forever(body: Exec, c: LoopContext): Exec {
  return whileLoop(c.machine, () => true, body);
}

/** As compileStmt, with the unassigning of `forgetDead`. */
function compileForgetting(stmt: Stmt, c: LoopContext): Exec {
  if (!("liveOut" in stmt)) return compileStmt(stmt, c);
  const run =
    stmt.kind === "loop"
      ? forever(thenForget(compileBlock(stmt.body, c), stmt.liveIn, c), c)
      : compileStmt(stmt, c);
  const results = stmt.kind === "call" ? (stmt.dests ?? []) : [];
  return thenForget(run, [...stmt.liveOut, ...results], c);
}

/** `run`, and then, if it ended normally, only the `kept` variables keep their values. */
function thenForget(run: Exec, kept: Iterable<Var>, c: LoopContext): Exec {
  const keep = new Set([...kept].map((v) => c.slot(v)));
  return (frame) => {
    const ended = run(frame);
    if (ended === NORMAL) {
      for (let slot = 0; slot < frame.length; slot++) if (!keep.has(slot)) frame[slot] = undefined;
    }
    return ended;
  };
}
