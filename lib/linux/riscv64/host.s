# Host calls of Pancake programs on RISC-V Linux (docs: `pancake` design, section 6; spec/abi/host-calls.md).
#
# Each `ffi` function follows the C calling convention: four words in a0 to a3, no result. Standard output is collected
# in a buffer that is written when it is full, before reading and at the end. None of these functions uses the stack:
# `pancake_flush` returns through t0, `pancake_write_all` through t1.
# System-call numbers: spec/abi/linux-user.ts, checked by test/object/start-up.test.ts.

    .equ    SYS_read, 63
    .equ    SYS_write, 64
    .equ    SYS_exit_group, 94
    .equ    EINTR, 4
    .equ    EAGAIN, 11
    .equ    BUFFER_BYTES, 4096
    .equ    HEX_BYTES, 17
    .equ    DECIMAL_BYTES, 24

# Writes a2 bytes at a1 to file a0, however many calls that takes. An error other than an interruption ends it.
# Returns through t1; changes a0, a1, a2, a7, t2, t3.
    .section .text.pancake_write_all, "ax", @progbits
    .type   pancake_write_all, @function
pancake_write_all:
    mv      t2, a0
1:  beqz    a2, 3f
    mv      a0, t2
    li      a7, SYS_write
    ecall
    bltz    a0, 2f
    beqz    a0, 3f
    add     a1, a1, a0
    sub     a2, a2, a0
    j       1b
2:  addi    t3, a0, EINTR
    beqz    t3, 1b
    addi    t3, a0, EAGAIN
    beqz    t3, 1b
3:  jr      t1
    .size   pancake_write_all, . - pancake_write_all

# Writes the buffered output. Returns through t0; changes a0, a1, a2, a7, t1, t2, t3.
    .section .text.pancake_flush, "ax", @progbits
    .globl  pancake_flush
    .type   pancake_flush, @function
pancake_flush:
    la      t3, pancake_output_count
    ld      a2, 0(t3)
    sd      zero, 0(t3)
    la      a1, pancake_output
    li      a0, 1
    la      t1, 1f
    j       pancake_write_all
1:  jr      t0
    .size   pancake_flush, . - pancake_flush

# Makes room for t4 bytes in the buffer and returns its end in t5 and the count's address in t6.
# Returns through a3; keeps a0 in a4 and a1 in a5.
    .section .text.pancake_room, "ax", @progbits
    .type   pancake_room, @function
pancake_room:
    mv      a4, a0
    mv      a5, a1
    la      t6, pancake_output_count
    ld      t5, 0(t6)
    add     t0, t5, t4
    li      t1, BUFFER_BYTES
    bleu    t0, t1, 2f
    la      t0, 1f
    j       pancake_flush
1:  la      t6, pancake_output_count
    li      t5, 0
2:  la      t1, pancake_output
    add     t5, t5, t1
    jr      a3
    .size   pancake_room, . - pancake_room

# @putchar(c, 0, 0, 0): the low byte of c.
    .section .text.ffiputchar, "ax", @progbits
    .globl  ffiputchar
    .type   ffiputchar, @function
ffiputchar:
    li      t4, 1
    la      a3, 1f
    j       pancake_room
1:  sb      a4, 0(t5)
    ld      t0, 0(t6)
    addi    t0, t0, 1
    sd      t0, 0(t6)
    ret
    .size   ffiputchar, . - ffiputchar

# @puthex(w, 0, 0, 0): 16 lower-case hexadecimal digits and a newline.
    .section .text.ffiputhex, "ax", @progbits
    .globl  ffiputhex
    .type   ffiputhex, @function
ffiputhex:
    li      t4, HEX_BYTES
    la      a3, 1f
    j       pancake_room
1:  ld      t0, 0(t6)
    addi    t0, t0, HEX_BYTES
    sd      t0, 0(t6)
    li      t0, 60
2:  srl     t1, a4, t0
    andi    t1, t1, 15
    addi    t2, t1, '0'
    li      t3, 10
    bltu    t1, t3, 3f
    addi    t2, t1, 'a' - 10
3:  sb      t2, 0(t5)
    addi    t5, t5, 1
    addi    t0, t0, -4
    bgez    t0, 2b
    li      t2, '\n'
    sb      t2, 0(t5)
    ret
    .size   ffiputhex, . - ffiputhex

