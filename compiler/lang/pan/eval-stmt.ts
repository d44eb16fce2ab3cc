// Statements of PanLang as closures that answer how they ended (eval/machine.ts).

import { bug } from "../../source/bug.ts";
import { call, catching, codeNamed, foreignCall, raising, returning, tailCall } from "../eval/calls.ts";
import { branch, jump, sequence, tick, whileLoop } from "../eval/control.ts";
import {
  loadShared,
  NORMAL,
  storeMemory,
  type Code,
  type Exec,
  type GetAll,
  type Write,
} from "../eval/machine.ts";
import { localStore, setGlobalWord, setSlot, sharedStore } from "../eval/memory.ts";
import { addWithCarry, WORD_BYTES } from "../machine-word.ts";
import type { Block, Exp, Scope, Shape, Stmt } from "./ast.ts";
import {
  compileTest,
  compileValue,
  compileWord,
  placeOf,
  type Place,
  type ValueContext,
} from "./eval-exp.ts";

export interface BodyContext extends ValueContext {
  readonly codes: ReadonlyMap<string, Code>;
  /** Numbers of the exceptions. */
  readonly exceptions: ReadonlyMap<string, number>;
  /** Gives a new local its slots and its scope. */
  declare(name: string, shape: Shape): Place;
}

export function compileBlock(block: Block, context: BodyContext): Exec {
  return context.locals.nested(() =>
    sequence(block.filter(hasEffect).map((stmt) => compileStmt(stmt, context))),
  );
}

function hasEffect(stmt: Stmt): boolean {
  return stmt.kind !== "skip" && stmt.kind !== "annotation";
}

function compileStmt(stmt: Stmt, context: BodyContext): Exec {
  switch (stmt.kind) {
    case "skip":
    case "annotation":
      return () => NORMAL;
    case "tick":
      return tick(context.machine);
    case "break":
    case "continue":
      return jump(stmt.kind, 0);
    case "block":
      return compileBlock(stmt.body, context);
    case "if": {
      const then = compileBlock(stmt.then, context);
      return branch(compileTest(stmt.condition, context), then, compileBlock(stmt.else, context));
    }
    case "while":
      return whileLoop(
        context.machine,
        compileTest(stmt.condition, context),
        compileBlock(stmt.body, context),
      );
    case "call":
    case "tailCall":
    case "decCall":
    case "raise":
    case "return":
    case "foreignCall":
      return compileTransfer(stmt, context);
    case "dec":
    case "assign":
    case "addCarry":
    case "store":
    case "storeBytes":
    case "sharedLoad":
    case "sharedStore":
      return compileData(stmt, context);
  }
}

/** Writes words to a place. */
function writer(scope: Scope, place: Place, context: BodyContext): Write {
  const { start } = place;
  const { globals } = context.machine;
  return (frame, words) => {
    const into = scope === "local" ? frame : globals;
    for (let i = 0; i < words.length; i++) into[start + i] = words[i] ?? 0n;
  };
}

function assignWords(scope: Scope, place: Place, value: Exp, context: BodyContext): Exec {
  const all = compileValue(value, context);
  const write = writer(scope, place, context);
  return (frame) => {
    write(frame, all(frame));
    return NORMAL;
  };
}

function assignWord(scope: Scope, place: Place, value: Exp, context: BodyContext): Exec {
  const word = compileWord(value, context);
  return scope === "local" ? setSlot(place.start, word) : setGlobalWord(context.machine, place.start, word);
}

function assignment(scope: Scope, place: Place, value: Exp, context: BodyContext): Exec {
  return (place.shape.kind === "word" ? assignWord : assignWords)(scope, place, value, context);
}

type Data = Extract<
  Stmt,
  {
    readonly kind: "dec" | "assign" | "addCarry" | "store" | "storeBytes" | "sharedLoad" | "sharedStore";
  }
>;

function compileData(stmt: Data, context: BodyContext): Exec {
  switch (stmt.kind) {
    case "dec":
      return compileDec(stmt, context);
    case "assign":
      return assignment(stmt.scope, placeOf(stmt.scope, stmt.name, context), stmt.value, context);
    case "addCarry":
      return compileAddCarry(stmt, context);
    case "store":
    case "storeBytes":
      return compileStore(stmt, context);
    case "sharedLoad":
    case "sharedStore":
      return compileShared(stmt, context);
  }
}

