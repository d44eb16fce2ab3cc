// Arrangements of vectors of integers, and pieces of effects that work lane by lane. Relies on table-error.ts.
// An effect over lanes is text made here: one expression for each lane, put side by side.

import { tableError } from "../table-error.ts";

/** Lanes of one width that fill 64 or 128 bits of a vector register. */
export interface Arrangement {
  /** `16b`: the form's name and, after a dot, the operand's view. */
  readonly form: string;
  readonly bits: 8 | 16 | 32 | 64;
  readonly lanes: number;
  readonly total: 64 | 128;
  /** Bit 30 of encodings, and their field `size`. */
  readonly q: "0" | "1";
  readonly size: "00" | "01" | "10" | "11";
}

// prettier-ignore
export const arrangements: readonly Arrangement[] = [
  { form: "8b",  bits: 8,  lanes: 8,  total: 64,  q: "0", size: "00" },
  { form: "16b", bits: 8,  lanes: 16, total: 128, q: "1", size: "00" },
  { form: "4h",  bits: 16, lanes: 4,  total: 64,  q: "0", size: "01" },
  { form: "8h",  bits: 16, lanes: 8,  total: 128, q: "1", size: "01" },
  { form: "2s",  bits: 32, lanes: 2,  total: 64,  q: "0", size: "10" },
  { form: "4s",  bits: 32, lanes: 4,  total: 128, q: "1", size: "10" },
  { form: "2d",  bits: 64, lanes: 2,  total: 128, q: "1", size: "11" },
];

/** Those without lanes of 64 bits. */
export const narrow = arrangements.filter(({ bits }) => bits < 64);
/** Those of bytes. */
export const bytes = arrangements.filter(({ bits }) => bits === 8);

/** The arrangement with that name. */
export function arrangement(form: string): Arrangement {
  const found = arrangements.find((a) => a.form === form);
  return found ?? tableError(`no arrangement ${form}`);
}

/** The arrangement of lanes twice as wide in 128 bits. */
export function widened({ bits }: Arrangement): Arrangement {
  return arrangement({ 8: "8h", 16: "4s", 32: "2d", 64: "2d" }[bits]);
}

/** Letters of scalar views by width of a lane. */
export const scalarLetters: Readonly<Record<number, "b" | "h" | "s" | "d">> = {
  8: "b",
  16: "h",
  32: "s",
  64: "d",
};

/** Lane `i` of `bits` bits. */
export function lane(operand: string, bits: number, i: number): string {
  return `${operand}[${String((i + 1) * bits - 1)}:${String(i * bits)}]`;
}

/** The lane of `operand` that the immediate `field` names. */
export function namedLane(operand: string, bits: number, field = "lane"): string {
  return `(${operand} >>u (${field} * ${String(bits)}))[${String(bits - 1)}:0]`;
}

/** `operand` with the lane that the immediate `lane` names replaced: a mask is where it stands. */
export function withNamedLane(operand: string, bits: number, value: string): string {
  const [width, at] = [String(bits), `(lane * ${String(bits)})`];
  const ones = `(zext${width}to128(trunc${width}(-1)) << ${at})`;
  return `(${operand} & ~${ones}) | (zext${width}to128(${value}) << ${at})`;
}

/** How far apart two numbers are. */
export function distance(a: string, b: string, sign: "s" | "u"): string {
  return `(${a} >${sign} ${b} ? ${a} - ${b} : ${b} - ${a})`;
}

/** `values` side by side, the first lowest. */
export function sideBySide(values: readonly string[]): string {
  if (values.length === 1) return values[0] ?? "";
  const half = values.length / 2;
  return `concat(${sideBySide(values.slice(half))}, ${sideBySide(values.slice(0, half))})`;
}

/** Writes the lanes of `vd`; what is above them becomes zero. */
export function writeLanes(values: readonly string[], bits: number): string {
  const all = sideBySide(values);
  return values.length * bits === 128
    ? `vd = ${all}`
    : `vd = zext${String(values.length * bits)}to128(${all})`;
}

/** Writes 64 bits into the lower half of `vd`, zeros above, or into the upper half beside what is there. */
export function writeHalf(q: "0" | "1", values: readonly string[], bits: number): string {
  return q === "0" ? writeLanes(values, bits) : `vd = concat(${sideBySide(values)}, vd[63:0])`;
}

/** One value for each number below `count`. */
export function each<T>(count: number, value: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => value(i));
}

/** `vd.16b, vn.16b` for the roles `dn`. */
export function views(form: string, roles: string): string {
  return Array.from(roles, (role) => `v${role}.${form}`).join(", ");
}
