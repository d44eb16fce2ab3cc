/* ffiprobe stores the stack pointer that it sees and spoils every register that a callee may change.
   call_checked calls a function with marks in all callee-saved registers and counts those that are lost. */
    .text
    .globl ffiprobe
ffiprobe:
    la t0, probe_sp
    sd sp, 0(t0)
    li a0, -1
    li a1, -1
    li a2, -1
    li a3, -1
    li a4, -1
    li a5, -1
    li a6, -1
    li a7, -1
    li t0, -1
    li t1, -1
    li t2, -1
    li t3, -1
    li t4, -1
    li t5, -1
    li t6, -1
    ret

    .macro each what
    \what s0, 16, 1001
    \what s1, 24, 1002
    \what s2, 32, 1003
    \what s3, 40, 1004
    \what s4, 48, 1005
    \what s5, 56, 1006
    \what s6, 64, 1007
    \what s7, 72, 1008
    \what s8, 80, 1009
    \what s9, 88, 1010
    \what s10, 96, 1011
    \what s11, 104, 1012
    .endm
    .macro keep reg, at, mark
    sd \reg, \at(sp)
    .endm
    .macro back reg, at, mark
    ld \reg, \at(sp)
    .endm
    .macro set reg, at, mark
    li \reg, \mark
    .endm
    .macro check reg, at, mark
    li t1, \mark
    beq \reg, t1, 1f
    addi t2, t2, 1
1:
    .endm

    .globl call_checked
call_checked:
    addi sp, sp, -128
    sd ra, 8(sp)
    sd gp, 112(sp)
    sd tp, 120(sp)
    each keep
    each set
    mv t0, a0
    mv a0, a1
    mv a1, a2
    mv a2, a3
    mv a3, a4
    la t1, saved_sp
    sd sp, 0(t1)
    jalr t0
    li t2, 0
    each check
    la t1, saved_sp
    ld t1, 0(t1)
    beq sp, t1, 1f
    addi t2, t2, 100
1:  mv sp, t1
    ld t1, 112(sp)
    beq gp, t1, 1f
    addi t2, t2, 200
1:  ld t1, 120(sp)
    beq tp, t1, 1f
    addi t2, t2, 400
1:  la t1, checked_bad
    sd t2, 0(t1)
    each back
    ld ra, 8(sp)
    addi sp, sp, 128
    ret

    .bss
    .balign 8
    .globl probe_sp
    .globl checked_bad
probe_sp: .skip 8
checked_bad: .skip 8
saved_sp: .skip 8
    .section .note.GNU-stack,"",@progbits
