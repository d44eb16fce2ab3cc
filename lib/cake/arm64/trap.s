
    .section .text.pancake.trap.{reason},"ax",@progbits
    .balign 4
    .type pancake.trap.{reason}, @function
pancake.trap.{reason}:
    brk #0
    b pancake.trap.{reason}
    .size pancake.trap.{reason}, . - pancake.trap.{reason}
