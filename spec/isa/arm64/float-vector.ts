// Floating point on vectors (Arm DDI 0487, C4.1.97 "Advanced SIMD"): Armv8.0-A, singles and doubles in 64 and 128 bits,
// and the forms of single elements that have no scalar instruction. Conversions are in float-conversions.ts.
// Relies on rows.ts, float.ts, float-lanes.ts, vectors.ts.

import { input, ins, instructions } from "../rows.ts";
import type { Alias, InstructionRow } from "../schema.ts";
import { DYNAMIC, EQUAL, FLAGS, flagsOf, GREATER, LESS, newStatus, READ_STATUS, valueOf } from "./float.ts";
import type { Code, Lanewise, Shape } from "./float-lanes.ts";
import {
  element,
  elements,
  lanewise,
  operandsOf,
  threaded,
  three,
  two,
  vectors,
  writeElements,
} from "./float-lanes.ts";
import { each, lane, writeLanes } from "./vectors.ts";

// A float function of both sources.
function ofPair(shape: Shape, f: string): Lanewise {
  return { call: (at, flags) => `${f}${String(shape.bits)}(${at("n")}, ${at("m")}, mode, ${flags})` };
}

function arithmetic(shape: Shape): InstructionRow[] {
  const product = (sign: string): Lanewise => ({
    call: (at, flags) =>
      `fma${String(shape.bits)}(${at("n")}${sign}, ${at("m")}, ${at("d")}, mode, ${flags})`,
  });
  // prettier-ignore
  return [
    three(shape, "fmaxnm", ["0", "0", "11000"], ofPair(shape, "fmaxnum")),
    three(shape, "fmla",   ["0", "0", "11001"], product("")),
    three(shape, "fadd",   ["0", "0", "11010"], ofPair(shape, "fadd")),
    three(shape, "fmax",   ["0", "0", "11110"], ofPair(shape, "fmax")),
    three(shape, "fminnm", ["0", "1", "11000"], ofPair(shape, "fminnum")),
    three(shape, "fmls",   ["0", "1", "11001"], product(` ^ ${shape.signBit}`)),
    three(shape, "fsub",   ["0", "1", "11010"], ofPair(shape, "fsub")),
    three(shape, "fmin",   ["0", "1", "11110"], ofPair(shape, "fmin")),
    three(shape, "fmul",   ["1", "0", "11011"], ofPair(shape, "fmul")),
    three(shape, "fdiv",   ["1", "0", "11111"], ofPair(shape, "fdiv")),
  ];
}

// Sides of a comparison: a source, or zero.
type Side = "n" | "m" | "0";

// All ones where one of the relations holds.
function comparing(
  shape: Shape,
  f: "fcmp" | "fcmps",
  sides: readonly [Side, Side],
  relations: readonly string[],
): Lanewise {
  return {
    valueBits: 4,
    call: (at, flags) => {
      const [a, b] = sides.map((side) => (side === "0" ? "0" : at(side)));
      return `${f}${String(shape.bits)}(${String(a)}, ${String(b)}, mode, ${flags})`;
    },
    result: (r) => `sext1to${String(shape.bits)}(${relations.map((bit) => r + bit).join(" | ")})`,
  };
}

// The same operation on operands without their signs.
function ofMagnitudes({ signBit }: Shape, what: Lanewise): Lanewise {
  return { ...what, call: (at, flags, i) => what.call((role) => `${at(role)} & ~${signBit}`, flags, i) };
}

function comparisons(shape: Shape): InstructionRow[] {
  const both = ["n", "m"] as const;
  const difference = {
    ...ofPair(shape, "fsub"),
    result: (r: string): string => `(${valueOf(r, shape.bits)} & ~${shape.signBit})`,
  };
  const zero = (
    name: string,
    code: Code,
    f: "fcmp" | "fcmps",
    relations: readonly string[],
  ): InstructionRow => {
    const effect = (): string => lanewise(shape, comparing(shape, f, ["n", "0"], relations));
    const row = two(shape, `${name}:${shape.form}:zero`, code, effect);
    return { ...row, operands: `${row.operands}, #0.0` };
  };
  // prettier-ignore
  return [
    three(shape, "fcmeq", ["0", "0", "11100"], comparing(shape, "fcmp",  both, [EQUAL])),
    three(shape, "fcmge", ["1", "0", "11100"], comparing(shape, "fcmps", both, [EQUAL, GREATER])),
    three(shape, "facge", ["1", "0", "11101"], ofMagnitudes(shape, comparing(shape, "fcmps", both, [EQUAL, GREATER]))),
    three(shape, "fcmgt", ["1", "1", "11100"], comparing(shape, "fcmps", both, [GREATER])),
    three(shape, "facgt", ["1", "1", "11101"], ofMagnitudes(shape, comparing(shape, "fcmps", both, [GREATER]))),
    three(shape, "fabd",  ["1", "1", "11010"], difference),
    zero("fcmgt", ["0", "1", "01100"], "fcmps", [GREATER]),
    zero("fcmge", ["1", "1", "01100"], "fcmps", [EQUAL, GREATER]),
    zero("fcmeq", ["0", "1", "01101"], "fcmp",  [EQUAL]),
    zero("fcmle", ["1", "1", "01101"], "fcmps", [EQUAL, LESS]),
    zero("fcmlt", ["0", "1", "01110"], "fcmps", [LESS]),
  ];
}

