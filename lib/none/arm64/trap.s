// Where Pancake programs on the bare machine stop when they cannot go on. The symbol says why; x16 holds the place.
// A program may define these symbols itself.

    .section .text.pancake_trap, "ax", @progbits
    .p2align 2

    .weak   pancake_trap_uncaughtException
    .type   pancake_trap_uncaughtException, @function
pancake_trap_uncaughtException:
    brk     #0
    b       pancake_trap_uncaughtException
    .size   pancake_trap_uncaughtException, . - pancake_trap_uncaughtException

    .weak   pancake_trap_stackExhausted
    .type   pancake_trap_stackExhausted, @function
pancake_trap_stackExhausted:
    brk     #0
    b       pancake_trap_stackExhausted
    .size   pancake_trap_stackExhausted, . - pancake_trap_stackExhausted

    .weak   pancake_trap_unreachable
    .type   pancake_trap_unreachable, @function
pancake_trap_unreachable:
    brk     #0
    b       pancake_trap_unreachable
    .size   pancake_trap_unreachable, . - pancake_trap_unreachable
