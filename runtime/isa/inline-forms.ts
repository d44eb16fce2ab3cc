// System registers and system instructions as plain statements, for executors that would rather not ask the port.
//
// Relies on spec/isa's effect language. An ISA's folder says for each privilege what it can say so; the port stays the
// authority: a form does what the port would do at that moment, or it does not apply. Guarantees: whoever uses the forms
// comes to the same states as who asks the port each time.

import type { Expr, Stmt } from "../../spec/isa/effect.ts";
import type { RegisterRef } from "../../spec/isa/effect.ts";

/** `unless` has one bit; where it is 1 the form does not apply, and the port must be asked. null: it always applies. */
interface Form {
  readonly unless: Expr | null;
}

/** What a read gives. */
export interface InlineValue extends Form {
  readonly value: Expr;
}

/** What a write or an instruction does. A statement that cannot be executed leaves all of it to the port. */
export interface InlineChange extends Form {
  readonly body: readonly Stmt[];
}

/** What can be done without the port at one privilege; null: nothing of that kind. */
export interface InlineForms {
  /** Not of a register whose views (CsrView) differ in bits that a write can change. */
  /** Only registers of which both views (`CsrView`) are the same have a form. */
  readCsr(number: number): InlineValue | null;
  writeCsr(number: number, value: Expr): InlineChange | null;
  /** A helper without a result. */
  helper(name: string, args: readonly Expr[]): InlineChange | null;
}

// ---- what forms are made of ----

/** A constant of 64 bits, or of `width`. */
export function number(value: bigint, width = 64): Expr {
  return { kind: "const", width, value };
}

function entryOf(file: string, width: number): RegisterRef {
  const whole = { name: file, file, width, first: 0, count: 1, special: null, names: [], aliases: {} };
  return { class: whole, index: { kind: "fixed", index: 0 } };
}

/** The first entry of a file of `width` bits, extended by zeros to 64. */
export function contents(file: string, width: number): Expr {
  const arg: Expr = { kind: "register", width, register: entryOf(file, width) };
  return width === 64 ? arg : { kind: "extend", width: 64, signed: false, arg };
}

/** Puts the low bits of a value of 64 bits into the first entry of a file. */
export function setContents(file: string, width: number, value: Expr): Stmt {
  const cut: Expr = width === 64 ? value : { kind: "extract", width, low: 0, arg: value };
  return { kind: "setRegister", register: entryOf(file, width), value: cut };
}

/** Ticks of a clock that began with the board. */
export function ticks(nsPerTick: bigint): Expr {
  return binary("divu", { kind: "time", width: 64 }, number(nsPerTick));
}

/** left op right, of 64 bits. */
export function binary(op: "and" | "or" | "xor" | "sub" | "divu", left: Expr, right: Expr): Expr {
  return { kind: "binary", width: 64, op, left, right };
}

/** One bit: `e` and the mask have bits in common. */
export function hasAny(e: Expr, mask: bigint): Expr {
  return { kind: "compare", width: 1, op: "ne", left: binary("and", e, number(mask)), right: number(0n) };
}

/** One bit: the bits under the mask are those of `value`. */
export function isUnder(e: Expr, mask: bigint, value: bigint): Expr {
  return { kind: "compare", width: 1, op: "eq", left: binary("and", e, number(mask)), right: number(value) };
}

/** One bit: at least one of the conditions holds. null if there are no conditions. */
export function anyOf(conditions: readonly Expr[]): Expr | null {
  const [first, ...rest] = conditions;
  if (first === undefined) return null;
  return rest.reduce((left, right): Expr => ({ kind: "binary", width: 1, op: "or", left, right }), first);
}
