// How Arm64 computes the generic operations: selection rules, one a line (syntax: ../pattern.ts).
// Relies on spec/isa/arm64 for every range. A constant 0 is `xzr` where the operand's class has it.

import { rule, type ImmediateFunctions, type RuleText } from "../pattern.ts";
import { log2, runOfOnes } from "../bit-runs.ts";
import { accesses } from "./accesses.ts";

const BITS = 64n;
const PAGE = 4096n;

/** What the arguments of field operations must be: 0 < count < 64. */
function amount(value: bigint): bigint | null {
  return value > 0n && value < BITS ? value : null;
}

export const immediateFunctions: ImmediateFunctions = {
  log2: (value = 0n) => log2(value),
  /** n for 2^n - 1 with 0 < n. */
  ones: (value = 0n) => runOfOnes(value),
  /** How far `ubfm` and `bfm` rotate to the right for a shift to the left. */
  left: (count = 0n) => (amount(count) === null ? null : BITS - count),
  /** The negative of a negative number. */
  minus: (value = 0n) => (value < 0n ? -value : null),
  /** The number of pages of a multiple of 4096. */
  pages: (value = 0n) => (value % PAGE === 0n ? value / PAGE : null),
  /** The two parts of a number of 24 bits that is no immediate by itself. */
  high: (value = 0n) => (value > 0n && value % PAGE !== 0n ? value / PAGE : null),
  low: (value = 0n) => value % PAGE,
};

/** A comparison of the pattern language with the condition that it holds by and the opposite one. */
interface Comparison {
  readonly op: string;
  readonly holds: string;
  readonly fails: string;
}

// prettier-ignore
const comparisons: readonly Comparison[] = [
  { op: "eq",  holds: "eq", fails: "ne" },
  { op: "ne",  holds: "ne", fails: "eq" },
  { op: "lt",  holds: "lt", fails: "ge" },
  { op: "ge",  holds: "ge", fails: "lt" },
  { op: "ltu", holds: "cc", fails: "cs" },
  { op: "geu", holds: "cs", fails: "cc" },
];

// The ways to compare. A number may be subtracted, or its negative added: the flags are the same unless it is 0.
const compared: readonly { readonly args: string; readonly code: string }[] = [
  { args: "y, z", code: "subs xzr, y, z" },
  { args: "y, #c", code: "subs:imm xzr, y, c" },
  { args: "y, #c", code: "subs:imm12 xzr, y, pages(c), lsl 12" },
  { args: "y, #c", code: "adds:imm xzr, y, minus(c)" },
  { args: "y, #c", code: "adds:imm12 xzr, y, pages(minus(c)), lsl 12" },
];

// Tests of bits set the same flags for equality as comparisons with 0.
const tested: readonly { readonly args: string; readonly code: string }[] = [
  { args: "and(y, z), 0", code: "ands xzr, y, z" },
  { args: "and(y, #c), 0", code: "ands:imm xzr, y, c" },
];

// Everything that decides by a comparison: a truth value, a choice between values, a sum, a branch.
function decisions(condition: string, code: string, { holds, fails }: Comparison): readonly RuleText[] {
  return [
    rule(condition, `${code}; csinc d, xzr, xzr, ${fails}`),
    rule(`sub(0, ${condition})`, `${code}; csinv d, xzr, xzr, ${fails}`),
    rule(`add(x, ${condition})`, `${code}; csinc d, x, x, ${fails}`),
    rule(`xor(w, and(xor(v, w), sub(0, ${condition})))`, `${code}; csel d, v, w, ${holds}`),
    rule(`and(x, sub(0, ${condition}))`, `${code}; csel d, x, xzr, ${holds}`),
    rule(`and(x, add(${condition}, -1))`, `${code}; csel d, xzr, x, ${holds}`),
    rule(`if ${condition}`, `${code}; b.${holds} target`),
  ];
}

const conditional: readonly RuleText[] = comparisons.flatMap((comparison) => {
  const ways = comparison.op === "eq" || comparison.op === "ne" ? [...compared, ...tested] : compared;
  return ways.flatMap(({ args, code }) => decisions(`${comparison.op}(${args})`, code, comparison));
});

// prettier-ignore
const arithmetic: readonly RuleText[] = [
  rule("add(x, y)",                       "add d, x, y"),
  rule("add(x, #c)",                      "add:imm d, x, c"),
  rule("add(x, #c)",                      "sub:imm d, x, -c"),
  rule("add(x, #c)",                      "add:imm12 d, x, pages(c), lsl 12"),
  rule("add(x, #c)",                      "sub:imm12 d, x, pages(-c), lsl 12"),
  rule("add(x, #c)",                      "add:imm12 t, x, high(c), lsl 12; add:imm d, t, low(c)"),
  rule("add(x, #c)",                      "sub:imm12 t, x, high(-c), lsl 12; sub:imm d, t, low(-c)"),
  rule("add(x, lsl(y, #c))",              "add d, x, y, lsl c"),
  rule("add(x, lsr(y, #c))",              "add:lsr d, x, y, lsr c"),
  rule("add(x, asr(y, #c))",              "add:asr d, x, y, asr c"),
  rule("add(x, and(y, 0xff))",            "add:uxtb d, x, y, uxtb"),
  rule("add(x, and(y, 0xffff))",          "add:uxth d, x, y, uxth"),
  rule("add(x, and(y, 0xffffffff))",      "add:uxtw d, x, y, uxtw"),
  rule("add(x, asr(lsl(y, 32), 32))",     "add:sxtw d, x, y, sxtw"),
  rule("add(x, lsl(and(y, 0xff), #c))",   "add:uxtb d, x, y, uxtb c"),
  rule("add(x, lsl(and(y, 0xffffffff), #c))", "add:uxtw d, x, y, uxtw c"),
  rule("sub(x, y)",                       "sub d, x, y"),
  rule("sub(x, #c)",                      "sub:imm d, x, c"),
  rule("sub(x, #c)",                      "add:imm d, x, -c"),
  rule("sub(x, lsl(y, #c))",              "sub d, x, y, lsl c"),
  rule("sub(x, lsr(y, #c))",              "sub:lsr d, x, y, lsr c"),
  rule("sub(x, asr(y, #c))",              "sub:asr d, x, y, asr c"),
  rule("sub(x, and(y, 0xff))",            "sub:uxtb d, x, y, uxtb"),
  rule("sub(x, and(y, 0xffffffff))",      "sub:uxtw d, x, y, uxtw"),
  rule("mul(x, y)",                       "madd d, x, y, xzr"),
  rule("mul(x, #c)",                      "ubfm d, x, left(log2(c)), 63 - log2(c)"),
  rule("mul(x, #c)",                      "add d, x, x, lsl log2(c - 1)"),
  rule("mul(x, #c)",                      "sub d, x, x, lsl log2(1 - c)"),
  rule("mul(x, -1)",                      "sub d, xzr, x"),
  rule("mul(x, #c)",                      "ubfm t, x, left(log2(c + 1)), 63 - log2(c + 1); sub d, t, x"),
  rule("add(z, mul(x, y))",               "madd d, x, y, z"),
  rule("sub(z, mul(x, y))",               "msub d, x, y, z"),
  rule("mul(and(x, 0xffffffff), and(y, 0xffffffff))", "umaddl d, x, y, xzr"),
  rule("mul(asr(lsl(x, 32), 32), asr(lsl(y, 32), 32))", "smaddl d, x, y, xzr"),
  rule("and(add(x, y), 0xffffffff)",      "add:w d, x, y"),
  rule("and(add(x, #c), 0xffffffff)",     "add:w:imm d, x, c"),
  rule("and(add(x, #c), 0xffffffff)",     "sub:w:imm d, x, -c"),
  rule("and(sub(x, y), 0xffffffff)",      "sub:w d, x, y"),
  rule("and(mul(x, y), 0xffffffff)",      "madd:w d, x, y, wzr"),
  // The carry flag is set by taking 1 from the carry in, unless that is 0.
  rule("addcarry(x, y, 0)",               "adds d, x, y; csinc e, xzr, xzr, cc"),
  rule("addcarry(x, y, c)",               "subs:imm xzr, c, 1; adcs d, x, y; csinc e, xzr, xzr, cc"),
];

// The same for `and`, `or` and `xor`: registers, bit masks, shifted operands, the complement of an operand.
// prettier-ignore
const logic: readonly RuleText[] = [
  { op: "and", name: "and", not: "bic" },
  { op: "or",  name: "orr", not: "orn" },
  { op: "xor", name: "eor", not: "eon" },
].flatMap(({ op, name, not }) => [
  rule(`${op}(x, y)`,                     `${name} d, x, y`),
  rule(`${op}(x, #c)`,                    `${name}:imm d, x, c`),
  rule(`${op}(x, xor(y, -1))`,            `${not} d, x, y`),
  rule(`${op}(x, lsl(y, #c))`,            `${name} d, x, y, lsl c`),
  rule(`${op}(x, xor(lsl(y, #c), -1))`,   `${not} d, x, y, lsl c`),
  ...["lsr", "asr", "ror"].map((shift) =>
    rule(`${op}(x, ${shift}(y, #c))`,     `${name}:${shift} d, x, y, ${shift} c`)),
]);

// prettier-ignore
const fields: readonly RuleText[] = [
  rule("xor(x, -1)",                      "orn d, xzr, x"),
  rule("lsl(x, y)",                       "lslv d, x, y"),
  rule("lsl(x, #c)",                      "ubfm d, x, left(c), 63 - c"),
  rule("lsr(x, y)",                       "lsrv d, x, y"),
  rule("lsr(x, #c)",                      "ubfm d, x, c, 63"),
  rule("asr(x, y)",                       "asrv d, x, y"),
  rule("asr(x, #c)",                      "sbfm d, x, c, 63"),
  rule("ror(x, y)",                       "rorv d, x, y"),
  rule("ror(x, #c)",                      "extr d, x, x, c"),
  rule("or(lsl(x, #c), lsr(y, #(64 - c)))", "extr d, x, y, 64 - c"),
  // Fields taken out, zero- or sign-extended, and moved up.
  rule("and(lsr(x, #s), #c)",             "ubfm d, x, s, s + ones(c) - 1"),
  rule("and(asr(x, #s), #c)",             "ubfm d, x, s, s + ones(c) - 1"),
  rule("lsr(lsl(x, #a), #b)",             "ubfm d, x, b - a, 63 - a"),
  rule("asr(lsl(x, #a), #b)",             "sbfm d, x, b - a, 63 - a"),
  rule("lsl(and(x, #c), #s)",             "ubfm d, x, left(s), ones(c & (-1 >> s)) - 1"),
  rule("and(lsl(x, #s), #c)",             "ubfm d, x, left(s), ones(c >> s) - 1"),
  rule("lsr(and(x, #c), #s)",             "ubfm d, x, s, s + ones(c >> s) - 1"),
  // One bit as a truth value.
  rule("ne(and(x, #c), 0)",               "ubfm d, x, log2(c), log2(c)"),
  rule("lt(x, 0)",                        "ubfm d, x, 63, 63"),
  // Bytes in reverse order.
  rule("swap64(x, 0)",                    "rev d, x"),
  rule("swap32(x, 0)",                    "rev:w d, x"),
  rule("swap32(x, #c)",                   "rev t, x; ubfm d, t, 32 - c, 63 - c"),
  rule("swap16(x, #c)",                   "rev t, x; ubfm d, t, 48 - c, 63 - c"),
  // A field put in place of the bits that a mask clears; masks are tried in one order only.
  rule("or(and(x, #m), and(y, #(~m)))",   "bfm d=x, y, 0, ones(~m) - 1"),
  rule("or(and(y, #k), and(x, #(~k)))", "bfm d=x, y, 0, ones(k) - 1"),
  rule("or(and(lsr(y, #s), #k), and(x, #(~k)))", "bfm d=x, y, s, s + ones(k) - 1"),
  rule("or(lsl(and(y, #k), #s), and(x, #(~(k << s))))", "bfm d=x, y, left(s), ones(k & (-1 >> s)) - 1"),
];

// Addresses: base and offset; base and index, shifted by the width or not, perhaps a word of 32 bits.
// prettier-ignore
const indexes: readonly { readonly address: string; readonly form: string; readonly text: (shift: number) => string }[] = [
  { address: "add(x, y)",                                form: ":reg",         text: () => "[x, y]" },
  { address: "add(x, lsl(y, S))",                        form: ":reg:scaled",  text: (s) => `[x, y, lsl ${String(s)}]` },
  { address: "add(x, and(y, 0xffffffff))",               form: ":uxtw",        text: () => "[x, y, uxtw]" },
  { address: "add(x, lsl(and(y, 0xffffffff), S))",       form: ":uxtw:scaled", text: (s) => `[x, y, uxtw ${String(s)}]` },
];

const memory: readonly RuleText[] = accesses.flatMap((a) => {
  const bits = 8 << a.scale;
  const [load, store] = [`load${String(bits)}`, `store${String(bits)}`];
  const extended = (inner: string): string =>
    `asr(lsl(${inner}, ${String(64 - bits)}), ${String(64 - bits)})`;
  const usable = indexes.filter(({ address }) => a.scale > 0 || !address.includes("S"));
  return [
    rule(`${load}(x, #c)`, `${a.load} d, [x, c]`),
    rule(`${load}(x, #c)`, `${a.nearLoad} d, [x, c]`),
    rule(`${store}(x, #c, v)`, `${a.store} v, [x, c]`),
    rule(`${store}(x, #c, v)`, `${a.nearStore} v, [x, c]`),
    ...[a.signedLoad, a.nearSignedLoad].flatMap((signed) =>
      signed === null ? [] : [rule(extended(`${load}(x, #c)`), `${signed} d, [x, c]`)],
    ),
    ...usable.flatMap(({ address, form, text }) => {
      const place = address.replace("S", String(a.scale));
      return [
        rule(`${load}(${place}, 0)`, `${a.load}${form} d, ${text(a.scale)}`),
        rule(`${store}(${place}, 0, v)`, `${a.store}${form} v, ${text(a.scale)}`),
        ...(a.signedLoad === null
          ? []
          : [rule(extended(`${load}(${place}, 0)`), `${a.signedLoad}${form} d, ${text(a.scale)}`)]),
      ];
    }),
  ];
});

// Branches that need no comparison of their own.
// prettier-ignore
const tests: readonly RuleText[] = [
  rule("if eq(x, 0)",                     "cbz x, target"),
  rule("if ne(x, 0)",                     "cbnz x, target"),
  rule("if eq(and(x, 0xffffffff), 0)",    "cbz:w x, target"),
  rule("if ne(and(x, 0xffffffff), 0)",    "cbnz:w x, target"),
  rule("if eq(and(x, #c), 0)",            "tbz x, log2(c), target"),
  rule("if ne(and(x, #c), 0)",            "tbnz x, log2(c), target"),
  rule("if lt(x, 0)",                     "tbnz x, 63, target"),
  rule("if ge(x, 0)",                     "tbz x, 63, target"),
];

export const patterns: readonly RuleText[] = [
  ...arithmetic,
  ...logic,
  ...fields,
  ...memory,
  ...tests,
  ...conditional,
  // A truth value that is there already decides by itself.
  rule("and(x, sub(0, t:bool))", "subs:imm xzr, t, 0; csel d, x, xzr, ne"),
  rule("and(x, add(t:bool, -1))", "subs:imm xzr, t, 0; csel d, x, xzr, eq"),
];