/** Zero as an integer, which compilers write. */
export const vectorAliases: readonly Alias[] = [...vectors, ...elements].flatMap((shape) =>
  ["fcmgt", "fcmge", "fcmeq", "fcmle", "fcmlt"].map((name) => {
    const operands = operandsOf(shape, "dn");
    return input(name, `${operands}, #0`, `${name} ${operands}, #0.0`);
  }),
);

// For Newton's method: products, steps and estimates.
function newton(shape: Shape): InstructionRow[] {
  const estimate = (f: string) => (): string =>
    lanewise(shape, { call: (at, flags) => `${f}${String(shape.bits)}(${at("n")}, mode, ${flags})` });
  // prettier-ignore
  return [
    three(shape, "fmulx",   ["0", "0", "11011"], ofPair(shape, "fmulx")),
    three(shape, "frecps",  ["0", "0", "11111"], ofPair(shape, "frecps")),
    three(shape, "frsqrts", ["0", "1", "11111"], ofPair(shape, "frsqrts")),
    two(shape, `frecpe:${shape.form}`,  ["0", "1", "11101"], estimate("frecpe")),
    two(shape, `frsqrte:${shape.form}`, ["1", "1", "11101"], estimate("frsqrte")),
  ];
}

function oneOperand(shape: Shape): InstructionRow[] {
  const { form, bits, signBit } = shape;
  const signs = (op: string) => (): string =>
    writeElements(
      shape,
      each(shape.lanes, (i) => `(${element(shape, "n", i)} ${op})`),
    );
  const root = (): string =>
    lanewise(shape, { call: (at, flags) => `fsqrt${String(bits)}(${at("n")}, mode, ${flags})` });
  return [
    two(shape, `fabs:${form}`, ["0", "1", "01111"], signs(`& ~${signBit}`)),
    two(shape, `fneg:${form}`, ["1", "1", "01111"], signs(`^ ${signBit}`)),
    two(shape, `fsqrt:${form}`, ["1", "1", "11111"], root),
  ];
}

// By one element of the last operand, chosen by `flane`.
function byElement(shape: Shape): InstructionRow[] {
  const { v, q, scalar, sz, signBit, form } = shape;
  const bits = String(shape.bits);
  const [lower, upper] = shape.bits === 64 ? ["0", "flane:1"] : ["flane[0]", "flane[1]"];
  const chosen = each(128 / shape.bits, (i) => lane("vm", shape.bits, i)).reduceRight(
    (others, one, i) => `flane == ${String(i)} ? ${one} : ${others}`,
  );
  const row = (name: string, u: string, opcode: string, call: Lanewise["call"]): InstructionRow =>
    ins(
      `${name}:${form}:element`,
      `0 ${q} ${u} ${scalar}1111 1${sz} ${lower} vm:5 ${opcode} ${upper} 0 ${v}n:5 ${v}d:5`,
      `${operandsOf(shape, "dn")}, vm.${shape.bits === 64 ? "d" : "s"}[flane]`,
      () => `let other = ${chosen}; ${lanewise(shape, { call })}`,
    );
  // prettier-ignore
  return [
    row("fmla",  "0", "0001", (at, flags) => `fma${bits}(${at("n")}, other, ${at("d")}, mode, ${flags})`),
    row("fmls",  "0", "0101", (at, flags) => `fma${bits}(${at("n")} ^ ${signBit}, other, ${at("d")}, mode, ${flags})`),
    row("fmul",  "0", "1001", (at, flags) => `fmul${bits}(${at("n")}, other, mode, ${flags})`),
    row("fmulx", "1", "1001", (at, flags) => `fmulx${bits}(${at("n")}, other, mode, ${flags})`),
  ];
}

