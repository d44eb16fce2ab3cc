
    /* void cml_main(void)
       The word at the top of the stack, where frames start, is C's stack pointer: a debugger finds its way back by it. */
    .section .text.pancake.cml_main,"ax",@progbits
    .balign 4
    .globl cml_main
    .type cml_main, @function
cml_main:
    .cfi_startproc
{save}
    lla t0, pancake.state
    sd zero, pancake.may_enter(t0)
    lla t1, cml_stackend
    ld t1, 0(t1)
    andi t1, t1, -16
    lla t2, cml_stack
    ld t2, 0(t2)
    addi t2, t2, 15
    andi t2, t2, -16
    li t3, 0
    bltu t1, t2, 1f
    sub t3, t1, t2
1:  addi t1, t1, -16
    sd t1, pancake.stack_top(t0)
    sd t3, pancake.stack_room(t0)
    sd t2, pancake.limit(t0)
    li t2, {need}
    bltu t3, t2, 2f
    sd sp, pancake.c_sp(t0)
    sd sp, 0(t1)
    mv sp, t1
    .cfi_remember_state
    .cfi_escape 0x0f, 5, 0x72, 0, 0x06, 0x23, {frame}
    call {function}
    ld sp, 0(sp)
    .cfi_restore_state
    lla t0, pancake.state
{finish}
2:  li a0, 2
    call cml_exit
{overflow}
    .cfi_endproc
    .size cml_main, . - cml_main
