// Statements of PanLang as closures that answer how they ended (eval/machine.ts).

import { bug } from "../../source/bug.ts";
import { branch, sequence, whileLoop } from "../eval/control.ts";
import {
  BREAK,
  callForeign,
  CONTINUE,
  invoke,
  loadShared,
  NORMAL,
  RAISE,
  RETURN,
  spendFuel,
  storeMemory,
  storeShared,
  TAIL,
  type Code,
  type Exec,
  type Frame,
} from "../eval/machine.ts";
import { addWithCarry, WORD_BYTES, type Word } from "../machine-word.ts";
import type { Block, Exp, Handler, Scope, Shape, Stmt } from "./ast.ts";
import {
  compileTest,
  compileValue,
  compileWord,
  placeOf,
  type GetAll,
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
      return () => {
        spendFuel(context.machine);
        return NORMAL;
      };
    case "break":
      return () => BREAK;
    case "continue":
      return () => CONTINUE;
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
function writer(
  scope: Scope,
  place: Place,
  context: BodyContext,
): (frame: Frame, words: readonly Word[]) => void {
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
  const { start } = place;
  const { globals } = context.machine;
  return (frame) => {
    const into = scope === "local" ? frame : globals;
    into[start] = word(frame);
    return NORMAL;
  };
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
    const { start } = context.declare(stmt.name, stmt.shape);
    return (frame) => {
      frame[start] = word(frame);
      return NORMAL;
    };
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
    const value = compileWord(stmt.value, context);
    return (frame) => {
      storeMemory(machine, address(frame), value(frame), stmt);
      return NORMAL;
    };
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
    const value = compileWord(stmt.value, context);
    return (frame) => {
      storeShared(machine, address(frame), value(frame), stmt);
      return NORMAL;
    };
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
      return callThen(codeNamed(stmt.callee, context), args, write, context);
    }
    case "tailCall": {
      const code = codeNamed(stmt.callee, context);
      const args = compileArgs(stmt.args, context);
      return (frame) => {
        machine.values = args(frame);
        machine.callee = code;
        return TAIL;
      };
    }
    case "return": {
      const value = compileValue(stmt.value, context);
      return (frame) => {
        machine.values = value(frame);
        return RETURN;
      };
    }
    case "raise": {
      const value = compileValue(stmt.value, context);
      const exception = exceptionNamed(stmt.exception, context);
      return (frame) => {
        machine.values = value(frame);
        machine.exception = exception;
        return RAISE;
      };
    }
    case "foreignCall": {
      const args = compileArgs(stmt.args, context);
      return (frame) => {
        callForeign(machine, stmt.name, args(frame));
        return NORMAL;
      };
    }
  }
}

function codeNamed(name: string, context: BodyContext): Code {
  return context.codes.get(name) ?? bug(`function ${name} does not exist`);
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

type Write = (frame: Frame, words: readonly Word[]) => void;

/** Calls, then hands the result's words to `write`; exceptions pass through. */
function callThen(code: Code, args: GetAll, write: Write, context: BodyContext): Exec {
  const { machine } = context;
  return (frame) => {
    const ended = invoke(machine, code, args(frame));
    if (ended !== RETURN) return ended;
    write(frame, machine.values);
    return NORMAL;
  };
}

function compileCall(stmt: Extract<Stmt, { readonly kind: "call" }>, context: BodyContext): Exec {
  const write: Write =
    stmt.target === null
      ? () => undefined
      : writer(stmt.target.scope, placeOf(stmt.target.scope, stmt.target.name, context), context);
  const plain = callThen(codeNamed(stmt.callee, context), compileArgs(stmt.args, context), write, context);
  return stmt.handler === null ? plain : handled(plain, stmt.handler, context);
}

function handled(call: Exec, handler: Handler, context: BodyContext): Exec {
  const { machine } = context;
  const exception = exceptionNamed(handler.exception, context);
  const write = writer("local", placeOf("local", handler.variable, context), context);
  const body = compileBlock(handler.body, context);
  return (frame) => {
    const ended = call(frame);
    if (ended !== RAISE || machine.exception !== exception) return ended;
    write(frame, machine.values);
    return body(frame);
  };
}
