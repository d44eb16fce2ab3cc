/*
 * eret: to each level with each stack, illegal returns and what PSTATE.IL does then, flags and masks that come back,
 * nested exceptions with handlers of the program's own. Arm DDI 0487: D1.3.4 (illegal returns), C5.2.19 (SPSR).
 */

#include "bare-metal.h"

/* Of SPSR. */
enum { IL = 1 << 20 };

/* Sets SPSR and ELR of the fragment's level, then returns to what follows. */
static void return_with(enum level from, u64 state) {
    const void *code = from >= EL2T
        ? CODE("msr spsr_el2, x0\nadr x1, 1f\nmsr elr_el2, x1\neret\n1: mov x0, #1\nnop")
        : CODE("msr spsr_el1, x0\nadr x1, 1f\nmsr elr_el1, x1\neret\n1: mov x0, #1\nnop");
    text(" state");
    number(state);
    text("\n");
    struct outcome o = report(from, "eret", code, (struct arguments){{state}});
    if (is_end(&o)) {
        text("  svc at EL");
        number(o.taken_at);
        text(" vector");
        number(o.vector);
        say(" state", o.state);
    }
}

/* PSTATE.IL comes before whatever stands there. */
static void illegal(enum level level) {
    heading("instructions with PSTATE.IL");
    setting.state = ALL_MASKED | IL;
    TRY(level, "nop");
    TRY(level, ".word 0");
    TRY(level, ".word 0x02000000");
    TRY(level, ".word 0xffffffff");
    TRY(level, "mrs x0, s3_0_c15_c0_0");
    TRY(level, "svc #1");
    TRY(level, "hvc #1");
    TRY(level, "brk #1");
    TRY(level, "hlt #1");
    TRY(level, "ldr x0, [x0, #1]");
    TRY(level, ".inst 0x1e6e1000");
    TRY(level, "eret");
    TRY(level, "br xzr");
    fresh();
}

static void returns(enum level from) {
    heading("returns");
    for (u64 mode = 0; mode < 16; mode++) return_with(from, ALL_MASKED | mode);
    /* Not SPSR.M[4]: QEMU's core has AArch32 at EL0, ours does not. */
    heading("flags, masks, IL, bits of later architectures");
    static const u64 bits[] = {0xf0000000, 0x50000000, 1 << 20, 1 << 21, 1 << 22, 1 << 23, 1ull << 32, 0xc00};
    for (int i = 0; i < 8; i++) {
        return_with(from, ALL_MASKED | from | bits[i]);
        return_with(from, ALL_MASKED | EL0 | bits[i]);
    }
    return_with(from, from);
    return_with(from, EL0);
}

/* Each handler traps at once, which comes to the library's table. */
extern char trapping_vectors[];
asm(".pushsection .fragments, \"ax\"\n.balign 2048\ntrapping_vectors:\n"
    ".rept 16\n.balign 128\n"
    "adrp x1, vectors_el1\nadd x1, x1, :lo12:vectors_el1\nmsr vbar_el1, x1\nisb\nmrs x0, esr_el1\n.word 0\n.endr\n.popsection");

static void nested(void) {
    heading("an exception in a handler");
    u64 before = read_sysreg(vbar_el1);
    for (int i = 0; i < 3; i++) {
        static const enum level levels[] = {EL1, EL1T, EL0};
        write_sysreg(vbar_el1, (u64)trapping_vectors);
        setting.state = ALL_MASKED & ~(u64)MASK_F;
        struct outcome o = attempt(levels[i], CODE("svc #3"), (struct arguments){{0}});
        text("vector, syndrome, outer syndrome, state, where in the handler");
        number(o.vector);
        number(o.syndrome);
        number(o.x0);
        number(o.state);
        number(o.pc - (u64)trapping_vectors);
        text("\n");
    }
    write_sysreg(vbar_el1, before);
    fresh();
}

/* What software reads and writes of PSTATE and the saved state. */
static void registers(enum level level) {
    heading("PSTATE by name");
    TRY(level, "mrs x0, currentel");
    TRY(level, "mrs x0, spsel");
    TRY(level, "mrs x0, daif");
    TRY(level, "msr daif, xzr\nmrs x0, daif");
    TRY(level, "mov x0, #0xffffffff\nmsr daif, x0\nmrs x0, daif");
    TRY(level, "mov x0, #0xffffffff\nmsr nzcv, x0\nmrs x0, nzcv");
    /* At EL0 QEMU 7.2 exchanges op1 and op2 in the syndrome. */
    if (level != EL0) {
        TRY(level, "msr daifclr, #5\nmrs x0, daif");
        TRY(level, "msr daifset, #5\nmrs x0, daif");
    }
    TRY(level, "mov x1, sp\nmsr spsel, #0\nmov x0, sp\nmsr spsel, #1\nmov x0, #1");
    TRY(level, "mov x0, #-1\nmsr spsr_el1, x0\nmrs x0, spsr_el1\nand x0, x0, #0xf0000000");
    TRY(level, "mov x0, #-1\nmsr elr_el1, x0\nmrs x0, elr_el1");
    TRY(level, "mov x0, #-1\nmsr vbar_el1, x0\nmrs x0, vbar_el1\nadrp x1, vectors_el1\nadd x1, x1, :lo12:vectors_el1\nmsr vbar_el1, x1");
    TRY(level, "mov x0, #0x1234\nmsr tpidr_el0, x0\nmsr tpidrro_el0, x0\nmrs x0, tpidrro_el0");
    TRY(level, "mrs x0, tpidr_el0");
    TRY(level, "mrs x0, tpidrro_el0");
}

void program(void) {
    if (top_level == 2) {
        returns(EL2);
        illegal(EL2);
        registers(EL2);
    }
    returns(EL1);
    returns(EL1T);
    illegal(EL1);
    illegal(EL0);
    registers(EL1);
    registers(EL0);
    nested();
}
