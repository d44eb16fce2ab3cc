// Advanced SIMD on integers, lane by lane: sums, products, comparisons, logic, counting (Arm DDI 0487, C4.1.97 "three
// same", "two-register miscellaneous", "across lanes"). Relies on rows.ts, vectors.ts.
// Saturating sums are in simd-saturating.ts; saturating shifts and products are not described yet.

import { ins, instructions } from "../rows.ts";
import type { InstructionRow } from "../schema.ts";
import {
  arrangements,
  bytes,
  distance,
  each,
  lane,
  narrow,
  scalarLetters,
  views,
  writeLanes,
  type Arrangement,
} from "./vectors.ts";

/** What becomes of two lanes of `bits` bits; `d` is the destination's old lane. */
type LaneFunction = (a: string, b: string, bits: number, d: string) => string;

/** An operation on two vectors of the same arrangement: `0 Q U 01110 size 1 Rm opcode 1 Rn Rd`. */
interface ThreeSame {
  readonly name: string;
  readonly u: "0" | "1";
  readonly opcode: string;
  readonly lanes: LaneFunction;
  readonly forms: readonly Arrangement[];
}

// A comparison's lane: all ones or zeros.
function all(condition: (a: string, b: string) => string): LaneFunction {
  return (a, b, bits) => `sext1to${String(bits)}(${condition(a, b)})`;
}

// Sum or difference with one more bit, halved.
function halved(extend: string, op: string, more = ""): LaneFunction {
  return (a, b, bits) => {
    const wide = (x: string): string => `${extend}${String(bits)}to${String(bits + 1)}(${x})`;
    return `(${wide(a)} ${op} ${wide(b)}${more})[${String(bits)}:1]`;
  };
}

function greater(sign: "s" | "u"): LaneFunction {
  return (a, b) => `${a} >${sign} ${b} ? ${a} : ${b}`;
}

function less(sign: "s" | "u"): LaneFunction {
  return (a, b) => `${a} <${sign} ${b} ? ${a} : ${b}`;
}

function difference(sign: "s" | "u"): LaneFunction {
  return (a, b) => distance(a, b, sign);
}

// Shifts by the signed low byte of the second lane, to the left if it is positive.
function byRegister(right: ">>s" | ">>u"): LaneFunction {
  return (a, b, bits) => {
    const top = String(Math.log2(bits) - 1);
    const by = `${b}[7:0]`;
    const over = right === ">>u" ? "0" : `${a} >>s ${String(bits - 1)}`;
    const down = `${by} >s -${String(bits)} ? ${a} ${right} (-${by})[${top}:0] : ${over}`;
    return `(${by} >=s ${String(bits % 256)} ? zext1to${String(bits)}(0) : ${by} >=s 0 ? ${a} << ${by}[${top}:0] : ${down})`;
  };
}

// prettier-ignore
const threeSame: readonly ThreeSame[] = [
  { name: "add",    u: "0", opcode: "10000", forms: arrangements, lanes: (a, b) => `${a} + ${b}` },
  { name: "sub",    u: "1", opcode: "10000", forms: arrangements, lanes: (a, b) => `${a} - ${b}` },
  { name: "shadd",  u: "0", opcode: "00000", forms: narrow,       lanes: halved("sext", "+") },
  { name: "uhadd",  u: "1", opcode: "00000", forms: narrow,       lanes: halved("zext", "+") },
  { name: "srhadd", u: "0", opcode: "00010", forms: narrow,       lanes: halved("sext", "+", " + 1") },
  { name: "urhadd", u: "1", opcode: "00010", forms: narrow,       lanes: halved("zext", "+", " + 1") },
  { name: "shsub",  u: "0", opcode: "00100", forms: narrow,       lanes: halved("sext", "-") },
  { name: "uhsub",  u: "1", opcode: "00100", forms: narrow,       lanes: halved("zext", "-") },
  { name: "cmgt",   u: "0", opcode: "00110", forms: arrangements, lanes: all((a, b) => `${a} >s ${b}`) },
  { name: "cmhi",   u: "1", opcode: "00110", forms: arrangements, lanes: all((a, b) => `${a} >u ${b}`) },
  { name: "cmge",   u: "0", opcode: "00111", forms: arrangements, lanes: all((a, b) => `${a} >=s ${b}`) },
  { name: "cmhs",   u: "1", opcode: "00111", forms: arrangements, lanes: all((a, b) => `${a} >=u ${b}`) },
  { name: "cmtst",  u: "0", opcode: "10001", forms: arrangements, lanes: all((a, b) => `(${a} & ${b}) != 0`) },
  { name: "cmeq",   u: "1", opcode: "10001", forms: arrangements, lanes: all((a, b) => `${a} == ${b}`) },
  { name: "sshl",   u: "0", opcode: "01000", forms: arrangements, lanes: byRegister(">>s") },
  { name: "ushl",   u: "1", opcode: "01000", forms: arrangements, lanes: byRegister(">>u") },
  { name: "smax",   u: "0", opcode: "01100", forms: narrow,       lanes: greater("s") },
  { name: "umax",   u: "1", opcode: "01100", forms: narrow,       lanes: greater("u") },
  { name: "smin",   u: "0", opcode: "01101", forms: narrow,       lanes: less("s") },
  { name: "umin",   u: "1", opcode: "01101", forms: narrow,       lanes: less("u") },
  { name: "sabd",   u: "0", opcode: "01110", forms: narrow,       lanes: difference("s") },
  { name: "uabd",   u: "1", opcode: "01110", forms: narrow,       lanes: difference("u") },
  { name: "saba",   u: "0", opcode: "01111", forms: narrow,       lanes: (a, b, _, d) => `${d} + ${distance(a, b, "s")}` },
  { name: "uaba",   u: "1", opcode: "01111", forms: narrow,       lanes: (a, b, _, d) => `${d} + ${distance(a, b, "u")}` },
  { name: "mla",    u: "0", opcode: "10010", forms: narrow,       lanes: (a, b, _, d) => `${d} + ${a} * ${b}` },
  { name: "mls",    u: "1", opcode: "10010", forms: narrow,       lanes: (a, b, _, d) => `${d} - ${a} * ${b}` },
  { name: "mul",    u: "0", opcode: "10011", forms: narrow,       lanes: (a, b) => `${a} * ${b}` },
];

function threeSameRow(
  { name, u, opcode, lanes }: ThreeSame,
  { form, bits, lanes: count, q, size }: Arrangement,
): InstructionRow {
  const value = (i: number): string =>
    lanes(lane("vn", bits, i), lane("vm", bits, i), bits, lane("vd", bits, i));
  return ins(
    `${name}:${form}`,
    `0 ${q} ${u} 01110 ${size} 1 vm:5 ${opcode} 1 vn:5 vd:5`,
    views(form, "dnm"),
    () => writeLanes(each(count, value), bits),
  );
}

// The operations that have a form on one lane of 64 bits.
const onDoubles = ["add", "sub", "cmgt", "cmhi", "cmge", "cmhs", "cmtst", "cmeq", "sshl", "ushl"];

function scalarRow({ name, u, opcode, lanes }: ThreeSame): InstructionRow {
  return ins(
    `${name}:d`,
    `01 ${u} 11110 11 1 dm:5 ${opcode} 1 dn:5 dd:5`,
    "dd, dn, dm",
    `dd = ${lanes("dn", "dm", 64, "dd")}`,
  );
}

/** An operation on neighbours: those of `vn` give the lower half of the result, those of `vm` the upper. */
// prettier-ignore
const pairwise: readonly ThreeSame[] = [
  { name: "addp",  u: "0", opcode: "10111", forms: arrangements, lanes: (a, b) => `${a} + ${b}` },
  { name: "smaxp", u: "0", opcode: "10100", forms: narrow,       lanes: greater("s") },
  { name: "umaxp", u: "1", opcode: "10100", forms: narrow,       lanes: greater("u") },
  { name: "sminp", u: "0", opcode: "10101", forms: narrow,       lanes: less("s") },
  { name: "uminp", u: "1", opcode: "10101", forms: narrow,       lanes: less("u") },
];

function pairwiseRow(
  { name, u, opcode, lanes }: ThreeSame,
  { form, bits, lanes: count, q, size }: Arrangement,
): InstructionRow {
  const half = count / 2;
  const value = (i: number): string => {
    const [operand, at] = [i < half ? "vn" : "vm", 2 * (i % half)];
    return lanes(lane(operand, bits, at), lane(operand, bits, at + 1), bits, "");
  };
  return ins(
    `${name}:${form}`,
    `0 ${q} ${u} 01110 ${size} 1 vm:5 ${opcode} 1 vn:5 vd:5`,
    views(form, "dnm"),
    () => writeLanes(each(count, value), bits),
  );
}

/** Bitwise operations on whole vectors: the field `size` chooses. */
// prettier-ignore
const logic = [
  { name: "and", u: "0", size: "00", value: "vn & vm" },
  { name: "bic", u: "0", size: "01", value: "vn & ~vm" },
  { name: "orr", u: "0", size: "10", value: "vn | vm" },
  { name: "orn", u: "0", size: "11", value: "vn | ~vm" },
  { name: "eor", u: "1", size: "00", value: "vn ^ vm" },
  { name: "bsl", u: "1", size: "01", value: "vm ^ ((vm ^ vn) & vd)" },
  { name: "bit", u: "1", size: "10", value: "vd ^ ((vd ^ vn) & vm)" },
  { name: "bif", u: "1", size: "11", value: "vd ^ ((vd ^ vn) & ~vm)" },
] as const;

function whole(total: number, value: string): string {
  return total === 128 ? `vd = ${value}` : `vd = zext64to128((${value})[63:0])`;
}

const logicRows = bytes.flatMap(({ form, q, total }) =>
  logic.map(({ name, u, size, value }) =>
    ins(
      `${name}:${form}`,
      `0 ${q} ${u} 01110 ${size} 1 vm:5 00011 1 vn:5 vd:5`,
      views(form, "dnm"),
      whole(total, value),
    ),
  ),
);

/** An operation on each lane of one vector: `0 Q U 01110 size 10000 opcode 10 Rn Rd`. */
interface TwoMisc {
  readonly name: string;
  readonly u: "0" | "1";
  readonly opcode: string;
  readonly forms: readonly Arrangement[];
  readonly lanes: (a: string, bits: number) => string;
  /** Written after the operands: comparisons with zero. */
  readonly zero?: string;
}

// prettier-ignore
const twoMisc: readonly TwoMisc[] = [
  { name: "cls",  u: "0", opcode: "00100", forms: narrow,       lanes: (a) => `clz(${a} ^ (${a} >>s 1)) - 1` },
  { name: "clz",  u: "1", opcode: "00100", forms: narrow,       lanes: (a) => `clz(${a})` },
  { name: "cnt",  u: "0", opcode: "00101", forms: bytes,        lanes: (a) => `popcount(${a})` },
  { name: "abs",  u: "0", opcode: "01011", forms: arrangements, lanes: (a) => `(${a} <s 0 ? -${a} : ${a})` },
  { name: "neg",  u: "1", opcode: "01011", forms: arrangements, lanes: (a) => `-${a}` },
  { name: "cmgt", u: "0", opcode: "01000", forms: arrangements, zero: ", #0", lanes: (a, bits) => `sext1to${String(bits)}(${a} >s 0)` },
  { name: "cmge", u: "1", opcode: "01000", forms: arrangements, zero: ", #0", lanes: (a, bits) => `sext1to${String(bits)}(${a} >=s 0)` },
  { name: "cmeq", u: "0", opcode: "01001", forms: arrangements, zero: ", #0", lanes: (a, bits) => `sext1to${String(bits)}(${a} == 0)` },
  { name: "cmle", u: "1", opcode: "01001", forms: arrangements, zero: ", #0", lanes: (a, bits) => `sext1to${String(bits)}(${a} <=s 0)` },
  { name: "cmlt", u: "0", opcode: "01010", forms: arrangements, zero: ", #0", lanes: (a, bits) => `sext1to${String(bits)}(${a} <s 0)` },
];

