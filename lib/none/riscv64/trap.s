# Where Pancake programs on the bare machine stop when they cannot go on. The symbol says why; t6 holds the place.
# A program may define these symbols itself.

    .section .text.pancake_trap, "ax", @progbits

    .weak   pancake_trap_uncaughtException
    .type   pancake_trap_uncaughtException, @function
pancake_trap_uncaughtException:
    ebreak
    j       pancake_trap_uncaughtException
    .size   pancake_trap_uncaughtException, . - pancake_trap_uncaughtException

    .weak   pancake_trap_stackExhausted
    .type   pancake_trap_stackExhausted, @function
pancake_trap_stackExhausted:
    ebreak
    j       pancake_trap_stackExhausted
    .size   pancake_trap_stackExhausted, . - pancake_trap_stackExhausted

    .weak   pancake_trap_unreachable
    .type   pancake_trap_unreachable, @function
pancake_trap_unreachable:
    ebreak
    j       pancake_trap_unreachable
    .size   pancake_trap_unreachable, . - pancake_trap_unreachable
