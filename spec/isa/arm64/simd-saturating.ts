// Saturating sums, differences and narrowings of integers (Arm DDI 0487, C4.1.97 "three same", "two-register
// miscellaneous", and their scalar forms). A result that does not fit becomes the nearest number that does, and sets
// the sticky bit QC of fpsr. Relies on rows.ts, float.ts, vectors.ts.

import { ins, instructions } from "../rows.ts";
import type { InstructionRow } from "../schema.ts";
import { READ_STATUS } from "./float.ts";
import {
  arrangements,
  each,
  lane,
  narrow,
  scalarLetters,
  views,
  widened,
  writeHalf,
  writeLanes,
  type Arrangement,
} from "./vectors.ts";

/** Position of QC in fpsr. */
const QC = 27;

/** How one lane comes about: `result` as if there were room, when it `overflows`, and the `limit` that it is then. */
interface Saturation {
  readonly result: string;
  readonly overflows: string;
  readonly limit: string;
}

type Scalar = "b" | "h" | "s" | "d";

/** Binds the lanes as `r0`, `r1`, …; `write` uses them, and fpsr notes whether one has overflowed. */
function saturating(lanes: readonly Saturation[], write: string): string {
  const steps = lanes.map(({ result, overflows, limit }, i) => {
    const n = String(i);
    return `let s${n} = ${result}; let o${n} = ${overflows.replaceAll("sum", `s${n}`)}; let r${n} = o${n} ? ${limit} : s${n}`;
  });
  const any = lanes.map((_, i) => `o${String(i)}`).join(" | ");
  return `${READ_STATUS}; ${steps.join("; ")}; ${write}; fpsr = status | (zext1to32(${any}) << ${String(QC)})`;
}

// The greatest signed number, or the least if `sign` is set.
function signedLimit(bits: number, sign: string): string {
  return `zext1to${String(bits)}(${sign}) + 0x7${"f".repeat(bits / 4 - 1)}`;
}

/** An operation on two lanes; `sum` in `overflows` is the result without saturation. */
interface Operation {
  readonly name: string;
  readonly u: "0" | "1";
  readonly opcode: string;
  readonly lane: (a: string, b: string, bits: number) => Saturation;
}

const sign = (value: string, bits: number): string => `(${value})[${String(bits - 1)}]`;

// prettier-ignore
const operations: readonly Operation[] = [
  { name: "sqadd", u: "0", opcode: "00001", lane: (a, b, bits) => ({ result: `${a} + ${b}`,
    overflows: sign(`(${a} ^ sum) & (${b} ^ sum)`, bits), limit: signedLimit(bits, sign(a, bits)) }) },
  { name: "uqadd", u: "1", opcode: "00001", lane: (a, b) => ({ result: `${a} + ${b}`,
    overflows: `sum <u ${a}`, limit: "-1" }) },
  { name: "sqsub", u: "0", opcode: "00101", lane: (a, b, bits) => ({ result: `${a} - ${b}`,
    overflows: sign(`(${a} ^ ${b}) & (${a} ^ sum)`, bits), limit: signedLimit(bits, sign(a, bits)) }) },
  { name: "uqsub", u: "1", opcode: "00101", lane: (a, b) => ({ result: `${a} - ${b}`,
    overflows: `${a} <u ${b}`, limit: "0" }) },
];

function vectorRow({ name, u, opcode, lane: of }: Operation, a: Arrangement): InstructionRow {
  const { form, bits, lanes, q, size } = a;
  return ins(
    `${name}:${form}`,
    `0 ${q} ${u} 01110 ${size} 1 vm:5 ${opcode} 1 vn:5 vd:5`,
    views(form, "dnm"),
    () =>
      saturating(
        each(lanes, (i) => of(lane("vn", bits, i), lane("vm", bits, i), bits)),
        writeLanes(results(lanes), bits),
      ),
  );
}

function results(count: number): string[] {
  return each(count, (i) => `r${String(i)}`);
}

const scalars = [8, 16, 32, 64].map((bits, i) => ({
  bits,
  letter: scalarLetters[bits] ?? "d",
  size: i.toString(2).padStart(2, "0"),
}));

function scalarRow(
  { name, u, opcode, lane: of }: Operation,
  { bits, letter, size }: { bits: number; letter: Scalar; size: string },
): InstructionRow {
  const [d, n, m] = [`${letter}d`, `${letter}n`, `${letter}m`];
  return ins(
    `${name}:${letter}`,
    `01 ${u} 11110 ${size} 1 ${m}:5 ${opcode} 1 ${n}:5 ${d}:5`,
    `${d}, ${n}, ${m}`,
    () => saturating([of(n, m, bits)], `${d} = r0`),
  );
}

/** A lane cut to half its width. */
interface Narrowing {
  readonly name: string;
  readonly u: "0" | "1";
  readonly opcode: string;
  /** `bits`: of the result. */
  readonly lane: (wide: string, bits: number) => Saturation;
}

function cut(wide: string, bits: number): string {
  return `trunc${String(bits)}(${wide})`;
}

// prettier-ignore
const narrowings: readonly Narrowing[] = [
  { name: "sqxtn",  u: "0", opcode: "10100", lane: (wide, bits) => ({ result: cut(wide, bits),
    overflows: `sext${String(bits)}to${String(2 * bits)}(sum) != ${wide}`, limit: signedLimit(bits, sign(wide, 2 * bits)) }) },
  { name: "uqxtn",  u: "1", opcode: "10100", lane: (wide, bits) => ({ result: cut(wide, bits),
    overflows: `(${wide} >>u ${String(bits)}) != 0`, limit: "-1" }) },
  // Signed numbers to unsigned ones.
  { name: "sqxtun", u: "1", opcode: "10010", lane: (wide, bits) => ({ result: cut(wide, bits),
    overflows: `(${wide} >>u ${String(bits)}) != 0`, limit: `sext1to${String(bits)}(!${sign(wide, 2 * bits)})` }) },
];

function narrowingRow({ name, u, opcode, lane: of }: Narrowing, a: Arrangement): InstructionRow {
  const { form, bits, q, size } = a;
  const wide = widened(a);
  return ins(
    `${name}${q === "1" ? "2" : ""}:${form}`,
    `0 ${q} ${u} 01110 ${size} 10000 ${opcode} 10 vn:5 vd:5`,
    `vd.${form}, vn.${wide.form}`,
    () =>
      saturating(
        each(64 / bits, (i) => of(lane("vn", wide.bits, i), bits)),
        writeHalf(q, results(64 / bits), bits),
      ),
  );
}

function scalarNarrowings({ name, u, opcode, lane: of }: Narrowing): InstructionRow[] {
  return scalars.slice(0, 3).map(({ bits, letter, size }) => {
    const [d, n] = [`${letter}d`, `${scalarLetters[2 * bits] ?? "d"}n`];
    return ins(
      `${name}:${letter}`,
      `01 ${u} 11110 ${size} 10000 ${opcode} 10 ${n}:5 ${d}:5`,
      `${d}, ${n}`,
      () => saturating([of(n, bits)], `${d} = r0`),
    );
  });
}

export const simdSaturating = instructions("SimdSaturating", () => [
  ...operations.flatMap((operation) => arrangements.map((a) => vectorRow(operation, a))),
  ...operations.flatMap((operation) => scalars.map((scalar) => scalarRow(operation, scalar))),
  ...narrowings.flatMap((narrowing) => narrow.map((a) => narrowingRow(narrowing, a))),
  ...narrowings.flatMap(scalarNarrowings),
]);