/** The initialiser is resolved in the outer scope. */
function compileDec(stmt: Extract<Stmt, { readonly kind: "dec" }>, context: BodyContext): Exec {
  if (stmt.shape.kind === "word") {
    const word = compileWord(stmt.value, context);
    return setSlot(context.declare(stmt.name, stmt.shape).start, word);
  }
  const value = compileValue(stmt.value, context);
  const write = writer("local", context.declare(stmt.name, stmt.shape), context);
  return (frame) => {
    write(frame, value(frame));
    return NORMAL;
  };
}

function compileAddCarry(stmt: Extract<Stmt, { readonly kind: "addCarry" }>, context: BodyContext): Exec {
  const left = compileWord(stmt.left, context);
  const right = compileWord(stmt.right, context);
  const carryIn = compileWord(stmt.carryIn, context);
  const write = writer("local", placeOf("local", stmt.name, context), context);
  return (frame) => {
    const { sum, carry } = addWithCarry(left(frame), right(frame), carryIn(frame));
    write(frame, [sum, carry]);
    return NORMAL;
  };
}

function compileStore(
  stmt: Extract<Stmt, { readonly kind: "store" | "storeBytes" }>,
  context: BodyContext,
): Exec {
  const { machine } = context;
  const address = compileWord(stmt.address, context);
  if (stmt.kind === "storeBytes") {
    return localStore(machine, address, compileWord(stmt.value, context), stmt);
  }
  const value = compileValue(stmt.value, context);
  const wordStore = { bytes: 8, span: stmt.span } as const;
  return (frame) => {
    let at = address(frame);
    for (const word of value(frame)) {
      storeMemory(machine, at, word, wordStore);
      at = BigInt.asUintN(64, at + BigInt(WORD_BYTES));
    }
    return NORMAL;
  };
}

function compileShared(
  stmt: Extract<Stmt, { readonly kind: "sharedLoad" | "sharedStore" }>,
  context: BodyContext,
): Exec {
  const { machine } = context;
  const address = compileWord(stmt.address, context);
  if (stmt.kind === "sharedStore") {
    return sharedStore(machine, address, compileWord(stmt.value, context), stmt);
  }
  const write = writer(stmt.scope, placeOf(stmt.scope, stmt.name, context), context);
  return (frame) => {
    write(frame, [loadShared(machine, stmt.bytes, address(frame), stmt.span)]);
    return NORMAL;
  };
}

type Transfer = Extract<
  Stmt,
  { readonly kind: "call" | "tailCall" | "decCall" | "raise" | "return" | "foreignCall" }
>;

function compileTransfer(stmt: Transfer, context: BodyContext): Exec {
  const { machine } = context;
  switch (stmt.kind) {
    case "call":
      return compileCall(stmt, context);
    case "decCall": {
      const args = compileArgs(stmt.args, context);
      const write = writer("local", context.declare(stmt.name, stmt.shape), context);
      return call(machine, codeNamed(stmt.callee, context.codes), args, write);
    }
    case "tailCall": {
      const code = codeNamed(stmt.callee, context.codes);
      return tailCall(machine, code, compileArgs(stmt.args, context));
    }
    case "return":
      return returning(machine, compileValue(stmt.value, context));
    case "raise": {
      const exception = exceptionNamed(stmt.exception, context);
      return raising(machine, exception, compileValue(stmt.value, context));
    }
    case "foreignCall":
      return foreignCall(machine, stmt.name, compileArgs(stmt.args, context));
  }
}

function exceptionNamed(name: string, context: BodyContext): number {
  return context.exceptions.get(name) ?? bug(`exception ${name} does not exist`);
}

function compileArgs(args: readonly Exp[], context: BodyContext): GetAll {
  if (args.length === 0) return () => [];
  const values = args.map((arg) => compileValue(arg, context));
  const [only] = values;
  if (values.length === 1 && only !== undefined) return only;
  return (frame) => values.flatMap((value) => value(frame));
}

function compileCall(stmt: Extract<Stmt, { readonly kind: "call" }>, context: BodyContext): Exec {
  const { machine } = context;
  const write: Write =
    stmt.target === null
      ? () => undefined
      : writer(stmt.target.scope, placeOf(stmt.target.scope, stmt.target.name, context), context);
  const args = compileArgs(stmt.args, context);
  const plain = call(machine, codeNamed(stmt.callee, context.codes), args, write);
  const { handler } = stmt;
  if (handler === null) return plain;
  return catching(machine, plain, {
    exception: exceptionNamed(handler.exception, context),
    write: writer("local", placeOf("local", handler.variable, context), context),
    body: compileBlock(handler.body, context),
  });
}