// Operations that neighbours are joined by; `opcode` of vectors, `scalar` of a pair that becomes one element.
// prettier-ignore
const joins = [
  { name: "fmaxnm", f: "fmaxnum", high: "0", opcode: "11000", scalar: "01100" },
  { name: "fadd",   f: "fadd",    high: "0", opcode: "11010", scalar: "01101" },
  { name: "fmax",   f: "fmax",    high: "0", opcode: "11110", scalar: "01111" },
  { name: "fminnm", f: "fminnum", high: "1", opcode: "11000", scalar: "01100" },
  { name: "fmin",   f: "fmin",    high: "1", opcode: "11110", scalar: "01111" },
] as const;

// Neighbours of vn, then of vm.
function pairwise(shape: Shape): InstructionRow[] {
  return joins.map(({ name, f, high, opcode }) =>
    three(shape, `${name}p`, ["1", high, opcode], {
      call: (_, flags, i) => {
        const role = 2 * i < shape.lanes ? "n" : "m";
        const at = (2 * i) % shape.lanes;
        const pair = `${element(shape, role, at)}, ${element(shape, role, at + 1)}`;
        return `${f}${String(shape.bits)}(${pair}, mode, ${flags})`;
      },
    }),
  );
}

// The two elements of a vector as one.
function elementPairs({ bits, form, v, sz }: Shape): InstructionRow[] {
  const d = `${v}d`;
  return joins.map(({ name, f, high, scalar }) => {
    const pair = `${lane("vn", bits, 0)}, ${lane("vn", bits, 1)}`;
    const call = (_: number, flags: string): string => `${f}${String(bits)}(${pair}, mode, ${flags})`;
    const effect = threaded({ count: 1, bits, call }, `${d} = ${valueOf("r0", bits)}`);
    const encoding = `01 1 11110 ${high}${sz} 11000 ${scalar} 10 vn:5 ${d}:5`;
    return ins(`${name}p:${form}`, encoding, `${d}, vn.2${v}`, effect);
  });
}

// The extreme of four singles: of the extremes of both halves.
function across(name: string, f: string, high: string, opcode: string): InstructionRow {
  const e = (i: number): string => lane("vn", 32, i);
  const step = (r: string, pair: string, flags: string): string =>
    `let ${r} = ${f}32(${pair}, mode, ${flags})`;
  const steps = [
    step("low", `${e(0)}, ${e(1)}`, FLAGS),
    step("high", `${e(2)}, ${e(3)}`, flagsOf("low", 32)),
    step("r", `${valueOf("low", 32)}, ${valueOf("high", 32)}`, flagsOf("high", 32)),
  ];
  const written = `sd = ${valueOf("r", 32)}; fpsr = ${newStatus("r", 32)}`;
  const effect = `${READ_STATUS}; let mode = ${DYNAMIC}; ${steps.join("; ")}; ${written}`;
  return ins(`${name}v`, `0 1 1 01110 ${high}0 11000 ${opcode} 10 vn:5 sd:5`, "sd, vn.4s", effect);
}

// The same constant in every element.
function constants({ form, bits, lanes, q, view }: Shape): InstructionRow {
  const imm = bits === 64 ? "fimm" : "sfimm";
  const written = writeLanes(
    each(lanes, () => "one"),
    bits,
  );
  return ins(
    `fmov:${form}:imm`,
    `0 ${q} ${bits === 64 ? "1" : "0"} 0111100000 ${imm}[7:5] 1111 0 1 ${imm}[4:0] vd:5`,
    `vd${view}, #${imm}`,
    `let one = zext${String(bits)}to${String(bits)}(${imm}); ${written}`,
  );
}

export const floatVector = instructions("FloatVector", () => [
  ...vectors.flatMap(arithmetic),
  ...[...vectors, ...elements].flatMap(comparisons),
  ...[...vectors, ...elements].flatMap(newton),
  ...vectors.flatMap(oneOperand),
  ...[...vectors, ...elements].flatMap(byElement),
  ...vectors.flatMap(pairwise),
  ...elements.flatMap(elementPairs),
  across("fmaxnm", "fmaxnum", "0", "01100"),
  across("fmax", "fmax", "0", "01111"),
  across("fminnm", "fminnum", "1", "01100"),
  across("fmin", "fmin", "1", "01111"),
  ...vectors.map(constants),
]);
