// Advanced SIMD with lanes of two widths (Arm DDI 0487, C4.1.97 "three different", "two-register miscellaneous",
// "vector x indexed element"). Relies on rows.ts, vectors.ts. Names ending in 2 read or write the upper half.

import { ins, instructions } from "../rows.ts";
import type { InstructionRow } from "../schema.ts";
import {
  arrangement,
  distance,
  each,
  lane,
  narrow,
  views,
  widened,
  writeHalf,
  writeLanes,
  type Arrangement,
} from "./vectors.ts";

interface Widening {
  readonly name: string;
  readonly opcode: string;
  /** True if the first operand is wide already: `saddw`. */
  readonly wideFirst: boolean;
  readonly lanes: (a: string, b: string, d: string, sign: "s" | "u") => string;
}

// Signed (U = 0) and unsigned (U = 1): `saddl`, `uaddl`.
// prettier-ignore
const widening: readonly Widening[] = [
  { name: "addl", opcode: "0000", wideFirst: false, lanes: (a, b) => `${a} + ${b}` },
  { name: "addw", opcode: "0001", wideFirst: true,  lanes: (a, b) => `${a} + ${b}` },
  { name: "subl", opcode: "0010", wideFirst: false, lanes: (a, b) => `${a} - ${b}` },
  { name: "subw", opcode: "0011", wideFirst: true,  lanes: (a, b) => `${a} - ${b}` },
  { name: "abal", opcode: "0101", wideFirst: false, lanes: (a, b, d, sign) => `${d} + ${distance(a, b, sign)}` },
  { name: "abdl", opcode: "0111", wideFirst: false, lanes: (a, b, _, sign) => distance(a, b, sign) },
  { name: "mlal", opcode: "1000", wideFirst: false, lanes: (a, b, d) => `${d} + ${a} * ${b}` },
  { name: "mlsl", opcode: "1010", wideFirst: false, lanes: (a, b, d) => `${d} - ${a} * ${b}` },
  { name: "mull", opcode: "1100", wideFirst: false, lanes: (a, b) => `${a} * ${b}` },
];

function wideningRow(
  { name, opcode, wideFirst, lanes }: Widening,
  a: Arrangement,
  u: "0" | "1",
): InstructionRow {
  const { form, bits, q, size } = a;
  const wide = widened(a);
  const sign = u === "0" ? "s" : "u";
  const first = q === "1" ? 64 / bits : 0;
  const half = (operand: string, i: number): string =>
    `${sign === "s" ? "sext" : "zext"}${String(bits)}to${String(wide.bits)}(${lane(operand, bits, first + i)})`;
  const value = (i: number): string => {
    const left = wideFirst ? lane("vn", wide.bits, i) : half("vn", i);
    return lanes(left, half("vm", i), lane("vd", wide.bits, i), sign);
  };
  return ins(
    `${sign}${name}${q === "1" ? "2" : ""}:${form}`,
    `0 ${q} ${u} 01110 ${size} 1 vm:5 ${opcode} 00 vn:5 vd:5`,
    `vd.${wide.form}, vn.${wideFirst ? wide.form : form}, vm.${form}`,
    () => writeLanes(each(64 / bits, value), wide.bits),
  );
}

/** The upper halves of sums and differences of wide lanes; U rounds. */
function highHalves(a: Arrangement): InstructionRow[] {
  const { form, bits, q, size } = a;
  const wide = widened(a);
  const row = (name: string, u: string, opcode: string, op: string): InstructionRow => {
    const value = (i: number): string => {
      const [left, right] = [lane("vn", wide.bits, i), lane("vm", wide.bits, i)];
      const more = u === "1" ? ` + (1 << ${String(bits - 1)})` : "";
      return `(${left} ${op} ${right}${more})[${String(wide.bits - 1)}:${String(bits)}]`;
    };
    return ins(
      `${name}${q === "1" ? "2" : ""}:${form}`,
      `0 ${q} ${u} 01110 ${size} 1 vm:5 ${opcode} 00 vn:5 vd:5`,
      `vd.${form}, ${views(wide.form, "nm")}`,
      () => writeHalf(q, each(64 / bits, value), bits),
    );
  };
  return [
    row("addhn", "0", "0100", "+"),
    row("raddhn", "1", "0100", "+"),
    row("subhn", "0", "0110", "-"),
    row("rsubhn", "1", "0110", "-"),
  ];
}

/** Lanes cut to half their width, or extended with zeros below. */
function cuts(a: Arrangement): InstructionRow[] {
  const { form, bits, q, size } = a;
  const wide = widened(a);
  const two = q === "1" ? "2" : "";
  const first = q === "1" ? 64 / bits : 0;
  const [w, b] = [String(wide.bits), String(bits)];
  // prettier-ignore
  return [
    ins(`xtn${two}:${form}`,  `0 ${q} 0 01110 ${size} 10000 10010 10 vn:5 vd:5`, `vd.${form}, vn.${wide.form}`,
      () => writeHalf(q, each(64 / bits, (i) => `trunc${b}(${lane("vn", wide.bits, i)})`), bits)),
    ins(`shll${two}:${form}`, `0 ${q} 1 01110 ${size} 10000 10011 10 vn:5 vd:5`, `vd.${wide.form}, vn.${form}, #${b}`,
      () => writeLanes(each(64 / bits, (i) => `(zext${b}to${w}(${lane("vn", bits, first + i)}) << ${b})`), wide.bits)),
  ];
}

/** Sums of neighbours in lanes twice as wide; the second kind adds them to `vd`. */
function pairSums(a: Arrangement): InstructionRow[] {
  const { form, bits, lanes, q, size, total } = a;
  const wide = 2 * bits;
  const into = `${String(lanes / 2)}${{ 16: "h", 32: "s", 64: "d" }[wide] ?? ""}`;
  const row = (name: string, u: "0" | "1", opcode: string, adds: boolean): InstructionRow => {
    const extend = `${u === "0" ? "sext" : "zext"}${String(bits)}to${String(wide)}`;
    const value = (i: number): string => {
      const sum = `${extend}(${lane("vn", bits, 2 * i)}) + ${extend}(${lane("vn", bits, 2 * i + 1)})`;
      return adds ? `${lane("vd", wide, i)} + ${sum}` : sum;
    };
    return ins(
      `${u === "0" ? "s" : "u"}${name}:${form}`,
      `0 ${q} ${u} 01110 ${size} 10000 ${opcode} 10 vn:5 vd:5`,
      `vd.${into}, vn.${form}`,
      () => writeLanes(each(total / wide, value), wide),
    );
  };
  return [
    row("addlp", "0", "00010", false),
    row("addlp", "1", "00010", false),
    row("adalp", "0", "00110", true),
    row("adalp", "1", "00110", true),
  ];
}

/** One lane of `vm` with every lane of `vn`. Lanes of 16 bits have only registers 0 to 15 and an index of 3 bits. */
function byElement(a: Arrangement): InstructionRow[] {
  const { form, bits, lanes, q, size } = a;
  const m = bits === 16 ? "vmlow" : "vm";
  const view = bits === 16 ? "h" : "s";
  const fields = bits === 16 ? "lane[1] lane[0] vmlow:4" : "lane[0] vm:5";
  const high = bits === 16 ? "lane[2]" : "lane[1]";
  const wide = widened(a);
  const first = q === "1" ? 64 / bits : 0;
  const start = `let element = (${m} >>u (lane * ${String(bits)}))[${String(bits - 1)}:0]; `;
  const row = (name: string, u: string, opcode: string, op: string): InstructionRow =>
    ins(
      `${name}:${form}:lane`,
      `0 ${q} ${u} 01111 ${size} ${fields} ${opcode} ${high} 0 vn:5 vd:5`,
      `${views(form, "dn")}, ${m}.${view}[lane]`,
      () =>
        start +
        writeLanes(
          each(
            lanes,
            (i) => `${op === "" ? "" : `${lane("vd", bits, i)} ${op} `}${lane("vn", bits, i)} * element`,
          ),
          bits,
        ),
    );
  const long = (name: string, u: "0" | "1", opcode: string, op: string): InstructionRow => {
    const extend = `${u === "0" ? "sext" : "zext"}${String(bits)}to${String(wide.bits)}`;
    const product = (i: number): string => `${extend}(${lane("vn", bits, first + i)}) * ${extend}(element)`;
    return ins(
      `${u === "0" ? "s" : "u"}${name}${q === "1" ? "2" : ""}:${form}:lane`,
      `0 ${q} ${u} 01111 ${size} ${fields} ${opcode} ${high} 0 vn:5 vd:5`,
      `vd.${wide.form}, vn.${form}, ${m}.${view}[lane]`,
      () =>
        start +
        writeLanes(
          each(64 / bits, (i) =>
            op === "" ? product(i) : `${lane("vd", wide.bits, i)} ${op} ${product(i)}`,
          ),
          wide.bits,
        ),
    );
  };
  return [
    row("mul", "0", "1000", ""),
    row("mla", "1", "0000", "+"),
    row("mls", "1", "0100", "-"),
    ...(["0", "1"] as const).flatMap((u) => [
      long("mull", u, "1010", ""),
      long("mlal", u, "0010", "+"),
      long("mlsl", u, "0110", "-"),
    ]),
  ];
}

const halfAndWord = ["4h", "8h", "2s", "4s"].map(arrangement);

export const simdWidening = instructions("SimdWidening", () => [
  ...narrow.flatMap((a) => widening.flatMap((op) => [wideningRow(op, a, "0"), wideningRow(op, a, "1")])),
  ...narrow.flatMap(highHalves),
  ...narrow.flatMap(cuts),
  ...narrow.flatMap(pairSums),
  ...halfAndWord.flatMap(byElement),
]);
