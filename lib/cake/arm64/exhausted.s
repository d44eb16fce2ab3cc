
    /* A recursive function found no room. The frame on the C stack holds what C expects to find. */
    .section .text.pancake.trap.stackExhausted,"ax",@progbits
    .balign 4
    .type pancake.trap.stackExhausted, @function
pancake.trap.stackExhausted:
    adrp x9, pancake.state
    add x9, x9, :lo12:pancake.state
    ldr x9, [x9, #pancake.c_sp]
    mov sp, x9
    mov x0, #2
    bl cml_exit
{overflow}
    .size pancake.trap.stackExhausted, . - pancake.trap.stackExhausted
