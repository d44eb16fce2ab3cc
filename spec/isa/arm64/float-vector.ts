// Floating point on vectors (Arm DDI 0487, C4.1.97 "Advanced SIMD"): Armv8.0-A, singles and doubles in 64 and 128 bits,
// and the forms of single elements that have no scalar instruction. Relies on rows.ts and float.ts.
// The flags pass through the elements' operations from the lowest element on; the order does not show in the result.

import { input, ins, instructions } from "../rows.ts";
import type { Alias, InstructionRow } from "../schema.ts";
import {
  directed,
  DYNAMIC,
  EQUAL,
  FLAGS,
  flagsOf,
  GREATER,
  LESS,
  letters,
  newStatus,
  READ_STATUS,
  valueOf,
} from "./float.ts";

/** How many elements of which format an operand holds; `v` is the operand's letter, `view` what follows it. */
interface Shape {
  readonly form: string;
  readonly bits: 32 | 64;
  readonly lanes: 1 | 2 | 4;
  readonly v: "v" | "d" | "s";
  readonly view: string;
  /** Bits 30 and 28 of encodings, and the low bit of `size`. */
  readonly q: string;
  readonly scalar: string;
  readonly sz: string;
}

// prettier-ignore
const vectors: readonly Shape[] = [
  { form: "2d", bits: 64, lanes: 2, v: "v", view: ".2d", q: "1", scalar: "0", sz: "1" },
  { form: "4s", bits: 32, lanes: 4, v: "v", view: ".4s", q: "1", scalar: "0", sz: "0" },
  { form: "2s", bits: 32, lanes: 2, v: "v", view: ".2s", q: "0", scalar: "0", sz: "0" },
];

// prettier-ignore
const elements: readonly Shape[] = [
  { form: "scalar:d", bits: 64, lanes: 1, v: "d", view: "", q: "1", scalar: "1", sz: "1" },
  { form: "scalar:s", bits: 32, lanes: 1, v: "s", view: "", q: "1", scalar: "1", sz: "0" },
];

/** Element `i` of an operand. */
function element(shape: { bits: number; lanes: number }, operand: string, i: number): string {
  if (shape.lanes === 1) return operand;
  return `${operand}[${String((i + 1) * shape.bits - 1)}:${String(i * shape.bits)}]`;
}

/** Puts elements side by side into the destination; what is above them is zero. */
function assemble(shape: Shape, values: readonly string[]): string {
  const joined = values.reduce((below, value) => (below === "" ? value : `concat(${value}, ${below})`), "");
  const d = `${shape.v}d`;
  return shape.v === "v" && shape.bits * values.length < 128
    ? `${d} = zext64(${joined})`
    : `${d} = ${joined}`;
}

function operandsOf({ v, view }: Shape, roles: string): string {
  return Array.from(roles, (role) => v + role + view).join(", ");
}

/** An operation on each element: `call` is a float function of `mode` and the flags that it is given. */
interface Lanewise {
  readonly mode?: string;
  readonly call: (lane: (operand: "n" | "m" | "d") => string, flags: string, i: number) => string;
  /** Width of the call's value, and the element that it becomes. */
  readonly valueBits?: number;
  readonly result?: (value: string) => string;
}

function lanewise(shape: Shape, { mode = DYNAMIC, call, valueBits, result }: Lanewise): string {
  const bits = valueBits ?? shape.bits;
  const lanes = Array.from({ length: shape.lanes }, (_, i) => {
    const flags = i === 0 ? FLAGS : flagsOf(`r${String(i - 1)}`, bits);
    return `let r${String(i)} = ${call((role) => element(shape, shape.v + role, i), flags, i)}`;
  });
  const values = lanes.map((_, i) => (result ?? ((r: string) => valueOf(r, bits)))(`r${String(i)}`));
  const status = newStatus(`r${String(shape.lanes - 1)}`, bits);
  return `${READ_STATUS}; let mode = ${mode}; ${lanes.join("; ")}; ${assemble(shape, values)}; fpsr = ${status}`;
}

function signBit(bits: number): string {
  return bits === 64 ? "0x8000000000000000" : "0x80000000";
}

// Three registers: `u` and `high` are bits 29 and 23.
function three(shape: Shape, name: string, code: [string, string, string], what: Lanewise): InstructionRow {
  const [u, high, opcode] = code;
  const { v, q, scalar, sz } = shape;
  const encoding = `0 ${q} ${u} ${scalar}1110 ${high}${sz} 1 ${v}m:5 ${opcode} 1 ${v}n:5 ${v}d:5`;
  return ins(`${name}:${shape.form}`, encoding, operandsOf(shape, "dnm"), () => lanewise(shape, what));
}

function arithmetic(shape: Shape): InstructionRow[] {
  const bits = String(shape.bits);
  const plain = (f: string): Lanewise => ({
    call: (lane, flags) => `${f}${bits}(${lane("n")}, ${lane("m")}, mode, ${flags})`,
  });
  const product = (negated: boolean): Lanewise => ({
    call: (lane, flags) => {
      const factor = negated ? `${lane("n")} ^ ${signBit(shape.bits)}` : lane("n");
      return `fma${bits}(${factor}, ${lane("m")}, ${lane("d")}, mode, ${flags})`;
    },
  });
  // prettier-ignore
  return [
    three(shape, "fmaxnm", ["0", "0", "11000"], plain("fmaxnum")),
    three(shape, "fmla",   ["0", "0", "11001"], product(false)),
    three(shape, "fadd",   ["0", "0", "11010"], plain("fadd")),
    three(shape, "fmax",   ["0", "0", "11110"], plain("fmax")),
    three(shape, "fminnm", ["0", "1", "11000"], plain("fminnum")),
    three(shape, "fmls",   ["0", "1", "11001"], product(true)),
    three(shape, "fsub",   ["0", "1", "11010"], plain("fsub")),
    three(shape, "fmin",   ["0", "1", "11110"], plain("fmin")),
    three(shape, "fmul",   ["1", "0", "11011"], plain("fmul")),
    three(shape, "fdiv",   ["1", "0", "11111"], plain("fdiv")),
  ];
}

// All ones where a relation holds. `relation` picks from the bits of a comparison.
function compare(shape: Shape, f: "fcmp" | "fcmps", sides: [string, string], relation: string[]): Lanewise {
  const absolute = (value: string, side: string): string =>
    side.startsWith("|") ? `${value} & ~${signBit(shape.bits)}` : value;
  return {
    valueBits: 4,
    call: (lane, flags) => {
      const [a, b] = sides.map((side) =>
        side === "0" ? "0" : absolute(lane(side.includes("n") ? "n" : "m"), side),
      );
      return `${f}${String(shape.bits)}(${String(a)}, ${String(b)}, mode, ${flags})`;
    },
    result: (r) => `sext1to${String(shape.bits)}(${relation.map((bit) => r + bit).join(" | ")})`,
  };
}

function comparisons(shape: Shape): InstructionRow[] {
  const difference: Lanewise = {
    call: (lane, flags) => `fsub${String(shape.bits)}(${lane("n")}, ${lane("m")}, mode, ${flags})`,
    result: (r) => `(${valueOf(r, shape.bits)} & ~${signBit(shape.bits)})`,
  };
  // prettier-ignore
  return [
    three(shape, "fcmeq", ["0", "0", "11100"], compare(shape, "fcmp",  ["n", "m"],     [EQUAL])),
    three(shape, "fcmge", ["1", "0", "11100"], compare(shape, "fcmps", ["n", "m"],     [EQUAL, GREATER])),
    three(shape, "facge", ["1", "0", "11101"], compare(shape, "fcmps", ["|n|", "|m|"], [EQUAL, GREATER])),
    three(shape, "fcmgt", ["1", "1", "11100"], compare(shape, "fcmps", ["n", "m"],     [GREATER])),
    three(shape, "facgt", ["1", "1", "11101"], compare(shape, "fcmps", ["|n|", "|m|"], [GREATER])),
    three(shape, "fabd",  ["1", "1", "11010"], difference),
  ];
}

// Two registers.
function two(
  shape: Shape,
  row: { name: string; code: [string, string, string]; syntax?: string; effect: string | (() => string) },
): InstructionRow {
  const [u, high, opcode] = row.code;
  const { v, q, scalar, sz } = shape;
  const encoding = `0 ${q} ${u} ${scalar}1110 ${high}${sz} 10000 ${opcode} 10 ${v}n:5 ${v}d:5`;
  return ins(row.name, encoding, operandsOf(shape, "dn") + (row.syntax ?? ""), row.effect);
}

/** Zero as an integer, which compilers write. */
export const vectorAliases: readonly Alias[] = [...vectors, ...elements].flatMap((shape) =>
  ["fcmgt", "fcmge", "fcmeq", "fcmle", "fcmlt"].map((name) => {
    const operands = operandsOf(shape, "dn");
    return input(name, `${operands}, #0`, `${name} ${operands}, #0.0`);
  }),
);

function zeroComparisons(shape: Shape): InstructionRow[] {
  const row = (
    name: string,
    code: [string, string, string],
    f: "fcmp" | "fcmps",
    relation: string[],
  ): InstructionRow =>
    two(shape, {
      name: `${name}:${shape.form}:zero`,
      code,
      syntax: ", #0.0",
      effect: () => lanewise(shape, compare(shape, f, ["n", "0"], relation)),
    });
  return [
    row("fcmgt", ["0", "1", "01100"], "fcmps", [GREATER]),
    row("fcmge", ["1", "1", "01100"], "fcmps", [EQUAL, GREATER]),
    row("fcmeq", ["0", "1", "01101"], "fcmp", [EQUAL]),
    row("fcmle", ["1", "1", "01101"], "fcmps", [EQUAL, LESS]),
    row("fcmlt", ["0", "1", "01110"], "fcmps", [LESS]),
  ];
}

// To and from integers of the same width.
function conversions(shape: Shape): InstructionRow[] {
  const bits = String(shape.bits);
  const row = (name: string, code: [string, string, string], what: Lanewise): InstructionRow =>
    two(shape, { name: `${name}:${shape.form}`, code, effect: () => lanewise(shape, what) });
  return ["s", "u"].flatMap((sign, u) => [
    ...letters.map(({ letter, rounding }) => {
      // The letter's place: n and a are opcodes of the lower half, p and z of the upper.
      const places = {
        n: ["0", "11010"],
        p: ["1", "11010"],
        m: ["0", "11011"],
        z: ["1", "11011"],
        a: ["0", "11100"],
      } as const;
      const [high, opcode] = places[letter];
      return row(`fcvt${letter}${sign}`, [String(u), high, opcode], {
        mode: directed(rounding),
        call: (lane, flags) => `f${bits}to${sign}${bits}(${lane("n")}, mode, ${flags})`,
      });
    }),
    row(`${sign}cvtf`, [String(u), "0", "11101"], {
      call: (lane, flags) => `${sign}${bits}tof${bits}(${lane("n")}, mode, ${flags})`,
    }),
  ]);
}

// The same where the low `fbits` bits of the integer are a fraction.
function fixedPoint(shape: Shape): InstructionRow[] {
  const { v, q, scalar } = shape;
  const bits = String(shape.bits);
  const [fbits, place] = shape.bits === 64 ? ["fbits", "1 fbits:6"] : ["wfbits", "01 wfbits:5"];
  const row = (name: string, u: number, opcode: string, what: Lanewise): InstructionRow =>
    ins(
      `${name}:${shape.form}:fixed`,
      `0 ${q} ${String(u)} ${scalar}11110 ${place} ${opcode} 1 ${v}n:5 ${v}d:5`,
      `${operandsOf(shape, "dn")}, #${fbits}`,
      () => lanewise(shape, what),
    );
  return ["s", "u"].flatMap((sign, u) => [
    row(`${sign}cvtf`, u, "11100", {
      call: (lane, flags) => `${sign}${bits}tof${bits}(${lane("n")}, ${fbits}, mode, ${flags})`,
    }),
    row(`fcvtz${sign}`, u, "11111", {
      mode: directed(3),
      call: (lane, flags) => `f${bits}to${sign}${bits}(${lane("n")}, ${fbits}, mode, ${flags})`,
    }),
  ]);
}

// For Newton's method: products, steps and estimates.
function newton(shape: Shape): InstructionRow[] {
  const bits = String(shape.bits);
  const pair = (f: string): Lanewise => ({
    call: (lane, flags) => `${f}${bits}(${lane("n")}, ${lane("m")}, mode, ${flags})`,
  });
  const estimate = (f: string) => (): string =>
    lanewise(shape, { call: (lane, flags) => `${f}${bits}(${lane("n")}, mode, ${flags})` });
  // prettier-ignore
  return [
    three(shape, "fmulx",   ["0", "0", "11011"], pair("fmulx")),
    three(shape, "frecps",  ["0", "0", "11111"], pair("frecps")),
    three(shape, "frsqrts", ["0", "1", "11111"], pair("frsqrts")),
    two(shape, { name: `frecpe:${shape.form}`,  code: ["0", "1", "11101"], effect: estimate("frecpe") }),
    two(shape, { name: `frsqrte:${shape.form}`, code: ["1", "1", "11101"], effect: estimate("frsqrte") }),
  ];
}

function oneOperand(shape: Shape): InstructionRow[] {
  const bits = String(shape.bits);
  const row = (name: string, code: [string, string, string], f: string, mode?: string): InstructionRow =>
    two(shape, {
      name: `${name}:${shape.form}`,
      code,
      effect: () =>
        lanewise(shape, {
          ...(mode === undefined ? {} : { mode }),
          call: (lane, flags) => `${f}${bits}(${lane("n")}, mode, ${flags})`,
        }),
    });
  const signs = (op: string): string =>
    assemble(
      shape,
      Array.from({ length: shape.lanes }, (_, i) => `(${element(shape, "vn", i)} ${op})`),
    );
  // prettier-ignore
  return [
    two(shape, { name: `fabs:${shape.form}`, code: ["0", "1", "01111"], effect: signs(`& ~${signBit(shape.bits)}`) }),
    two(shape, { name: `fneg:${shape.form}`, code: ["1", "1", "01111"], effect: signs(`^ ${signBit(shape.bits)}`) }),
    row("fsqrt",  ["1", "1", "11111"], "fsqrt"),
    row("frintn", ["0", "0", "11000"], "frint", directed(0)),
    row("frintm", ["0", "0", "11001"], "frint", directed(2)),
    row("frintp", ["0", "1", "11000"], "frint", directed(1)),
    row("frintz", ["0", "1", "11001"], "frint", directed(3)),
    row("frinta", ["1", "0", "11000"], "frint", directed(4)),
    row("frintx", ["1", "0", "11001"], "frintx"),
    row("frinti", ["1", "1", "11001"], "frint"),
  ];
}

// By one element of the last operand, chosen by `flane`.
function byElement(shape: Shape): InstructionRow[] {
  const bits = String(shape.bits);
  const [lane, place] = shape.bits === 64 ? ["0", "flane:1"] : ["flane[0]", "flane[1]"];
  const all = Array.from({ length: 128 / shape.bits }, (_, i) =>
    element({ bits: shape.bits, lanes: 2 }, "vm", i),
  );
  const chosen = all
    .slice(0, -1)
    .reduceRight((rest, e) => `flane == ${String(all.indexOf(e))} ? ${e} : ${rest}`, all.at(-1) ?? "");
  const row = (name: string, u: string, opcode: string, call: Lanewise["call"]): InstructionRow => {
    const { v, q, scalar, sz } = shape;
    const encoding = `0 ${q} ${u} ${scalar}1111 1${sz} ${lane} vm:5 ${opcode} ${place} 0 ${v}n:5 ${v}d:5`;
    const syntax = `${operandsOf(shape, "dn")}, vm.${shape.bits === 64 ? "d" : "s"}[flane]`;
    return ins(
      `${name}:${shape.form}:element`,
      encoding,
      syntax,
      () => `let other = ${chosen}; ${lanewise(shape, { call })}`,
    );
  };
  const negative = (value: string): string => `${value} ^ ${signBit(shape.bits)}`;
  // prettier-ignore
  return [
    row("fmla",  "0", "0001", (e, flags) => `fma${bits}(${e("n")}, other, ${e("d")}, mode, ${flags})`),
    row("fmls",  "0", "0101", (e, flags) => `fma${bits}(${negative(e("n"))}, other, ${e("d")}, mode, ${flags})`),
    row("fmul",  "0", "1001", (e, flags) => `fmul${bits}(${e("n")}, other, mode, ${flags})`),
    row("fmulx", "1", "1001", (e, flags) => `fmulx${bits}(${e("n")}, other, mode, ${flags})`),
  ];
}

const reductions = [
  { name: "fmaxnm", f: "fmaxnum", u: "1", high: "0", opcode: "11000" },
  { name: "fadd", f: "fadd", u: "1", high: "0", opcode: "11010" },
  { name: "fmax", f: "fmax", u: "1", high: "0", opcode: "11110" },
  { name: "fminnm", f: "fminnum", u: "1", high: "1", opcode: "11000" },
  { name: "fmin", f: "fmin", u: "1", high: "1", opcode: "11110" },
] as const;

// Neighbours of vn, then of vm.
function pairwise(shape: Shape): InstructionRow[] {
  return reductions.map(({ name, f, u, high, opcode }) =>
    three(shape, `${name}p`, [u, high, opcode], {
      call: (_, flags, i) => {
        const source = 2 * i < shape.lanes ? "vn" : "vm";
        const at = (2 * i) % shape.lanes;
        const pair = `${element(shape, source, at)}, ${element(shape, source, at + 1)}`;
        return `${f}${String(shape.bits)}(${pair}, mode, ${flags})`;
      },
    }),
  );
}

// The two elements of a vector as one.
function elementPairs(bits: 32 | 64): InstructionRow[] {
  const [d, view, sz] = bits === 64 ? ["dd", ".2d", "1"] : ["sd", ".2s", "0"];
  const opcodes: Readonly<Record<string, string>> = {
    fadd: "01101",
    fmax: "01111",
    fmin: "01111",
    fmaxnm: "01100",
    fminnm: "01100",
  };
  return reductions.map(({ name, f, high }) => {
    const pair = [0, 1].map((i) => element({ bits, lanes: 2 }, "vn", i)).join(", ");
    const effect =
      `${READ_STATUS}; let r = ${f}${String(bits)}(${pair}, ${DYNAMIC}, ${FLAGS}); ` +
      `${d} = ${valueOf("r", bits)}; fpsr = ${newStatus("r", bits)}`;
    const encoding = `01 1 11110 ${high}${sz} 11000 ${opcodes[name] ?? ""} 10 vn:5 ${d}:5`;
    return ins(`${name}p:scalar:${d.charAt(0)}`, encoding, `${d}, vn${view}`, effect);
  });
}

// The extreme of four singles: of the extremes of both halves.
function across(name: string, f: string, high: string, opcode: string): InstructionRow {
  const e = (i: number): string => element({ bits: 32, lanes: 4 }, "vn", i);
  const step = (r: string, pair: string, flags: string): string =>
    `let ${r} = ${f}32(${pair}, mode, ${flags})`;
  const steps = [
    step("low", `${e(0)}, ${e(1)}`, FLAGS),
    step("high", `${e(2)}, ${e(3)}`, flagsOf("low", 32)),
    step("r", `${valueOf("low", 32)}, ${valueOf("high", 32)}`, flagsOf("high", 32)),
  ];
  const effect = `${READ_STATUS}; let mode = ${DYNAMIC}; ${steps.join("; ")}; sd = r[31:0]; fpsr = ${newStatus("r", 32)}`;
  return ins(`${name}v`, `0 1 1 01110 ${high}0 11000 ${opcode} 10 vn:5 sd:5`, "sd, vn.4s", effect);
}

/** Conversions to a format of half or twice the width; the `2` forms use the upper half of the narrow side. */
interface Resizing {
  readonly wide: 32 | 64;
  readonly views: { readonly wide: string; readonly low: string; readonly full: string };
  readonly sz: string;
}

const resizings: readonly Resizing[] = [
  { wide: 64, views: { wide: ".2d", low: ".2s", full: ".4s" }, sz: "1" },
  { wide: 32, views: { wide: ".4s", low: ".4h", full: ".8h" }, sz: "0" },
];

function resized({ wide, views, sz }: Resizing): InstructionRow[] {
  const narrow = wide / 2;
  const count = 128 / wide;
  const convert = (
    upper: boolean,
    from: number,
    to: number,
  ): { steps: string; value: string; status: string } => {
    const steps = Array.from({ length: count }, (_, i) => {
      const at = from === narrow && upper ? i + count : i;
      const flags = i === 0 ? FLAGS : flagsOf(`r${String(i - 1)}`, to);
      return `let r${String(i)} = f${String(from)}tof${String(to)}(${element({ bits: from, lanes: 2 }, "vn", at)}, mode, ${flags})`;
    });
    const values = steps.map((_, i) => valueOf(`r${String(i)}`, to));
    const value = values.reduce((below, v) => (below === "" ? v : `concat(${v}, ${below})`), "");
    return { steps: steps.join("; "), value, status: newStatus(`r${String(count - 1)}`, to) };
  };
  return [false, true].flatMap((upper) => {
    const [q, two, view] = upper ? ["1", "2", views.full] : ["0", "", views.low];
    const [long, short] = [convert(upper, narrow, wide), convert(upper, wide, narrow)];
    const start = `${READ_STATUS}; let mode = ${DYNAMIC}; `;
    const kept = upper ? "let kept = vd[63:0]; " : "";
    const written = upper ? `concat(${short.value}, kept)` : `zext64(${short.value})`;
    const row = (name: string, opcode: string, syntax: string, effect: string): InstructionRow =>
      ins(
        `${name}${two}:${views.wide.slice(1)}`,
        `0 ${q} 0 01110 0${sz} 10000 ${opcode} 10 vn:5 vd:5`,
        syntax,
        effect,
      );
    return [
      row(
        "fcvtl",
        "10111",
        `vd${views.wide}, vn${view}`,
        `${start}${long.steps}; vd = ${long.value}; fpsr = ${long.status}`,
      ),
      row(
        "fcvtn",
        "10110",
        `vd${view}, vn${views.wide}`,
        `${start}${kept}${short.steps}; vd = ${written}; fpsr = ${short.status}`,
      ),
    ];
  });
}

// The same constant in every element.
function constants({ form, bits, lanes, q, view }: Shape): InstructionRow {
  const imm = bits === 64 ? "fimm" : "sfimm";
  const value = Array.from({ length: lanes - 1 }).reduce<string>((all) => `concat(one, ${all})`, "one");
  const written = bits * lanes < 128 ? `zext64(${value})` : value;
  return ins(
    `fmov:${form}:imm`,
    `0 ${q} ${bits === 64 ? "1" : "0"} 0111100000 ${imm}[7:5] 1111 0 1 ${imm}[4:0] vd:5`,
    `vd${view}, #${imm}`,
    `let one = zext${String(bits)}to${String(bits)}(${imm}); vd = ${written}`,
  );
}

export const floatVector = instructions("FloatVector", [
  ...vectors.flatMap(arithmetic),
  ...[...vectors, ...elements].flatMap(comparisons),
  ...[...vectors, ...elements].flatMap(zeroComparisons),
  ...[...vectors, ...elements].flatMap(conversions),
  ...[...vectors, ...elements].flatMap(fixedPoint),
  ...[...vectors, ...elements].flatMap(newton),
  ...vectors.flatMap(oneOperand),
  ...[...vectors, ...elements].flatMap(byElement),
  ...vectors.flatMap(pairwise),
  ...elementPairs(64),
  ...elementPairs(32),
  across("fmaxnm", "fmaxnum", "0", "01100"),
  across("fmax", "fmax", "0", "01111"),
  across("fminnm", "fminnum", "1", "01100"),
  across("fmin", "fmin", "1", "01111"),
  ...resizings.flatMap(resized),
  ...vectors.map(constants),
]);
