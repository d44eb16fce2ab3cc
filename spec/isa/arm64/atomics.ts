// Exclusive and ordered accesses (Arm DDI 0487, C4.1.94) and the atomic operations of Armv8.1 (FEAT_LSE).
// Relies on rows.ts. All of them demand natural alignment, which is part of these accesses in the effect language.

import { ins, instructions } from "../rows.ts";
import type { InstructionRow } from "../schema.ts";

/** How wide an access is: the size bits, the letter after the mnemonic, the form's name, the registers. */
interface Width {
  readonly size: string;
  readonly letter: "" | "b" | "h";
  readonly infix: "" | ":w";
  readonly x: "x" | "w";
  readonly bits: 8 | 16 | 32 | 64;
}

const widths: readonly Width[] = [
  { size: "00", letter: "b", infix: "", x: "w", bits: 8 },
  { size: "01", letter: "h", infix: "", x: "w", bits: 16 },
  { size: "10", letter: "", infix: ":w", x: "w", bits: 32 },
  { size: "11", letter: "", infix: "", x: "x", bits: 64 },
];

const BASE = "[spn{, #0}]";

function loaded({ bits, x }: Width, value: string): string {
  return `zext${String(bits)}to${x === "x" ? "64" : "32"}(${value})`;
}

// Plain, with acquire (loads) or release (stores): the bit o0.
function exclusives(w: Width): InstructionRow[] {
  const { size, letter, infix, x } = w;
  const [bits, t] = [String(w.bits), `${x}t`];
  const name = (mnemonic: string): string => mnemonic + letter + infix;
  const start = `${size} 001000`;
  const failed = (release: string): string =>
    `ws = zext1to32(!conditional${bits}(spn, trunc${bits}(${t}), 0, ${release}))`;
  // prettier-ignore
  return [
    ins(name("stxr"),  `${start} 000 ws:5 0 11111 spn:5 ${t}:5`,    `ws, ${t}, ${BASE}`, failed("0")),
    ins(name("stlxr"), `${start} 000 ws:5 1 11111 spn:5 ${t}:5`,    `ws, ${t}, ${BASE}`, failed("1")),
    ins(name("ldxr"),  `${start} 010 11111 0 11111 spn:5 ${t}:5`,   `${t}, ${BASE}`, `${t} = ${loaded(w, `reserve${bits}(spn, 0, 0)`)}`),
    ins(name("ldaxr"), `${start} 010 11111 1 11111 spn:5 ${t}:5`,   `${t}, ${BASE}`, `${t} = ${loaded(w, `reserve${bits}(spn, 1, 0)`)}`),
    ins(name("stlr"),  `${start} 100 11111 1 11111 spn:5 ${t}:5`,   `${t}, ${BASE}`, `store${bits}(spn, trunc${bits}(${t}), 0, 1)`),
    ins(name("ldar"),  `${start} 110 11111 1 11111 spn:5 ${t}:5`,   `${t}, ${BASE}`, `${t} = ${loaded(w, `load${bits}(spn, 1, 0)`)}`),
  ];
}

// Two registers as one value of twice the size, the first in its low half.
function exclusivePairs({ size, infix, x, bits }: Width): InstructionRow[] {
  const [t, t2, both] = [`${x}t`, `${x}t2`, String(2 * bits)];
  const halves = `${t} = pair[${String(bits - 1)}:0]; ${t2} = pair[${String(2 * bits - 1)}:${String(bits)}]`;
  const failed = (release: string): string =>
    `ws = zext1to32(!conditional${both}(spn, concat(${t2}, ${t}), 0, ${release}))`;
  // prettier-ignore
  return [
    ins(`stxp${infix}`,  `${size} 001000 001 ws:5 0 ${t2}:5 spn:5 ${t}:5`,  `ws, ${t}, ${t2}, ${BASE}`, failed("0")),
    ins(`stlxp${infix}`, `${size} 001000 001 ws:5 1 ${t2}:5 spn:5 ${t}:5`,  `ws, ${t}, ${t2}, ${BASE}`, failed("1")),
    ins(`ldxp${infix}`,  `${size} 001000 011 11111 0 ${t2}:5 spn:5 ${t}:5`, `${t}, ${t2}, ${BASE}`, `let pair = reserve${both}(spn, 0, 0); ${halves}`),
    ins(`ldaxp${infix}`, `${size} 001000 011 11111 1 ${t2}:5 spn:5 ${t}:5`, `${t}, ${t2}, ${BASE}`, `let pair = reserve${both}(spn, 1, 0); ${halves}`),
  ];
}

// The new contents from `old` and the register's `operand`.
// prettier-ignore
const operations = [
  { name: "ldadd",  bits: "0 000", update: "old + operand" },
  { name: "ldclr",  bits: "0 001", update: "old & ~operand" },
  { name: "ldeor",  bits: "0 010", update: "old ^ operand" },
  { name: "ldset",  bits: "0 011", update: "old | operand" },
  { name: "ldsmax", bits: "0 100", update: "old >s operand ? old : operand" },
  { name: "ldsmin", bits: "0 101", update: "old <s operand ? old : operand" },
  { name: "ldumax", bits: "0 110", update: "old >u operand ? old : operand" },
  { name: "ldumin", bits: "0 111", update: "old <u operand ? old : operand" },
  { name: "swp",    bits: "1 000", update: "operand" },
] as const;

// Acquire and release stand in the mnemonic before the letter of the size: `ldaddalb`.
function orderOf({ letter }: Width): string {
  return `order${letter}`;
}

function atomics(w: Width): InstructionRow[] {
  const { size, letter, infix, x } = w;
  const [bits, s, t, order] = [String(w.bits), `${x}s`, `${x}t`, orderOf(w)];
  return operations.map(({ name, bits: opcode, update }) =>
    ins(
      name + (letter === "" ? infix : `:${letter}`),
      `${size} 111 0 00 ${order}:2 1 ${s}:5 ${opcode} 00 spn:5 ${t}:5`,
      `{${order}} ${s}, ${t}, ${BASE}`,
      `let operand = trunc${bits}(${s}); ` +
        `${t} = ${loaded(w, `atomic${bits}(spn, old -> ${update}, ${order}[1], ${order}[0])`)}`,
    ),
  );
}

// Compares memory with the first register, which receives the old contents, and stores the second if they are equal.
function compareAndSwap(w: Width): InstructionRow {
  const { size, letter, infix, x } = w;
  const [bits, s, t, order] = [String(w.bits), `${x}s`, `${x}t`, orderOf(w)];
  return ins(
    "cas" + (letter === "" ? infix : `:${letter}`),
    `${size} 001000 1 ${order}[1] 1 ${s}:5 ${order}[0] 11111 spn:5 ${t}:5`,
    `{${order}} ${s}, ${t}, ${BASE}`,
    `let expected = trunc${bits}(${s}); let wanted = trunc${bits}(${t}); ` +
      `${s} = ${loaded(w, `atomic${bits}(spn, old -> old == expected ? wanted : old, ${order}[1], ${order}[0])`)}`,
  );
}

// The same for two registers; the first of each pair has an even number and belongs to the lower address.
function compareAndSwapPair({ infix, x, bits }: Width): InstructionRow {
  const [s, t, both] = [`${x}s`, `${x}t`, String(2 * bits)];
  return ins(
    `casp${infix}`,
    `0 ${x === "x" ? "1" : "0"} 001000 0 order[1] 1 ${s}[4:1] 0 order[0] 11111 spn:5 ${t}[4:1] 0; ${s}2 = ${s} + 1, ${t}2 = ${t} + 1`,
    `{order} ${s}, ${s}2, ${t}, ${t}2, ${BASE}`,
    `let expected = concat(${s}2, ${s}); let wanted = concat(${t}2, ${t}); ` +
      `let found = atomic${both}(spn, old -> old == expected ? wanted : old, order[1], order[0]); ` +
      `${s} = found[${String(bits - 1)}:0]; ${s}2 = found[${String(2 * bits - 1)}:${String(bits)}]`,
  );
}

export const atomicAccesses = instructions("Atomics", () => [
  ...widths.flatMap(exclusives),
  ...widths.slice(2).flatMap(exclusivePairs),
  ins("clrex", "11010101000000110011 imm:4 010 11111", "#imm", "clearReservation(imm)"),
  ...widths.flatMap(atomics),
  ...widths.map(compareAndSwap),
  ...widths.slice(2).map(compareAndSwapPair),
]);
