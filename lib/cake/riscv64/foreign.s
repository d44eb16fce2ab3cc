
    .section .text.pancake.ffi_{name},"ax",@progbits
    .balign 4
    .type pancake.ffi_{name}, @function
pancake.ffi_{name}:
    lla t0, pancake.state
    ld t0, pancake.c_sp(t0)
    sd sp, -16(t0)
    sd ra, -8(t0)
    addi sp, t0, -16
    call ffi{name}
    ld ra, 8(sp)
    ld sp, 0(sp)
    ret
    .size pancake.ffi_{name}, . - pancake.ffi_{name}
