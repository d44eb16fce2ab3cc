# Start-up code of Pancake programs on RISC-V Linux.
#
# The kernel enters `_start` with its own stack; the program runs on `pancake_stack`, whose size `--stack` sets.
# `pancake_stack_floor` leaves room below it for what the back end uses without checking (spec/abi/internal-calls.md).
# The exit status is the low byte of what `main` returns, after the output has been written.
# System-call numbers: spec/abi/linux-user.ts, checked by test/object/start-up.test.ts.

    .equ    SYS_exit_group, 94

    .section .text.pancake_start, "ax", @progbits
    .weak   _start
    .type   _start, @function
_start:
    la      sp, pancake_stack_end
    la      t0, pancake_stack_floor
    la      t1, pancake_stack_limit
    sd      t0, 0(t1)
    call    pancake_main
    # Falls into the host call `@exit`.
    tail    ffiexit
    .size   _start, . - _start
