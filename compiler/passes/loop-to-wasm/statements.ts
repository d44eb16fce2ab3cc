// Statements of LoopLang to WebAssembly; part of loop-to-wasm. Calls are calls.ts, accesses memory.ts.
//
// Structure stays as it is: a `loop` is a WebAssembly loop inside the block that its `break` leaves.

import { WASM_EXPORTS } from "../../../spec/abi/wasm32.ts";
import type { Block, Condition, Exp, Stmt } from "../../lang/loop/ast.ts";
import type { Instr } from "../../lang/wasm/ast.ts";
import { bug } from "../../source/bug.ts";
import {
  arithmetic,
  at,
  block,
  branch,
  call,
  choose,
  compare,
  either,
  extend,
  globalGet,
  globalSet,
  i64Const,
  leaves,
  localGet,
  localSet,
  loop,
  shift,
} from "../../target/wasm32/instructions.ts";
import { translateCall, translateRaise, translateReturn, translateTailCall } from "./calls.ts";
import { translateAccess } from "./memory.ts";
import {
  assign,
  emit,
  nested,
  newLabel,
  operand,
  operands,
  scopeAt,
  scratch,
  variable,
  type Translation,
} from "./translation.ts";

/** The name of a word of the program's globals. */
export function globalName(index: number): string {
  return `global.${String(index)}`;
}

/** Translates until the end or until nothing more can be reached. */
export function translateBlock(body: Block, t: Translation): void {
  for (const stmt of body) {
    if (leaves(t.out.at(-1))) return;
    translateStmt(stmt, t);
  }
}

function translateStmt(stmt: Stmt, t: Translation): void {
  switch (stmt.kind) {
    case "if":
    case "loop":
    case "block":
    case "break":
    case "continue":
      translateControl(stmt, t);
      return;
    case "call":
      translateCall(stmt, t, translateBlock);
      return;
    case "tailCall":
      translateTailCall(stmt, t);
      return;
    case "raise":
      translateRaise(stmt, t);
      return;
    case "return":
      translateReturn(stmt.values, t, stmt.span);
      return;
    case "load":
    case "store":
    case "sharedLoad":
    case "sharedStore":
      translateAccess(stmt, t);
      return;
    case "assign":
    case "addCarry":
    case "getGlobal":
    case "setGlobal":
    case "foreignCall":
      translateSimple(stmt, t);
      return;
  }
}

type Control = Extract<Stmt, { readonly kind: "if" | "loop" | "block" | "break" | "continue" }>;

function translateControl(stmt: Control, t: Translation): void {
  const { span } = stmt;
  switch (stmt.kind) {
    case "if": {
      const then = nested(t, () => {
        translateBlock(stmt.then, t);
      });
      const otherwise = nested(t, () => {
        translateBlock(stmt.else, t);
      });
      const condition = at(span, conditionValue(stmt.condition, t));
      t.out.push(choose(condition, { then, else: otherwise }, span));
      return;
    }
    case "loop": {
      const head = newLabel("continue", t);
      const after = newLabel("break", t);
      const body = inScope({ after, head }, stmt.body, t);
      const again = leaves(body.at(-1)) ? body : [...body, at(span, branch(head))];
      t.out.push(block(after, [loop(head, again, span)], span));
      return;
    }
    case "block": {
      const after = newLabel("break", t);
      t.out.push(block(after, inScope({ after, head: null }, stmt.body, t), span));
      return;
    }
    case "break":
      emit(t, span, branch(scopeAt(stmt.depth, t).after));
      return;
    case "continue":
      emit(t, span, branch(scopeAt(stmt.depth, t).head ?? bug("`continue` of a block", span)));
      return;
  }
}

function inScope(
  scope: { readonly after: string; readonly head: string | null },
  body: Block,
  t: Translation,
): readonly Instr[] {
  t.scopes.push(scope);
  const made = nested(t, () => {
    translateBlock(body, t);
  });
  t.scopes.pop();
  return made;
}

function conditionValue(c: Condition, t: Translation): Instr {
  return compare(c.op, operand(c.left, t), operand(c.right, t));
}

type Simple = Extract<
  Stmt,
  { readonly kind: "assign" | "addCarry" | "getGlobal" | "setGlobal" | "foreignCall" }
>;

function translateSimple(stmt: Simple, t: Translation): void {
  const { span } = stmt;
  switch (stmt.kind) {
    case "assign":
      assign(stmt.dest, expression(stmt.value, t), t, span);
      return;
    case "addCarry":
      translateAddCarry(stmt, t);
      return;
    case "getGlobal":
      assign(stmt.dest, globalGet(globalName(stmt.index)), t, span);
      return;
    case "setGlobal":
      emit(t, span, globalSet(globalName(stmt.index), operand(stmt.value, t)));
      return;
    case "foreignCall": {
      const name = t.draft.foreign(stmt.name, { usedIn: t.f.name, span });
      emit(t, span, call(name, operands(stmt.args, t)));
      return;
    }
  }
}

function expression(e: Exp, t: Translation): Instr {
  switch (e.kind) {
    case "var":
    case "const":
      return operand(e, t);
    case "op":
      return arithmetic(e.op, operand(e.left, t), operand(e.right, t));
    case "shift":
      return shift(e.op, operand(e.value, t), operand(e.amount, t));
    case "compare":
      return extend(conditionValue(e, t));
    case "baseAddr":
      return globalGet(WASM_EXPORTS.heap);
    case "topAddr":
      return globalGet(WASM_EXPORTS.heapEnd);
  }
}

/** The carry is that of the first addition or that of adding the carry in; both cannot happen. */
function translateAddCarry(stmt: Extract<Stmt, { readonly kind: "addCarry" }>, t: Translation): void {
  const { span } = stmt;
  const [partial, sum] = [scratch("partial", t), scratch("sum", t)];
  const set = (name: string, value: Instr): void => {
    emit(t, span, localSet(name, value));
  };
  const left = operand(stmt.left, t);
  const carryIn = extend(compare("notEqual", operand(stmt.carryIn, t), i64Const(0n)));
  set(partial, arithmetic("add", left, operand(stmt.right, t)));
  set(sum, arithmetic("add", localGet(partial), carryIn));
  const carries = either(
    compare("lower", localGet(partial), left),
    compare("lower", localGet(sum), localGet(partial)),
  );
  set(variable(stmt.carry, t), extend(carries));
  set(variable(stmt.sum, t), localGet(sum));
}
