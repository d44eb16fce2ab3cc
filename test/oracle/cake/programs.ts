// Lab programs and C shims for the link interface of `cake --pancake`.

/** The body of a function with a frame: calls keep the return address. */
const framed = (body: string): string => `  addi sp, sp, -16
  sd ra, 8(sp) : stack
${body}
  ld ra, 8(sp) : stack
  addi sp, sp, 16
  return`;

/** A recursive function as the back end makes it: it checks the stack itself and uses callee-saved registers. */
const deep = `export section deep(1) -> 1 frame 32 {
  t2 = @stacklimit
  ld t2, 0(t2) : stack
  addi t6, sp, -32
  if bltu sp, t2 then b2
  if bltu t6, t2 then b2
  addi sp, sp, -32
  sd ra, 24(sp) : stack
  sd s0, 16(sp) : stack
  sd s1, 8(sp) : stack
  if beq a0, zero then b1
  addi s0, a0, 0
  addi s1, zero, 77
  addi a0, a0, -1
  call deep
  add a0, a0, s0
b1:
  ld s1, 8(sp) : stack
  ld s0, 16(sp) : stack
  ld ra, 24(sp) : stack
  addi sp, sp, 32
  return
b2:
  trap stackExhausted
}`;

/** Everything that C can see: exports of 0 to 4 arguments, globals, heap words, foreign calls, recursion. */
export const fullProgram = `isa riscv64; entry main; globals 2;
need main 16; need f0 0; need f1 0; need f2 0; need f3 0; need f4 0; need again 16; need big 600; need probe 16;
section main(0) -> 1 frame 16 {
${framed(`  addi a0, zero, 5
  t0 = @globals
  sd a0, 0(t0) : global
  a0 = @base
  ld a0, 8(a0) : local
  t0 = @globals + 8
  sd a0, 0(t0) : global
  a0 = @base
  a1 = @top
  addi a2, zero, 2
  addi a3, zero, 3
  foreign report
  addi a0, zero, 42`)}
}
export section f0(0) -> 1 frame 0 {
  t0 = @globals
  ld a0, 0(t0) : global
  addi a0, a0, 1
  sd a0, 0(t0) : global
  return
}
export section f1(1) -> 1 frame 0 {
  t0 = @globals + 8
  ld t0, 0(t0) : global
  add a0, a0, t0
  return
}
export section f2(2) -> 1 frame 0 {
  sub a0, a0, a1
  return
}
export section f3(3) -> 1 frame 0 {
  sub a0, a0, a1
  mul a0, a0, a2
  return
}
export section f4(4) -> 1 frame 0 {
  sub a0, a0, a1
  mul a0, a0, a2
  add a0, a0, a3
  return
}
export section again(1) -> 1 frame 16 {
${framed("  foreign reenter\n  addi a0, zero, 9")}
}
export section probe(1) -> 1 frame 16 {
${framed("  foreign probe\n  addi a0, zero, 1")}
}
export section big(0) -> 1 frame 600 {
  addi a0, zero, 6
  return
}
${deep}
`;

/** A program whose `main` recurses: the stack runs out while `cml_main` runs. */
export const deepMain = `isa riscv64; entry main;
section main(0) -> 1 frame 16 {
${framed("  lui a0, 16\n  call deep")}
}
${deep.replace("export section", "section")}
`;

/** Without exported functions: what a program without `--main_return` looks like. */
export const plainMain = `isa riscv64; entry main;
need main 200;
section main(0) -> 1 frame 16 {
${framed("  addi a0, zero, 1\n  addi a1, zero, 2\n  addi a2, zero, 3\n  addi a3, zero, 4\n  foreign report\n  addi a0, zero, 7")}
}
`;
