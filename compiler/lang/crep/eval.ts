// The semantics of CrepLang, as closures made once per function. The program must pass check.ts.

import { branch, breakable, tick, whileLoop } from "../eval/control.ts";
import type { Exec, Get } from "../eval/machine.ts";
import { globalWord, localLoad, setSlot } from "../eval/memory.ts";
import { comparison, constant, isTrue, operation, type Test } from "../eval/operations.ts";
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
import type { Exp, Program, Stmt } from "./ast.ts";

/** Makes `program` ready to run. Globals start as zeros. */
export function evaluator(program: Program, world: World): Evaluator {
  return programEvaluator(program, world, { compileValue: compileExp, compileStmt });
}

type CrepContext = Context<Exp, Stmt>;

function compileExp(e: Exp, c: CrepContext): Get {
  const exp = (inner: Exp): Get => compileExp(inner, c);
  switch (e.kind) {
    case "const":
      return constant(e.value);
    case "var":
      return readVar(e.var, c);
    case "global":
      return globalWord(c.machine, e.index);
    case "load":
      return localLoad(c.machine, exp(e.address), e);
    case "op":
    case "compare":
    case "shift":
      return operation(e, exp);
    case "baseAddr":
      return constant(c.machine.base);
    case "topAddr":
      return constant(c.machine.top);
  }
}

function compileTest(e: Exp, c: CrepContext): Test {
  if (e.kind !== "compare") return isTrue(compileExp(e, c));
  return comparison(e.op, compileExp(e.left, c), compileExp(e.right, c));
}

function compileStmt(stmt: Stmt, c: CrepContext): Exec {
  if (isPlain(stmt)) return compilePlain(stmt, c);
  switch (stmt.kind) {
    case "tick":
      return tick(c.machine);
    case "assign": {
      const value = compileExp(stmt.value, c);
      return setSlot(c.slot(stmt.dest), value);
    }
    case "if": {
      const then = compileBlock(stmt.then, c);
      return branch(compileTest(stmt.condition, c), then, compileBlock(stmt.else, c));
    }
    case "while":
      return whileLoop(c.machine, compileTest(stmt.condition, c), compileBlock(stmt.body, c));
    case "block":
      return breakable(compileBlock(stmt.body, c));
    case "call":
      return compileCall(stmt, c);
    case "foreignCall":
      return compileForeignCall(stmt, c);
  }
}
