// Objects of our assembler in the hands of GNU tools: the same relocations and symbols as GNU as makes, and a program
// of two files, one by each assembler, linked by GNU ld and run by QEMU.

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { writeObject } from "../../../compiler/object/elf/write-object.ts";
import { assemble } from "../../../compiler/target/assembler/assemble.ts";
import { riscv64Target } from "../../../compiler/target/assembler/riscv64-target.ts";
import { MARCH, withScratch } from "./gnu-tools.ts";

const PREFIX = "riscv64-linux-gnu-";

function run(tool: string, ...args: readonly string[]): string {
  return execFileSync(PREFIX + tool, args, { encoding: "utf8" });
}

function ours(text: string): Uint8Array {
  const { value, diagnostics } = assemble(text, riscv64Target);
  expect(diagnostics.map((d) => d.message)).toEqual([]);
  return writeObject(value);
}

const source = String.raw`
        .section .text.start, "ax"
        .globl  _start, fill
        .type   _start, @function
_start: la      sp, stack_top
        lui     a0, %hi(message)
        addi    a0, a0, %lo(message)
        lw      a1, length
        call    show
        sw      a0, result, t0
        lw      a2, result
        beqz    a2, failed
        tail    leave
failed: ebreak
        .size   _start, . - _start
        .weak   absent
fill:   ld      a0, %lo(pointers)(t0)
        sd      a0, %lo(pointers + 8)(t0)
        .section .rodata
message: .ascii "from our assembler\n"
length: .word   length - message
        .data
        .p2align 3
        .type   pointers, @object
pointers: .dword message + 3, absent
        .size   pointers, 16
        .word   message - .
        .bss
        .balign 16
result: .zero   4
        .balign 16
stack:  .zero   256
stack_top:
`;

const partner = `
        .globl show, leave
show:   mv a2, a1
        mv a1, a0
        li a0, 1
        li a7, 64
        ecall
        ret
leave:  li a0, 7
        li a7, 93
        ecall
`;

// Relocations as objdump prints them, without the names of hidden labels.
function relocations(object: string): string[] {
  return run("objdump", "-r", object)
    .split("\n")
    .filter((line) => /^(RELOCATION|[0-9a-f]{16})/.test(line))
    .map((line) => line.replace(/\.L0\s*$/, "hidden").trim())
    .sort();
}

describe("objects", () => {
  it("have the relocations of GNU as", () => {
    withScratch((path) => {
      writeFileSync(path("in.s"), source);
      run("as", `-march=${MARCH}`, "-mabi=lp64", "-mno-relax", "-o", path("gnu.o"), path("in.s"));
      writeFileSync(path("our.o"), ours(source));
      // Branches inside a section are resolved by us and left to the linker by GNU as.
      const isBranch = (line: string): boolean => /R_RISCV_(RVC_)?(BRANCH|JUMP|JAL)/.test(line);
      expect(relocations(path("our.o"))).toEqual(
        relocations(path("gnu.o")).filter((line) => !isBranch(line)),
      );
    });
  });

  it("link with GNU ld and run under QEMU", () => {
    withScratch((path) => {
      writeFileSync(path("our.o"), ours(source));
      writeFileSync(path("partner.s"), partner);
      run("as", `-march=${MARCH}`, "-mabi=lp64", "-o", path("partner.o"), path("partner.s"));
      run("ld", "-Ttext=0x10000", "-o", path("program"), path("our.o"), path("partner.o"));
      let [status, output] = [0, ""];
      try {
        output = execFileSync("qemu-riscv64", [path("program")], { encoding: "utf8" });
      } catch (e) {
        const failure = e as { status: number; stdout: string }; // what execFileSync throws
        [status, output] = [failure.status, failure.stdout];
      }
      expect([status, output]).toEqual([7, "from our assembler\n"]);
    });
  });
});
