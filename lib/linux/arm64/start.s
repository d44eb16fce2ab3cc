// Start-up code of Pancake programs on Arm64 Linux.
//
// The kernel enters `_start` with its own stack; the program runs on `pancake_stack`, whose size `--stack` sets.
// `pancake_stack_floor` leaves room below it for what the back end uses without checking (spec/abi/internal-calls.md).
// The exit status is the low byte of what `main` returns, after the output has been written.

    .section .text.pancake_start, "ax", @progbits
    .p2align 2
    .weak   _start
    .type   _start, @function
_start:
    adrp    x9, pancake_stack_end
    add     sp, x9, :lo12:pancake_stack_end
    adrp    x9, pancake_stack_floor
    add     x9, x9, :lo12:pancake_stack_floor
    adrp    x10, pancake_stack_limit
    str     x9, [x10, :lo12:pancake_stack_limit]
    bl      pancake_main
    // Falls into the host call `@exit`.
    b       ffiexit
    .size   _start, . - _start
