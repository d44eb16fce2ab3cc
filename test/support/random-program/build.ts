// Short constructors of PanLang trees without spans, for the generator.

import type { Block, Exp, Handler, ResultTarget, Shape, Stmt } from "../../../compiler/lang/pan/ast.ts";
import type { CompareOp, ShiftOp } from "../../../compiler/lang/machine-word.ts";
import { NO_SPAN as span } from "../../../compiler/source/span.ts";

export const WORD: Shape = { kind: "word" };

type ArithOp = Extract<Exp, { readonly kind: "op" }>["op"];

export function constant(value: bigint | number): Exp {
  return { kind: "const", value: BigInt.asUintN(64, BigInt(value)), span };
}

export function local(name: string): Exp {
  return { kind: "var", scope: "local", name, span };
}

export function global(name: string): Exp {
  return { kind: "var", scope: "global", name, span };
}

export function op(operator: ArithOp, ...args: readonly Exp[]): Exp {
  return { kind: "op", op: operator, args, span };
}

export function compare(operator: CompareOp, left: Exp, right: Exp): Exp {
  return { kind: "compare", op: operator, left, right, span };
}

export function shift(operator: ShiftOp, value: Exp, amount: Exp): Exp {
  return { kind: "shift", op: operator, value, amount, span };
}

export function base(): Exp {
  return { kind: "baseAddr", span };
}

export function load(shape: Shape, address: Exp): Exp {
  return { kind: "load", shape, address, span };
}

export function loadBytes(bytes: 1 | 4, address: Exp): Exp {
  return { kind: "loadBytes", bytes, address, span };
}

export function rawStruct(fields: readonly Exp[]): Exp {
  return { kind: "rawStruct", fields, span };
}

export function dec(name: string, shape: Shape, value: Exp): Stmt {
  return { kind: "dec", name, shape, value, span };
}

export function decCall(name: string, shape: Shape, callee: string, args: readonly Exp[]): Stmt {
  return { kind: "decCall", name, shape, callee, args, span };
}

export function assign(scope: "local" | "global", name: string, value: Exp): Stmt {
  return { kind: "assign", scope, name, value, span };
}

export function store(address: Exp, value: Exp): Stmt {
  return { kind: "store", address, value, span };
}

export function storeBytes(bytes: 1 | 4, address: Exp, value: Exp): Stmt {
  return { kind: "storeBytes", bytes, address, value, span };
}

export function foreign(name: string, word: Exp): Stmt {
  return { kind: "foreignCall", name, args: [word, constant(0), constant(0), constant(0)], span };
}

export function ifElse(condition: Exp, then: Block, otherwise: Block = []): Stmt {
  return { kind: "if", condition, then, else: otherwise, span };
}

export function whileLoop(condition: Exp, body: Block): Stmt {
  return { kind: "while", condition, body, span };
}

export function call(
  target: ResultTarget | null,
  callee: string,
  args: readonly Exp[],
  handler: Handler | null = null,
): Stmt {
  return { kind: "call", target, callee, args, handler, span };
}

export function returns(value: Exp): Stmt {
  return { kind: "return", value, span };
}

export function tailCall(callee: string, args: readonly Exp[]): Stmt {
  return { kind: "tailCall", callee, args, span };
}

export function raise(exception: string, value: Exp): Stmt {
  return { kind: "raise", exception, value, span };
}

export function block(body: Block): Stmt {
  return { kind: "block", body, span };
}

export function simple(kind: "break" | "continue" | "tick" | "skip"): Stmt {
  return { kind, span };
}
