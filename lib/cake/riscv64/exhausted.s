
    /* A recursive function found no room. The frame on the C stack holds what C expects to find. */
    .section .text.pancake.trap.stackExhausted,"ax",@progbits
    .balign 4
    .type pancake.trap.stackExhausted, @function
pancake.trap.stackExhausted:
    lla t0, pancake.state
    ld sp, pancake.c_sp(t0)
    li a0, 2
    call cml_exit
{overflow}
    .size pancake.trap.stackExhausted, . - pancake.trap.stackExhausted
