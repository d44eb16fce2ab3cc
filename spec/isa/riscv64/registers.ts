// RV64 registers and their names in the psABI (RISC-V unprivileged manual 2.1; psABI "Integer register convention").
// Relies on nothing. ABI names are what we print; x-names and `fp` are read too.

import type { RegisterClass, RegisterFile } from "../schema.ts";

// prettier-ignore
const abiNames = [
  "zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0", "a1", "a2", "a3", "a4", "a5",
  "a6", "a7", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
] as const;

function numberedNames(first: number, count: number): Record<string, number> {
  const numbered = Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`x${String(first + i)}`, first + i]),
  );
  return { ...numbered, fp: 8 };
}

export const files: readonly RegisterFile[] = [{ name: "x", width: 64, count: 32 }];

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
    aliases: numberedNames(0, 32),
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
    aliases: numberedNames(8, 8),
  },
];
