// Advanced SIMD copies, constants and permutations (Arm DDI 0487, C4.1.97 "copy", "modified immediate", "permute",
// "extract", "table lookup"). Relies on rows.ts, vectors.ts, bit-reversal.ts.

import { ins, instructions } from "../rows.ts";
import type { InstructionRow } from "../schema.ts";
import { bitsReversedInBytes } from "./bit-reversal.ts";
import {
  arrangements,
  bytes,
  each,
  lane,
  namedLane,
  narrow,
  scalarLetters,
  views,
  withNamedLane,
  writeLanes,
  type Arrangement,
} from "./vectors.ts";

// imm5: the lane's number above a one whose place says how wide lanes are.
function laneField(bits: number, field = "lane"): string {
  const free = 4 - Math.log2(bits / 8);
  return `${field}:${String(free)} 1${"0".repeat(4 - free)}`;
}

function copies({ form, bits, lanes, q }: Arrangement): InstructionRow[] {
  const view = scalarLetters[bits] ?? "";
  const r = bits === 64 ? "xn" : "wn";
  // prettier-ignore
  return [
    ins(`dup:${form}`,      `0 ${q} 0 01110000 ${laneField(bits)} 0 0000 1 vn:5 vd:5`, `vd.${form}, vn.${view}[lane]`,
      () => `let element = ${namedLane("vn", bits)}; ${writeLanes(each(lanes, () => "element"), bits)}`),
    ins(`dup:${form}:${r}`, `0 ${q} 0 01110000 ${"0".repeat(4 - Math.log2(bits / 8))} 1${"0".repeat(Math.log2(bits / 8))} 0 0001 1 ${r}:5 vd:5`, `vd.${form}, ${r}`,
      () => writeLanes(each(lanes, () => `trunc${String(bits)}(${r})`), bits)),
  ];
}

// prettier-ignore
const elements = [8, 16, 32, 64].flatMap((bits): InstructionRow[] => {
  const view = scalarLetters[bits] ?? "";
  const [r, d] = bits === 64 ? ["xn", "xd"] : ["wn", "wd"];
  const scalar = `${view}d`;
  const unused = Math.log2(bits / 8);
  const source = `source:${String(4 - unused)} ${"0".repeat(unused)}`;
  const zero = bits === 64 ? "1" : "0";
  const signed = (x: "x" | "w"): InstructionRow =>
    ins(`smov:${x}:${view}`, `0 ${x === "x" ? "1" : "0"} 0 01110000 ${laneField(bits)} 0 0101 1 vn:5 ${x}d:5`, `${x}d, vn.${view}[lane]`,
      `${x}d = sext${String(bits)}to${x === "x" ? "64" : "32"}(${namedLane("vn", bits)})`);
  return [
    ins(`umov:${view}`,    `0 ${zero} 0 01110000 ${laneField(bits)} 0 0111 1 vn:5 ${d}:5`, `${d}, vn.${view}[lane]`, `${d} = zext${String(bits)}to${bits === 64 ? "64" : "32"}(${namedLane("vn", bits)})`),
    ...(bits < 32 ? [signed("w"), signed("x")] : bits === 32 ? [signed("x")] : []),
    ins(`ins:${view}:${r}`, `0 1 0 01110000 ${laneField(bits)} 0 0011 1 ${r}:5 vd:5`, `vd.${view}[lane], ${r}`, `vd = ${withNamedLane("vd", bits, `trunc${String(bits)}(${r})`)}`),
    ins(`ins:${view}`,     `0 1 1 01110000 ${laneField(bits)} 0 ${source} 1 vn:5 vd:5`, `vd.${view}[lane], vn.${view}[source]`, `vd = ${withNamedLane("vd", bits, namedLane("vn", bits, "source"))}`),
    ins(`dup:${view}`,     `01 0 11110000 ${laneField(bits)} 0 0000 1 vn:5 ${scalar}:5`, `${scalar}, vn.${view}[lane]`, `${scalar} = ${namedLane("vn", bits)}`),
  ];
});

// Constants: `0 Q op 0111100000 abc cmode 01 defgh Rd`.
function constant(q: string, op: string, cmode: string, field = "imm"): string {
  return `0 ${q} ${op} 0111100000 ${field}[7:5] ${cmode} 01 ${field}[4:0]`;
}

// The same lane everywhere.
function everywhere(value: string, { lanes, bits }: Arrangement): string {
  return `let element = ${value}; ${writeLanes(
    each(lanes, () => "element"),
    bits,
  )}`;
}

function constants(a: Arrangement): InstructionRow[] {
  const { form, bits, lanes, q } = a;
  if (bits === 8) {
    return [
      ins(`movi:${form}`, `${constant(q, "0", "1110")} vd:5`, `vd.${form}, #imm`, () =>
        everywhere("trunc8(imm)", a),
      ),
    ];
  }
  const width = String(bits);
  const [cmode, last] = bits === 32 ? ["0 shift[4:3]", "lsl #shift"] : ["10 shift[3]", "lsl #shift"];
  const value = `(trunc${width}(imm) << shift)`;
  const changed = (op: string, invert: string): string => {
    const element = each(lanes, (i) => `${lane("vd", bits, i)} ${op} element`);
    return `let element = ${invert}${value}; ${writeLanes(element, bits)}`;
  };
  const syntax = `vd.${form}, #imm{, ${last}}`;
  // prettier-ignore
  const rows = [
    ins(`movi:${form}`,    `${constant(q, "0", `${cmode} 0`)} vd:5`, syntax, () => everywhere(value, a)),
    ins(`mvni:${form}`,    `${constant(q, "1", `${cmode} 0`)} vd:5`, syntax, () => everywhere(`~${value}`, a)),
    ins(`orr:${form}:imm`, `${constant(q, "0", `${cmode} 1`)} vd:5`, syntax, () => changed("|", "")),
    ins(`bic:${form}:imm`, `${constant(q, "1", `${cmode} 1`)} vd:5`, syntax, () => changed("&", "~")),
  ];
  if (bits === 16) return rows;
  // `msl` shifts ones in.
  const ones = [["8", "0", "255"], ["16", "1", "65535"]].flatMap(([by = "", bit = "", filled = ""]) => {
    const shifted = `((trunc32(imm) << ${by}) | ${filled})`;
    const rest = `vd.${form}, #imm, msl #${by}`;
    return [
      ins(`movi:${form}:msl${by}`, `${constant(q, "0", `110 ${bit}`)} vd:5`, rest, () => everywhere(shifted, a)),
      ins(`mvni:${form}:msl${by}`, `${constant(q, "1", `110 ${bit}`)} vd:5`, rest, () => everywhere(`~${shifted}`, a)),
    ];
  }); // prettier-ignore
  return [...rows, ...ones];
}

// prettier-ignore
const doubleConstants: readonly InstructionRow[] = [
  ins("movi:d",  `${constant("0", "1", "1110", "bytemask")} dd:5`, "dd, #bytemask",    "dd = bytemask"),
  ins("movi:2d", `${constant("1", "1", "1110", "bytemask")} vd:5`, "vd.2d, #bytemask", "let element = trunc64(bytemask); vd = concat(element, element)"),
];

/** Which lane of the pair `vn`, `vm` comes where; numbers from `lanes` on are those of `vm`. */
// prettier-ignore
const permutations = [
  { name: "uzp1", opcode: "001", from: (i: number) => 2 * i },
  { name: "trn1", opcode: "010", from: (i: number, n: number) => (i & ~1) + (i & 1) * n },
  { name: "zip1", opcode: "011", from: (i: number, n: number) => (i >> 1) + (i & 1) * n },
  { name: "uzp2", opcode: "101", from: (i: number) => 2 * i + 1 },
  { name: "trn2", opcode: "110", from: (i: number, n: number) => (i & ~1) + 1 + (i & 1) * n },
  { name: "zip2", opcode: "111", from: (i: number, n: number) => n / 2 + (i >> 1) + (i & 1) * n },
];

