// Objects for the tests of this folder, made without outside tools.

import { parse } from "../../compiler/lang/lab/parse.ts";
import type * as lab from "../../compiler/lang/lab/ast.ts";
import { withDebugSections } from "../../compiler/object/dwarf/debug-sections.ts";
import type { ObjectFile } from "../../compiler/object/object-file.ts";
import { defaultOptions, type CompileOptions } from "../../compiler/options.ts";
import { labToObject } from "../../compiler/passes/lab-to-object.ts";

/** A program with a call, a foreign call, a global, an exported function and a trap. */
export const SAMPLE = `isa riscv64; entry main; globals 1;
section main(0) -> 1 frame 16 {
  addi sp, sp, -16
  sd ra, 8(sp) : stack
  addi a0, zero, 65
  foreign putchar
  t0 = @globals
  sd a0, 0(t0) : global
  call twice
  ld ra, 8(sp) : stack
  addi sp, sp, 16
  return
}
export section twice(1) -> 1 frame 0 {
  if beq a0, zero then b1
  add a0, a0, a0
  return
b1:
  trap unreachable
}
`;

/** An assembly file with a relocation of each kind that our own code needs, a literal and a table of addresses. */
export const ARM64_SAMPLE = `
    .globl _start
    .type _start, @function
_start:
    adrp    x0, there
    add     x1, x0, :lo12:there
    ldr     x2, [x0, :lo12:there]
    ldrb    w3, [x0, :lo12:there]
    adrp    x4, :got:there
    ldr     x4, [x4, :got_lo12:there]
    ldr     x5, =there
    movz    x6, #:abs_g0_nc:there
    bl      there
    b.eq    there
    tbz     x0, #1, there
    ret
    .size   _start, . - _start
    .section .text.there, "ax"
    .globl  there
there:
    adr     x0, _start
    ret
    .data
    .xword  there
    .word   there - .
`;

export function program(text: string): lab.Program {
  const parsed = parse(text);
  if (!parsed.ok) throw new Error(`${String(parsed.line)}: ${parsed.message}`);
  return parsed.value;
}

/** The object of a Lab text, with line rows that count the text's lines. */
export function objectOf(text: string, given: Partial<CompileOptions> = {}): ObjectFile {
  const options = { ...defaultOptions, ...given };
  const locate = (span: { readonly start: number }): { file: string; line: number; column: number } => ({
    file: "sample.pnk",
    line: text.slice(0, span.start).split("\n").length,
    column: 1,
  });
  return withDebugSections(labToObject(program(text), { options, name: "sample.pnk", locate }), {
    producer: "test",
    folder: "",
  });
}
