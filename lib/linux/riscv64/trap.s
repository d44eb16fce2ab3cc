# Where Pancake programs stop when they cannot go on: an uncaught exception, an exhausted stack, an impossible place.
#
# Code comes here with its own place in t6 (`jal t6, ...`), so that debuggers and the emulator can say where it was.
# What was written so far is shown first. The breakpoint ends the program under Linux (SIGTRAP); its symbol says why.

    .section .text.pancake_trap, "ax", @progbits

    .weak   pancake_trap_uncaughtException
    .type   pancake_trap_uncaughtException, @function
pancake_trap_uncaughtException:
    la      t0, 1f
    j       pancake_flush
1:  ebreak
    j       1b
    .size   pancake_trap_uncaughtException, . - pancake_trap_uncaughtException

    .weak   pancake_trap_stackExhausted
    .type   pancake_trap_stackExhausted, @function
pancake_trap_stackExhausted:
    la      t0, 1f
    j       pancake_flush
1:  ebreak
    j       1b
    .size   pancake_trap_stackExhausted, . - pancake_trap_stackExhausted

    .weak   pancake_trap_unreachable
    .type   pancake_trap_unreachable, @function
pancake_trap_unreachable:
    la      t0, 1f
    j       pancake_flush
1:  ebreak
    j       1b
    .size   pancake_trap_unreachable, . - pancake_trap_unreachable
