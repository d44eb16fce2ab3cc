// Scalar floating point (Arm DDI 0487, C4.1.97 "Data Processing -- Scalar Floating-Point"): Armv8.0-A, singles and
// doubles; halves only in conversions. Relies on rows.ts, float.ts, flags.ts, sizes.ts.

import { input, ins, instructions } from "../rows.ts";
import type { Alias, InstructionRow } from "../schema.ts";
import { conditionHolds } from "./flags.ts";
import type { Format } from "./float.ts";
import {
  accruing,
  directed,
  double,
  DYNAMIC,
  EQUAL,
  FLAGS,
  half,
  LESS,
  letters,
  newStatus,
  READ_STATUS,
  single,
  UNORDERED,
} from "./float.ts";
import { bothSizes, type Size } from "./sizes.ts";

/** The rows for doubles, then those for singles. */
function bothFormats(rows: (f: Format) => readonly InstructionRow[]): InstructionRow[] {
  return [...rows(double), ...rows(single)];
}

function moves(f: Format): InstructionRow[] {
  const [d, n] = [`${f.letter}d`, `${f.letter}n`];
  const one = (name: string, opcode: string, effect: string): InstructionRow =>
    ins(f.name(name), `00011110 ${f.ftype} 1 0000${opcode} 10000 ${n}:5 ${d}:5`, `${d}, ${n}`, effect);
  const imm = f.bits === 64 ? "fimm" : "sfimm";
  return [
    one("fmov", "00", `${d} = ${n}`),
    one("fabs", "01", `${d} = ${n} & ~${f.signBit}`),
    one("fneg", "10", `${d} = ${n} ^ ${f.signBit}`),
    one(
      "fsqrt",
      "11",
      accruing(`fsqrt${String(f.bits)}(${n}, ${DYNAMIC}, ${FLAGS})`, f.bits, (r) => `${d} = ${r}`),
    ),
    ins(
      f.name("fmov", "imm"),
      `00011110 ${f.ftype} 1 ${imm}:8 100 00000 ${d}:5`,
      `${d}, #${imm}`,
      `${d} = ${imm}`,
    ),
  ];
}

function binary(f: Format): InstructionRow[] {
  const [d, n, m] = [`${f.letter}d`, `${f.letter}n`, `${f.letter}m`];
  const row = (name: string, opcode: string, call: string, after = ""): InstructionRow => {
    const value = `${call}${String(f.bits)}(${n}, ${m}, ${DYNAMIC}, ${FLAGS})`;
    const effect = accruing(value, f.bits, (r) => `${d} = ${r}${after}`);
    const encoding = `00011110 ${f.ftype} 1 ${m}:5 ${opcode} 10 ${n}:5 ${d}:5`;
    return ins(f.name(name), encoding, `${d}, ${n}, ${m}`, effect);
  };
  return [
    row("fmul", "0000", "fmul"),
    row("fdiv", "0001", "fdiv"),
    row("fadd", "0010", "fadd"),
    row("fsub", "0011", "fsub"),
    row("fmax", "0100", "fmax"),
    row("fmin", "0101", "fmin"),
    row("fmaxnm", "0110", "fmaxnum"),
    row("fminnm", "0111", "fminnum"),
    row("fnmul", "1000", "fmul", ` ^ ${f.signBit}`),
  ];
}

// One rounding; the signs of product and addend are changed before.
function fused(f: Format): InstructionRow[] {
  const [d, n, m, a] = [`${f.letter}d`, `${f.letter}n`, `${f.letter}m`, `${f.letter}a`];
  const row = (
    name: string,
    o1: string,
    o0: string,
    signs: { product: boolean; addend: boolean },
  ): InstructionRow => {
    const factor = signs.product ? `${n} ^ ${f.signBit}` : n;
    const addend = signs.addend ? `${a} ^ ${f.signBit}` : a;
    const call = `fma${String(f.bits)}(${factor}, ${m}, ${addend}, ${DYNAMIC}, ${FLAGS})`;
    const encoding = `00011111 ${f.ftype} ${o1} ${m}:5 ${o0} ${a}:5 ${n}:5 ${d}:5`;
    return ins(
      f.name(name),
      encoding,
      `${d}, ${n}, ${m}, ${a}`,
      accruing(call, f.bits, (r) => `${d} = ${r}`),
    );
  };
  return [
    row("fmadd", "0", "0", { product: false, addend: false }),
    row("fmsub", "0", "1", { product: true, addend: false }),
    row("fnmadd", "1", "0", { product: true, addend: true }),
    row("fnmsub", "1", "1", { product: false, addend: true }),
  ];
}

function comparisons(f: Format): InstructionRow[] {
  const [n, m] = [`${f.letter}n`, `${f.letter}m`];
  const compare = (name: string, right: string): string => {
    const call = name.endsWith("e") ? "fcmps" : "fcmp";
    return `${READ_STATUS}; let r = ${call}${String(f.bits)}(${n}, ${right}, ${DYNAMIC}, ${FLAGS})`;
  };
  const relation = `flagN = r${LESS}; flagZ = r${EQUAL}; flagC = !r${LESS}; flagV = r${UNORDERED}`;
  const chosen =
    `flagN = holds ? r${LESS} : nzcv[3]; flagZ = holds ? r${EQUAL} : nzcv[2]; ` +
    `flagC = holds ? !r${LESS} : nzcv[1]; flagV = holds ? r${UNORDERED} : nzcv[0]`;
  const start = `00011110 ${f.ftype} 1`;
  const rows = (name: string, e: string): InstructionRow[] => [
    ins(
      f.name(name),
      `${start} ${m}:5 00 1000 ${n}:5 ${e}0000`,
      `${n}, ${m}`,
      `${compare(name, m)}; ${relation}; fpsr = ${newStatus("r", 4)}`,
    ),
    ins(
      f.name(name, "zero"),
      `${start} 00000 00 1000 ${n}:5 ${e}1000`,
      `${n}, #0.0`,
      `${compare(name, "0")}; ${relation}; fpsr = ${newStatus("r", 4)}`,
    ),
    ins(
      f.name(name.replace("fcmp", "fccmp")),
      `${start} ${m}:5 cond:4 01 ${n}:5 ${e} nzcv:4`,
      `${n}, ${m}, #nzcv, cond`,
      `${conditionHolds}; ${compare(name, m)}; ${chosen}; fpsr = holds ? ${newStatus("r", 4)} : status`,
    ),
  ];
  return [...rows("fcmp", "0"), ...rows("fcmpe", "1")];
}

function selections(f: Format): InstructionRow[] {
  const [d, n, m] = [`${f.letter}d`, `${f.letter}n`, `${f.letter}m`];
  const encoding = `00011110 ${f.ftype} 1 ${m}:5 cond:4 11 ${n}:5 ${d}:5`;
  return [
    ins(f.name("fcsel"), encoding, `${d}, ${n}, ${m}, cond`, `${conditionHolds}; ${d} = holds ? ${n} : ${m}`),
  ];
}

function integral(f: Format): InstructionRow[] {
  const [d, n] = [`${f.letter}d`, `${f.letter}n`];
  const row = (name: string, opcode: string, call: string, mode: string): InstructionRow => {
    const effect = accruing(
      `${call}${String(f.bits)}(${n}, ${mode}, ${FLAGS})`,
      f.bits,
      (r) => `${d} = ${r}`,
    );
    const encoding = `00011110 ${f.ftype} 1 001${opcode} 10000 ${n}:5 ${d}:5`;
    return ins(f.name(name), encoding, `${d}, ${n}`, effect);
  };
  return [
    ...letters.map(({ letter, rounding }) =>
      row(`frint${letter}`, rounding.toString(2).padStart(3, "0"), "frint", directed(rounding)),
    ),
    row("frintx", "110", "frintx", DYNAMIC),
    row("frinti", "111", "frint", DYNAMIC),
  ];
}

// Between formats.
function changes(from: Format, to: Format): InstructionRow {
  const [d, n] = [`${to.letter}d`, `${from.letter}n`];
  const call = `f${String(from.bits)}tof${String(to.bits)}(${n}, ${DYNAMIC}, ${FLAGS})`;
  return ins(
    `fcvt:${to.letter}:${from.letter}`,
    `00011110 ${from.ftype} 1 0001${to.ftype} 10000 ${n}:5 ${d}:5`,
    `${d}, ${n}`,
    accruing(call, to.bits, (r) => `${d} = ${r}`),
  );
}

