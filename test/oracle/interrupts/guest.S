// The guest's frame: operations.s (generated) is a list of calls of these macros. Each prints what it gave, then what it
// left of interrupt lines and maintenance; sixteen digits a line. x0 holds the value of an operation.

        .macro  value number
        movz    x0, #((\number) & 0xffff)
        movk    x0, #(((\number) >> 16) & 0xffff), lsl #16
        movk    x0, #(((\number) >> 32) & 0xffff), lsl #32
        movk    x0, #(((\number) >> 48) & 0xffff), lsl #48
        .endm

        .macro  get2 register
        mrs     x0, \register
        bl      show
        .endm

        .macro  put2 register, number
        value   \number
        msr     \register, x0
        bl      show
        .endm

        // What follows the call up to label 2 happens at EL1; x0 is the value, or a syndrome if it trapped.
        .macro  get1 register
        bl      lower
        mrs     x0, \register
        isb
        hvc     #0
        bl      show
        .endm

        .macro  put1 register, number
        value   \number
        bl      lower
        msr     \register, x0
        isb
        hvc     #0
        bl      show
        .endm

        // An interrupt that was taken, and what completes it.
        .macro  take1 register
        bl      lower
        mrs     x0, \register
        isb
        hvc     #0
        mov     x24, x0
        bl      show
        .endm

        .macro  give1 register
        mov     x0, x24
        bl      lower
        msr     \register, x0
        isb
        hvc     #0
        bl      show
        .endm

        .macro  access instruction, address, register
        mov     x1, #((\address) & 0xffff)
        movk    x1, #((\address) >> 16), lsl #16
        \instruction \register, [x1]
        .endm

        .macro  load address
        access  ldr, \address, w0
        bl      show
        .endm
        .macro  loadb address
        access  ldrb, \address, w0
        bl      show
        .endm
        .macro  loadd address
        access  ldr, \address, x0
        bl      show
        .endm
        .macro  store address, number
        value   \number
        access  str, \address, w0
        bl      show
        .endm
        .macro  storeb address, number
        value   \number
        access  strb, \address, w0
        bl      show
        .endm
        .macro  stored address, number
        value   \number
        access  str, \address, x0
        bl      show
        .endm

        .set    LOWER_STATE, 0x3c5              // EL1 with its own stack pointer, everything masked
        .set    CALL, 0x16                      // exception class of hvc
        .set    INTERRUPTED, 0x1111

        .globl  _start
_start:
        adr     x0, vectors
        msr     vbar_el2, x0
        adr     x0, vectors1
        msr     vbar_el1, x0
        mov     x0, #(1 << 31)
        msr     hcr_el2, x0
        mov     x19, #(UART & 0xffff)
        movk    x19, #(UART >> 16), lsl #16
        mov     w0, #0x301
        str     w0, [x19, #0x30]
        isb
        .include "operations.s"
        movz    x0, #0x8400, lsl #16            // PSCI: off
        movk    x0, #8
        smc     #0

// Returns at EL1 for one instruction, an isb and an hvc; that hvc, a trap or an interrupt comes back behind it, at EL2.
// The isb: QEMU takes an interrupt that a load from a system register raised only where its block of code ends.
lower:
        msr     elr_el2, x30
        add     x20, x30, #12
        mov     x1, #LOWER_STATE
        msr     spsr_el2, x1
        eret

// Prints x0 and what the lines are. x23 keeps the way back.
show:
        mov     x23, x30
        bl      print
        mrs     x22, isr_el1
        mrs     x0, s3_4_c12_c11_2              // ICH_MISR_EL2
        orr     x22, x22, x0, lsl #32
        mrs     x0, s3_4_c12_c11_5              // ICH_ELRSR_EL2
        orr     x22, x22, x0, lsl #48
        bl      lower
        mrs     x0, isr_el1
        isb
        hvc     #0
        orr     x0, x22, x0, lsl #16
        mov     x30, x23
        b       print

print:
        mov     x2, #60
1:      lsr     x3, x0, x2
        and     x3, x3, #15
        add     x4, x3, #'0'
        cmp     x3, #10
        b.lo    2f
        add     x4, x3, #('a' - 10)
2:      ldr     w5, [x19, #0x18]
        tbnz    w5, #5, 2b
        str     w4, [x19]
        subs    x2, x2, #4
        b.ge    1b
3:      ldr     w5, [x19, #0x18]
        tbnz    w5, #5, 3b
        mov     w4, #'\n'
        str     w4, [x19]
        ret

// A call: back to where it goes on. Everything else: x0 says what it was.
fromLower:
        mrs     x1, esr_el2
        lsr     x2, x1, #26
        cmp     x2, #CALL
        csel    x0, x0, x1, eq
        br      x20
interrupted:
        mov     x0, #INTERRUPTED
        br      x20

        // Undefined at EL1.
atLower:
        mrs     x0, esr_el1
        hvc     #0

        .macro  vector target
        .balign 128
        b       \target
        .endm

        .balign 2048
vectors:
        .rept   8
        vector  .
        .endr
        vector  fromLower
        vector  interrupted
        vector  interrupted
        vector  .
        .rept   4
        vector  .
        .endr
        .balign 2048
vectors1:
        .rept   16
        vector  atLower
        .endr
