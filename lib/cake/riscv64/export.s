
    .section .text.pancake.export.{name},"ax",@progbits
    .balign 4
    .globl {name}
    .type {name}, @function
{name}:
    .cfi_startproc
{save}
    lla t0, pancake.state
    ld t1, pancake.may_enter(t0)
    beqz t1, 3f
    sd zero, pancake.may_enter(t0)
    ld t3, pancake.stack_room(t0)
    li t2, {need}
    bltu t3, t2, 2f
    ld t1, pancake.stack_top(t0)
    sd sp, pancake.c_sp(t0)
    sd sp, 0(t1)
    mv sp, t1
    .cfi_remember_state
    .cfi_escape 0x0f, 5, 0x72, 0, 0x06, 0x23, {frame}
    call {function}
    ld sp, 0(sp)
    .cfi_restore_state
    lla t0, pancake.state
    li t1, 1
    sd t1, pancake.may_enter(t0)
{restore}
    ret
2:  li a0, 2
    call cml_exit
    li t1, 1
    lla t0, pancake.state
    sd t1, pancake.may_enter(t0)
    li a0, 2
{restore}
    ret
3:  li a0, 3
    call cml_err
    li a0, 0
{restore}
    ret
    .cfi_endproc
    .size {name}, . - {name}
