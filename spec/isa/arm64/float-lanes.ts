// Operations on every element of vectors of floats, with the flags passing through them: the row builders that
// float-vector.ts and float-conversions.ts share. Relies on rows.ts, float.ts, vectors.ts.
// The flags go from the lowest element up; the order does not show in the result.

import { ins } from "../rows.ts";
import type { InstructionRow } from "../schema.ts";
import { DYNAMIC, FLAGS, flagsOf, newStatus, READ_STATUS, valueOf } from "./float.ts";
import { each, lane, sideBySide, writeLanes } from "./vectors.ts";

/** How many elements of which format an operand holds; `v` is the operand's letter, `view` what follows it. */
export interface Shape {
  readonly form: string;
  readonly bits: 32 | 64;
  readonly lanes: 1 | 2 | 4;
  readonly v: "v" | "d" | "s";
  readonly view: string;
  readonly signBit: string;
  /** Bits 30 and 28 of encodings, and the low bit of `size`. */
  readonly q: string;
  readonly scalar: string;
  readonly sz: string;
}

const wide = { bits: 64, signBit: "0x8000000000000000", sz: "1" } as const;
const narrow = { bits: 32, signBit: "0x80000000", sz: "0" } as const;

export const vectors: readonly Shape[] = [
  { form: "2d", ...wide, lanes: 2, v: "v", view: ".2d", q: "1", scalar: "0" },
  { form: "4s", ...narrow, lanes: 4, v: "v", view: ".4s", q: "1", scalar: "0" },
  { form: "2s", ...narrow, lanes: 2, v: "v", view: ".2s", q: "0", scalar: "0" },
];

/** Single elements, in registers of their own. */
export const elements: readonly Shape[] = [
  { form: "scalar:d", ...wide, lanes: 1, v: "d", view: "", q: "1", scalar: "1" },
  { form: "scalar:s", ...narrow, lanes: 1, v: "s", view: "", q: "1", scalar: "1" },
];

/** Operands in assembly order by their roles: `vd.2d, vn.2d` for `dn`. */
export function operandsOf({ v, view }: Shape, roles: string): string {
  return Array.from(roles, (role) => v + role + view).join(", ");
}

/** Element `i` of an operand. */
export function element({ v, bits, lanes }: Shape, role: string, i: number): string {
  return lanes === 1 ? v + role : lane(v + role, bits, i);
}

/** Writes the elements of the destination; what is above them becomes zero. */
export function writeElements({ v, bits }: Shape, values: readonly string[]): string {
  return v === "v" ? writeLanes(values, bits) : `${v}d = ${sideBySide(values)}`;
}

/** A float function for each of `count` elements: `call` gets the flags that it is to use. */
export interface Threaded {
  readonly mode?: string;
  readonly count: number;
  /** Width of the function's value. */
  readonly bits: number;
  readonly call: (i: number, flags: string) => string;
}

/** Binds `r0`, `r1`, … to the functions' results; `write` uses them, and the last flags go to fpsr. */
export function threaded({ mode = DYNAMIC, count, bits, call }: Threaded, write: string): string {
  const steps = each(count, (i) => {
    const flags = i === 0 ? FLAGS : flagsOf(`r${String(i - 1)}`, bits);
    return `let r${String(i)} = ${call(i, flags)}`;
  });
  const status = newStatus(`r${String(count - 1)}`, bits);
  return `${READ_STATUS}; let mode = ${mode}; ${steps.join("; ")}; ${write}; fpsr = ${status}`;
}

/** An operation on each element; `call` is a float function of `mode` and the flags that it is given. */
export interface Lanewise {
  readonly mode?: string;
  readonly call: (at: (role: "n" | "m" | "d") => string, flags: string, i: number) => string;
  /** Width of the function's value, and the element that its result becomes; else the value is the element. */
  readonly valueBits?: number;
  readonly result?: (result: string) => string;
}

export function lanewise(shape: Shape, what: Lanewise): string {
  const bits = what.valueBits ?? shape.bits;
  const result = what.result ?? ((r: string): string => valueOf(r, bits));
  const write = writeElements(
    shape,
    each(shape.lanes, (i) => result(`r${String(i)}`)),
  );
  const call = (i: number, flags: string): string => what.call((role) => element(shape, role, i), flags, i);
  return threaded({ mode: what.mode ?? DYNAMIC, count: shape.lanes, bits, call }, write);
}

/** Bits 29, 23 and the opcode of an encoding. */
export type Code = readonly [u: string, high: string, opcode: string];

/** A row of three registers. */
export function three(shape: Shape, name: string, [u, high, opcode]: Code, what: Lanewise): InstructionRow {
  const { v, q, scalar, sz } = shape;
  const encoding = `0 ${q} ${u} ${scalar}1110 ${high}${sz} 1 ${v}m:5 ${opcode} 1 ${v}n:5 ${v}d:5`;
  return ins(`${name}:${shape.form}`, encoding, operandsOf(shape, "dnm"), () => lanewise(shape, what));
}

/** A row of two registers; its effect is made when it is asked for. */
export function two(
  shape: Shape,
  name: string,
  [u, high, opcode]: Code,
  effect: () => string,
): InstructionRow {
  const { v, q, scalar, sz } = shape;
  const encoding = `0 ${q} ${u} ${scalar}1110 ${high}${sz} 10000 ${opcode} 10 ${v}n:5 ${v}d:5`;
  return ins(name, encoding, operandsOf(shape, "dn"), effect);
}
