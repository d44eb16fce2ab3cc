/*
 * The generic timers: conditions, masks, compare values and their 32-bit views, offsets, who may use them, order.
 * Arm DDI 0487, D11.2. Only relations between times are printed.
 */

#include "bare-metal.h"

enum { TICKS_PER_MILLISECOND = 62500 };

/* The registers of each timer. */
#define TIMER(prefix, suffix, base)                                                                        \
    static u64 base##_control(void) { return read_sysreg(prefix##_ctl_##suffix); }                         \
    static void base##_set_control(u64 v) { write_sysreg(prefix##_ctl_##suffix, v); }                      \
    static u64 base##_value(void) { return read_sysreg(prefix##_tval_##suffix); }                          \
    static void base##_set_value(u64 v) { write_sysreg(prefix##_tval_##suffix, v); }                       \
    static u64 base##_compare(void) { return read_sysreg(prefix##_cval_##suffix); }                        \
    static void base##_set_compare(u64 v) { write_sysreg(prefix##_cval_##suffix, v); }
TIMER(cntp, el0, physical)
TIMER(cntv, el0, virtual)
TIMER(cnthp, el2, hypervisor)

static u64 physical_count(void) { return read_sysreg(cntpct_el0); }
static u64 virtual_count(void) { return read_sysreg(cntvct_el0); }

struct timer {
    const char *name;
    u64 (*control)(void);
    void (*set_control)(u64);
    u64 (*value)(void);
    void (*set_value)(u64);
    u64 (*compare)(void);
    void (*set_compare)(u64);
    u64 (*count)(void);
};

static const struct timer timers[] = {
    {"physical", physical_control, physical_set_control, physical_value, physical_set_value, physical_compare, physical_set_compare, physical_count},
    {"virtual", virtual_control, virtual_set_control, virtual_value, virtual_set_value, virtual_compare, virtual_set_compare, virtual_count},
    {"hypervisor", hypervisor_control, hypervisor_set_control, hypervisor_value, hypervisor_set_value, hypervisor_compare, hypervisor_set_compare, physical_count},
};

static void conditions(const struct timer *t) {
    static const u64 compares[] = {0, 1, ~0ull, 1ull << 63, 0x7fffffffffffffff};
    heading(t->name);
    for (u64 bits = 0; bits < 4; bits++) {
        for (int i = 0; i < 5; i++) {
            t->set_compare(compares[i]);
            t->set_control(bits);
            text("compare, control");
            number(t->compare());
            number(t->control());
            text("\n");
        }
    }
    t->set_control(~0ull);
    say("all bits of the control", t->control());
    t->set_compare(t->count() + 1000ull * TICKS_PER_MILLISECOND);
    say("in a second", t->control());
    t->set_compare(t->count());
    say("now", t->control());
    t->set_control(0);
    say("off", t->control());
    heading("the view of 32 bits");
    t->set_value(1000 * TICKS_PER_MILLISECOND);
    u64 left = t->compare() - t->count();
    say("compare is as far away", left <= 1000 * TICKS_PER_MILLISECOND && left > 0);
    u64 first = t->value(), second = t->value();
    say("value goes down", (int)first >= (int)second);
    say("value has 32 bits", first >> 32);
    t->set_control(TIMER_ENABLE);
    say("not due", t->control());
    t->set_value(-1);
    say("due at once", t->control());
    say("compare is in the past", t->compare() < t->count());
    say("value is negative", t->value() >> 31);
    t->set_value(0x80000000);
    say("as far back as can be", t->control());
    say("compare follows the count", t->count() + (1ull << 31) > t->compare());
    t->set_value(0xdeadbeef00000010);
    say("upper half is ignored", t->compare() - t->count() + 0x100000 < 0x200000);
    t->set_compare(t->count() + TICKS_PER_MILLISECOND / 4);
    u64 until = t->compare();
    while (!(t->control() & TIMER_STATUS)) barrier();
    say("due before its time", t->count() < until);
    t->set_control(0);
}

static void counting(void) {
    heading("counters");
    u64 a = physical_count(), b = virtual_count(), c = physical_count();
    say("go forward together", a <= b && b <= c);
    say("frequency", read_sysreg(cntfrq_el0));
    if (top_level < 2) return;
    write_sysreg(cntvoff_el2, 1ull << 40);
    a = physical_count();
    b = virtual_count();
    c = physical_count();
    say("with an offset", a - (1ull << 40) <= b && b <= c - (1ull << 40));
    virtual_set_compare(0);
    virtual_set_control(TIMER_ENABLE);
    say("virtual timer, compare 0", virtual_control());
    virtual_set_compare(~0ull);
    say("virtual timer, greatest compare", virtual_control());
    virtual_set_value(1000 * TICKS_PER_MILLISECOND);
    say("compare has the offset", virtual_compare() - virtual_count() <= 1000 * TICKS_PER_MILLISECOND);
    write_sysreg(cntvoff_el2, 0);
    say("offset taken away", virtual_control());
    write_sysreg(cntvoff_el2, ~0ull << 50);
    say("a negative offset", virtual_count() > physical_count());
    write_sysreg(cntvoff_el2, 0);
    virtual_set_control(0);
}

/* What EL0 and EL1 may do. */
static void permissions(void) {
    heading("permissions");
    for (u64 kernel = 0; kernel < 4; kernel++) {
        for (u64 registers = 0; registers < 4; registers++) {
            write_sysreg(cntkctl_el1, kernel | registers << 8);
            say(" CNTKCTL", read_sysreg(cntkctl_el1));
            TRY(EL0, "mrs x0, cntpct_el0\nmov x0, #1");
            TRY(EL0, "mrs x0, cntvct_el0\nmov x0, #1");
            TRY(EL0, "mrs x0, cntfrq_el0");
            TRY(EL0, "mrs x0, cntv_ctl_el0");
            TRY(EL0, "msr cntv_cval_el0, xzr");
            TRY(EL0, "msr cntp_tval_el0, xzr");
        }
    }
    TRY(EL0, "msr cntkctl_el1, x0");
    TRY(EL0, "msr cntfrq_el0, x0");
    TRY(EL0, "mrs x0, cnthctl_el2");
    TRY(EL1, "mrs x0, cnthctl_el2\nmov x0, #1");
    TRY(EL1, "mrs x0, cntvoff_el2\nmov x0, #1");
    TRY(EL1, "mrs x0, cnthp_ctl_el2\nmov x0, #1");
    if (top_level == 2) {
        for (u64 hypervisor = 0; hypervisor < 4; hypervisor++) {
            write_sysreg(cnthctl_el2, hypervisor);
            write_sysreg(cntkctl_el1, 0x303);
            say(" CNTHCTL", hypervisor);
            /* QEMU 7.2 looks at EL1PCEN for EL0's counter; the manual (D17.11.3, CNTPCT_EL0) at EL1PCTEN. */
            int counters_agree = hypervisor == 0 || hypervisor == 3;
            for (int user = 0; user < 2; user++) {
                enum level level = user ? EL0 : EL1;
                if (level == EL1 || counters_agree) TRY(level, "mrs x0, cntpct_el0\nmov x0, #1");
                TRY(level, "mrs x0, cntvct_el0\nmov x0, #1");
                TRY(level, "mrs x0, cntp_ctl_el0\nmov x0, #1");
                TRY(level, "msr cntp_cval_el0, xzr");
                TRY(level, "mrs x0, cntv_ctl_el0");
            }
        }
        write_sysreg(cnthctl_el2, 3);
        write_sysreg(cntkctl_el1, 0);
        write_sysreg(hcr_el2, RW | TGE);
        TRY(EL0, "mrs x0, cntvct_el0");
        TRY(EL0, "mrs x0, cntp_ctl_el0");
    }
    fresh();
}

/* Several timers at once: none is due before its time, in whatever order they were set. (QEMU's may be a little late.) */
static void together(void) {
    heading("several at once");
    u64 count = top_level == 2 ? 3 : 2;
    for (u64 last = 0; last < count; last++) {
        u64 now = physical_count(), wrong = 0, due = 0;
        for (u64 i = 0; i < count; i++) {
            timers[i].set_compare(now + (1 + (i + count - last) % count) * TICKS_PER_MILLISECOND / 4);
            timers[i].set_control(TIMER_ENABLE | TIMER_MASK);
        }
        while (due != (1u << count) - 1) {
            for (u64 i = 0; i < count; i++) {
                u64 is_due = (timers[i].control() & TIMER_STATUS) != 0;
                u64 after = timers[i].count();
                wrong |= is_due && after < timers[i].compare();
                due |= is_due << i;
            }
        }
        say("wrong", wrong);
        for (u64 i = 0; i < count; i++) timers[i].set_control(0);
    }
}

void program(void) {
    for (u64 i = 0; i < (top_level == 2 ? 3 : 2); i++) conditions(&timers[i]);
    counting();
    permissions();
    together();
}
