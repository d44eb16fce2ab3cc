// Start-up code of Pancake programs on the bare Arm64 machine, at any exception level.
//
// The loader or firmware enters the first core, whose affinity is 0; other cores wait for ever. The zeroed part of the
// program (a multiple of 16, as our linker places it) is cleared, because a loader of raw images does not do it.
// When `main` returns, the core waits for ever.
// A program with start-up code of its own defines `_start`, which wins over this one.

    .section .text.pancake_start, "ax", @progbits
    .p2align 2
    .weak   _start
    .type   _start, @function
_start:
    mrs     x9, mpidr_el1
    // Aff3 in bits 39 to 32, the others in 23 to 0; the rest are properties of the core.
    and     x10, x9, #0xffffff
    and     x9, x9, #0xff00000000
    orr     x9, x9, x10
    cbnz    x9, 3f
    adrp    x9, __bss_start
    add     x9, x9, :lo12:__bss_start
    adrp    x10, _end
    add     x10, x10, :lo12:_end
1:  cmp     x9, x10
    b.hs    2f
    str     xzr, [x9], #8
    b       1b
2:  adrp    x9, pancake_stack_end
    add     sp, x9, :lo12:pancake_stack_end
    adrp    x9, pancake_stack_floor
    add     x9, x9, :lo12:pancake_stack_floor
    adrp    x10, pancake_stack_limit
    str     x9, [x10, :lo12:pancake_stack_limit]
    bl      pancake_main
3:  wfi
    b       3b
    .size   _start, . - _start
