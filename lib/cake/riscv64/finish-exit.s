    li a0, 0
    call cml_exit
{stop}
