9:  brk #0
    b 9b