// Between general registers and floats; with `fbits` the integer is a fixed-point number.
function integers(f: Format, r: Size): InstructionRow[] {
  const [x, d, xn, n] = [`${r.x}d`, `${f.letter}d`, `${r.x}n`, `${f.letter}n`];
  const start = `${r.sf} 0 0 11110 ${f.ftype}`;
  const [fbits, scale] = r.width === 64 ? ["fbits", "fbits:6"] : ["wfbits", "1 wfbits:5"];
  const row = (name: string, form: string | undefined, encoding: string, effect: string): InstructionRow => {
    const operands = name.endsWith("cvtf") ? [d, xn] : [x, n];
    const all = form === undefined ? operands : [...operands, `#${fbits}`];
    const fields = `${operands[1] ?? ""}:5 ${operands[0] ?? ""}:5`;
    return ins(r.name(f.name(name, form)), `${start} ${encoding} ${fields}`, all.join(", "), effect);
  };
  const toInteger = (sign: string, mode: string, more = ""): string => {
    const call = `f${String(f.bits)}to${sign}${String(r.width)}(${n}${more}, ${mode}, ${FLAGS})`;
    return accruing(call, r.width, (value) => `${x} = ${value}`);
  };
  const fromInteger = (sign: string, more = ""): string => {
    const call = `${sign}${String(r.width)}tof${String(f.bits)}(${xn}${more}, ${DYNAMIC}, ${FLAGS})`;
    return accruing(call, f.bits, (value) => `${d} = ${value}`);
  };
  const towardZero = directed(3);
  return ["s", "u"].flatMap((sign, bit) => [
    ...letters.map(({ letter, rounding }) => {
      const place = letter === "a" ? "00 10" : `${rounding.toString(2).padStart(2, "0")} 00`;
      const encoding = `1 ${place}${String(bit)} 000000`;
      return row(`fcvt${letter}${sign}`, undefined, encoding, toInteger(sign, directed(rounding)));
    }),
    row(`${sign}cvtf`, undefined, `1 00 01${String(bit)} 000000`, fromInteger(sign)),
    row(`fcvtz${sign}`, "fixed", `0 11 00${String(bit)} ${scale}`, toInteger(sign, towardZero, `, ${fbits}`)),
    row(`${sign}cvtf`, "fixed", `0 00 01${String(bit)} ${scale}`, fromInteger(sign, `, ${fbits}`)),
  ]);
}

// Bits between general and vector registers.
// prettier-ignore
const transfers: readonly InstructionRow[] = [
  ins("fmov:x:d", "1 0011110 01 1 00 110 000000 dn:5 xd:5", "xd, dn",      "xd = dn"),
  ins("fmov:d:x", "1 0011110 01 1 00 111 000000 xn:5 dd:5", "dd, xn",      "dd = xn"),
  ins("fmov:w:s", "0 0011110 00 1 00 110 000000 sn:5 wd:5", "wd, sn",      "wd = sn"),
  ins("fmov:s:w", "0 0011110 00 1 00 111 000000 wn:5 sd:5", "sd, wn",      "sd = wn"),
  ins("fmov:x:v", "1 0011110 10 1 01 110 000000 vn:5 xd:5", "xd, vn.d[1]", "xd = vn[127:64]"),
  ins("fmov:v:x", "1 0011110 10 1 01 111 000000 xn:5 vd:5", "vd.d[1], xn", "vd = concat(xn, vd[63:0])"),
];

export const floatScalar = instructions("FloatScalar", () => [
  ...bothFormats(moves),
  ...bothFormats(binary),
  ...bothFormats(fused),
  ...bothFormats(comparisons),
  ...bothFormats(selections),
  ...bothFormats(integral),
  ...[half, single, double].flatMap((from) =>
    [half, single, double].filter((to) => to !== from).map((to) => changes(from, to)),
  ),
  ...bothFormats((f) => bothSizes((r) => integers(f, r))),
  ...transfers,
]);

/** Zero as an integer, which compilers write. */
export const scalarAliases: readonly Alias[] = [double, single].flatMap(({ letter }) =>
  ["fcmp", "fcmpe"].map((name) => input(name, `${letter}n, #0`, `${name} ${letter}n, #0.0`)),
);
