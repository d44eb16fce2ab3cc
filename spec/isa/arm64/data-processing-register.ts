// Data processing on registers (Arm DDI 0487, C4.1.95): sums, logic, selection, multiplication, division, bit counting.
// Relies on rows.ts, sizes.ts, flags.ts.

import { ins, instructions } from "../rows.ts";
import type { InstructionRow } from "../schema.ts";
import { bitsReversedInBytes } from "./bit-reversal.ts";
import { addWithFlags, conditionHolds, logicalFlags, resultFlags, subtractWithFlags } from "./flags.ts";
import { bothSizes, type Size } from "./sizes.ts";

// The shifts of a second operand: `null` is the form named after the mnemonic alone, whose `lsl #0` is not written.
const shifts = [
  { form: undefined, bits: "00", word: "lsl", write: (m: string) => `(${m} << amount)` },
  { form: "lsr", bits: "01", word: "lsr", write: (m: string) => `(${m} >>u amount)` },
  { form: "asr", bits: "10", word: "asr", write: (m: string) => `(${m} >>s amount)` },
  { form: "ror", bits: "11", word: "ror", write: (m: string) => `ror(${m}, amount)` },
] as const;

function shiftSyntax(r: Size, word: string): string {
  const list = `${r.x}d, ${r.x}n, ${r.x}m`;
  return word === "lsl" ? `${list}{, lsl #amount}` : `${list}, ${word} #amount`;
}

function sums(r: Size): InstructionRow[] {
  const [d, n, m] = [`${r.x}d`, `${r.x}n`, `${r.x}m`];
  // prettier-ignore
  return shifts.slice(0, 3).flatMap(({ form, bits, word, write }) => {
    const rest = `01011 ${bits} 0 ${m}:5 ${r.six("amount")} ${n}:5 ${d}:5`;
    const [syntax, value] = [shiftSyntax(r, word), write(m)];
    return [
      ins(r.name("add", form),  `${r.sf} 0 0 ${rest}`, syntax, `${d} = ${n} + ${value}`),
      ins(r.name("adds", form), `${r.sf} 0 1 ${rest}`, syntax, addWithFlags(r.width, n, value, `${d} = r`)),
      ins(r.name("sub", form),  `${r.sf} 1 0 ${rest}`, syntax, `${d} = ${n} - ${value}`),
      ins(r.name("subs", form), `${r.sf} 1 1 ${rest}`, syntax, subtractWithFlags(r.width, n, value, `${d} = r`)),
    ];
  });
}

const extensions = ["uxtb", "uxth", "uxtw", "uxtx", "sxtb", "sxth", "sxtw", "sxtx"] as const;

// The second operand: its low bits extended, then shifted by 0 to 4.
function extendedSums(r: Size): InstructionRow[] {
  const [d, n, spd] = [`${r.x}d`, `${r.sp}n`, `${r.sp}d`];
  return extensions.flatMap((extension, option) => {
    const isWhole = (option & 3) === 3;
    const m = isWhole && r.width === 64 ? "xm" : "wm";
    const bits = Math.min(8 << (option & 3), r.width);
    const extend = option < 4 ? "zext" : "sext";
    const value = `(${extend}${String(bits)}to${String(r.width)}(${m}) << amount)`;
    const rest = `01011 00 1 ${m}:5 ${option.toString(2).padStart(3, "0")} amount:3 ${n}:5`;
    const without = "; amount != 5, amount != 6, amount != 7";
    const syntax = `${n}, ${m}, ${extension}{ #amount}`;
    // prettier-ignore
    return [
      ins(r.name("add", extension),  `${r.sf} 0 0 ${rest} ${spd}:5${without}`, `${spd}, ${syntax}`, `${spd} = ${n} + ${value}`),
      ins(r.name("adds", extension), `${r.sf} 0 1 ${rest} ${d}:5${without}`, `${d}, ${syntax}`, addWithFlags(r.width, n, value, `${d} = r`)),
      ins(r.name("sub", extension),  `${r.sf} 1 0 ${rest} ${spd}:5${without}`, `${spd}, ${syntax}`, `${spd} = ${n} - ${value}`),
      ins(r.name("subs", extension), `${r.sf} 1 1 ${rest} ${d}:5${without}`, `${d}, ${syntax}`, subtractWithFlags(r.width, n, value, `${d} = r`)),
    ];
  });
}

// Sums with the carry flag; a difference adds the complement.
function carrySums(r: Size): InstructionRow[] {
  const [d, n, m] = [`${r.x}d`, `${r.x}n`, `${r.x}m`];
  const top = `[${String(r.top)}]`;
  const row = (name: string, op: string, right: string, setsFlags: boolean): InstructionRow => {
    const sum = `let x1 = ${n}; let y1 = ${right}; let part = x1 + y1; let r = part + zext1(flagC); ${d} = r`;
    const flags = `; ${resultFlags(top)}; flagC = part <u x1 || r <u part; flagV = ((x1 ^ r) & (y1 ^ r))${top}`;
    return ins(
      r.name(name),
      `${r.sf} ${op} 11010000 ${m}:5 000000 ${n}:5 ${d}:5`,
      `${d}, ${n}, ${m}`,
      setsFlags ? sum + flags : sum,
    );
  };
  return [
    row("adc", "00", m, false),
    row("adcs", "01", m, true),
    row("sbc", "10", `~${m}`, false),
    row("sbcs", "11", `~${m}`, true),
  ];
}

function logic(r: Size): InstructionRow[] {
  const [d, n, m] = [`${r.x}d`, `${r.x}n`, `${r.x}m`];
  // prettier-ignore
  return shifts.flatMap(({ form, bits, word, write }) => {
    const rest = `${m}:5 ${r.six("amount")} ${n}:5 ${d}:5`;
    const [syntax, value] = [shiftSyntax(r, word), write(m)];
    return [
      ins(r.name("and", form),  `${r.sf} 00 01010 ${bits} 0 ${rest}`, syntax, `${d} = ${n} & ${value}`),
      ins(r.name("bic", form),  `${r.sf} 00 01010 ${bits} 1 ${rest}`, syntax, `${d} = ${n} & ~${value}`),
      ins(r.name("orr", form),  `${r.sf} 01 01010 ${bits} 0 ${rest}`, syntax, `${d} = ${n} | ${value}`),
      ins(r.name("orn", form),  `${r.sf} 01 01010 ${bits} 1 ${rest}`, syntax, `${d} = ${n} | ~${value}`),
      ins(r.name("eor", form),  `${r.sf} 10 01010 ${bits} 0 ${rest}`, syntax, `${d} = ${n} ^ ${value}`),
      ins(r.name("eon", form),  `${r.sf} 10 01010 ${bits} 1 ${rest}`, syntax, `${d} = ${n} ^ ~${value}`),
      ins(r.name("ands", form), `${r.sf} 11 01010 ${bits} 0 ${rest}`, syntax, logicalFlags(r.width, `${n} & ${value}`, `${d} = r`)),
      ins(r.name("bics", form), `${r.sf} 11 01010 ${bits} 1 ${rest}`, syntax, logicalFlags(r.width, `${n} & ~${value}`, `${d} = r`)),
    ];
  });
}

function selections(r: Size): InstructionRow[] {
  const [d, n, m] = [`${r.x}d`, `${r.x}n`, `${r.x}m`];
  const row = (name: string, op: string, op2: string, other: string): InstructionRow =>
    ins(
      r.name(name),
      `${r.sf} ${op} 0 11010100 ${m}:5 cond:4 ${op2} ${n}:5 ${d}:5`,
      `${d}, ${n}, ${m}, cond`,
      `${conditionHolds}; ${d} = holds ? ${n} : ${other}`,
    );
  return [
    row("csel", "0", "00", m),
    row("csinc", "0", "01", `${m} + 1`),
    row("csinv", "1", "00", `~${m}`),
    row("csneg", "1", "01", `-${m}`),
  ];
}

// Compares if the condition holds, else the flags are the immediate nzcv.
function conditionalCompares(r: Size): InstructionRow[] {
  const [n, m] = [`${r.x}n`, `${r.x}m`];
  const top = `[${String(r.top)}]`;
  const flags = (right: string, op: string, carry: string, overflow: string): string =>
    `${conditionHolds}; let a1 = ${n}; let b1 = ${right}; let r = a1 ${op} b1; ` +
    `flagN = holds ? r${top} : nzcv[3]; flagZ = holds ? r == 0 : nzcv[2]; ` +
    `flagC = holds ? ${carry} : nzcv[1]; flagV = holds ? (${overflow})${top} : nzcv[0]`;
  const add = (right: string): string => flags(right, "+", "r <u a1", "(a1 ^ r) & (b1 ^ r)");
  const subtract = (right: string): string => flags(right, "-", "a1 >=u b1", "(a1 ^ b1) & (a1 ^ r)");
  const wide = (value: string): string => `zext5to${String(r.width)}(${value})`;
  // prettier-ignore
  return [
    ins(r.name("ccmn"),        `${r.sf} 0 1 11010010 ${m}:5 cond:4 00 ${n}:5 0 nzcv:4`,  `${n}, ${m}, #nzcv, cond`, add(m)),
    ins(r.name("ccmp"),        `${r.sf} 1 1 11010010 ${m}:5 cond:4 00 ${n}:5 0 nzcv:4`,  `${n}, ${m}, #nzcv, cond`, subtract(m)),
    ins(r.name("ccmn", "imm"), `${r.sf} 0 1 11010010 imm:5 cond:4 10 ${n}:5 0 nzcv:4`,   `${n}, #imm, #nzcv, cond`, add(wide("imm"))),
    ins(r.name("ccmp", "imm"), `${r.sf} 1 1 11010010 imm:5 cond:4 10 ${n}:5 0 nzcv:4`,   `${n}, #imm, #nzcv, cond`, subtract(wide("imm"))),
  ];
}

