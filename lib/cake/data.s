    .cfi_sections .debug_frame
    .data
    .balign 8
    .globl cml_heap
    .globl cml_stack
    .globl cml_stackend
    .globl cake_bitmaps_buffer_begin
    .globl cake_bitmaps_buffer_end
cml_heap:
    .8byte 0
cml_stack:
    .8byte 0
cml_stackend:
    .8byte 0
cake_bitmaps_buffer_begin:
cake_bitmaps_buffer_end:
    .size cml_heap, 8
    .size cml_stack, 8
    .size cml_stackend, 8
    .type cml_heap, @object
    .type cml_stack, @object
    .type cml_stackend, @object

    /* may_enter: 1 between calls from C. c_sp: C stack pointer while Pancake code runs.
       stack_top, stack_room: where Pancake frames start, and the bytes below it.
       stack_limit: the lowest stack pointer that a function may establish. */
    .section .bss.pancake.state,"aw",@nobits
    .balign 8
pancake.state:
    .skip 32
pancake.stack_limit:
    .skip 8
    .equ pancake.may_enter, 0
    .equ pancake.c_sp, 8
    .equ pancake.stack_top, 16
    .equ pancake.stack_room, 24
    .equ pancake.limit, 32

    .text
    .globl cake_codebuffer_begin
    .globl cake_codebuffer_end
cake_codebuffer_begin:
cake_codebuffer_end:
