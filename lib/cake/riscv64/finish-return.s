    li t1, 1
    sd t1, pancake.may_enter(t0)
{restore}
    ret
