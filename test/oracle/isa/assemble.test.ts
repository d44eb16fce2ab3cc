// Our assembler against GNU as: every instruction form with sampled operands (all of them where there are few),
// short forms, aliases, constants, branches at their limits, expressions.

import { describe, expect, it } from "vitest";
import { assemble } from "../../../compiler/target/assembler/assemble.ts";
import type { AssemblerTarget } from "../../../compiler/target/assembler/assembler-target.ts";
import { arm64Target } from "../../../compiler/target/assembler/arm64-target.ts";
import { riscv64Target } from "../../../compiler/target/assembler/riscv64-target.ts";
import { arm64 } from "../../../spec/isa/arm64/arm64.ts";
import { riscv64 } from "../../../spec/isa/riscv64/riscv64.ts";
import { printInstruction, printWithAliases, READABLE } from "../../../spec/isa/syntax.ts";
import { formCount, Random, sampleValues, wordOf } from "../../isa/samples.ts";
import { arm64Tools, gnuAssemble } from "./gnu-tools.ts";

const SEED = 20261102;

/** Bytes of .text by our assembler. */
function ourBytes(text: string, target: AssemblerTarget = riscv64Target): Uint8Array {
  const { value, diagnostics } = assemble(text, target);
  expect(diagnostics.map((d) => `${d.message} at ${text.slice(d.span.start, d.span.end)}`)).toEqual([]);
  return value.sections.find((s) => s.name === ".text")?.bytes ?? new Uint8Array(0);
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
}

// GNU as fills the section up to its alignment; only what stands before that counts.
function expectSame(text: string): void {
  const ours = ourBytes(text);
  const theirs = gnuAssemble(text);
  expect(hex(ours), text.slice(0, 200)).toBe(hex(theirs.subarray(0, ours.length)));
  expect(hex(theirs.subarray(ours.length))).toMatch(/^(?:0100)?(?:13000000)*$/);
}

/** Both assemblers on one line each, in one run; the lines that differ. */
function differences(lines: readonly string[], option: string): string[] {
  const own = lines.map((line) => hex(ourBytes(`.option ${option}\n${line}`)));
  const text = lines.map((line) => `${line}\n.p2align 6, 0x99`);
  const theirs = gnuAssemble(`.option ${option}\n${text.join("\n")}`);
  let at = 0;
  const different: string[] = [];
  lines.forEach((line, i) => {
    const expected = own[i] ?? "";
    const end = Math.ceil((at + Math.max(1, expected.length / 2)) / 64) * 64;
    const found = hex(theirs.subarray(at, end));
    if (!found.startsWith(expected) || !/^(?:99)*$/.test(found.slice(expected.length)))
      different.push(`${line}: ours ${expected}, as ${found}`);
    at = end;
  });
  return different.slice(0, 40);
}

// GNU as reads branch targets as addresses; both read `. + distance`.
function lineOf(name: string, random: Random, round: number): string {
  const instruction = riscv64.instruction(name);
  const values = sampleValues(riscv64, instruction, random, round);
  const style = { comma: ", ", gap: " ", target: (d: number) => `. + ${String(d)}`.replace("+ -", "- ") };
  return printInstruction(riscv64, instruction, values, style);
}

// The words, not the text, of forms that binutils 2.40 refuses to read although it prints them.
const unreadable =
  /^(?:fence\s+(?:0,.*|\w+, 0)|fcvt\.d\.(?:s|wu?) .*|c\.(?:nop [^0]|addi \w+, 0$|slli|srli|srai|li zero|lui zero|mv zero|add zero|nop).*)/;

describe("every instruction form", () => {
  const random = new Random(SEED);
  const known = riscv64.instructions.filter((i) => i.group !== "Zicond");

  it("gives the bytes that the encoder gives, without short forms", () => {
    for (const instruction of riscv64.instructions) {
      const values = sampleValues(riscv64, instruction, random, 0);
      const target = (d: number): string => `. + ${String(d)}`.replace("+ -", "- ");
      const text = printInstruction(riscv64, instruction, values, { comma: ", ", gap: " ", target });
      const word = wordOf(riscv64, instruction, values);
      const bytes = ourBytes(`.option norvc\n${text}`);
      expect(hex(bytes), text).toBe(hex(littleEndian(word, instruction.encoding.bits / 8)));
    }
  });

  it.each(["norvc", "rvc"])("gives the bytes of GNU as (%s)", (option) => {
    const lines = new Set<string>();
    for (const { name } of known) {
      const rounds = Math.min(60, 2 * formCount(riscv64.instruction(name)));
      for (let round = 0; round < rounds; round += 1) lines.add(lineOf(name, random, round));
    }
    const readable = [...lines].filter((line) => !unreadable.test(line));
    expect(
      differences(option === "norvc" ? readable.filter((l) => !l.startsWith("c.")) : readable, option),
    ).toEqual([]);
  });
});

