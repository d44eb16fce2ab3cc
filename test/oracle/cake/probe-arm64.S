/* ffiprobe stores the stack pointer that it sees and spoils every register that a callee may change.
   call_checked calls a function with marks in all callee-saved registers and counts those that are lost. */
    .text
    .globl ffiprobe
ffiprobe:
    adrp x16, probe_sp
    mov x17, sp
    str x17, [x16, :lo12:probe_sp]
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17
    mov x\n, #-1
    .endr
    cmn x0, #1
    ret

    .macro each what
    \what x19, 16, 1001
    \what x20, 24, 1002
    \what x21, 32, 1003
    \what x22, 40, 1004
    \what x23, 48, 1005
    \what x24, 56, 1006
    \what x25, 64, 1007
    \what x26, 72, 1008
    \what x27, 80, 1009
    \what x28, 88, 1010
    \what x29, 96, 1011
    .endm
    .macro keep reg, at, mark
    str \reg, [sp, #\at]
    .endm
    .macro back reg, at, mark
    ldr \reg, [sp, #\at]
    .endm
    .macro set reg, at, mark
    mov \reg, #\mark
    .endm
    .macro check reg, at, mark
    cmp \reg, #\mark
    cinc x10, x10, ne
    .endm

    .globl call_checked
call_checked:
    sub sp, sp, #128
    str x30, [sp, #8]
    str x18, [sp, #112]
    each keep
    each set
    mov x9, x0
    mov x0, x1
    mov x1, x2
    mov x2, x3
    mov x3, x4
    adrp x10, saved_sp
    mov x11, sp
    str x11, [x10, :lo12:saved_sp]
    blr x9
    mov x10, #0
    each check
    adrp x11, saved_sp
    ldr x11, [x11, :lo12:saved_sp]
    mov x12, sp
    cmp x11, x12
    b.eq 1f
    add x10, x10, #100
1:  mov sp, x11
    ldr x12, [sp, #112]
    cmp x12, x18
    b.eq 1f
    add x10, x10, #200
1:  adrp x11, checked_bad
    str x10, [x11, :lo12:checked_bad]
    each back
    ldr x30, [sp, #8]
    add sp, sp, #128
    ret

    .bss
    .balign 8
    .globl probe_sp
    .globl checked_bad
probe_sp: .skip 8
checked_bad: .skip 8
saved_sp: .skip 8
    .section .note.GNU-stack,"",@progbits
