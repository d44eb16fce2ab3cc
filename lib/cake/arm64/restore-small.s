    ldr x30, [sp, #8]
    add sp, sp, #16
