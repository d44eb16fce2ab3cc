// The semantics of what CrepLang and LoopLang share, as closures made once per function.
//
// A language compiles its values and its own statements, and gives the shared ones to `compilePlain`, `compileCall` and
// `compileForeignCall`.

import { call, catching, codeNamed, foreignCall, raising, returning, tailCall } from "../eval/calls.ts";
import { jump, newEvaluator, sequence } from "../eval/control.ts";
import {
  newMachine,
  NORMAL,
  type Code,
  type CompiledBody,
  type Exec,
  type Get,
  type GetAll,
  type Machine,
  type Write,
} from "../eval/machine.ts";
import { localStore, setGlobalWord, setSlot, sharedLoad, sharedStore } from "../eval/memory.ts";
import { slotValue } from "../eval/operations.ts";
import { addWithCarry } from "../machine-word.ts";
import type { Evaluator, World } from "../world.ts";
import type { Call, ForeignCall, Function, PlainStmt, Program, Var } from "./ast.ts";

/** What a language adds. */
export interface Language<Value, Stmt> {
  compileValue(value: Value, c: Context<Value, Stmt>): Get;
  compileStmt(stmt: Stmt, c: Context<Value, Stmt>): Exec;
}

/** The compilation of one function. */
export interface Context<Value, Stmt> {
  readonly language: Language<Value, Stmt>;
  readonly machine: Machine;
  readonly codes: ReadonlyMap<string, Code>;
  /** Dense slot of a variable, parameters first. */
  slot(v: Var): number;
}

/** Makes `program` ready to run. Globals start as zeros. */
export function programEvaluator<Value, Stmt>(
  program: Program<Function<Stmt>>,
  world: World,
  language: Language<Value, Stmt>,
): Evaluator {
  const machine = newMachine(world, program.globalWords);
  const codes = new Map<string, Code>();
  for (const f of program.functions) {
    codes.set(f.name, {
      name: f.name,
      span: f.span,
      paramWords: f.params.length,
      body: null,
      compile: () => compileFunction(f, { machine, codes, language }),
    });
  }
  return newEvaluator(machine, codes, program.entry);
}

function compileFunction<Value, Stmt>(
  f: Function<Stmt>,
  shared: Omit<Context<Value, Stmt>, "slot">,
): CompiledBody {
  const slots = new Map<Var, number>();
  const slot = (v: Var): number => {
    const known = slots.get(v) ?? slots.size;
    slots.set(v, known);
    return known;
  };
  f.params.forEach(slot);
  const run = compileBlock(f.body, { ...shared, slot });
  return { slots: slots.size, run };
}

/** The statements one after the other. */
export function compileBlock<Value, Stmt>(block: readonly Stmt[], c: Context<Value, Stmt>): Exec {
  return sequence(block.map((stmt) => c.language.compileStmt(stmt, c)));
}

/** The word of a variable; reading it unassigned is Error. */
export function readVar<Value, Stmt>(v: Var, c: Context<Value, Stmt>): Get {
  return slotValue(c.slot(v), `%${String(v)}`);
}

function compileAll<Value, Stmt>(values: readonly Value[], c: Context<Value, Stmt>): GetAll {
  const gets = values.map((value) => c.language.compileValue(value, c));
  return (frame) => gets.map((get) => get(frame));
}

/** A statement without blocks. */
export function compilePlain<Value, Stmt>(stmt: PlainStmt<Value>, c: Context<Value, Stmt>): Exec {
  const { machine, language } = c;
  const value = (v: Value): Get => language.compileValue(v, c);
  switch (stmt.kind) {
    case "addCarry":
      return compileAddCarry(stmt, c);
    case "store":
      return localStore(machine, value(stmt.address), value(stmt.value), stmt);
    case "setGlobal":
      return setGlobalWord(machine, stmt.index, value(stmt.value));
    case "sharedLoad":
      return setSlot(c.slot(stmt.dest), sharedLoad(machine, value(stmt.address), stmt));
    case "sharedStore":
      return sharedStore(machine, value(stmt.address), value(stmt.value), stmt);
    case "break":
    case "continue":
      return jump(stmt.kind, stmt.depth);
    case "tailCall":
      return tailCall(machine, codeNamed(stmt.callee, c.codes), compileAll(stmt.args, c));
    case "raise":
      return raising(machine, stmt.exception, compileAll(stmt.payload, c));
    case "return":
      return returning(machine, compileAll(stmt.values, c));
  }
}

function compileAddCarry<Value, Stmt>(
  stmt: Extract<PlainStmt<Value>, { readonly kind: "addCarry" }>,
  c: Context<Value, Stmt>,
): Exec {
  const left = c.language.compileValue(stmt.left, c);
  const right = c.language.compileValue(stmt.right, c);
  const carryIn = c.language.compileValue(stmt.carryIn, c);
  const sumSlot = c.slot(stmt.sum);
  const carrySlot = c.slot(stmt.carry);
  return (frame) => {
    const { sum, carry } = addWithCarry(left(frame), right(frame), carryIn(frame));
    frame[sumSlot] = sum;
    frame[carrySlot] = carry;
    return NORMAL;
  };
}

/** A call with its results and its handler. */
export function compileCall<Value, Stmt>(stmt: Call<Value, Stmt>, c: Context<Value, Stmt>): Exec {
  const { machine } = c;
  const code = codeNamed(stmt.callee, c.codes);
  const plain = call(machine, code, compileAll(stmt.args, c), writeVars(stmt.dests ?? [], c));
  const { handler } = stmt;
  if (handler === null) return plain;
  return catching(machine, plain, {
    exception: handler.exception,
    write: writeVars(handler.payload, c),
    body: compileBlock(handler.body, c),
  });
}

function writeVars<Value, Stmt>(vars: readonly Var[], c: Context<Value, Stmt>): Write {
  const slots = vars.map((v) => c.slot(v));
  return (frame, words) => {
    for (let i = 0; i < slots.length; i++) frame[slots[i] ?? 0] = words[i];
  };
}

/** A call of the world. */
export function compileForeignCall<Value, Stmt>(stmt: ForeignCall<Value>, c: Context<Value, Stmt>): Exec {
  return foreignCall(c.machine, stmt.name, compileAll(stmt.args, c));
}