function littleEndian(word: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (word >>> (8 * i)) & 255);
}

describe("every instruction form of Arm64", () => {
  it("gives the bytes of GNU as, and what the encoder gives", () => {
    const random = new Random(SEED);
    const target = (d: number): string => `. + ${String(d)}`.replace("+ -", "- ");
    const samples = arm64.instructions.flatMap((instruction) =>
      Array.from({ length: Math.min(6, formCount(instruction)) }, (_, round) => {
        const values = sampleValues(arm64, instruction, random, round);
        return [printWithAliases, printInstruction].map((print) => ({
          text: print(arm64, instruction, values, { ...READABLE, target }),
          word: wordOf(arm64, instruction, values),
        }));
      }).flat(),
    );
    // The distance of adrp is one of pages, and text has no place for that.
    const readable = samples.filter(({ text }) => !/^adrp /.test(text));
    expect(readable.length).toBeGreaterThan(20_000);
    const lines = readable.map(({ text }) => text).join("\n");
    const [own, theirs] = [ourBytes(lines, arm64Target), gnuAssemble(lines, arm64Tools)];
    const different = readable.flatMap(({ text, word }, i) => {
      const expected = hex(littleEndian(word, 4));
      const [a, b] = [own, theirs].map((bytes) => hex(bytes.subarray(4 * i, 4 * i + 4)));
      return a === expected && b === expected ? [] : [`${text}: ${expected}, ours ${a ?? ""}, as ${b ?? ""}`];
    });
    expect(different.slice(0, 40)).toEqual([]);
  });
});

describe("lists of registers of Arm64", () => {
  it("written out and by their ends, with blanks or without, are what GNU as reads", () => {
    const lines: string[] = [];
    const write = (count: number, name: string, rest: string): void => {
      const registers = Array.from({ length: count }, (_, i) => `v${String(27 + i)}${name}`);
      const [first = "", last = ""] = [registers[0], registers.at(-1)];
      for (const list of [registers.join(", "), `${first}-${last}`, ` ${first} - ${last} `]) {
        lines.push(rest.replace("@", `{${list}}`));
      }
    };
    for (const count of [2, 3, 4]) {
      const n = String(count);
      write(count, ".16b", "ld1 @, [x0]");
      write(count, ".1d", `st1 @, [sp], #${String(8 * count)}`);
      write(count, ".4h", `ld${n} @, [x1], x2`);
      write(count, ".s", `st${n} @[3], [x1]`);
      write(count, ".2d", `ld${n}r @, [x3]`);
      write(count, ".16b", "tbl v0.8b, @, v1.8b");
    }
    const text = lines.join("\n");
    expect(hex(ourBytes(text, arm64Target))).toBe(hex(gnuAssemble(text, arm64Tools)));
  });
});

