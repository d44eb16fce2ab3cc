# Entry in supervisor mode from SBI firmware, and the end through it.

    .text
    .globl _start
_start:
    la sp, stack_top
    call supervisor_program
    la a0, last_line
    call text
    li a7, 0x53525354
    li a6, 0
    li a0, 0
    li a1, 0
    ecall
1:  wfi
    j 1b

# Where the firmware starts the other hart: its number, and what was asked for.
    .globl other_start
other_start:
    la sp, other_stack_top
    call other_program
1:  wfi
    j 1b

    .section .rodata
last_line:
    .string "end\n"
    .bss
    .balign 16
    .space 16384
stack_top:
    .space 4096
other_stack_top:
