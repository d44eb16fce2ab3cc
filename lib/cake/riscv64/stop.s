9:  ebreak
    j 9b
