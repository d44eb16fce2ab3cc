    mov x0, #2
{restore}
    ret
