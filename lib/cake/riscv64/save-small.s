    addi sp, sp, -16
    sd ra, 8(sp)
