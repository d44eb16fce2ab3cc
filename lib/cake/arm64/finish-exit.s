    mov x0, #0
    bl cml_exit
{stop}
