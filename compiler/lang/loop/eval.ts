// The semantics of LoopLang, as closures made once per function. The program must pass check.ts.
//
// With `forgetDead` the evaluator unassigns, after every call, `if`, `loop` and `block`, all variables outside the
// live set given there: a program whose live sets are too small then reads an unassigned variable, which is Error.

import { bug } from "../../source/bug.ts";
import { branch, breakable, newEvaluator, sequence, whileLoop } from "../eval/control.ts";
import {
  BREAK,
  callForeign,
  CONTINUE,
  invoke,
  loadMemory,
  loadShared,
  newMachine,
  NORMAL,
  RAISE,
  RETURN,
  storeMemory,
  storeShared,
  TAIL,
  type Code,
  type CompiledBody,
  type Exec,
  type Frame,
  type Get,
  type Machine,
} from "../eval/machine.ts";
import {
  arithmetic,
  comparison,
  constant,
  shifted,
  slotValue,
  truth,
  type Test,
} from "../eval/operations.ts";
import { addWithCarry, type Word } from "../machine-word.ts";
import type { Evaluator, World } from "../world.ts";
import type { Block, Condition, Exp, Function, Operand, Program, Stmt, Var, VarSet } from "./ast.ts";
import type { Span } from "../../source/span.ts";

export interface LoopEvalOptions {
  readonly forgetDead?: boolean;
}

/** Makes `program` ready to run. Globals start as zeros. */
export function evaluator(program: Program, world: World, options: LoopEvalOptions = {}): Evaluator {
  const machine = newMachine(world, program.globalWords);
  const codes = new Map<string, Code>();
  const forgetDead = options.forgetDead === true;
  for (const f of program.functions) {
    codes.set(f.name, {
      name: f.name,
      span: f.span,
      paramWords: f.params.length,
      body: null,
      compile: () => compileFunction(f, { machine, codes, forgetDead }),
    });
  }
  return newEvaluator(machine, codes, program.entry);
}

interface Settings {
  readonly machine: Machine;
  readonly codes: ReadonlyMap<string, Code>;
  readonly forgetDead: boolean;
}

interface Context extends Settings {
  /** Dense slot of a variable, parameters first. */
  slot(v: Var): number;
}

function compileFunction(f: Function, settings: Settings): CompiledBody {
  const slots = new Map<Var, number>();
  const slot = (v: Var): number => {
    const known = slots.get(v) ?? slots.size;
    slots.set(v, known);
    return known;
  };
  f.params.forEach(slot);
  const run = compileBlock(f.body, { ...settings, slot });
  return { slots: slots.size, run };
}

function operand(o: Operand, c: Context): Get {
  return o.kind === "const" ? constant(o.value) : slotValue(c.slot(o.var), `%${String(o.var)}`);
}

function operands(list: readonly Operand[], c: Context): (frame: Frame) => readonly Word[] {
  const gets = list.map((o) => operand(o, c));
  return (frame) => gets.map((get) => get(frame));
}