# @putint(w, 0, 0, 0): signed decimal and a newline. Digits come last first, so they are collected in a corner.
    .section .text.ffiputint, "ax", @progbits
    .globl  ffiputint
    .type   ffiputint, @function
ffiputint:
    li      t4, DECIMAL_BYTES
    la      a3, 1f
    j       pancake_room
1:  mv      t0, a4
    bgez    a4, 2f
    neg     t0, a4
2:  la      t1, pancake_digits_end
    li      t2, '\n'
    addi    t1, t1, -1
    sb      t2, 0(t1)
    li      t3, 10
3:  remu    t2, t0, t3
    divu    t0, t0, t3
    addi    t2, t2, '0'
    addi    t1, t1, -1
    sb      t2, 0(t1)
    bnez    t0, 3b
    bgez    a4, 4f
    li      t2, '-'
    addi    t1, t1, -1
    sb      t2, 0(t1)
4:  la      t3, pancake_digits_end
    sub     t0, t3, t1
    ld      t2, 0(t6)
    add     t2, t2, t0
    sd      t2, 0(t6)
5:  lbu     t2, 0(t1)
    sb      t2, 0(t5)
    addi    t1, t1, 1
    addi    t5, t5, 1
    bltu    t1, t3, 5b
    ret
    .size   ffiputint, . - ffiputint

# @write(p, n, 0, 0): n bytes at p to standard output.
    .section .text.ffiwrite, "ax", @progbits
    .globl  ffiwrite
    .type   ffiwrite, @function
ffiwrite:
    li      t0, BUFFER_BYTES
    bgeu    a1, t0, 3f
    mv      t4, a1
    la      a3, 1f
    j       pancake_room
1:  ld      t0, 0(t6)
    add     t0, t0, a5
    sd      t0, 0(t6)
    add     t0, a4, a5
2:  bgeu    a4, t0, 4f
    lbu     t1, 0(a4)
    sb      t1, 0(t5)
    addi    a4, a4, 1
    addi    t5, t5, 1
    j       2b
    # More than a buffer: write what is there, then the bytes themselves.
3:  mv      a4, a0
    mv      a5, a1
    la      t0, 5f
    j       pancake_flush
5:  li      a0, 1
    mv      a1, a4
    mv      a2, a5
    la      t1, 4f
    j       pancake_write_all
4:  ret
    .size   ffiwrite, . - ffiwrite

# @ewrite(p, n, 0, 0): n bytes at p to standard error, after what was written before.
    .section .text.ffiewrite, "ax", @progbits
    .globl  ffiewrite
    .type   ffiewrite, @function
ffiewrite:
    mv      a4, a0
    mv      a5, a1
    la      t0, 1f
    j       pancake_flush
1:  li      a0, 2
    mv      a1, a4
    mv      a2, a5
    la      t1, 2f
    j       pancake_write_all
2:  ret
    .size   ffiewrite, . - ffiewrite

# @read(0, 0, p, n): up to n - 8 bytes of standard input to p + 8, their count to the word at p; 0 at the end.
    .section .text.ffiread, "ax", @progbits
    .globl  ffiread
    .type   ffiread, @function
ffiread:
    mv      a4, a2
    mv      a5, a3
    la      t0, 1f
    j       pancake_flush
1:  li      t0, 8
    bltu    a5, t0, 4f
2:  li      a0, 0
    addi    a1, a4, 8
    addi    a2, a5, -8
    li      a7, SYS_read
    ecall
    addi    t3, a0, EINTR
    beqz    t3, 2b
    bgez    a0, 3f
    li      a0, 0
3:  sd      a0, 0(a4)
4:  ret
    .size   ffiread, . - ffiread

# @exit(code, 0, 0, 0): ends the program; the low byte of the code is the exit status.
    .section .text.ffiexit, "ax", @progbits
    .globl  ffiexit
    .type   ffiexit, @function
ffiexit:
    andi    a4, a0, 255
    la      t0, 1f
    j       pancake_flush
1:  mv      a0, a4
    li      a7, SYS_exit_group
    ecall
    j       1b
    .size   ffiexit, . - ffiexit

    .section .bss.pancake_output, "aw", @nobits
    .balign 8
pancake_output_count:
    .skip   8
pancake_output:
    .skip   BUFFER_BYTES
    .skip   DECIMAL_BYTES
pancake_digits_end:
