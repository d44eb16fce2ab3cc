// Conversions of vectors of floats (Arm DDI 0487, C4.1.97 "Advanced SIMD"): to and from integers and fixed-point
// numbers, to integral values, to formats of half and twice the width. Relies on rows.ts, float.ts, float-lanes.ts.

import { ins, instructions } from "../rows.ts";
import type { InstructionRow } from "../schema.ts";
import { directed, DYNAMIC, letters, valueOf } from "./float.ts";
import type { Code, Lanewise, Shape } from "./float-lanes.ts";
import { elements, lanewise, operandsOf, threaded, two, vectors } from "./float-lanes.ts";
import { each, lane, sideBySide } from "./vectors.ts";

/** Where each rounding stands among the opcodes of conversions: bit 23 and the opcode. */
const places = {
  n: ["0", "11010"],
  p: ["1", "11010"],
  m: ["0", "11011"],
  z: ["1", "11011"],
  a: ["0", "11100"],
} as const;

// To and from integers of the same width.
function integers(shape: Shape): InstructionRow[] {
  const bits = String(shape.bits);
  const row = (name: string, code: Code, what: Lanewise): InstructionRow =>
    two(shape, `${name}:${shape.form}`, code, () => lanewise(shape, what));
  return ["s", "u"].flatMap((sign, u) => [
    ...letters.map(({ letter, rounding }) =>
      row(`fcvt${letter}${sign}`, [String(u), ...places[letter]], {
        mode: directed(rounding),
        call: (at, flags) => `f${bits}to${sign}${bits}(${at("n")}, mode, ${flags})`,
      }),
    ),
    row(`${sign}cvtf`, [String(u), "0", "11101"], {
      call: (at, flags) => `${sign}${bits}tof${bits}(${at("n")}, mode, ${flags})`,
    }),
  ]);
}

// The same where the low `fbits` bits of the integer are a fraction.
function fixedPoint(shape: Shape): InstructionRow[] {
  const { v, q, scalar, form } = shape;
  const bits = String(shape.bits);
  const [fbits, place] = shape.bits === 64 ? ["fbits", "1 fbits:6"] : ["wfbits", "01 wfbits:5"];
  const row = (name: string, u: number, opcode: string, what: Lanewise): InstructionRow =>
    ins(
      `${name}:${form}:fixed`,
      `0 ${q} ${String(u)} ${scalar}11110 ${place} ${opcode} 1 ${v}n:5 ${v}d:5`,
      `${operandsOf(shape, "dn")}, #${fbits}`,
      () => lanewise(shape, what),
    );
  return ["s", "u"].flatMap((sign, u) => [
    row(`${sign}cvtf`, u, "11100", {
      call: (at, flags) => `${sign}${bits}tof${bits}(${at("n")}, ${fbits}, mode, ${flags})`,
    }),
    row(`fcvtz${sign}`, u, "11111", {
      mode: directed(3),
      call: (at, flags) => `f${bits}to${sign}${bits}(${at("n")}, ${fbits}, mode, ${flags})`,
    }),
  ]);
}

function integral(shape: Shape): InstructionRow[] {
  const row = (name: string, code: Code, f: string, mode: string): InstructionRow => {
    const call: Lanewise["call"] = (at, flags) => `${f}${String(shape.bits)}(${at("n")}, mode, ${flags})`;
    return two(shape, `${name}:${shape.form}`, code, () => lanewise(shape, { mode, call }));
  };
  return [
    row("frintn", ["0", "0", "11000"], "frint", directed(0)),
    row("frintm", ["0", "0", "11001"], "frint", directed(2)),
    row("frintp", ["0", "1", "11000"], "frint", directed(1)),
    row("frintz", ["0", "1", "11001"], "frint", directed(3)),
    row("frinta", ["1", "0", "11000"], "frint", directed(4)),
    row("frintx", ["1", "0", "11001"], "frintx", DYNAMIC),
    row("frinti", ["1", "1", "11001"], "frint", DYNAMIC),
  ];
}

/** Formats of which one has twice the other's width; `low` and `full` are the narrow side in 64 and in 128 bits. */
interface Resizing {
  readonly bits: 32 | 64;
  readonly form: string;
  readonly low: string;
  readonly full: string;
  readonly sz: string;
}

const resizings: readonly Resizing[] = [
  { bits: 64, form: "2d", low: "2s", full: "4s", sz: "1" },
  { bits: 32, form: "4s", low: "4h", full: "8h", sz: "0" },
];

// The plain forms use the low half of the narrow side (and clear the upper one), those with a 2 the upper half.
function resized({ bits, form, low, full, sz }: Resizing): InstructionRow[] {
  const half = bits / 2;
  const count = 128 / bits;
  const effect = (from: number, to: number, first: number, write: (values: string) => string): string => {
    const call = (i: number, flags: string): string =>
      `f${String(from)}tof${String(to)}(${lane("vn", from, first + i)}, mode, ${flags})`;
    const values = sideBySide(each(count, (i) => valueOf(`r${String(i)}`, to)));
    return threaded({ count, bits: to, call }, write(values));
  };
  const row = (
    name: string,
    code: readonly [string, string],
    operands: string,
    text: string,
  ): InstructionRow => {
    const [q, opcode] = code;
    return ins(`${name}:${form}`, `0 ${q} 0 01110 0${sz} 10000 ${opcode} 10 vn:5 vd:5`, operands, text);
  };
  const whole = (values: string): string => `vd = ${values}`;
  // prettier-ignore
  return [
    row("fcvtl",  ["0", "10111"], `vd.${form}, vn.${low}`,  effect(half, bits, 0, whole)),
    row("fcvtl2", ["1", "10111"], `vd.${form}, vn.${full}`, effect(half, bits, count, whole)),
    row("fcvtn",  ["0", "10110"], `vd.${low}, vn.${form}`,  effect(bits, half, 0, (values) => `vd = zext64to128(${values})`)),
    row("fcvtn2", ["1", "10110"], `vd.${full}, vn.${form}`, effect(bits, half, 0, (values) => `vd = concat(${values}, vd[63:0])`)),
  ];
}

export const floatConversions = instructions("FloatConversions", () => [
  ...[...vectors, ...elements].flatMap(integers),
  ...[...vectors, ...elements].flatMap(fixedPoint),
  ...vectors.flatMap(integral),
  ...resizings.flatMap(resized),
]);
