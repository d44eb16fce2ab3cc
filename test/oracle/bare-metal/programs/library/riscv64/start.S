# Power-on, entry to fragments, and the handlers that end them.

    .option norvc
    .text
    .globl _start
_start:
    csrr t0, mhartid
    bnez t0, secondary
    la sp, stack_top
    la t0, machine_handler
    csrw mtvec, t0
    la t0, supervisor_handler
    csrw stvec, t0
    call fresh
    call program
    la a0, last_line
    call text
    li t0, DEVICE_FINISHER
    li t1, 0x5555
    sw t1, 0(t0)
1:  wfi
    j 1b

# Other harts wait for a software interrupt, then call `secondary_program` if there is one.
secondary:
    la sp, secondary_stack_top
    la t0, 2f
    csrw mtvec, t0
    li t0, 8
    csrw mie, t0
    csrw mstatus, zero
1:  wfi
    csrr t0, mip
    andi t0, t0, 8
    beqz t0, 1b
    la t0, secondary_program
    beqz t0, 1b
    csrr a0, mhartid
    jalr t0
    .balign 4
2:  wfi
    j 2b
    .weak secondary_program

# void enter(u64 status, const void *code, const struct arguments *)
    .globl enter
enter:
    la t0, context
    .irp r, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
    sd s\r, 8*\r(t0)
    .endr
    sd ra, 96(t0)
    sd sp, 104(t0)
    sd gp, 112(t0)
    sd tp, 120(t0)
    csrw mstatus, a0
    csrw mepc, a1
    ld a0, 0(a2)
    ld a1, 8(a2)
    ld a3, 24(a2)
    ld a2, 16(a2)
    mret

# The handler of level \x stores everything into `outcome`, \number being its level.
    .macro record x, number
    csrw \x\()scratch, t0
    la t0, outcome
    sd a0, 40(t0)
    sd a1, 48(t0)
    sd a7, 56(t0)
    li a0, \number
    sd a0, 0(t0)
    csrr a0, \x\()cause
    sd a0, 8(t0)
    csrr a0, \x\()epc
    sd a0, 16(t0)
    csrr a0, \x\()tval
    sd a0, 24(t0)
    csrr a0, \x\()status
    sd a0, 32(t0)
    .endm

    .balign 64
    .globl machine_handler
machine_handler:
    csrw mscratch, t0
    csrr t0, mcause
    addi t0, t0, -9
    bnez t0, 1f
    li t0, 0xface
    beq a7, t0, 2f
1:  csrr t0, mscratch
    record m, 3
2:  csrw mstatus, zero
    la t0, context
    .irp r, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
    ld s\r, 8*\r(t0)
    .endr
    ld ra, 96(t0)
    ld sp, 104(t0)
    ld gp, 112(t0)
    ld tp, 120(t0)
    ret

    .balign 64
    .globl supervisor_handler
supervisor_handler:
    record s, 1
    li a7, 0xface
    ecall
    j .

    .section .rodata
last_line:
    .string "end\n"
    .bss
    .balign 16
    .globl outcome
outcome:
    .space 64
context:
    .space 128
    .space 16384
stack_top:
    .space 4096
secondary_stack_top:
