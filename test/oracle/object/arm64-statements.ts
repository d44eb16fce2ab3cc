// Arm64 statements that GNU as and ours must read alike: the spellings that people write, not each instruction.

export const arm64Statements = String.raw` .arch armv8-a+nopauth
# a comment line
 .equ N, 64
 .globl main
 .section .text.a, "ax", @progbits
main: // comment
 stp x29, x30, [sp, #-32]!
 mov x29, sp
 stp x19, x20, [sp, 16]
 mov x8, #N
 mov x8, N
 mov w0, #'a'
 mov w1, 'b'
 mov x2, #0x12340000
 mov x3, #-1
 mov x4, #0xffffffffffff0000
 mov x5, #0x5555555555555555
 mov w6, #0xff00ff00
 mov sp, x9
 mov x9, sp
 add x0, x0, #-16
 sub sp, sp, #4096
 add sp, sp, 0x1000
 cmp x0, #4096
 cmp w0, #-1
 cmn x3, #-4096
 sub x0, x1, #-4096
 ldr x0, [x1, #-8]
 ldr x0, [x1, #3]
 ldr x0, [x1, N]
 ldr x0, [x1]
 ldr w0, [x1, w2, sxtw #2]
 ldr x0, [x1, x2, lsl #3]
 ldr x0, [x1, x2]
 strb w0, [x1], #1
 str x0, [x1, 8]!
 ldrb w0, [x1, #:lo12:bytes]
 ldrh w0, [x1, :lo12:bytes]
 ldr w0, [x1, :lo12:bytes+4]
 str x0, [x1, :lo12:bytes]
 ldrsw x0, [x1, :lo12:bytes]
 add x0, x0, :lo12:bytes
 add x0, x0, #:lo12:bytes
 adrp x0, bytes
 adrp x0, :pg_hi21:bytes
 adrp x0, :got:bytes
 ldr x0, [x0, :got_lo12:bytes]
 movz x0, #:abs_g3:bytes
 movk x0, #:abs_g2_nc:bytes
 movk x0, #:abs_g1_nc:bytes
 movk x0, :abs_g0_nc:bytes
 ldr x7, =bytes+8
 ldr x7, =0x123456789
 ldr w7, =77
 ldr x6, =bytes+8
1: b.eq 1b
 b.ne 2f
 beq 1b
 cbz x0, 2f
 cbnz w1, 1b
 tbz x0, #3, 2f
 tbnz w0, #31, 1b
 tbz x0, #63, 1b
2: b 1b
 bl ext
 b ext
 b.lo ext
 cbz x1, ext
 tbnz x1, 5, ext
 adr x0, 1b
 adr x0, ext
 ldr x3, lit
 ldr w3, lit
 ldrsw x3, lit
 ldr x3, ext
 ret
 ret x15
 br x1
 blr x2
 svc 0
 brk #1
 hvc #3
 .inst 0xd503201f
 nop
 mrs x0, mpidr_el1
 msr vbar_el1, x1
 mrs x3, tpidr_el0
 msr daifset, #2
 isb
 dsb sy
 dmb ish
 wfi
 wfe
 lsl x0, x1, #3
 lsl x0, x1, #N-60
 lsr w0, w1, #(1+2)
 lsl x0, x1, x2
 ubfx x0, x1, #4, #8
 csel x0, x1, x2, eq
 cset w0, ne
 cinc x0, x1, lt
 madd x0, x1, x2, x3
 mul x0, x1, x2
 udiv x0, x1, x2
 and x0, x0, #0xff
 and x0, x0, -16
 tst x0, #1
 orr x1, x2, x3, lsl #4
 mvn x0, x1
 neg x0, x1
 add x0, x1, w2, uxtw #2
 add sp, sp, x1
 cmp sp, x1
 sxtw x0, w1
 uxtb w0, w1
 eor w0, w1, w2
 .align 3
 .byte 1
 .balign 4
 nop
 .word 2, 3
lit: .xword 0x1122334455667788
 .ltorg
 ldr x0, =lit
 .word lit - main, ext - .
 .data
bytes: .quad bytes, lit, ext
 .hword bytes-lit2, 3
lit2:
 .xword ext - .
 .short 1
`;

/** Statements that neither takes. */
export const arm64Wrong: readonly string[] = [
  "add x0, x1, #4097",
  "add x0, w1, w2",
  "add sp, xzr, x1",
  "mov x0, #0x123456789",
  "mov w0, x1",
  "and x0, x0, #5",
  "and x0, x0, #0",
  "lsl x0, x1, #64",
  "lsr w0, w1, #32",
  "ldr x0, [x1, #40000]",
  "ldr x0, [w1]",
  "ldr x0, [x1, #8]!x",
  "ldp x0, x1, [x2, #4]",
  "str w0, [x1, x2, lsl #3]",
  "tbz w0, #32, .",
  "b.xx .",
  "movz x0, #1, lsl #8",
  "ubfx x0, x1, #60, #8",
  "csel x0, x1, x2, zz",
  "svc #65536",
  "ldrb x0, [x1]",
  "adrp x0",
  "msr nowhere, x0",
];
