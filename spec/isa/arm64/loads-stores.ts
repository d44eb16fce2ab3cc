// Loads and stores of general registers (Arm DDI 0487, C4.1.94): one register in all addressing modes, pairs, literals.
// Relies on rows.ts. The unprivileged forms (ldtr, sttr) are a group of their own: at EL1 machines make their accesses
// with the rights of EL0. A register that is loaded twice, or loaded and written back, is unpredictable; here the base wins.

import { ins, instructions } from "../rows.ts";
import type { InstructionRow } from "../schema.ts";

/** Views of vector registers, which have the same addressing modes (simd-loads-stores.ts). */
export type VectorLetter = "q" | "d" | "s" | "h" | "b";

/** Width of a register operand by its letter. */
const registerBits = { q: 128, x: 64, d: 64, w: 32, s: 32, h: 16, b: 8 } as const;

function widthOf(operand: Access["t"]): string {
  const letter = operand.charAt(0) as keyof typeof registerBits; // by the type of `t`
  return String(registerBits[letter]);
}

// Bit 26: set for vector registers.
function vectorBit(operand: Access["t"]): string {
  return operand === "xt" || operand === "wt" ? "0" : "1";
}

/** One instruction with all its addressing modes. */
export interface Access {
  readonly name: string;
  /** Between mnemonic and form: `ldr:w:post`. */
  readonly infix: "" | ":w" | `:${VectorLetter}`;
  /** The register operand. */
  readonly t: "xt" | "wt" | `${VectorLetter}t`;
  /** log2 of the bytes. */
  readonly scale: 0 | 1 | 2 | 3 | 4;
  /** Bits 31 and 30, and 23 and 22. */
  readonly size: string;
  readonly opc: string;
  /** The loaded register's new value, null for a store. */
  readonly extend: "zext" | "sext" | null;
}

// prettier-ignore
const accesses: readonly Access[] = [
  { name: "strb",  infix: "",   t: "wt", scale: 0, size: "00", opc: "00", extend: null },
  { name: "ldrb",  infix: "",   t: "wt", scale: 0, size: "00", opc: "01", extend: "zext" },
  { name: "ldrsb", infix: "",   t: "xt", scale: 0, size: "00", opc: "10", extend: "sext" },
  { name: "ldrsb", infix: ":w", t: "wt", scale: 0, size: "00", opc: "11", extend: "sext" },
  { name: "strh",  infix: "",   t: "wt", scale: 1, size: "01", opc: "00", extend: null },
  { name: "ldrh",  infix: "",   t: "wt", scale: 1, size: "01", opc: "01", extend: "zext" },
  { name: "ldrsh", infix: "",   t: "xt", scale: 1, size: "01", opc: "10", extend: "sext" },
  { name: "ldrsh", infix: ":w", t: "wt", scale: 1, size: "01", opc: "11", extend: "sext" },
  { name: "str",   infix: ":w", t: "wt", scale: 2, size: "10", opc: "00", extend: null },
  { name: "ldr",   infix: ":w", t: "wt", scale: 2, size: "10", opc: "01", extend: "zext" },
  { name: "ldrsw", infix: "",   t: "xt", scale: 2, size: "10", opc: "10", extend: "sext" },
  { name: "str",   infix: "",   t: "xt", scale: 3, size: "11", opc: "00", extend: null },
  { name: "ldr",   infix: "",   t: "xt", scale: 3, size: "11", opc: "01", extend: "zext" },
];

// The access at `address`; `then` follows it (a writeback, which must not come before a trap).
function effectAt({ t, scale, extend }: Access, address: string, then = ""): string {
  const bits = String(8 << scale);
  if (extend === null) return `store${bits}(${address}, trunc${bits}(${t}))${then}`;
  const value = (loaded: string): string => `${t} = ${extend}${bits}to${widthOf(t)}(${loaded})`;
  const load = `load${bits}(${address})`;
  return value(load) + then;
}

// The names of the forms with an unscaled offset: `ldur`, and `ldtr` for an access with user rights.
function unscaledName(name: string, letter: "u" | "t"): string {
  return name.replace(/^(ld|st)/, `$1${letter}`);
}

/** Offsets scaled and not, before and after. */
export function immediateRows(a: Access): InstructionRow[] {
  const start = `${a.size} 111 ${vectorBit(a.t)}`;
  const scaled = `imm[${String(11 + a.scale)}:${String(a.scale)}]`;
  const back = "; spn = to";
  // prettier-ignore
  return [
    ins(`${a.name}${a.infix}`,      `${start} 01 ${a.opc} ${scaled} spn:5 ${a.t}:5`,      `${a.t}, [spn{, #imm}]`,  effectAt(a, "spn + imm")),
    ins(`${a.name}${a.infix}:post`, `${start} 00 ${a.opc} 0 simm:9 01 spn:5 ${a.t}:5`,    `${a.t}, [spn], #simm`,   `let to = spn + simm; ${effectAt(a, "spn", back)}`),
    ins(`${a.name}${a.infix}:pre`,  `${start} 00 ${a.opc} 0 simm:9 11 spn:5 ${a.t}:5`,    `${a.t}, [spn, #simm]!`,  `let to = spn + simm; ${effectAt(a, "to", back)}`),
    ins(unscaledName(a.name, "u") + a.infix, `${start} 00 ${a.opc} 0 simm:9 00 spn:5 ${a.t}:5`, `${a.t}, [spn{, #simm}]`, effectAt(a, "spn + simm")),
  ];
}

// With user rights; vector registers have no such form.
function unprivilegedRow(a: Access): InstructionRow {
  const encoding = `${a.size} 111 0 00 ${a.opc} 0 simm:9 10 spn:5 ${a.t}:5`;
  return ins(
    unscaledName(a.name, "t") + a.infix,
    encoding,
    `${a.t}, [spn{, #simm}]`,
    effectAt(a, "spn + simm"),
  );
}

// The index register's extension, how it is named and written.
const indexes = [
  { option: "010", form: "uxtw", m: "wm", word: "uxtw", value: "zext32to64(wm)" },
  { option: "011", form: "reg", m: "xm", word: "lsl", value: "xm" },
  { option: "110", form: "sxtw", m: "wm", word: "sxtw", value: "sext32to64(wm)" },
  { option: "111", form: "sxtx", m: "xm", word: "sxtx", value: "xm" },
] as const;

// With S the index is shifted by the access's size. An `lsl` by nothing is not written.
/** Offsets in registers. */
export function indexedRows(a: Access): InstructionRow[] {
  const start = `${a.size} 111 ${vectorBit(a.t)} 00 ${a.opc} 1`;
  const scale = String(a.scale);
  return indexes.flatMap(({ option, form, m, word, value }) => {
    const name = `${a.name}${a.infix}:${form}`;
    const rest = (s: string): string => `${start} ${m}:5 ${option} ${s} 10 spn:5 ${a.t}:5`;
    const plain = word === "lsl" ? "" : `, ${word}`;
    // prettier-ignore
    return [
      ins(name,             rest("0"), `${a.t}, [spn, ${m}${plain}]`,             effectAt(a, `spn + ${value}`)),
      ins(`${name}:scaled`, rest("1"), `${a.t}, [spn, ${m}, ${word} #${scale}]`,  effectAt(a, `spn + (${value} << ${scale})`)),
    ];
  });
}

// prettier-ignore
const literals: readonly InstructionRow[] = [
  ins("ldr:w:literal", "00 011 0 00 target[20:2] wt:5", "wt, target", "wt = load32(pc + target)"),
  ins("ldr:literal",   "01 011 0 00 target[20:2] xt:5", "xt, target", "xt = load64(pc + target)"),
  ins("ldrsw:literal", "10 011 0 00 target[20:2] xt:5", "xt, target", "xt = sext32(load32(pc + target))"),
];

function prefetchRows(): InstructionRow[] {
  const row = (name: string, encoding: string, address: string, value: string): InstructionRow =>
    ins(name, encoding, `prefetch, ${address}`, `prefetch(${value}, prefetch)`);
  const start = "11 111 0 00 10";
  // prettier-ignore
  return [
    row("prfm",         "11 111 0 01 10 imm[14:3] spn:5 prefetch:5", "[spn{, #imm}]",  "spn + imm"),
    row("prfum",        `${start} 0 simm:9 00 spn:5 prefetch:5`,     "[spn{, #simm}]", "spn + simm"),
    row("prfm:literal", "11 011 0 00 target[20:2] prefetch:5",       "target",         "pc + target"),
    ...indexes.flatMap(({ option, form, m, word, value }) => [
      row(`prfm:${form}`,        `${start} 1 ${m}:5 ${option} 0 10 spn:5 prefetch:5`, `[spn, ${m}${word === "lsl" ? "" : `, ${word}`}]`, `spn + ${value}`),
      row(`prfm:${form}:scaled`, `${start} 1 ${m}:5 ${option} 1 10 spn:5 prefetch:5`, `[spn, ${m}, ${word} #3]`, `spn + (${value} << 3)`),
    ]),
  ];
}

/** A pair of registers side by side in memory. */
export interface Pair {
  readonly name: string;
  readonly infix: Access["infix"];
  readonly opc: string;
  readonly t: Access["t"];
  readonly scale: 2 | 3 | 4;
  readonly extend: "zext" | "sext" | null;
}

// prettier-ignore
const pairs: readonly Pair[] = [
  { name: "stp",   infix: ":w", opc: "00", t: "wt", scale: 2, extend: null },
  { name: "ldp",   infix: ":w", opc: "00", t: "wt", scale: 2, extend: "zext" },
  { name: "ldpsw", infix: "",   opc: "01", t: "xt", scale: 2, extend: "sext" },
  { name: "stp",   infix: "",   opc: "10", t: "xt", scale: 3, extend: null },
  { name: "ldp",   infix: "",   opc: "10", t: "xt", scale: 3, extend: "zext" },
];

// Two accesses, the one at the lower address first; both before any register is written.
function pairEffect(p: Pair, address: string, then = ""): string {
  const [bits, step] = [String(8 << p.scale), String(1 << p.scale)];
  const at = `let first = ${address}; `;
  if (p.extend === null)
    return `${at}store${bits}(first, ${p.t}); store${bits}(first + ${step}, ${p.t}2)${then}`;
  const value = (v: string): string => `${p.extend ?? ""}${bits}to${widthOf(p.t)}(${v})`;
  const loads = `let v1 = load${bits}(first); let v2 = load${bits}(first + ${step})`;
  return `${at}${loads}; ${p.t}2 = ${value("v2")}; ${p.t} = ${value("v1")}${then}`;
}

/** A pair's addressing modes. */
export function pairRows(p: Pair): InstructionRow[] {
  const load = p.extend === null ? "0" : "1";
  const offset = `simm[${String(6 + p.scale)}:${String(p.scale)}]`;
  const row = (name: string, mode: string, syntax: string, effect: string): InstructionRow =>
    ins(
      name,
      `${p.opc} 101 ${vectorBit(p.t)} ${mode} ${load} ${offset} ${p.t}2:5 spn:5 ${p.t}:5`,
      `${p.t}, ${p.t}2, ${syntax}`,
      effect,
    );
  const name = `${p.name}${p.infix}`;
  // prettier-ignore
  const rows = [
    row(name,           "010", "[spn{, #simm}]", pairEffect(p, "spn + simm")),
    row(`${name}:post`, "001", "[spn], #simm",   `let to = spn + simm; ${pairEffect(p, "spn", "; spn = to")}`),
    row(`${name}:pre`,  "011", "[spn, #simm]!",  `let to = spn + simm; ${pairEffect(p, "to", "; spn = to")}`),
  ];
  if (p.extend === "sext") return rows;
  const streaming = `${p.extend === null ? "stnp" : "ldnp"}${p.infix}`;
  return [...rows, row(streaming, "000", "[spn{, #simm}]", pairEffect(p, "spn + simm"))];
}

export const loadsStores = instructions("LoadsStores", () => [
  ...accesses.flatMap(immediateRows),
  ...accesses.flatMap(indexedRows),
  ...literals,
  ...prefetchRows(),
  ...pairs.flatMap(pairRows),
]);

export const accessesAsUser = instructions("AccessesAsUser", () => accesses.map(unprivilegedRow));
