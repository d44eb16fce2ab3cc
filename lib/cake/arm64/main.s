
    /* void cml_main(void)
       The word at the top of the stack, where frames start, is C's stack pointer: a debugger finds its way back by it. */
    .section .text.pancake.cml_main,"ax",@progbits
    .balign 4
    .globl cml_main
    .type cml_main, @function
cml_main:
    .cfi_startproc
{save}
    adrp x9, pancake.state
    add x9, x9, :lo12:pancake.state
    str xzr, [x9, #pancake.may_enter]
    adrp x10, cml_stackend
    ldr x10, [x10, :lo12:cml_stackend]
    and x10, x10, #-16
    adrp x11, cml_stack
    ldr x11, [x11, :lo12:cml_stack]
    add x11, x11, #15
    and x11, x11, #-16
    mov x12, #0
    cmp x10, x11
    b.lo 1f
    sub x12, x10, x11
1:  sub x10, x10, #16
    str x10, [x9, #pancake.stack_top]
    str x12, [x9, #pancake.stack_room]
    str x11, [x9, #pancake.limit]
    ldr x11, ={need}
    cmp x12, x11
    b.lo 2f
    mov x11, sp
    str x11, [x9, #pancake.c_sp]
    str x11, [x10]
    mov sp, x10
    .cfi_remember_state
    .cfi_escape 0x0f, 5, 0x8f, 0, 0x06, 0x23, {frame}
    bl {function}
    ldr x9, [sp]
    mov sp, x9
    .cfi_restore_state
    adrp x9, pancake.state
    add x9, x9, :lo12:pancake.state
{finish}
2:  mov x0, #2
    bl cml_exit
{overflow}
    .cfi_endproc
    .size cml_main, . - cml_main
