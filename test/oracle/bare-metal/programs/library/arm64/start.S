/* Power-on, entry to fragments, and the handlers that end them. */

    .text
    .globl _start
_start:
    adrp x0, stack_top
    add sp, x0, :lo12:stack_top
    mrs x0, currentel
    lsr x0, x0, #2
    adrp x1, top_level
    str x0, [x1, :lo12:top_level]
    adrp x2, vectors_el1
    add x2, x2, :lo12:vectors_el1
    msr vbar_el1, x2
    cmp x0, #2
    b.ne 1f
    adrp x2, vectors_el2
    add x2, x2, :lo12:vectors_el2
    msr vbar_el2, x2
1:  isb
    bl fresh
    bl program
    adrp x0, last_line
    add x0, x0, :lo12:last_line
    bl text
    mov x0, #8
    movk x0, #0x8400, lsl #16
    b firmware

/* u64 firmware(number, arguments...): PSCI, through whatever reaches it from here. */
    .globl firmware
firmware:
    adrp x9, top_level
    ldr x9, [x9, :lo12:top_level]
    cmp x9, #2
    b.eq 1f
    hvc #0
    ret
1:  smc #0
    ret

/* Where CPU_ON sends a core: its context becomes the argument of `secondary_program`. */
    .globl secondary
secondary:
    adrp x1, secondary_stack_top
    add sp, x1, :lo12:secondary_stack_top
    bl secondary_program
1:  wfi
    b 1b
    .weak secondary_program

/* void enter(u64 state, const void *code, const struct arguments *, u64 sp) */
    .globl enter
enter:
    adrp x9, context
    add x9, x9, :lo12:context
    stp x19, x20, [x9]
    stp x21, x22, [x9, #16]
    stp x23, x24, [x9, #32]
    stp x25, x26, [x9, #48]
    stp x27, x28, [x9, #64]
    stp x29, x30, [x9, #80]
    mov x10, sp
    str x10, [x9, #96]
    adrp x11, top_level
    ldr x11, [x11, :lo12:top_level]
    cmp x11, #2
    b.eq 2f
    /* From EL1: its own stack pointer is what the fragment gets, and EL0's. */
    msr spsr_el1, x0
    msr elr_el1, x1
    msr sp_el0, x3
    ldp x0, x1, [x2]
    mov x10, x3
    ldp x2, x3, [x2, #16]
    mov sp, x10
    eret
2:  msr spsr_el2, x0
    msr elr_el2, x1
    msr sp_el0, x3
    msr sp_el1, x3
    ldp x0, x1, [x2]
    mov x10, x3
    ldp x2, x3, [x2, #16]
    mov sp, x10
    eret

/* The handlers of level \el store everything into `outcome`. */
    .macro handlers el
    .balign 2048
    .globl vectors_el\el
vectors_el\el:
    .set vector, 0
    .rept 16
    .balign 128
    mov x18, #vector
    b entry_el\el
    .set vector, vector + 1
    .endr
entry_el\el:
    .if \el == 2
    /* EL1 hands over what it has recorded: the syndrome of hvc #0xface. */
    mrs x17, esr_el2
    mov w16, #0xface
    movk w16, #0x5a00, lsl #16
    sub x17, x17, x16
    /* Interrupts leave the syndrome of what was before them. */
    eor x16, x18, #8
    orr x17, x17, x16
    cbz x17, leave_el2
    .endif
    adrp x17, outcome
    add x17, x17, :lo12:outcome
    stp x0, x1, [x17, #56]
    mov x0, #\el
    stp x0, x18, [x17]
    mrs x0, esr_el\el
    mrs x1, elr_el\el
    stp x0, x1, [x17, #16]
    mrs x0, far_el\el
    mrs x1, spsr_el\el
    stp x0, x1, [x17, #32]
    .if \el == 2
    mrs x0, hpfar_el2
    .else
    mov x0, #0
    .endif
    str x0, [x17, #48]
    mrs x0, daif
    mrs x1, spsel
    stp x0, x1, [x17, #72]
    b leave_el\el
    .endm

    handlers 1
    handlers 2

leave_el1:
    adrp x9, top_level
    ldr x9, [x9, :lo12:top_level]
    cmp x9, #2
    b.ne leave_el2
    hvc #0xface
    b .

leave_el2:
    msr spsel, #1
    adrp x9, context
    add x9, x9, :lo12:context
    ldp x19, x20, [x9]
    ldp x21, x22, [x9, #16]
    ldp x23, x24, [x9, #32]
    ldp x25, x26, [x9, #48]
    ldp x27, x28, [x9, #64]
    ldp x29, x30, [x9, #80]
    ldr x10, [x9, #96]
    mov sp, x10
    ret

    .section .rodata
last_line:
    .string "end\n"
    .bss
    .balign 16
    .globl outcome
outcome:
    .space 96
    .globl top_level
top_level:
    .space 16
context:
    .space 112
    .space 16384
stack_top:
    .space 4096
secondary_stack_top:
