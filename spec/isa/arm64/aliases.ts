// Other ways to write A64 instructions (the aliases of Arm DDI 0487, C6). Relies on rows.ts, sizes.ts.
// `alias` rows are printed by the disassembler (among those of one instruction the first that fits), `input` rows are
// only read. Conditions of printing are the manual's "preferred when".

import { alias, input } from "../rows.ts";
import type { Alias } from "../schema.ts";
import { conditions } from "./operands.ts";
import { bothSizes } from "./sizes.ts";

// A mask that movz or movn could make is not written `mov` (Arm's MoveWidePreferred): a run of ones of the whole width
// that lies inside 16 bits, or its complement.
function masksOnly(mask: string, top: number): string {
  const whole = top === 63 ? `(${mask} & 0x1000) != 0` : `(${mask} & 32) == 0`;
  const [run, rotation] = [`(${mask} & 63)`, `(${mask} >>u 6)`];
  const ones = `${run} <s 16 && (-${rotation} & 15) <=s 15 - ${run}`;
  const zeros = `${String(top - 15)} <s ${run} && (${rotation} & 15) <=s ${run} - ${String(top - 14)}`;
  return `if (!(${whole} && (${ones} || ${zeros}))) {}`;
}

// A move wide is `mov` unless it shifts zeros; movn with all ones in w belongs to movz.
const moves = bothSizes(({ x, sp, top }) => {
  const w = x === "w" ? "w" : "";
  const parts = (name: string): string => `#${name} & 0xffff, lsl #(${name} >>u 16) << 4`;
  const whole = (name: string, more: string): string =>
    `if ((imm != 0 || shift == 0)${more}) ${name} = imm + (shift << 12)`;
  // prettier-ignore
  return [
    alias("mov", `${sp}, ${sp}n`,             `add ${sp}, ${sp}n, #0`),
    alias("mov", `${sp}d, ${sp}`,             `add ${sp}d, ${sp}, #0`),
    alias("mov", `${x}d, ${x}m`,              `orr ${x}d, ${x}zr, ${x}m`),
    alias("mov", `${x}d, #${w}wide`,          `movz ${x}d, ${parts(`${w}wide`)}`,     whole(`${w}wide`, "")),
    alias("mov", `${x}d, #${w}inverted`,      `movn ${x}d, ${parts(`${w}inverted`)}`, whole(`${w}inverted`, x === "w" ? " && imm != 0xffff" : "")),
    alias("mov", `${sp}d, #${w}mask`,         `orr ${sp}d, ${x}zr, #${w}mask`, masksOnly(`${w}mask`, top)),
  ];
});

const sums = bothSizes(({ x, sp }) => {
  // prettier-ignore
  return [
    alias("cmp", `${sp}n, #imm`,              `subs ${x}zr, ${sp}n, #imm`),
    alias("cmp", `${sp}n, #imm, lsl #12`,     `subs ${x}zr, ${sp}n, #imm, lsl #12`),
    alias("cmn", `${sp}n, #imm`,              `adds ${x}zr, ${sp}n, #imm`),
    alias("cmn", `${sp}n, #imm, lsl #12`,     `adds ${x}zr, ${sp}n, #imm, lsl #12`),
    alias("cmp", `${x}n, ${x}m{, lsl #amount}`, `subs ${x}zr, ${x}n, ${x}m, lsl #amount`),
    alias("cmn", `${x}n, ${x}m{, lsl #amount}`, `adds ${x}zr, ${x}n, ${x}m, lsl #amount`),
    alias("neg", `${x}d, ${x}m{, lsl #amount}`, `sub ${x}d, ${x}zr, ${x}m, lsl #amount`),
    alias("negs", `${x}d, ${x}m{, lsl #amount}`, `subs ${x}d, ${x}zr, ${x}m, lsl #amount`),
    ...["lsr", "asr"].flatMap((shift) => [
      alias("cmp", `${x}n, ${x}m, ${shift} #amount`, `subs ${x}zr, ${x}n, ${x}m, ${shift} #amount`),
      alias("cmn", `${x}n, ${x}m, ${shift} #amount`, `adds ${x}zr, ${x}n, ${x}m, ${shift} #amount`),
      alias("neg", `${x}d, ${x}m, ${shift} #amount`, `sub ${x}d, ${x}zr, ${x}m, ${shift} #amount`),
      alias("negs", `${x}d, ${x}m, ${shift} #amount`, `subs ${x}d, ${x}zr, ${x}m, ${shift} #amount`),
    ]),
    alias("ngc", `${x}d, ${x}m`,              `sbc ${x}d, ${x}zr, ${x}m`),
    alias("ngcs", `${x}d, ${x}m`,             `sbcs ${x}d, ${x}zr, ${x}m`),
  ];
});

// Numbers that the instruction cannot hold as they are: shifted, or of the opposite operation.
const friendlySums = bothSizes(({ x, sp }) =>
  // prettier-ignore
  [["add", "sub"], ["adds", "subs"]].flatMap(([plus = "", minus = ""]) =>
    [[plus, minus], [minus, plus]].flatMap(([name = "", opposite = ""]) => {
      const d = name.endsWith("s") ? `${x}d` : `${sp}d`;
      return [
        input(name, `${d}, ${sp}n, #high`,     `${name} ${d}, ${sp}n, #high, lsl #12`),
        input(name, `${d}, ${sp}n, #less`,     `${opposite} ${d}, ${sp}n, #less`),
        input(name, `${d}, ${sp}n, #lesshigh`, `${opposite} ${d}, ${sp}n, #lesshigh, lsl #12`),
      ];
    })).concat([["cmp", "subs", "adds"], ["cmn", "adds", "subs"]].flatMap(([name = "", own = "", opposite = ""]) => [
      input(name, `${sp}n, #high`,             `${own} ${x}zr, ${sp}n, #high, lsl #12`),
      input(name, `${sp}n, #less`,             `${opposite} ${x}zr, ${sp}n, #less`),
      input(name, `${sp}n, #lesshigh`,         `${opposite} ${x}zr, ${sp}n, #lesshigh, lsl #12`),
    ])),
);

// With the stack pointer, a register is extended by uxtx (uxtw in w), which is written lsl or not at all.
const stackSums = bothSizes(({ x, sp }) => {
  const whole = x === "x" ? "uxtx" : "uxtw";
  // prettier-ignore
  return [
    ...["add", "sub"].flatMap((name) => [
      alias(name, `${sp}, ${sp}n, ${x}m{, lsl #amount}`, `${name} ${sp}, ${sp}n, ${x}m, ${whole} #amount`),
      alias(name, `${sp}d, ${sp}, ${x}m{, lsl #amount}`, `${name} ${sp}d, ${sp}, ${x}m, ${whole} #amount`),
    ]),
    alias("cmp", `${sp}, ${x}m{, lsl #amount}`, `subs ${x}zr, ${sp}, ${x}m, ${whole} #amount`),
    alias("cmn", `${sp}, ${x}m{, lsl #amount}`, `adds ${x}zr, ${sp}, ${x}m, ${whole} #amount`),
    ...["adds", "subs"].map((name) =>
      alias(name, `${x}d, ${sp}, ${x}m{, lsl #amount}`, `${name} ${x}d, ${sp}, ${x}m, ${whole} #amount`)),
    ...["uxtb", "uxth", "uxtw", "sxtb", "sxth", "sxtw"].flatMap((extension) => [
      alias("cmp", `${sp}n, wm, ${extension}{ #amount}`, `subs ${x}zr, ${sp}n, wm, ${extension} #amount`),
      alias("cmn", `${sp}n, wm, ${extension}{ #amount}`, `adds ${x}zr, ${sp}n, wm, ${extension} #amount`),
    ]),
    ...["uxtx", "sxtx"].flatMap((extension) => [
      alias("cmp", `${sp}n, ${x}m, ${extension}{ #amount}`, `subs ${x}zr, ${sp}n, ${x}m, ${extension} #amount`),
      alias("cmn", `${sp}n, ${x}m, ${extension}{ #amount}`, `adds ${x}zr, ${sp}n, ${x}m, ${extension} #amount`),
    ]),
  ];
});

const logic = bothSizes(({ x }) => {
  const mask = x === "x" ? "mask" : "wmask";
  // prettier-ignore
  return [
    alias("tst", `${x}n, #${mask}`,           `ands ${x}zr, ${x}n, #${mask}`),
    alias("tst", `${x}n, ${x}m{, lsl #amount}`, `ands ${x}zr, ${x}n, ${x}m, lsl #amount`),
    alias("mvn", `${x}d, ${x}m{, lsl #amount}`, `orn ${x}d, ${x}zr, ${x}m, lsl #amount`),
    ...["lsr", "asr", "ror"].flatMap((shift) => [
      alias("tst", `${x}n, ${x}m, ${shift} #amount`, `ands ${x}zr, ${x}n, ${x}m, ${shift} #amount`),
      alias("mvn", `${x}d, ${x}m, ${shift} #amount`, `orn ${x}d, ${x}zr, ${x}m, ${shift} #amount`),
    ]),
  ];
});

// Opposite conditions differ in the lowest bit; al and nv have none.
const selections = bothSizes(({ x }) => {
  const opposite = "if (cond <s 14) cond = cond ^ 1";
  // prettier-ignore
  return [
    alias("cset",  `${x}d, cond`,             `csinc ${x}d, ${x}zr, ${x}zr, cond ^ 1`,   opposite),
    alias("csetm", `${x}d, cond`,             `csinv ${x}d, ${x}zr, ${x}zr, cond ^ 1`,   opposite),
    alias("cinc",  `${x}d, ${x}n, cond`,      `csinc ${x}d, ${x}n, ${x}n, cond ^ 1`,     opposite),
    alias("cinv",  `${x}d, ${x}n, cond`,      `csinv ${x}d, ${x}n, ${x}n, cond ^ 1`,     opposite),
    alias("cneg",  `${x}d, ${x}n, cond`,      `csneg ${x}d, ${x}n, ${x}n, cond ^ 1`,     opposite),
  ];
});

const fields = bothSizes(({ x, top, width }) => {
  const t = String(top);
  const up = `-lsb & ${t}, #width - 1`;
  const down = "#lsb, #lsb + width - 1";
  const moved = `lsb = ${String(width)} - immr & ${t}; width = imms + 1`;
  const taken = "lsb = immr; width = imms - immr + 1";
  const [d, n] = [`${x}d`, `${x}n`];
  // prettier-ignore
  return [
    alias("lsl",   `${d}, ${n}, #amount`,     `ubfm ${d}, ${n}, #-amount & ${t}, #${t} - amount`, `if (imms != ${t} && immr == imms + 1) amount = ${t} - imms`),
    alias("lsr",   `${d}, ${n}, #immr`,       `ubfm ${d}, ${n}, #immr, #${t}`),
    alias("asr",   `${d}, ${n}, #immr`,       `sbfm ${d}, ${n}, #immr, #${t}`),
    ...(x === "w" ? [
      alias("uxtb", "wd, wn",                 "ubfm wd, wn, #0, #7"),
      alias("uxth", "wd, wn",                 "ubfm wd, wn, #0, #15"),
      alias("sxtb", "wd, wn",                 "sbfm wd, wn, #0, #7"),
      alias("sxth", "wd, wn",                 "sbfm wd, wn, #0, #15"),
    ] : [
      alias("sxtb", "xd, wn",                 "sbfm xd, wn, #0, #7"),
      alias("sxth", "xd, wn",                 "sbfm xd, wn, #0, #15"),
      alias("sxtw", "xd, wn",                 "sbfm xd, wn, #0, #31"),
    ]),
    alias("ubfiz", `${d}, ${n}, #lsb, #width`, `ubfm ${d}, ${n}, #${up}`, `if (imms <s immr) { ${moved} }`),
    alias("ubfx",  `${d}, ${n}, #lsb, #width`, `ubfm ${d}, ${n}, ${down}`, taken),
    alias("sbfiz", `${d}, ${n}, #lsb, #width`, `sbfm ${d}, ${n}, #${up}`, `if (imms <s immr) { ${moved} }`),
    alias("sbfx",  `${d}, ${n}, #lsb, #width`, `sbfm ${d}, ${n}, ${down}`, taken),
    alias("bfc",   `${d}, #lsb, #width`,       `bfm ${d}, ${x}zr, #${up}`, `if (imms <s immr) { ${moved} }`),
    alias("bfi",   `${d}, ${n}, #lsb, #width`, `bfm ${d}, ${n}, #${up}`, `if (imms <s immr) { ${moved} }`),
    alias("bfxil", `${d}, ${n}, #lsb, #width`, `bfm ${d}, ${n}, ${down}`, taken),
    alias("ror",   `${d}, ${n}, #lsb`,         `extr ${d}, ${n}, ${n}, #lsb`),
    alias("lsl",   `${d}, ${n}, ${x}m`,        `lslv ${d}, ${n}, ${x}m`),
    alias("lsr",   `${d}, ${n}, ${x}m`,        `lsrv ${d}, ${n}, ${x}m`),
    alias("asr",   `${d}, ${n}, ${x}m`,        `asrv ${d}, ${n}, ${x}m`),
    alias("ror",   `${d}, ${n}, ${x}m`,        `rorv ${d}, ${n}, ${x}m`),
    alias("mul",   `${d}, ${n}, ${x}m`,        `madd ${d}, ${n}, ${x}m, ${x}zr`),
    alias("mneg",  `${d}, ${n}, ${x}m`,        `msub ${d}, ${n}, ${x}m, ${x}zr`),
  ];
});

// prettier-ignore
const others: readonly Alias[] = [
  alias("smull",  "xd, wn, wm",               "smaddl xd, wn, wm, xzr"),
  alias("smnegl", "xd, wn, wm",               "smsubl xd, wn, wm, xzr"),
  alias("umull",  "xd, wn, wm",               "umaddl xd, wn, wm, xzr"),
  alias("umnegl", "xd, wn, wm",               "umsubl xd, wn, wm, xzr"),
  input("rev64",  "xd, xn",                   "rev xd, xn"),
  input("uxtw",   "xd, wm",                   "orr xd, wzr, wm"),
  alias("ret",    "",                         "ret x30"),
  alias("isb",    "",                         "isb sy"),
  alias("clrex",  "",                         "clrex #15"),
  ...["tbz", "tbnz"].map((name) =>
    alias(name, "wt, #bit, target",           `${name} wt, #bit, target`, "if (bit <s 32) bit = bit")),
];

// An offset that the scaled form cannot hold.
const offsets = ["b", "h", "sb", "sh", "sw", ""].flatMap((size) =>
  ["x", "w"].flatMap((x) => [
    ...(((size === "b" || size === "h") && x === "x") || (size === "sw" && x === "w") ? [] : [
      input(`ldr${size}`, `${x}t, [spn, #simm]`, `ldur${size} ${x}t, [spn, #simm]`)]),
    ...(size.startsWith("s") || (size !== "" && x === "x") ? [] : [
      input(`str${size}`, `${x}t, [spn, #simm]`, `stur${size} ${x}t, [spn, #simm]`)]),
  ])); // prettier-ignore

// prettier-ignore
const hints: readonly Alias[] = ([
  ["yield", 1], ["xpaclri", 7], ["pacia1716", 8], ["pacib1716", 10],
  ["autia1716", 12], ["autib1716", 14], ["esb", 16], ["psb", 17, "csync"], ["csdb", 20], ["paciaz", 24], ["paciasp", 25],
  ["pacibz", 26], ["pacibsp", 27], ["autiaz", 28], ["autiasp", 29], ["autibz", 30], ["autibsp", 31],
  ["bti", 32], ["bti", 34, "c"], ["bti", 36, "j"], ["bti", 38, "jc"],
] as const).map(([name, number, operand]) => alias(name, operand ?? "", `hint #${String(number)}`));

// The old contents thrown away: no acquire, because nothing is loaded.
const atomicStores = ["add", "clr", "eor", "set", "smax", "smin", "umax", "umin"].flatMap((operation) =>
  ["", "l"].flatMap((order) =>
    [["b", "w"], ["h", "w"], ["", "w"], ["", "x"]].map(([letter = "", x = ""]) =>
      alias(
        `st${operation}${order}${letter}`,
        `${x}s, [spn]`,
        `ld${operation}${order}${letter} ${x}s, ${x}zr, [spn]`,
      ),
    ),
  ),
); // prettier-ignore

const conditionalBranches = [...conditions.slice(0, 15), "hs", "lo"].map((condition) =>
  input(`b${condition}`, "target", `b.${condition} target`),
);

export const aliases: readonly Alias[] = [
  ...moves, ...sums, ...friendlySums, ...stackSums, ...logic, ...selections, ...fields, ...others, ...offsets, ...hints, ...atomicStores,
  ...conditionalBranches,
]; // prettier-ignore