function variableShifts(r: Size): InstructionRow[] {
  const [d, n, m] = [`${r.x}d`, `${r.x}n`, `${r.x}m`];
  const amount = `${m}[${r.width === 64 ? "5" : "4"}:0]`;
  const row = (name: string, opcode: string, effect: string): InstructionRow =>
    ins(r.name(name), `${r.sf} 00 11010110 ${m}:5 ${opcode} ${n}:5 ${d}:5`, `${d}, ${n}, ${m}`, effect);
  return [
    row("udiv", "000010", `${d} = ${n} /u ${m}`),
    row("sdiv", "000011", `${d} = ${n} /s ${m}`),
    row("lslv", "001000", `${d} = ${n} << ${amount}`),
    row("lsrv", "001001", `${d} = ${n} >>u ${amount}`),
    row("asrv", "001010", `${d} = ${n} >>s ${amount}`),
    row("rorv", "001011", `${d} = ror(${n}, ${amount})`),
  ];
}

function products(r: Size): InstructionRow[] {
  const [d, n, m, a] = [`${r.x}d`, `${r.x}n`, `${r.x}m`, `${r.x}a`];
  // prettier-ignore
  return [
    ins(r.name("madd"), `${r.sf} 00 11011 000 ${m}:5 0 ${a}:5 ${n}:5 ${d}:5`, `${d}, ${n}, ${m}, ${a}`, `${d} = ${a} + ${n} * ${m}`),
    ins(r.name("msub"), `${r.sf} 00 11011 000 ${m}:5 1 ${a}:5 ${n}:5 ${d}:5`, `${d}, ${n}, ${m}, ${a}`, `${d} = ${a} - ${n} * ${m}`),
  ];
}

// prettier-ignore
const wideProducts: readonly InstructionRow[] = [
  ins("smaddl", "1 00 11011 001 wm:5 0 xa:5 wn:5 xd:5",    "xd, wn, wm, xa", "xd = xa + sext32(wn) * sext32(wm)"),
  ins("smsubl", "1 00 11011 001 wm:5 1 xa:5 wn:5 xd:5",    "xd, wn, wm, xa", "xd = xa - sext32(wn) * sext32(wm)"),
  ins("umaddl", "1 00 11011 101 wm:5 0 xa:5 wn:5 xd:5",    "xd, wn, wm, xa", "xd = xa + zext32(wn) * zext32(wm)"),
  ins("umsubl", "1 00 11011 101 wm:5 1 xa:5 wn:5 xd:5",    "xd, wn, wm, xa", "xd = xa - zext32(wn) * zext32(wm)"),
  ins("smulh",  "1 00 11011 010 xm:5 0 11111 xn:5 xd:5",   "xd, xn, xm",     "xd = mulhss(xn, xm)"),
  ins("umulh",  "1 00 11011 110 xm:5 0 11111 xn:5 xd:5",   "xd, xn, xm",     "xd = mulhuu(xn, xm)"),
];

function oneSource(r: Size): InstructionRow[] {
  const [d, n] = [`${r.x}d`, `${r.x}n`];
  const row = (name: string, opcode: string, effect: string): InstructionRow =>
    ins(r.name(name), `${r.sf} 10 11010110 00000 ${opcode} ${n}:5 ${d}:5`, `${d}, ${n}`, effect);
  const inBytes = bitsReversedInBytes(n, r.width / 8);
  const halves = `0x${"00ff".repeat(r.width / 16)}`;
  return [
    row("rbit", "000000", `${inBytes.lets}${d} = reverseBytes(${inBytes.result})`),
    row("rev16", "000001", `${d} = ((${n} >>u 8) & ${halves}) | ((${n} & ${halves}) << 8)`),
    row("rev", r.width === 64 ? "000011" : "000010", `${d} = reverseBytes(${n})`),
    row("clz", "000100", `${d} = clz(${n})`),
    row("cls", "000101", `${d} = clz(${n} ^ (${n} >>s 1)) - 1`),
  ];
}

const rev32 = ins(
  "rev32",
  "1 10 11010110 00000 000010 xn:5 xd:5",
  "xd, xn",
  "xd = ror(reverseBytes(xn), 32)",
);

export const dataProcessingRegister = instructions("DataProcessingRegister", () => [
  ...bothSizes(sums),
  ...bothSizes(extendedSums),
  ...bothSizes(carrySums),
  ...bothSizes(logic),
  ...bothSizes(selections),
  ...bothSizes(conditionalCompares),
  ...bothSizes(variableShifts),
  ...bothSizes(products),
  ...wideProducts,
  ...bothSizes(oneSource),
  rev32,
]);
