    li a0, 2
{restore}
    ret