function permuted({ form, bits, lanes, q, size }: Arrangement): InstructionRow[] {
  return permutations.map(({ name, opcode, from }) =>
    ins(`${name}:${form}`, `0 ${q} 001110 ${size} 0 vm:5 0 ${opcode} 10 vn:5 vd:5`, views(form, "dnm"), () =>
      writeLanes(
        each(lanes, (i) => {
          const at = from(i, lanes);
          return at < lanes ? lane("vn", bits, at) : lane("vm", bits, at - lanes);
        }),
        bits,
      ),
    ),
  );
}

// Lanes in the opposite order inside groups of 16, 32 or 64 bits.
const reversals = [
  { name: "rev64", u: "0", opcode: "00000", group: 64 },
  { name: "rev32", u: "1", opcode: "00000", group: 32 },
  { name: "rev16", u: "0", opcode: "00001", group: 16 },
].flatMap(({ name, u, opcode, group }) =>
  narrow
    .filter(({ bits }) => bits < group)
    .map(({ form, bits, lanes, q, size }) => {
      const flip = group / bits - 1;
      return ins(
        `${name}:${form}`,
        `0 ${q} ${u} 01110 ${size} 10000 ${opcode} 10 vn:5 vd:5`,
        views(form, "dn"),
        () =>
          writeLanes(
            each(lanes, (i) => lane("vn", bits, i ^ flip)),
            bits,
          ),
      );
    }),
);

function byteRows({ form, q, total }: Arrangement): InstructionRow[] {
  const index = total === 128 ? "from:4" : "0 from:3";
  const reversed = bitsReversedInBytes("vn", 16);
  const cut = (value: string): string => (total === 128 ? value : `zext64to128((${value})[63:0])`);
  // prettier-ignore
  return [
    ins(`ext:${form}`,  `0 ${q} 101110 00 0 vm:5 0 ${index} 0 vn:5 vd:5`, `${views(form, "dnm")}, #from`,
      total === 128
        ? "vd = from == 0 ? vn : (vn >>u (from * 8)) | (vm << -(from * 8))"
        : "vd = zext64to128((concat(vm[63:0], vn[63:0]) >>u (from * 8))[63:0])"),
    ins(`rbit:${form}`, `0 ${q} 1 01110 01 10000 00101 10 vn:5 vd:5`, views(form, "dn"),
      `${reversed.lets}vd = ${cut(reversed.result)}`),
  ];
}

// Bytes of one to four registers by their numbers in vm; beyond them zero, or what was there.
function tables({ form, lanes, q }: Arrangement): InstructionRow[] {
  return ["vn", "vn2", "vn3", "vn4"].flatMap((_, more, all) => {
    const registers = all.slice(0, more + 1);
    const byte = (i: number, otherwise: string): string => {
      const at = lane("vm", 8, i);
      return registers.reduceRight((rest, register, r) => {
        const found = `(${register} >>u concat(${at}[3:0], trunc3(0)))[7:0]`;
        return `(${at} <u ${String(16 * (r + 1))} ? ${found} : ${rest})`;
      }, otherwise);
    };
    const suffix = more === 0 ? "" : `:x${String(more + 1)}`;
    const following = registers.slice(1).map((name, i) => `${name} = vn + ${String(i + 1)}`);
    const conditions = following.length === 0 ? "" : `; ${following.join(", ")}`;
    const table = `0 ${q} 001110 00 0 vm:5 0 ${more.toString(2).padStart(2, "0")}`;
    const syntax = `vd.${form}, {{${registers.map((name) => `${name}.16b`).join(", ")}}}, vm.${form}`;
    const row = (name: string, op: string, otherwise: (i: number) => string): InstructionRow =>
      ins(`${name}:${form}${suffix}`, `${table} ${op} 00 vn:5 vd:5${conditions}`, syntax, () =>
        writeLanes(
          each(lanes, (i) => byte(i, otherwise(i))),
          8,
        ),
      );
    return [row("tbl", "0", () => "0"), row("tbx", "1", (i) => lane("vd", 8, i))];
  });
}

export const simdMoves = instructions("SimdMoves", () => [
  ...arrangements.flatMap(copies),
  ...elements,
  ...narrow.flatMap(constants),
  ...doubleConstants,
  ...arrangements.flatMap(permuted),
  ...reversals,
  ...bytes.flatMap(byteRows),
  ...bytes.flatMap(tables),
]);
