// RV64 registers and their names in the psABI (RISC-V unprivileged manual 2.1; psABI "Integer register convention").
// Relies on nothing. ABI names are what we print; x-names and `fp` are read too.

import type { RegisterClass, RegisterFile } from "../schema.ts";

// prettier-ignore
const abiNames = [
  "zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0", "a1", "a2", "a3", "a4", "a5",
  "a6", "a7", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
] as const;

// prettier-ignore
const floatNames = [
  "ft0", "ft1", "ft2", "ft3", "ft4", "ft5", "ft6", "ft7", "fs0", "fs1", "fa0", "fa1", "fa2", "fa3", "fa4", "fa5",
  "fa6", "fa7", "fs2", "fs3", "fs4", "fs5", "fs6", "fs7", "fs8", "fs9", "fs10", "fs11", "ft8", "ft9", "ft10", "ft11",
] as const;

function numberedNames(prefix: string, first: number, count: number): Record<string, number> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`${prefix}${String(first + i)}`, first + i]),
  );
}

export const files: readonly RegisterFile[] = [
  { name: "x", width: 64, count: 32 },
  { name: "f", width: 64, count: 32 },
  // Accrued exception flags and the dynamic rounding.
  { name: "fflags", width: 5, count: 1 },
  { name: "frm", width: 3, count: 1 },
];

// A file of one entry that effects name as a whole; assembly text has no name for it.
function whole(name: string, width: number): RegisterClass {
  return { name, file: name, width, first: 0, count: 1, special: null, names: [name], aliases: {} };
}

export const classes: readonly RegisterClass[] = [
  // All integer registers; x0 reads as zero.
  {
    name: "x",
    file: "x",
    width: 64,
    first: 0,
    count: 32,
    special: { index: 0, file: null },
    names: abiNames,
    aliases: { ...numberedNames("x", 0, 32), fp: 8 },
  },
  // x8 to x15: what three bits of a compressed instruction can name.
  {
    name: "xc",
    file: "x",
    width: 64,
    first: 8,
    count: 8,
    special: null,
    names: abiNames.slice(8, 16),
    aliases: { ...numberedNames("x", 8, 8), fp: 8 },
  },
  {
    name: "f",
    file: "f",
    width: 64,
    first: 0,
    count: 32,
    special: null,
    names: floatNames,
    aliases: numberedNames("f", 0, 32),
  },
  // f8 to f15, as above.
  {
    name: "fc",
    file: "f",
    width: 64,
    first: 8,
    count: 8,
    special: null,
    names: floatNames.slice(8, 16),
    aliases: numberedNames("f", 8, 8),
  },
  whole("fflags", 5),
  whole("frm", 3),
];
