// What each field name of an Arm64 encoding means. Relies on nothing; every table of this folder uses these names.
// The first letters of a register's name are its class: `xd`, `wn`, `spn` (x or sp), `wspn` (w or wsp), `qt`.

import type { OperandKind } from "../schema.ts";

const decimal: OperandKind = { kind: "immediate", signed: false, wrapBits: null, radix: 10 };
const hex: OperandKind = { kind: "immediate", signed: false, wrapBits: null, radix: 16 };
const signed: OperandKind = { kind: "immediate", signed: true, wrapBits: null, radix: 10 };

function choice(names: readonly string[], aliases: Readonly<Record<string, number>> = {}): OperandKind {
  return { kind: "choice", names, aliases };
}

function registers(prefix: string, name: string, letters: readonly string[]): Record<string, OperandKind> {
  return Object.fromEntries(letters.map((l) => [prefix + l, { kind: "register", class: name }]));
}

const roles = ["d", "n", "m", "a", "t", "t2", "s"];

/** Conditions by number; an odd one is the opposite of the one before, except `nv`, which is `al` again. */
// prettier-ignore
export const conditions = ["eq", "ne", "cs", "cc", "mi", "pl", "vs", "vc", "hi", "ls", "ge", "lt", "gt", "le", "al", "nv"];

// prettier-ignore
const barriers = [
  "#0", "oshld", "oshst", "osh", "#4", "nshld", "nshst", "nsh",
  "#8", "ishld", "ishst", "ish", "#12", "ld", "st", "sy",
];

const controlNumbers = Array.from({ length: 16 }, (_, i) => `C${String(i)}`);

function lowerCase(names: readonly string[]): Record<string, number> {
  return Object.fromEntries(names.map((name, i) => [name.toLowerCase(), i]));
}

// What for (load, code, store), which cache, kept or streamed; the others have no name.
const prefetches = ["pld", "pli", "pst", ""].flatMap((what, kind) =>
  ["l1", "l2", "l3", ""].flatMap((level, i) =>
    ["keep", "strm"].map((policy, j) => {
      const isNamed = what !== "" && level !== "";
      return isNamed ? what + level + policy : `#${String(8 * kind + 2 * i + j)}`;
    }),
  ),
);

export const operandKinds: Readonly<Record<string, OperandKind>> = {
  ...registers("x", "x", [...roles, "s2"]),
  ...registers("w", "w", [...roles, "s2"]),
  ...registers("sp", "xsp", ["d", "n"]),
  ...registers("wsp", "wsp", ["d", "n"]),
  ...registers("v", "v", [...roles, "t3", "t4", "n2", "n3", "n4"]),
  ...registers("q", "q", roles),
  ...registers("d", "d", roles),
  ...registers("s", "s", roles),
  ...registers("h", "h", roles),
  ...registers("b", "b", roles),
  imm: hex,
  simm: signed,
  /** Shift amounts and bit numbers. */
  amount: decimal,
  shift: decimal,
  bit: decimal,
  immr: decimal,
  imms: decimal,
  lsb: decimal,
  /** Number of bits of a field, only in aliases. */
  width: decimal,
  nzcv: hex,
  mask: { kind: "code", code: "logical64", radix: 16 },
  wmask: { kind: "code", code: "logical32", radix: 16 },
  /** Constants of `mov`, only in aliases. */
  wide: { kind: "code", code: "wide64", radix: 16 },
  wwide: { kind: "code", code: "wide32", radix: 16 },
  inverted: { kind: "code", code: "inverted64", radix: 16 },
  winverted: { kind: "code", code: "inverted32", radix: 16 },
  /** Numbers of additions that the instruction holds in another way, only in aliases. */
  high: { kind: "code", code: "sumShifted", radix: 16 },
  less: { kind: "code", code: "sumNegative", radix: 16 },
  lesshigh: { kind: "code", code: "sumNegativeShifted", radix: 16 },
  /** Constants of `fmov`. */
  fimm: { kind: "code", code: "float64", radix: "float" },
  sfimm: { kind: "code", code: "float32", radix: "float" },
  /** Bits of a fixed-point number's fraction. */
  fbits: { kind: "code", code: "right64", radix: 10 },
  wfbits: { kind: "code", code: "right32", radix: 10 },
  /** Shifts to the right of lanes. */
  right8: { kind: "code", code: "right8", radix: 10 },
  right16: { kind: "code", code: "right16", radix: 10 },
  right32: { kind: "code", code: "right32", radix: 10 },
  right64: { kind: "code", code: "right64", radix: 10 },
  bytemask: { kind: "code", code: "byteMask", radix: 16 },
  /** Numbers of lanes, and of the first byte of `ext`. */
  lane: decimal,
  source: decimal,
  from: decimal,
  vmlow: { kind: "register", class: "vlow" },
  /** Number of one element of a vector of floats. */
  flane: decimal,
  cond: choice(conditions, { hs: 2, lo: 3 }),
  barrier: choice(barriers),
  isb: choice([...Array.from({ length: 15 }, (_, i) => `#${String(i)}`), "sy"]),
  /** Bit 1 acquire, bit 0 release; the letter of the access's size follows in the mnemonic. */
  order: choice(["", "l", "a", "al"]),
  orderb: choice(["b", "lb", "ab", "alb"]),
  orderh: choice(["h", "lh", "ah", "alh"]),
  op1: decimal,
  op2: decimal,
  crn: choice(controlNumbers, lowerCase(controlNumbers)),
  crm: choice(controlNumbers, lowerCase(controlNumbers)),
  prefetch: choice(prefetches),
  target: { kind: "target", unit: 1 },
  page: { kind: "target", unit: 4096 },
  csr: { kind: "csr", first: 0x8000 },
};
