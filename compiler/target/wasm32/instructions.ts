// The WebAssembly instructions that programs of ours use (core specification 2.0, and its threads and tail-call
// extensions), as functions that make them.

import type { ArithOp, CompareOp, ShiftOp, Word } from "../../lang/machine-word.ts";
import type { Instr } from "../../lang/wasm/ast.ts";
import type { Span } from "../../source/span.ts";

type AccessBytes = 1 | 2 | 4 | 8;

const arithmeticNames: Readonly<Record<ArithOp, string>> = {
  add: "i64.add",
  sub: "i64.sub",
  mul: "i64.mul",
  and: "i64.and",
  or: "i64.or",
  xor: "i64.xor",
};
// WebAssembly takes amounts modulo 64; Pancake leaves 64 and more undefined.
const shiftNames: Readonly<Record<ShiftOp, string>> = {
  lsl: "i64.shl",
  lsr: "i64.shr_u",
  asr: "i64.shr_s",
  ror: "i64.rotr",
};
const compareNames: Readonly<Record<CompareOp, string>> = {
  equal: "i64.eq",
  notEqual: "i64.ne",
  less: "i64.lt_s",
  notLess: "i64.ge_s",
  lower: "i64.lt_u",
  notLower: "i64.ge_u",
};
const loadNames = { 1: "i64.load8_u", 4: "i64.load32_u", 8: "i64.load" } as const;
const storeNames = { 1: "i64.store8", 4: "i64.store32", 8: "i64.store" } as const;
const atomicLoadNames: Readonly<Record<AccessBytes, string>> = {
  1: "i64.atomic.load8_u",
  2: "i64.atomic.load16_u",
  4: "i64.atomic.load32_u",
  8: "i64.atomic.load",
};
const atomicStoreNames: Readonly<Record<AccessBytes, string>> = {
  1: "i64.atomic.store8",
  2: "i64.atomic.store16",
  4: "i64.atomic.store32",
  8: "i64.atomic.store",
};

function plain(op: string, operands: readonly Instr[] = [], immediates: readonly string[] = []): Instr {
  return { kind: "plain", op, immediates, operands, span: null };
}

/** `instr`, which came from `span`. */
export function at(span: Span, instr: Instr): Instr {
  return { ...instr, span };
}

export const i64Const = (value: Word): Instr => plain("i64.const", [], [BigInt.asIntN(64, value).toString()]);
export const i32Const = (value: number): Instr => plain("i32.const", [], [String(value)]);
export const localGet = (name: string): Instr => plain("local.get", [], [`$${name}`]);
export const localSet = (name: string, value: Instr): Instr => plain("local.set", [value], [`$${name}`]);
/** Takes its value from the stack: a result of the call before it. */
export const localSetResult = (name: string): Instr => plain("local.set", [], [`$${name}`]);
export const globalGet = (name: string): Instr => plain("global.get", [], [`$${name}`]);
export const globalSet = (name: string, value: Instr): Instr => plain("global.set", [value], [`$${name}`]);

export const arithmetic = (op: ArithOp, left: Instr, right: Instr): Instr =>
  plain(arithmeticNames[op], [left, right]);
export const shift = (op: ShiftOp, value: Instr, amount: Instr): Instr =>
  plain(shiftNames[op], [value, amount]);
/** An `i32`, 1 if the comparison holds, else 0. */
export const compare = (op: CompareOp, left: Instr, right: Instr): Instr =>
  plain(compareNames[op], [left, right]);
export const notGreater = (left: Instr, right: Instr): Instr => plain("i64.le_u", [left, right]);
export const greater = (left: Instr, right: Instr): Instr => plain("i64.gt_u", [left, right]);
export const isZero = (value: Instr): Instr => plain("i64.eqz", [value]);
export const both = (left: Instr, right: Instr): Instr => plain("i32.and", [left, right]);
export const either = (left: Instr, right: Instr): Instr => plain("i32.or", [left, right]);
/** An `i32` as a word. */
export const extend = (value: Instr): Instr => plain("i64.extend_i32_u", [value]);
/** The low half of a word. */
export const wrap = (value: Instr): Instr => plain("i32.wrap_i64", [value]);

/** A place in the memory: `index`, an `i32`, plus a constant, without wrapping around. */
export interface MemoryPlace {
  readonly index: Instr;
  readonly offset: bigint;
}

const offsetText = ({ offset }: MemoryPlace): string => `offset=${String(offset)}`;

/** Zero-extends. */
export const load = (bytes: 1 | 4 | 8, place: MemoryPlace): Instr =>
  plain(loadNames[bytes], [place.index], [offsetText(place)]);
export const store = (bytes: 1 | 4 | 8, place: MemoryPlace, value: Instr): Instr =>
  plain(storeNames[bytes], [place.index, value], [offsetText(place)]);
/** Accesses that no optimiser of WebAssembly drops, repeats, joins or moves. They trap if they are not aligned. */
export const atomicLoad = (bytes: AccessBytes, address: Instr): Instr =>
  plain(atomicLoadNames[bytes], [address]);
export const atomicStore = (bytes: AccessBytes, address: Instr, value: Instr): Instr =>
  plain(atomicStoreNames[bytes], [address, value]);
/** Pages of the memory, an `i32`. */
export const memorySize = (): Instr => plain("memory.size");

export const call = (name: string, args: readonly Instr[]): Instr => plain("call", args, [`$${name}`]);
export const returnCall = (name: string, args: readonly Instr[]): Instr =>
  plain("return_call", args, [`$${name}`]);
export const returnValues = (values: readonly Instr[]): Instr => plain("return", values);
export const drop = (): Instr => plain("drop");
export const unreachable = (): Instr => plain("unreachable");
export const branch = (label: string): Instr => plain("br", [], [`$${label}`]);

export const block = (label: string, body: readonly Instr[], span: Span): Instr => ({
  kind: "block",
  label,
  body,
  span,
});
export const loop = (label: string, body: readonly Instr[], span: Span): Instr => ({
  kind: "loop",
  label,
  body,
  span,
});
export const choose = (
  condition: Instr,
  arms: { readonly then: readonly Instr[]; readonly else: readonly Instr[] },
  span: Span | null,
): Instr => ({ kind: "if", condition, ...arms, span });

const leaving: ReadonlySet<string> = new Set(["br", "return", "return_call", "unreachable"]);

/** True if control never goes on after `instr`. */
export function leaves(instr: Instr | undefined): boolean {
  return instr?.kind === "plain" && leaving.has(instr.op);
}