function twoMiscRows({ name, u, opcode, forms, lanes, zero = "" }: TwoMisc): InstructionRow[] {
  const suffix = zero === "" ? "" : ":zero";
  const vectors = forms.map(({ form, bits, lanes: count, q, size }) =>
    ins(
      `${name}:${form}${suffix}`,
      `0 ${q} ${u} 01110 ${size} 10000 ${opcode} 10 vn:5 vd:5`,
      views(form, "dn") + zero,
      () =>
        writeLanes(
          each(count, (i) => lanes(lane("vn", bits, i), bits)),
          bits,
        ),
    ),
  );
  if (forms !== arrangements) return vectors;
  const scalar = `01 ${u} 11110 11 10000 ${opcode} 10 dn:5 dd:5`;
  return [...vectors, ins(`${name}:d${suffix}`, scalar, `dd, dn${zero}`, `dd = ${lanes("dn", 64)}`)];
}

const notRows = bytes.map(({ form, q, total }) =>
  ins(`not:${form}`, `0 ${q} 1 01110 00 10000 00101 10 vn:5 vd:5`, views(form, "dn"), whole(total, "~vn")),
);

/** All lanes to one: `0 Q U 01110 size 11000 opcode 10`. `long`: the result has twice the width. */
// prettier-ignore
const acrossLanes = [
  { name: "addv",   u: "0", opcode: "11011", long: "",     step: (a: string, b: string) => `${a} + ${b}` },
  { name: "saddlv", u: "0", opcode: "00011", long: "sext", step: (a: string, b: string) => `${a} + ${b}` },
  { name: "uaddlv", u: "1", opcode: "00011", long: "zext", step: (a: string, b: string) => `${a} + ${b}` },
  { name: "smaxv",  u: "0", opcode: "01010", long: "",     step: (a: string, b: string) => `${a} >s ${b} ? ${a} : ${b}` },
  { name: "umaxv",  u: "1", opcode: "01010", long: "",     step: (a: string, b: string) => `${a} >u ${b} ? ${a} : ${b}` },
  { name: "sminv",  u: "0", opcode: "11010", long: "",     step: (a: string, b: string) => `${a} <s ${b} ? ${a} : ${b}` },
  { name: "uminv",  u: "1", opcode: "11010", long: "",     step: (a: string, b: string) => `${a} <u ${b} ? ${a} : ${b}` },
];

const acrossRows = narrow
  .filter(({ form }) => form !== "2s")
  .flatMap(({ form, bits, lanes: count, q, size }) =>
    acrossLanes.map(({ name, u, opcode, long, step }) => {
      const width = long === "" ? bits : 2 * bits;
      const d = `${scalarLetters[width] ?? ""}d`;
      const value = (i: number): string =>
        long === ""
          ? lane("vn", bits, i)
          : `${long}${String(bits)}to${String(width)}(${lane("vn", bits, i)})`;
      const effect = (): string => {
        const steps = each(count - 1, (i) => {
          const before = i === 0 ? value(0) : `r${String(i)}`;
          return `let r${String(i + 1)} = ${step(before, value(i + 1))}; `;
        });
        return `${steps.join("")}${d} = r${String(count - 1)}`;
      };
      return ins(
        `${name}:${form}`,
        `0 ${q} ${u} 01110 ${size} 11000 ${opcode} 10 vn:5 ${d}:5`,
        `${d}, vn.${form}`,
        effect,
      );
    }),
  );

export const simdArithmetic = instructions("SimdArithmetic", () => [
  ...threeSame.flatMap((op) => op.forms.map((form) => threeSameRow(op, form))),
  ...threeSame.filter(({ name }) => onDoubles.includes(name)).map(scalarRow),
  ...pairwise.flatMap((op) => op.forms.map((form) => pairwiseRow(op, form))),
  ins("addp:d", "01 0 11110 11 11000 11011 10 vn:5 dd:5", "dd, vn.2d", "dd = vn[63:0] + vn[127:64]"),
  ...logicRows,
  ...twoMisc.flatMap(twoMiscRows),
  ...notRows,
  ...acrossRows,
]);
