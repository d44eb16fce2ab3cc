    ld ra, 8(sp)
    addi sp, sp, 16
