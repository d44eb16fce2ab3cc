// The loader: every wrong file gets its own clear answer, and no bytes make it throw.

import { expect, test } from "vitest";
import { memoryHost, runUserProgram, type RunResult } from "../../runtime/index.ts";
import { ELF_MACHINES, ET, PF, PT } from "../../spec/abi/elf.ts";
import { riscv64 } from "../../spec/isa/riscv64/riscv64.ts";
import { encode } from "../../spec/isa/encoding.ts";
import { CODE_AT, codeImage, elfImage, type ImageOptions, type ImageSegment } from "./support/elf-image.ts";

const exitWith7 = [
  encode(riscv64, "addi", { rd: 10, rs1: 0, imm: 7 }),
  encode(riscv64, "addi", { rd: 17, rs1: 0, imm: 93 }),
  encode(riscv64, "ecall", {}),
];
const code: ImageSegment = { address: CODE_AT, bytes: new Uint8Array(new Uint32Array(exitWith7).buffer) };

function load(bytes: Uint8Array): RunResult {
  return runUserProgram(bytes, { host: memoryHost(), maxInstructions: 1000 });
}

function problemOf(bytes: Uint8Array): string {
  const result = load(bytes);
  if (result.kind !== "rejected") return result.kind;
  const [first] = result.problems;
  return first === undefined ? "no problem" : `${first.code}: ${first.message}`;
}

function image(change: Partial<ImageOptions>): string {
  return problemOf(elfImage({ segments: [code], ...change }));
}

test("a right file runs", () => {
  expect(load(elfImage({ segments: [code] }))).toMatchObject({ kind: "exit", exitCode: 7, instructions: 3n });
});

test("files that are not ELF", () => {
  expect(problemOf(new Uint8Array(0))).toBe("R0001: expected an ELF file, found an empty file");
  expect(problemOf(new Uint8Array([0x7f]))).toBe("R0001: expected an ELF file, found a file of 1 bytes");
  expect(problemOf(new TextEncoder().encode("#!/bin/sh\n"))).toBe(
    "R0001: expected an ELF file, found a file that starts with 23 21 2f 62",
  );
});

test("cut off in the header, in the program headers, in a segment", () => {
  const whole = elfImage({ segments: [code] });
  expect(problemOf(whole.subarray(0, 40))).toBe(
    "R0002: the file ends early: the file header needs 64 bytes, found 40",
  );
  const narrow = whole.slice();
  narrow[54] = 55; // e_phentsize
  expect(problemOf(narrow)).toBe("R0014: expected program headers of at least 56 bytes, found 55");
  expect(problemOf(whole.subarray(0, 100))).toContain(
    "R0002: the file ends early: the program header table needs 120",
  );
  expect(problemOf(whole.subarray(0, 125))).toContain(
    "R0002: the file ends early: segment 0 needs 132 bytes, found 125",
  );
});

test("other kinds of machine and file", () => {
  expect(image({ elfClass: 1 })).toBe(
    "R0003: expected a 64-bit little-endian ELF file, found 32-bit little-endian",
  );
  expect(image({ machine: 62 })).toBe("R0004: expected a program for riscv64 or arm64, found one for x86-64");
  // Its words are no Arm64 instructions, but the file as such is one that can be loaded.
  expect(image({ machine: ELF_MACHINES.arm64 })).toBe("fault");
  expect(image({ machine: 4711 })).toContain("found one for machine number 4711");
  expect(image({ type: ET.REL })).toBe("R0005: expected an executable, found a relocatable object file");
  expect(image({ type: ET.CORE })).toContain("R0005: expected an executable, found a core dump");
  expect(image({ type: ET.DYN })).toContain("R0012: position-independent executables are not supported yet");
  const loader = { type: PT.INTERP, address: 0, bytes: new TextEncoder().encode("/lib/ld.so\0") };
  expect(image({ segments: [code, loader] })).toContain(
    "R0006: the program needs the dynamic loader `/lib/ld.so`",
  );
});

test("segments that cannot be", () => {
  expect(image({ segments: [] })).toBe("R0009: the program has no loadable segment");
  const shifted = { ...code, address: CODE_AT + 8 };
  expect(image({ segments: [code, shifted] })).toBe("R0007: segments 0 and 1 overlap at 0x00010008");
  expect(image({ segments: [{ ...code, memoryBytes: 4 }] })).toBe(
    "R0010: segment 0 holds more bytes in the file than in memory",
  );
  expect(image({ segments: [code, { ...code, address: 2 ** 60 }] })).toContain("R0010: segment 1 ends at");
});

test("a segment may be large, but ends below the stack and its gap", () => {
  const ceiling = 0x3f_ffff_f000 - (9 << 20);
  const ending = (end: number): ImageSegment => ({ ...code, memoryBytes: end - CODE_AT });
  expect(image({ segments: [ending(ceiling)] })).toBe("exit");
  expect(image({ segments: [ending(ceiling + 1)] })).toBe(
    "R0010: segment 0 ends at 0x3fff6ff001, and the stack needs what lies above 0x3fff6ff000",
  );
  const small = runUserProgram(elfImage({ segments: [ending(ceiling + 1)] }), {
    host: memoryHost(),
    stackBytes: 1 << 20,
  });
  expect(small.kind).toBe("exit");
});

test("an entry point outside the text", () => {
  expect(image({ entry: CODE_AT + 0x100 })).toContain(
    "R0008: the entry point 0x00010100 is not in an executable",
  );
  expect(image({ segments: [{ ...code, flags: PF.R }] })).toContain("R0008");
  expect(image({ entry: CODE_AT + 2, machine: ELF_MACHINES.arm64 })).toBe(
    "R0016: the entry point 0x00010002 is not a multiple of 4, as instructions are",
  );
  expect(image({ entry: CODE_AT + 1 })).toBe(
    "R0016: the entry point 0x00010001 is not a multiple of 2, as instructions are",
  );
  expect(image({ entry: CODE_AT + 2 })).toBe("exit"); // that half is an instruction of its own
});

test("a program larger than the machine's memory", () => {
  const big = { address: 0x100000, bytes: new Uint8Array(1 << 21), flags: PF.R | PF.W };
  const bytes = elfImage({ segments: [code, big] });
  const result = runUserProgram(bytes, { host: memoryHost(), memoryBytes: 1 << 20 });
  expect(result).toMatchObject({
    kind: "rejected",
    problems: [
      { code: "R0011", message: "the program needs more than the 1048576 bytes that the machine has" },
    ],
  });
});

test("every prefix and random damage give an answer, never an exception", () => {
  const whole = codeImage(exitWith7);
  for (let length = 0; length < whole.length; length += 3) load(whole.subarray(0, length));
  let random = 12345;
  const next = (limit: number): number => {
    random = (Math.imul(random, 1103515245) + 12345) >>> 0;
    return (random >>> 8) % limit;
  };
  for (let round = 0; round < 200; round += 1) {
    const damaged = whole.slice();
    for (let i = 0; i < 3; i += 1) damaged[next(damaged.length)] = next(256);
    runUserProgram(damaged, { host: memoryHost(), maxInstructions: 1000, executor: "reference" });
  }
});
