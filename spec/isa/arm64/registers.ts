// Arm64 registers and the ways in which operands see them (Arm DDI 0487, B1.2 and C1.2.5). Relies on nothing.
// Entry 31 of the file `x` holds the stack pointer: classes `xsp` and `wsp` see it, in `x` and `w` 31 is zero.

import type { RegisterClass, RegisterFile } from "../schema.ts";

const flags = ["flagN", "flagZ", "flagC", "flagV"] as const;

export const files: readonly RegisterFile[] = [
  { name: "x", width: 64, count: 32 },
  { name: "v", width: 128, count: 32 },
  ...flags.map((name) => ({ name, width: 1, count: 1 })),
  { name: "fpcr", width: 32, count: 1 },
  { name: "fpsr", width: 32, count: 1 },
  { name: "tpidr_el0", width: 64, count: 1 },
];

function numbered(letter: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${letter}${String(i)}`);
}

// Numbers 0 to 30, and what 31 is called.
function general(name: string, width: number, last: string, isZero: boolean): RegisterClass {
  return {
    name,
    file: "x",
    width,
    first: 0,
    count: 32,
    special: isZero ? { index: 31, file: null } : null,
    names: [...numbered(width === 64 ? "x" : "w", 31), last],
    aliases: width === 64 ? { fp: 29, lr: 30 } : {},
  };
}

function vector(name: string, width: number): RegisterClass {
  return {
    name,
    file: "v",
    width,
    first: 0,
    count: 32,
    special: null,
    names: numbered(name, 32),
    aliases: {},
  };
}

function single(name: string, width: number): RegisterClass {
  return { name, file: name, width, first: 0, count: 1, special: null, names: [name], aliases: {} };
}

export const classes: readonly RegisterClass[] = [
  general("x", 64, "xzr", true),
  general("w", 32, "wzr", true),
  general("xsp", 64, "sp", false),
  general("wsp", 32, "wsp", false),
  vector("v", 128),
  // What four bits can name.
  { ...vector("vlow", 128), count: 16, names: numbered("v", 16) },
  vector("q", 128),
  vector("d", 64),
  vector("s", 32),
  vector("h", 16),
  vector("b", 8),
  ...flags.map((name) => single(name, 1)),
  single("fpcr", 32),
  single("fpsr", 32),
  single("tpidr_el0", 64),
];
