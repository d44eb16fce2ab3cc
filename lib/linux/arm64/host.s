// Host calls of Pancake programs on Arm64 Linux (docs: `pancake` design, section 6; spec/abi/host-calls.md).
//
// Each `ffi` function follows the C calling convention: four words in x0 to x3, no result. Standard output is collected
// in a buffer that is written when it is full, before reading and at the end. None of these functions uses the stack:
// each level keeps its return address in a register of its own, `ffi` functions in x15, `pancake_room` in x14,
// `pancake_flush` in x13.
// System-call numbers: spec/abi/linux-user.ts, checked by test/object/start-up.test.ts.

    .equ    SYS_read, 63
    .equ    SYS_write, 64
    .equ    SYS_exit_group, 94
    .equ    EINTR, 4
    .equ    EAGAIN, 11
    .equ    BUFFER_BYTES, 4096
    .equ    HEX_BYTES, 17
    .equ    DECIMAL_BYTES, 24

// Writes x2 bytes at x1 to file x0, however many calls that takes. An error other than an interruption ends it.
// Changes x0, x1, x2, x8, x9.
    .section .text.pancake_write_all, "ax", @progbits
    .p2align 2
    .type   pancake_write_all, @function
pancake_write_all:
    mov     x9, x0
    mov     x8, #SYS_write
1:  cbz     x2, 3f
    mov     x0, x9
    svc     #0
    cmp     x0, #0
    b.lt    2f
    b.eq    3f
    add     x1, x1, x0
    sub     x2, x2, x0
    b       1b
2:  cmn     x0, #EINTR
    b.eq    1b
    cmn     x0, #EAGAIN
    b.eq    1b
3:  ret
    .size   pancake_write_all, . - pancake_write_all

// Writes the buffered output. Changes x0, x1, x2, x8, x9, x13.
    .section .text.pancake_flush, "ax", @progbits
    .p2align 2
    .globl  pancake_flush
    .type   pancake_flush, @function
pancake_flush:
    mov     x13, x30
    adrp    x9, pancake_output_count
    ldr     x2, [x9, :lo12:pancake_output_count]
    str     xzr, [x9, :lo12:pancake_output_count]
    adrp    x1, pancake_output
    add     x1, x1, :lo12:pancake_output
    mov     x0, #1
    bl      pancake_write_all
    mov     x30, x13
    ret
    .size   pancake_flush, . - pancake_flush

// Takes x10 bytes of the buffer, which is written first if they do not fit; their start is returned in x11.
// Keeps x0 in x4 and x1 in x5; changes x0, x1, x2, x8, x9, x12, x13, x14 too.
    .section .text.pancake_room, "ax", @progbits
    .p2align 2
    .type   pancake_room, @function
pancake_room:
    mov     x14, x30
    mov     x4, x0
    mov     x5, x1
    adrp    x12, pancake_output_count
    ldr     x11, [x12, :lo12:pancake_output_count]
    add     x9, x11, x10
    cmp     x9, #BUFFER_BYTES
    b.ls    1f
    bl      pancake_flush
    mov     x11, #0
    mov     x9, x10
1:  str     x9, [x12, :lo12:pancake_output_count]
    adrp    x9, pancake_output
    add     x9, x9, :lo12:pancake_output
    add     x11, x11, x9
    mov     x30, x14
    ret
    .size   pancake_room, . - pancake_room

// @putchar(c, 0, 0, 0): the low byte of c.
    .section .text.ffiputchar, "ax", @progbits
    .p2align 2
    .globl  ffiputchar
    .type   ffiputchar, @function
ffiputchar:
    mov     x15, x30
    mov     x10, #1
    bl      pancake_room
    strb    w4, [x11]
    ret     x15
    .size   ffiputchar, . - ffiputchar

// @puthex(w, 0, 0, 0): 16 lower-case hexadecimal digits and a newline.
    .section .text.ffiputhex, "ax", @progbits
    .p2align 2
    .globl  ffiputhex
    .type   ffiputhex, @function
ffiputhex:
    mov     x15, x30
    mov     x10, #HEX_BYTES
    bl      pancake_room
    mov     x9, #60
1:  lsr     x10, x4, x9
    and     x10, x10, #15
    add     x12, x10, #'0'
    cmp     x10, #10
    b.lo    2f
    add     x12, x10, #('a' - 10)
2:  strb    w12, [x11], #1
    subs    x9, x9, #4
    b.pl    1b
    mov     w12, #'\n'
    strb    w12, [x11]
    ret     x15
    .size   ffiputhex, . - ffiputhex

// @putint(w, 0, 0, 0): signed decimal and a newline. Digits come last first, so they are collected in a corner.
    .section .text.ffiputint, "ax", @progbits
    .p2align 2
    .globl  ffiputint
    .type   ffiputint, @function
ffiputint:
    mov     x15, x30
    adrp    x3, pancake_digits_end
    add     x3, x3, :lo12:pancake_digits_end
    mov     x2, x3
    mov     w9, #'\n'
    strb    w9, [x2, #-1]!
    mov     x9, #10
    mov     x6, x0
    cmp     x0, #0
    b.ge    1f
    neg     x6, x0
1:  udiv    x7, x6, x9
    msub    x10, x7, x9, x6
    add     x10, x10, #'0'
    strb    w10, [x2, #-1]!
    mov     x6, x7
    cbnz    x6, 1b
    tbz     x0, #63, 2f
    mov     w9, #'-'
    strb    w9, [x2, #-1]!
2:  sub     x1, x3, x2
    mov     x0, x2
    mov     x30, x15
    b       ffiwrite
    .size   ffiputint, . - ffiputint

// @write(p, n, 0, 0): n bytes at p to standard output.
    .section .text.ffiwrite, "ax", @progbits
    .p2align 2
    .globl  ffiwrite
    .type   ffiwrite, @function
ffiwrite:
    mov     x15, x30
    cmp     x1, #BUFFER_BYTES
    b.hs    3f
    mov     x10, x1
    bl      pancake_room
    add     x5, x4, x5
1:  cmp     x4, x5
    b.hs    2f
    ldrb    w9, [x4], #1
    strb    w9, [x11], #1
    b       1b
2:  ret     x15
    // More than a buffer: write what is there, then the bytes themselves.
3:  mov     x4, x0
    mov     x5, x1
    bl      pancake_flush
    mov     x0, #1
    mov     x1, x4
    mov     x2, x5
    mov     x30, x15
    b       pancake_write_all
    .size   ffiwrite, . - ffiwrite

// @ewrite(p, n, 0, 0): n bytes at p to standard error, after what was written before.
    .section .text.ffiewrite, "ax", @progbits
    .p2align 2
    .globl  ffiewrite
    .type   ffiewrite, @function
ffiewrite:
    mov     x15, x30
    mov     x4, x0
    mov     x5, x1
    bl      pancake_flush
    mov     x0, #2
    mov     x1, x4
    mov     x2, x5
    mov     x30, x15
    b       pancake_write_all
    .size   ffiewrite, . - ffiewrite

// @read(0, 0, p, n): up to n - 8 bytes of standard input to p + 8, their count to the word at p; 0 at the end.
    .section .text.ffiread, "ax", @progbits
    .p2align 2
    .globl  ffiread
    .type   ffiread, @function
ffiread:
    mov     x15, x30
    mov     x4, x2
    mov     x5, x3
    bl      pancake_flush
    subs    x5, x5, #8
    b.lo    3f
1:  mov     x0, #0
    add     x1, x4, #8
    mov     x2, x5
    mov     x8, #SYS_read
    svc     #0
    cmn     x0, #EINTR
    b.eq    1b
    cmp     x0, #0
    b.ge    2f
    mov     x0, #0
2:  str     x0, [x4]
3:  ret     x15
    .size   ffiread, . - ffiread

// @exit(code, 0, 0, 0): ends the program; the low byte of the code is the exit status.
    .section .text.ffiexit, "ax", @progbits
    .p2align 2
    .globl  ffiexit
    .type   ffiexit, @function
ffiexit:
    and     x4, x0, #255
    bl      pancake_flush
1:  mov     x0, x4
    mov     x8, #SYS_exit_group
    svc     #0
    b       1b
    .size   ffiexit, . - ffiexit

    .section .bss.pancake_output, "aw", @nobits
    .balign 8
pancake_output_count:
    .skip   8
pancake_output:
    .skip   BUFFER_BYTES
    .skip   DECIMAL_BYTES
pancake_digits_end:
