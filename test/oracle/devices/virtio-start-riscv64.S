# Machine mode: a stack, the guest, then off (where there is a finisher) or asleep (its absence traps).
    .globl _start
_start:
    la sp, stack_top
    la t0, asleep
    csrw mtvec, t0
    call guest
    li t0, 0x100000
    li t1, 0x5555
    sw t1, 0(t0)
    .balign 4
asleep:
    wfi
    j asleep
    .bss
    .balign 16
    .space 16384
stack_top:
