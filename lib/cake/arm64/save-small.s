    sub sp, sp, #16
    .cfi_def_cfa_offset 16
    str x30, [sp, #8]
    .cfi_offset x30, -8
