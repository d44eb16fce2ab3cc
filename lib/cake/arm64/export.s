
    .section .text.pancake.export.{name},"ax",@progbits
    .balign 4
    .globl {name}
    .type {name}, @function
{name}:
    .cfi_startproc
{save}
    adrp x9, pancake.state
    add x9, x9, :lo12:pancake.state
    ldr x10, [x9, #pancake.may_enter]
    cbz x10, 3f
    str xzr, [x9, #pancake.may_enter]
    ldr x12, [x9, #pancake.stack_room]
    ldr x11, ={need}
    cmp x12, x11
    b.lo 2f
    ldr x10, [x9, #pancake.stack_top]
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
    mov x10, #1
    str x10, [x9, #pancake.may_enter]
{restore}
    ret
2:  mov x0, #2
    bl cml_exit
    adrp x9, pancake.state
    add x9, x9, :lo12:pancake.state
    mov x10, #1
    str x10, [x9, #pancake.may_enter]
    mov x0, #2
{restore}
    ret
3:  mov x0, #3
    bl cml_err
    mov x0, #0
{restore}
    ret
    .cfi_endproc
    .size {name}, . - {name}
