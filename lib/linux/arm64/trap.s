// Where Pancake programs stop when they cannot go on: an uncaught exception, an exhausted stack, an impossible place.
//
// Code comes here with its own place in x16, so that debuggers and the emulator can say where it was.
// What was written so far is shown first. The breakpoint ends the program under Linux (SIGTRAP); its symbol says why.

    .section .text.pancake_trap, "ax", @progbits
    .p2align 2

    .weak   pancake_trap_uncaughtException
    .type   pancake_trap_uncaughtException, @function
pancake_trap_uncaughtException:
    mov     x17, x30
    bl      pancake_flush
    mov     x30, x17
1:  brk     #0
    b       1b
    .size   pancake_trap_uncaughtException, . - pancake_trap_uncaughtException

    .weak   pancake_trap_stackExhausted
    .type   pancake_trap_stackExhausted, @function
pancake_trap_stackExhausted:
    mov     x17, x30
    bl      pancake_flush
    mov     x30, x17
1:  brk     #0
    b       1b
    .size   pancake_trap_stackExhausted, . - pancake_trap_stackExhausted

    .weak   pancake_trap_unreachable
    .type   pancake_trap_unreachable, @function
pancake_trap_unreachable:
    mov     x17, x30
    bl      pancake_flush
    mov     x30, x17
1:  brk     #0
    b       1b
    .size   pancake_trap_unreachable, . - pancake_trap_unreachable
