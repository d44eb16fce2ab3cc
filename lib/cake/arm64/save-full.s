    sub sp, sp, #112
    .cfi_def_cfa_offset 112
    str x30, [sp, #8]
    .cfi_offset x30, -104
    stp x19, x20, [sp, #16]
    .cfi_offset x19, -96
    .cfi_offset x20, -88
    stp x21, x22, [sp, #32]
    .cfi_offset x21, -80
    .cfi_offset x22, -72
    stp x23, x24, [sp, #48]
    .cfi_offset x23, -64
    .cfi_offset x24, -56
    stp x25, x26, [sp, #64]
    .cfi_offset x25, -48
    .cfi_offset x26, -40
    stp x27, x28, [sp, #80]
    .cfi_offset x27, -32
    .cfi_offset x28, -24
    str x29, [sp, #96]
    .cfi_offset x29, -16
    mov x9, #{resume}
    str x9, [sp]
