// Closures for the instructions of WordLang; see eval.ts. Accesses of machine instructions are eval-machine.ts.

import { bug } from "../../source/bug.ts";
import {
  callForeign,
  invoke,
  loadMemory,
  loadShared,
  NORMAL,
  RETURN,
  storeMemory,
  storeShared,
  type Exec,
  type Frame,
  type Get,
  type Machine,
} from "../eval/machine.ts";
import { arithmetic, comparison, shifted } from "../eval/operations.ts";
import { addWithCarry, toWord, type Word } from "../machine-word.ts";
import type { Instr, Place, Value } from "./ast.ts";
import { GLOBALS_OFFSET, read, UNSPECIFIED, type EvalContext } from "./eval-context.ts";
import { compileMachine } from "./eval-machine.ts";

export function placeAddress(place: Place, machine: Machine): Word {
  switch (place) {
    case "heapBase":
      return machine.base;
    case "heapTop":
      return machine.top;
    case "globals":
      return toWord(machine.base + GLOBALS_OFFSET);
  }
}

export function compileInstr(instr: Instr, context: EvalContext): Exec {
  switch (instr.kind) {
    case "const":
      return define(instr.dest, () => instr.value, context);
    case "address": {
      const address = placeAddress(instr.place, context.machine);
      return define(instr.dest, () => address, context);
    }
    case "op":
    case "compare":
      return define(instr.dest, pure(instr, context), context);
    case "addCarry":
      return compileAddCarry(instr, context);
    case "getGlobal":
    case "setGlobal":
      return compileGlobal(instr, context);
    case "load":
    case "store":
    case "sharedLoad":
    case "sharedStore":
      return compileAccess(instr, context);
    case "call":
      return compileCall(instr, context);
    case "foreignCall": {
      const args = instr.args.map(context.slot);
      return (frame) => {
        callForeign(
          context.machine,
          instr.name,
          args.map((s) => read(frame, s)),
        );
        return NORMAL;
      };
    }
    case "machine":
      return compileMachine(instr, context);
  }
}

function define(dest: Value, value: Get, context: EvalContext): Exec {
  const slot = context.slot(dest);
  return (frame) => {
    frame[slot] = value(frame);
    return NORMAL;
  };
}

function getter(value: Value, context: EvalContext): Get {
  const slot = context.slot(value);
  return (frame) => read(frame, slot);
}

function pure(instr: Extract<Instr, { kind: "op" | "compare" }>, context: EvalContext): Get {
  const left = getter(instr.left, context);
  const right = getter(instr.right, context);
  if (instr.kind === "compare") {
    const test = comparison(instr.op, left, right);
    return (frame) => (test(frame) ? 1n : 0n);
  }
  switch (instr.op) {
    case "lsl":
    case "lsr":
    case "asr":
    case "ror":
      return shifted(instr.op, left, right, instr.span);
    case "add":
    case "sub":
    case "mul":
    case "and":
    case "or":
    case "xor":
      return arithmetic(instr.op, left, right);
  }
}

function compileAddCarry(instr: Extract<Instr, { kind: "addCarry" }>, context: EvalContext): Exec {
  const [left, right, carryIn, sum, carry] = [
    context.slot(instr.left),
    context.slot(instr.right),
    context.slot(instr.carryIn),
    context.slot(instr.sum),
    context.slot(instr.carry),
  ];
  return (frame) => {
    const result = addWithCarry(read(frame, left), read(frame, right), read(frame, carryIn));
    frame[sum] = result.sum;
    frame[carry] = result.carry;
    return NORMAL;
  };
}

function compileGlobal(
  instr: Extract<Instr, { kind: "getGlobal" | "setGlobal" }>,
  context: EvalContext,
): Exec {
  const { globals } = context.machine;
  if (instr.kind === "getGlobal") {
    return define(instr.dest, () => globals[instr.index] ?? bug("no such global"), context);
  }
  const value = getter(instr.value, context);
  return (frame) => {
    globals[instr.index] = value(frame);
    return NORMAL;
  };
}

type Access = Extract<Instr, { kind: "load" | "store" | "sharedLoad" | "sharedStore" }>;

function compileAccess(instr: Access, context: EvalContext): Exec {
  const { machine } = context;
  const base = getter(instr.address, context);
  const address = (frame: Frame): Word => toWord(base(frame) + instr.offset);
  switch (instr.kind) {
    case "load":
      return define(instr.dest, (f) => loadMemory(machine, address(f), instr.bytes, instr.span), context);
    case "sharedLoad":
      return define(instr.dest, (f) => loadShared(machine, instr.bytes, address(f), instr.span), context);
    case "store":
    case "sharedStore": {
      const value = getter(instr.value, context);
      return (frame) => {
        if (instr.kind === "store") storeMemory(machine, address(frame), value(frame), instr);
        else storeShared(machine, address(frame), value(frame), instr);
        return NORMAL;
      };
    }
  }
}

function compileCall(instr: Extract<Instr, { kind: "call" }>, context: EvalContext): Exec {
  const { machine, codes } = context;
  const code = codes.get(instr.callee) ?? bug(`no function ${instr.callee}`);
  const args = instr.args.map(context.slot);
  const dests = instr.dests.map(context.slot);
  return (frame) => {
    const ended = invoke(
      machine,
      code,
      args.map((s) => read(frame, s)),
    );
    if (ended !== RETURN) bug(`${instr.callee} raised an exception in WordLang`);
    dests.forEach((slot, i) => {
      frame[slot] = machine.values[i] ?? UNSPECIFIED;
    });
    return NORMAL;
  };
}