function compileExp(e: Exp, span: Span, c: Context): Get {
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

function compileCondition(e: Condition, c: Context): Test {
  return comparison(e.op, operand(e.left, c), operand(e.right, c));
}

function compileBlock(block: Block, c: Context): Exec {
  return sequence(block.map((stmt) => compileStmt(stmt, c)));
}

/** `run`, and then, if it ended normally, only `live` variables and `kept` keep their values. */
function thenForget(run: Exec, live: VarSet, kept: readonly Var[], c: Context): Exec {
  if (!c.forgetDead) return run;
  const keep = new Set([...live, ...kept].map((v) => c.slot(v)));
  return (frame) => {
    const ended = run(frame);
    if (ended === NORMAL) {
      for (let slot = 0; slot < frame.length; slot++) if (!keep.has(slot)) frame[slot] = undefined;
    }
    return ended;
  };
}

function compileStmt(stmt: Stmt, c: Context): Exec {
  switch (stmt.kind) {
    case "if": {
      const then = compileBlock(stmt.then, c);
      const run = branch(compileCondition(stmt.condition, c), then, compileBlock(stmt.else, c));
      return thenForget(run, stmt.liveOut, [], c);
    }
    case "loop": {
      const body = thenForget(compileBlock(stmt.body, c), stmt.liveIn, [], c);
      return thenForget(
        whileLoop(c.machine, () => true, body),
        stmt.liveOut,
        [],
        c,
      );
    }
    case "block":
      return thenForget(breakable(compileBlock(stmt.body, c)), stmt.liveOut, [], c);
    case "break":
    case "continue": {
      const ended = (stmt.kind === "break" ? BREAK : CONTINUE) + 2 * stmt.depth;
      return () => ended;
    }
    case "call":
      return thenForget(compileCall(stmt, c), stmt.liveOut, stmt.dests ?? [], c);
    case "tailCall":
    case "foreignCall":
    case "raise":
    case "return":
      return compileTransfer(stmt, c);
    case "assign":
    case "addCarry":
    case "load":
    case "store":
    case "getGlobal":
    case "setGlobal":
    case "sharedLoad":
    case "sharedStore":
      return compileData(stmt, c);
  }
}

type Data = Extract<
  Stmt,
  {
    readonly kind:
      "assign" | "addCarry" | "load" | "store" | "getGlobal" | "setGlobal" | "sharedLoad" | "sharedStore";
  }
>;

function compileData(stmt: Data, c: Context): Exec {
  const { machine } = c;
  switch (stmt.kind) {
    case "assign":
      return setting(stmt.dest, compileExp(stmt.value, stmt.span, c), c);
    case "load": {
      const address = operand(stmt.address, c);
      return setting(stmt.dest, (f) => loadMemory(machine, address(f), stmt.bytes, stmt.span), c);
    }
    case "sharedLoad": {
      const address = operand(stmt.address, c);
      return setting(stmt.dest, (f) => loadShared(machine, stmt.bytes, address(f), stmt.span), c);
    }
    case "getGlobal": {
      const { globals } = machine;
      return setting(stmt.dest, () => globals[stmt.index] ?? 0n, c);
    }
    case "setGlobal": {
      const value = operand(stmt.value, c);
      const { globals } = machine;
      return (frame) => {
        globals[stmt.index] = value(frame);
        return NORMAL;
      };
    }
    case "store":
    case "sharedStore":
      return compileStore(stmt, c);
    case "addCarry":
      return compileAddCarry(stmt, c);
  }
}

function setting(v: Var, value: Get, c: Context): Exec {
  const dest = c.slot(v);
  return (frame) => {
    frame[dest] = value(frame);
    return NORMAL;
  };
}

function compileStore(stmt: Extract<Stmt, { readonly kind: "store" | "sharedStore" }>, c: Context): Exec {
  const { machine } = c;
  const address = operand(stmt.address, c);
  const value = operand(stmt.value, c);
  if (stmt.kind === "store") {
    return (frame) => {
      storeMemory(machine, address(frame), value(frame), stmt);
      return NORMAL;
    };
  }
  return (frame) => {
    storeShared(machine, address(frame), value(frame), stmt);
    return NORMAL;
  };
}

function compileAddCarry(stmt: Extract<Stmt, { readonly kind: "addCarry" }>, c: Context): Exec {
  const left = operand(stmt.left, c);
  const right = operand(stmt.right, c);
  const carryIn = operand(stmt.carryIn, c);
  const sumSlot = c.slot(stmt.sum);
  const carrySlot = c.slot(stmt.carry);
  return (frame) => {
    const { sum, carry } = addWithCarry(left(frame), right(frame), carryIn(frame));
    frame[sumSlot] = sum;
    frame[carrySlot] = carry;
    return NORMAL;
  };
}

type Transfer = Extract<Stmt, { readonly kind: "tailCall" | "foreignCall" | "raise" | "return" }>;

function compileTransfer(stmt: Transfer, c: Context): Exec {
  const { machine } = c;
  switch (stmt.kind) {
    case "tailCall": {
      const code = codeNamed(stmt.callee, c);
      const args = operands(stmt.args, c);
      return (frame) => {
        machine.values = args(frame);
        machine.callee = code;
        return TAIL;
      };
    }
    case "foreignCall": {
      const args = operands(stmt.args, c);
      const run: Exec = (frame) => {
        callForeign(machine, stmt.name, args(frame));
        return NORMAL;
      };
      return thenForget(run, stmt.liveOut, [], c);
    }
    case "raise": {
      const payload = operands(stmt.payload, c);
      return (frame) => {
        machine.values = payload(frame);
        machine.exception = stmt.exception;
        return RAISE;
      };
    }
    case "return": {
      const values = operands(stmt.values, c);
      return (frame) => {
        machine.values = values(frame);
        return RETURN;
      };
    }
  }
}

function codeNamed(name: string, c: Context): Code {
  return c.codes.get(name) ?? bug(`function ${name} does not exist`);
}

function compileCall(stmt: Extract<Stmt, { readonly kind: "call" }>, c: Context): Exec {
  const { machine } = c;
  const code = codeNamed(stmt.callee, c);
  const args = operands(stmt.args, c);
  const dests = stmt.dests === null ? [] : stmt.dests.map((v) => c.slot(v));
  const plain: Exec = (frame) => {
    const ended = invoke(machine, code, args(frame));
    if (ended !== RETURN) return ended;
    for (let i = 0; i < dests.length; i++) frame[dests[i] ?? 0] = machine.values[i];
    return NORMAL;
  };
  if (stmt.handler === null) return plain;
  const { exception } = stmt.handler;
  const payload = stmt.handler.payload.map((v) => c.slot(v));
  const body = compileBlock(stmt.handler.body, c);
  return (frame) => {
    const ended = plain(frame);
    if (ended !== RAISE || machine.exception !== exception) return ended;
    payload.forEach((slot, i) => {
      frame[slot] = machine.values[i];
    });
    return body(frame);
  };
}
