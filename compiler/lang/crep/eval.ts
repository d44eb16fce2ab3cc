// The semantics of CrepLang, as closures made once per function. The program must pass check.ts.

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
  spendFuel,
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
  isTrue,
  shifted,
  slotValue,
  truth,
  type Test,
} from "../eval/operations.ts";
import { addWithCarry, type Word } from "../machine-word.ts";
import type { Evaluator, World } from "../world.ts";
import type { Block, Exp, Function, Program, Stmt, Var } from "./ast.ts";

/** Makes `program` ready to run. Globals start as zeros. */
export function evaluator(program: Program, world: World): Evaluator {
  const machine = newMachine(world, program.globalWords);
  const codes = new Map<string, Code>();
  for (const f of program.functions) {
    codes.set(f.name, {
      name: f.name,
      span: f.span,
      paramWords: f.params.length,
      body: null,
      compile: () => compileFunction(f, machine, codes),
    });
  }
  return newEvaluator(machine, codes, program.entry);
}

interface Context {
  readonly machine: Machine;
  readonly codes: ReadonlyMap<string, Code>;
  /** Dense slot of a variable, parameters first. */
  slot(v: Var): number;
}

function compileFunction(f: Function, machine: Machine, codes: ReadonlyMap<string, Code>): CompiledBody {
  const slots = new Map<Var, number>();
  const slot = (v: Var): number => {
    const known = slots.get(v) ?? slots.size;
    slots.set(v, known);
    return known;
  };
  f.params.forEach(slot);
  const run = compileBlock(f.body, { machine, codes, slot });
  return { slots: slots.size, run };
}

function compileExp(e: Exp, c: Context): Get {
  switch (e.kind) {
    case "const":
      return constant(e.value);
    case "var":
      return slotValue(c.slot(e.var), `%${String(e.var)}`);
    case "global": {
      const { globals } = c.machine;
      const { index } = e;
      return () => globals[index] ?? 0n;
    }
    case "load": {
      const address = compileExp(e.address, c);
      const { machine } = c;
      const { bytes, span } = e;
      return (frame) => loadMemory(machine, address(frame), bytes, span);
    }
    case "op":
      return e.args.map((arg) => compileExp(arg, c)).reduce((a, b) => arithmetic(e.op, a, b));
    case "compare":
      return truth(comparison(e.op, compileExp(e.left, c), compileExp(e.right, c)));
    case "shift":
      return shifted(e.op, compileExp(e.value, c), compileExp(e.amount, c), e.span);
    case "baseAddr":
      return constant(c.machine.base);
    case "topAddr":
      return constant(c.machine.top);
  }
}

function compileTest(e: Exp, c: Context): Test {
  if (e.kind !== "compare") return isTrue(compileExp(e, c));
  return comparison(e.op, compileExp(e.left, c), compileExp(e.right, c));
}

function compileBlock(block: Block, c: Context): Exec {
  return sequence(block.map((stmt) => compileStmt(stmt, c)));
}

function compileStmt(stmt: Stmt, c: Context): Exec {
  switch (stmt.kind) {
    case "tick":
      return () => {
        spendFuel(c.machine);
        return NORMAL;
      };
    case "if": {
      const then = compileBlock(stmt.then, c);
      return branch(compileTest(stmt.condition, c), then, compileBlock(stmt.else, c));
    }
    case "while":
      return whileLoop(c.machine, compileTest(stmt.condition, c), compileBlock(stmt.body, c));
    case "block":
      return breakable(compileBlock(stmt.body, c));
    case "break":
    case "continue": {
      const ended = (stmt.kind === "break" ? BREAK : CONTINUE) + 2 * stmt.depth;
      return () => ended;
    }
    case "call":
    case "tailCall":
    case "foreignCall":
    case "raise":
    case "return":
      return compileTransfer(stmt, c);
    case "assign":
    case "addCarry":
    case "store":
    case "setGlobal":
    case "sharedLoad":
    case "sharedStore":
      return compileData(stmt, c);
  }
}

type Data = Extract<
  Stmt,
  { readonly kind: "assign" | "addCarry" | "store" | "setGlobal" | "sharedLoad" | "sharedStore" }
>;

function compileData(stmt: Data, c: Context): Exec {
  const { machine } = c;
  switch (stmt.kind) {
    case "assign": {
      const value = compileExp(stmt.value, c);
      const dest = c.slot(stmt.dest);
      return (frame) => {
        frame[dest] = value(frame);
        return NORMAL;
      };
    }
    case "setGlobal": {
      const value = compileExp(stmt.value, c);
      const { globals } = machine;
      const { index } = stmt;
      return (frame) => {
        globals[index] = value(frame);
        return NORMAL;
      };
    }
    case "store":
    case "sharedStore": {
      const address = compileExp(stmt.address, c);
      const value = compileExp(stmt.value, c);
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
    case "sharedLoad": {
      const address = compileExp(stmt.address, c);
      const dest = c.slot(stmt.dest);
      return (frame) => {
        frame[dest] = loadShared(machine, stmt.bytes, address(frame), stmt.span);
        return NORMAL;
      };
    }
    case "addCarry":
      return compileAddCarry(stmt, c);
  }
}

function compileAddCarry(stmt: Extract<Stmt, { readonly kind: "addCarry" }>, c: Context): Exec {
  const left = compileExp(stmt.left, c);
  const right = compileExp(stmt.right, c);
  const carryIn = compileExp(stmt.carryIn, c);
  const sumSlot = c.slot(stmt.sum);
  const carrySlot = c.slot(stmt.carry);
  return (frame) => {
    const { sum, carry } = addWithCarry(left(frame), right(frame), carryIn(frame));
    frame[sumSlot] = sum;
    frame[carrySlot] = carry;
    return NORMAL;
  };
}

type Transfer = Extract<Stmt, { readonly kind: "call" | "tailCall" | "foreignCall" | "raise" | "return" }>;

function compileTransfer(stmt: Transfer, c: Context): Exec {
  const { machine } = c;
  switch (stmt.kind) {
    case "call":
      return compileCall(stmt, c);
    case "tailCall": {
      const code = codeNamed(stmt.callee, c);
      const args = compileAll(stmt.args, c);
      return (frame) => {
        machine.values = args(frame);
        machine.callee = code;
        return TAIL;
      };
    }
    case "foreignCall": {
      const args = compileAll(stmt.args, c);
      return (frame) => {
        callForeign(machine, stmt.name, args(frame));
        return NORMAL;
      };
    }
    case "raise": {
      const payload = compileAll(stmt.payload, c);
      return (frame) => {
        machine.values = payload(frame);
        machine.exception = stmt.exception;
        return RAISE;
      };
    }
    case "return": {
      const values = compileAll(stmt.values, c);
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

function compileAll(exps: readonly Exp[], c: Context): (frame: Frame) => readonly Word[] {
  const gets = exps.map((e) => compileExp(e, c));
  return (frame) => gets.map((get) => get(frame));
}

function compileCall(stmt: Extract<Stmt, { readonly kind: "call" }>, c: Context): Exec {
  const { machine } = c;
  const code = codeNamed(stmt.callee, c);
  const args = compileAll(stmt.args, c);
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
