    mov x10, #1
    str x10, [x9, #pancake.may_enter]
{restore}
    ret
