# Start-up code of Pancake programs on the bare RISC-V machine, in machine or supervisor mode.
#
# The loader or firmware enters the first hart with its number in a0; other harts wait for ever. The zeroed part of the
# program (a multiple of 16, as our linker places it) is cleared, because a loader of raw images does not do it.
# When `main` returns, the hart waits for ever.
# A program with start-up code of its own defines `_start`, which wins over this one.

    .section .text.pancake_start, "ax", @progbits
    .weak   _start
    .type   _start, @function
_start:
    bnez    a0, 2f
    la      t0, __bss_start
    la      t1, _end
1:  bgeu    t0, t1, 3f
    sd      zero, 0(t0)
    addi    t0, t0, 8
    j       1b
3:  la      sp, pancake_stack_end
    la      t0, pancake_stack_floor
    la      t1, pancake_stack_limit
    sd      t0, 0(t1)
    call    pancake_main
2:  wfi
    j       2b
    .size   _start, . - _start
