/* Trying fragments, and what is printed of how they ended. */

#include "bare-metal.h"

void enter(u64 state, const void *code, const struct arguments *arguments, u64 sp);

struct setting setting;
static u8 stack[1024] __attribute__((aligned(16)));

/* RES1 bits of SCTLR_EL1 and SCTLR_EL2; everything else off. */
enum { SCTLR_EL1_OFF = 0x30d00800, SCTLR_EL2_OFF = 0x30c50830 };

void fresh(void) {
    setting = (struct setting){ALL_MASKED, (u64)stack + sizeof stack};
    write_sysreg(sctlr_el1, SCTLR_EL1_OFF);
    write_sysreg(cpacr_el1, 0);
    write_sysreg(cntkctl_el1, 0);
    write_sysreg(cntp_ctl_el0, 0);
    write_sysreg(cntv_ctl_el0, 0);
    if (top_level == 2) {
        write_sysreg(sctlr_el2, SCTLR_EL2_OFF);
        write_sysreg(hcr_el2, 1ull << 31);
        write_sysreg(cptr_el2, 0x33ff);
        write_sysreg(cnthctl_el2, 3);
        write_sysreg(cntvoff_el2, 0);
        write_sysreg(mdcr_el2, 0);
        write_sysreg(hstr_el2, 0);
        write_sysreg(cnthp_ctl_el2, 0);
        write_sysreg(vttbr_el2, 0);
    }
    flush_translations();
}

struct outcome attempt(enum level level, const void *code, struct arguments arguments) {
    asm volatile("dsb sy\nic iallu\ndsb sy\nisb" : : : "memory");
    enter(setting.state | level, code, &arguments, setting.sp);
    asm volatile("" : : : "memory");
    return outcome;
}

/* Classes of ESR_ELx. */
enum {
    SVC = 0x15, FETCH_LOWER = 0x20, FETCH_SAME = 0x21, PC_ALIGNMENT = 0x22, DATA_LOWER = 0x24, DATA_SAME = 0x25,
    WATCHPOINT_LOWER = 0x34, WATCHPOINT_SAME = 0x35,
};

int is_end(const struct outcome *o) {
    return o->vector % 4 == 0 && o->syndrome >> 26 == SVC && (o->syndrome & 0xffff) == FRAGMENT_END;
}

static int has_address(u64 class) {
    return class == FETCH_LOWER || class == FETCH_SAME || class == PC_ALIGNMENT || class == DATA_LOWER ||
           class == DATA_SAME || class == WATCHPOINT_LOWER || class == WATCHPOINT_SAME;
}

static const char *name_of(enum level level) {
    return level == EL0 ? "EL0" : level == EL1T ? "EL1t" : level == EL1 ? "EL1" : level == EL2T ? "EL2t" : "EL2";
}

/*
 * Without what is said of the instruction (ISV, SAS, SSE, SRT, SF, AR) unless stage 2 aborted: QEMU 7.2 tells that of all
 * aborts that EL2 takes, the manual (D17.2.37, ISV) only of those.
 */
static u64 syndrome_of(const struct outcome *o) {
    u64 class = o->syndrome >> 26;
    int is_stage2 = o->taken_at == 2 && class == DATA_LOWER && !(read_sysreg(hcr_el2) & TGE);
    return o->syndrome & (is_stage2 || (class != DATA_LOWER && class != DATA_SAME) ? 0x3ffffff : 0x2003fff);
}

struct outcome report(enum level level, const char *what, const void *code, struct arguments arguments) {
    struct outcome o = attempt(level, code, arguments);
    u64 class = o.syndrome >> 26;
    text(name_of(level));
    text(" ");
    text(what);
    if (is_end(&o)) {
        say(": end,", o.x0);
        return o;
    }
    text(o.taken_at == 2 ? ": to EL2 vector" : ": to EL1 vector");
    number(o.vector);
    if (o.vector % 4 == 0) {
        text(" class");
        number(class);
        text(" syndrome");
        number(syndrome_of(&o));
        if (has_address(class)) {
            text(" address");
            number(o.address);
        }
        if (o.taken_at == 2 && (class == FETCH_LOWER || class == DATA_LOWER)) {
            text(" intermediate");
            number(o.intermediate);
        }
    }
    text(" at");
    number(o.pc - (u64)code);
    text(" state");
    number(o.state);
    if (o.masks != ALL_MASKED || o.stack != 1) {
        text(" handler");
        number(o.masks);
        number(o.stack);
    }
    text("\n");
    return o;
}
