// The effect language: what an instruction does, as typed data. Relies on schema.ts and immediate-codes.ts.
//
// A value is a bit vector of 1 to 128 bits; every expression node carries its width. There are no closures, so
// an effect can be interpreted (effect-eval.ts is its normative meaning), printed, translated or given to a solver.
//
// Rules that effect-check.ts holds, so that readers of effects can be simple:
// E1 operands of one operator have the same width; extension and truncation are explicit nodes.
// E2 a shift amount has log2(width) bits, so it is always smaller than the width.
// E3 a statement makes at most one access (memory, CSR, helper), never inside an arm of `choose`: the order and
//    number of accesses are those of the statements.
// E4 no access that may trap follows a write of a register or the pc: a trapping instruction changes neither.
// E5 no register is read after a register was written: writing at once or at the end is the same.
// E6 local names are unique in an effect and bound before use on every path.
// `pc` always reads the address of this instruction; writing it chooses the next one (default: the next word).

import type { FloatOp, FloatRules } from "./float-rules.ts";
import type { ImmediateCodeName } from "./immediate-codes.ts";
import type { RegisterClass } from "./schema.ts";

/**
 * What a read of a CSR gives: what software is shown, or what it wrote, without levels of wires that are shown in the same
 * bits. A read-modify-write of single bits begins with the latter.
 */
export type CsrView = "shown" | "written";

/** Which register: the one an operand names, or a fixed number. */
export type RegisterIndex =
  { readonly kind: "operand"; readonly name: string } | { readonly kind: "fixed"; readonly index: number };

/** A register as seen through its class (special numbers, narrow views). */
export interface RegisterRef {
  readonly class: RegisterClass;
  readonly index: RegisterIndex;
}

/** not, neg modulo 2^w; clz/ctz of zero give w; reverseBytes needs a multiple of 8 bits. */
export type UnaryOp = "not" | "neg" | "clz" | "ctz" | "popcount" | "reverseBytes";

/**
 * All results are modulo 2^w. div/rem truncate towards zero; a quotient by zero is 0 and a remainder by zero is
 * the dividend; the most negative number by -1 gives itself, remainder 0. mulh: the high w bits of the 2w-bit
 * product (ss both signed, uu both unsigned, su left signed). shr: u fills with zeros, s with the sign. ror rotates.
 */
// prettier-ignore
export type BinaryOp =
  "add" | "sub" | "mul" | "mulhss" | "mulhuu" | "mulhsu"
  | "divu" | "divs" | "remu" | "rems"
  | "and" | "or" | "xor"
  | "shl" | "shru" | "shrs" | "ror";

/** Comparison: lt and le, u unsigned, s signed. Width of the result is 1. */
export type CompareOp = "eq" | "ne" | "ltu" | "lts" | "leu" | "les";

/** How memory is touched: `bytes` little-endian; `aligned` demands natural alignment (else the machine decides). */
export interface Access {
  readonly bytes: 1 | 2 | 4 | 8 | 16;
  readonly aligned: boolean;
  /** With the rights of a user program, whatever the privilege is. No effect of a table says this: a binding may. */
  readonly asUser?: true;
  /** One-bit expressions; null for a plain access. */
  readonly order: { readonly acquire: Expr; readonly release: Expr } | null;
}

export type Expr =
  | { readonly kind: "const"; readonly width: number; readonly value: bigint }
  /**
   * Value of an immediate operand modulo 2^width, decoded if its kind has a code (`immediateValue`). Known when the
   * instruction is decoded.
   */
  | {
      readonly kind: "imm";
      readonly width: number;
      readonly name: string;
      readonly code: ImmediateCodeName | null;
    }
  /** Number of the register that an operand names. Known when the instruction is decoded. */
  | { readonly kind: "index"; readonly width: number; readonly name: string }
  | { readonly kind: "register"; readonly width: number; readonly register: RegisterRef }
  | { readonly kind: "local"; readonly width: number; readonly name: string }
  /** Address of this instruction; `nextPc`: address of the one after it in memory. */
  | { readonly kind: "pc"; readonly width: number }
  | { readonly kind: "nextPc"; readonly width: number }
  /** Nanoseconds of virtual time before this instruction. No effect of a table says this: a binding may. */
  | { readonly kind: "time"; readonly width: 64 }
  | { readonly kind: "unary"; readonly width: number; readonly op: UnaryOp; readonly arg: Expr }
  | {
      readonly kind: "binary";
      readonly width: number;
      readonly op: BinaryOp;
      readonly left: Expr;
      readonly right: Expr;
    }
  | {
      readonly kind: "compare";
      readonly width: 1;
      readonly op: CompareOp;
      readonly left: Expr;
      readonly right: Expr;
    }
  /** The argument is narrower than the result. */
  | { readonly kind: "extend"; readonly width: number; readonly signed: boolean; readonly arg: Expr }
  /** Bits `low + width - 1 .. low` of the argument. */
  | { readonly kind: "extract"; readonly width: number; readonly low: number; readonly arg: Expr }
  | { readonly kind: "concat"; readonly width: number; readonly high: Expr; readonly low: Expr }
  /**
   * A float function (float-rules.ts): concat(new flags, value), the low `valueWidth` bits are the value.
   * `flags` are the accrued flags, to which the operation only adds; `mode` and `flags` have the widths of `rules`.
   */
  | {
      readonly kind: "float";
      readonly width: number;
      readonly op: FloatOp;
      readonly valueWidth: number;
      readonly args: readonly Expr[];
      readonly mode: Expr;
      readonly flags: Expr;
      readonly rules: FloatRules;
    }
  /** Both arms are free of accesses, so evaluating both is allowed. */
  | {
      readonly kind: "choose";
      readonly width: number;
      readonly cond: Expr;
      readonly then: Expr;
      readonly else: Expr;
    }
  | { readonly kind: "load"; readonly width: number; readonly access: Access; readonly address: Expr }
  /** Atomically: old = memory; memory = update (where the local `old` may appear). The value is the old contents. */
  | {
      readonly kind: "atomic";
      readonly width: number;
      readonly access: Access;
      readonly address: Expr;
      readonly old: string;
      readonly update: Expr;
    }
  /** Load and set this hart's reservation. */
  | { readonly kind: "reserve"; readonly width: number; readonly access: Access; readonly address: Expr }
  /** Store if the reservation still holds, and drop it. 1 if it was stored. */
  | {
      readonly kind: "conditional";
      readonly width: 1;
      readonly access: Access;
      readonly address: Expr;
      readonly value: Expr;
    }
  | { readonly kind: "csr"; readonly width: number; readonly number: Expr; readonly view: CsrView }
  | {
      readonly kind: "helper";
      readonly width: number;
      readonly name: string;
      readonly args: readonly Expr[];
    };

export type Stmt =
  | { readonly kind: "let"; readonly name: string; readonly value: Expr }
  | { readonly kind: "setRegister"; readonly register: RegisterRef; readonly value: Expr }
  | { readonly kind: "setPc"; readonly value: Expr }
  | { readonly kind: "setCsr"; readonly number: Expr; readonly value: Expr }
  | { readonly kind: "store"; readonly access: Access; readonly address: Expr; readonly value: Expr }
  | {
      readonly kind: "if";
      readonly cond: Expr;
      readonly then: readonly Stmt[];
      readonly else: readonly Stmt[];
    }
  /** Ends the instruction with the exception `cause` (a name in `Isa.traps`); `value` goes with it (0 if null). */
  | { readonly kind: "trap"; readonly cause: string; readonly value: Expr | null }
  | { readonly kind: "helper"; readonly name: string; readonly args: readonly Expr[] };

/** The meaning of one instruction. */
export interface Effect {
  readonly body: readonly Stmt[];
}

// Direct children of an expression by kind; leaves have none.
function childrenOf(e: Expr): readonly Expr[] {
  switch (e.kind) {
    case "const":
    case "imm":
    case "index":
    case "register":
    case "local":
    case "pc":
    case "nextPc":
    case "time":
      return [];
    case "unary":
    case "extend":
    case "extract":
      return [e.arg];
    case "binary":
    case "compare":
      return [e.left, e.right];
    case "concat":
      return [e.high, e.low];
    case "float":
      return [...e.args, e.mode, e.flags];
    case "choose":
      return [e.cond, e.then, e.else];
    case "load":
    case "reserve":
      return [e.address, ...orderExprs(e.access)];
    case "atomic":
      return [e.address, e.update, ...orderExprs(e.access)];
    case "conditional":
      return [e.address, e.value, ...orderExprs(e.access)];
    case "csr":
      return [e.number];
    case "helper":
      return e.args;
  }
}

function orderExprs(access: Access): readonly Expr[] {
  return access.order === null ? [] : [access.order.acquire, access.order.release];
}

/** Calls `visit` for `e` and everything below it, outer nodes first, in order of evaluation. */
export function forEachExpr(e: Expr, visit: (e: Expr) => void): void {
  visit(e);
  for (const child of childrenOf(e)) forEachExpr(child, visit);
}

/** The expressions that stand directly in a statement (for `if`: only its condition). */
export function stmtExprs(s: Stmt): readonly Expr[] {
  switch (s.kind) {
    case "let":
    case "setRegister":
    case "setPc":
      return [s.value];
    case "setCsr":
      return [s.number, s.value];
    case "store":
      return [s.address, s.value, ...orderExprs(s.access)];
    case "if":
      return [s.cond];
    case "trap":
      return s.value === null ? [] : [s.value];
    case "helper":
      return s.args;
  }
}

/** Calls `visit` for every statement, an `if` before its arms. */
export function forEachStmt(body: readonly Stmt[], visit: (s: Stmt) => void): void {
  for (const s of body) {
    visit(s);
    if (s.kind === "if") {
      forEachStmt(s.then, visit);
      forEachStmt(s.else, visit);
    }
  }
}

/** True if evaluating the node itself touches memory, a CSR or the machine (rule E3 counts these). */
export function isAccess(e: Expr): boolean {
  return (
    e.kind === "load" ||
    e.kind === "atomic" ||
    e.kind === "reserve" ||
    e.kind === "conditional" ||
    e.kind === "csr" ||
    e.kind === "helper"
  );
}