describe("what only the assembler knows", () => {
  it("constants of all sizes", () => {
    const random = new Random(SEED + 1);
    const values = Array.from({ length: 400 }, () => random.value64());
    const edges = [
      2047n,
      2048n,
      -2048n,
      -2049n,
      0x7ffff7ffn,
      0x7ffff800n,
      -0x80000000n,
      1n << 32n,
      (1n << 63n) - 1n,
    ];
    const lines = [...edges, ...values].map(
      (v) => `li a${String(random.below(8))}, ${String(BigInt.asIntN(64, v))}`,
    );
    expect(differences(lines, "norvc")).toEqual([]);
    expect(differences(lines, "rvc")).toEqual([]);
  });

  it("aliases", () => {
    const lines = `nop;mv a0, a1;not a0, a1;neg a0, a1;negw a0, a1;sext.w a0, a1;zext.b a0, a1;zext.w a0, a1
      seqz a0, a1;snez a0, a1;sltz a0, a1;sgtz a0, a1;sgt a0, a1, a2;sgtu a0, a1, a2;zext.h a0, a1;sext.b a0, a1
      j . + 20;jal . - 8;ret;jr a0;jr 4(a0);jalr a1;jalr 8(a1);jalr a0, a1, 4;jalr a0, a1;jalr zero, 0(t0)
      beqz a0, . + 8;bnez t0, . + 8;bltz a0, . - 4;bgez a0, . + 8;blez a0, . + 8;bgtz a0, . + 8
      bgt a0, a1, . + 8;ble a0, a1, . + 8;bgtu a0, a1, . + 8;bleu a0, a1, . + 8
      add a0, a1, 5;addw a0, a1, -5;and a0, a0, 15;or a0, a1, 1;xor a0, a1, -1;slt a0, a1, 3;sltu a0, a1, 3
      sll a0, a1, 3;srl a0, a1, 3;sra a0, a0, 3;sllw a0, a1, 3;srlw a0, a1, 3;sraw a0, a1, 3;ror a0, a1, 3
      rorw a0, a1, 3;bset a0, a1, 40;bclr a0, a1, 40;binv a0, a1, 40;bext a0, a1, 40
      rdcycle a0;rdtime a0;rdinstret a0;unimp;csrr a0, mepc;csrw mtvec, a0;csrs mie, a0;csrc mie, a0
      csrwi mie, 3;csrsi mie, 3;csrci mie, 3;csrw mie, 3;csrs mie, 3;csrrw a0, mie, 3;csrr a0, 0x7c0
      fence;fence rw, w;fence.tso;sfence.vma;sfence.vma a0;sfence.vma a0, a1;fence.i;ecall;ebreak;wfi;mret
      lr.w a0, 0(a1);amoadd.d.aq a0, a1, 0(a2);sc.d.aqrl a0, a1, (a2);lw a0, (a1);sd a0, -8(sp)
      frflags a0;fsflags a0;fsflags a0, a1;fsflagsi 3;fsflagsi a0, 3;frrm a0;fsrm a0;fsrm a0, a1;fsrmi 2;fsrmi a0, 2
      frcsr a0;fscsr a0;fscsr a0, a1;frsr a0;fssr a0;fssr a0, a1;csrr a0, fcsr
      fmv.s fa0, fa1;fneg.s fa0, fs1;fabs.s ft11, f3;fmv.d fa0, fa1;fneg.d fa0, fs11;fabs.d fa0, fa1
      fgt.s a0, fa1, fa2;fge.s a0, fa1, fa2;fgt.d a0, fa1, fa2;fge.d a0, fa1, fa2;fmv.x.s a0, fa1;fmv.s.x fa0, a1
      fadd.s fa0, fa1, fa2;fadd.s fa0, fa1, fa2, rtz;fsqrt.d fa0, fa1;fsqrt.d fa0, fa1, dyn;fmadd.d f0, f1, f2, f3
      fnmsub.s fa0, fa1, fa2, fa3, rmm;fcvt.w.d a0, fa0;fcvt.w.d a0, fa0, rtz;fcvt.d.w fa0, a0;fcvt.d.s fa0, fa1
      fcvt.d.l fa0, a0;fcvt.s.lu fa0, a0, rup;fcvt.s.d fa0, fa1;fld fa0, (a0);fsd fa0, 8(sp);flw fa0, -4(a1)
      fld fs0, 16(s1);fsd fs0, 16(s1);fld ft3, 504(sp);fsd ft3, 504(sp);fsw fs0, 16(s1)
      addi a0, a1, %lo(0x12345678);lui a0, %hi(0x12345fff);lb x5, 3(x6);addi fp, sp, 16`
      .split(/[;\n]/)
      .map((line) => line.trim());
    expect(differences(lines, "norvc")).toEqual([]);
    // GNU as shortens `jr t0` but not its long spelling, and has a short unimp.
    const shortened = lines.filter((line) => line !== "jalr zero, 0(t0)" && line !== "unimp");
    expect(differences(shortened, "rvc")).toEqual([]);
  });

  it.each([
    { name: "conditional, short", branch: "beqz a0, far", step: "c.nop", counts: [126, 127, 128] },
    {
      name: "conditional, long",
      branch: "bne a0, a1, far",
      step: "c.nop",
      counts: [2044, 2045, 2046, 2047, 2048],
    },
    { name: "jump, short", branch: "j far", step: "c.nop", counts: [1022, 1023, 1024] },
  ])("branches at their limits: $name", ({ branch, step, counts }) => {
    for (const count of counts) {
      const forward = `${branch}\n${`${step}\n`.repeat(count)}far: ret\n`;
      const backward = `far: ret\n${`${step}\n`.repeat(count)}${branch}\n`;
      for (const text of [forward, backward]) expectSame(text);
    }
  });

  it("operators and their order", () => {
    const values = [
      "1 + 2 << 3",
      "7 & 3 | 8",
      "1 | 2 * 3",
      "-4 >> 60",
      "~5 + 2",
      "10 % 4 * 3",
      "100 / 7",
      "6 ^ 3 - 1",
    ];
    const text = values.map((value) => `.dword ${value}`).join("\n");
    expectSame(text);
  });

  it("data, alignment and strings", () => {
    const text = String.raw`
      .byte 1, -1, 255, 'a'; .half 0x1234; .p2align 2; .word a - b, N; .dword -1
      b: .ascii "x\ty\\\"\101\x42"; a: .asciz "é"; .string "p", "q"
      .set N, 5
      .balign 8, 0xcc
      .fill 3, 2, 0x55; .space 5, 7; .zero 3; .skip 2
      .p2align 4,,3
      1: .word 1b - ., 1f - 1b
      1: .2byte 1; .4byte 2; .8byte 3; .short 4; .hword 5; .int 6; .long 7; .quad 8
      .p2align 3`;
    expectSame(text);
  });

  it("padding between instructions", () => {
    const text = "c.nop\n.p2align 4\nadd a0, a0, a1\n.option norvc\nadd a0, a0, a1\n.p2align 5\nret\n";
    expectSame(text);
  });
});
