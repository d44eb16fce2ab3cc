
    .section .text.pancake.ffi_{name},"ax",@progbits
    .balign 4
    .type pancake.ffi_{name}, @function
pancake.ffi_{name}:
    adrp x9, pancake.state
    add x9, x9, :lo12:pancake.state
    ldr x9, [x9, #pancake.c_sp]
    mov x10, sp
    stp x10, x30, [x9, #-16]!
    mov sp, x9
    bl ffi{name}
    ldp x9, x30, [sp]
    mov sp, x9
    ret
    .size pancake.ffi_{name}, . - pancake.ffi_{name}
