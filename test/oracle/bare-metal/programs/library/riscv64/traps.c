/* Trying fragments, and what is printed of how they ended. */

#include "bare-metal.h"

void enter(u64 status, const void *code, const struct arguments *arguments);

struct setting setting;

/* Of mstatus, without what QEMU 7.2 shows although the extensions are not there. */
static const u64 SHOWN_STATUS = SIE | MIE | SPIE | MPIE | SPP | 3 << MPP_SHIFT | FS_DIRTY | MPRV | SUM | MXR | TVM | TW | TSR;

static const u64 EVERYTHING_OPEN = 0x1f;

void fresh(void) {
    setting = (struct setting){0};
    write_csr(mie, 0);
    write_csr(mip, 0);
    write_csr(medeleg, 0);
    write_csr(mideleg, 0);
    write_csr(satp, 0);
    write_csr(mcounteren, 0);
    write_csr(scounteren, 0);
    write_csr(menvcfg, 0);
    write_csr(pmpcfg0, 0);
    /* The last entry, so that tests may put others in front. */
    write_csr(pmpaddr15, ~0ull >> 10);
    write_csr(pmpcfg2, EVERYTHING_OPEN << 56);
    flush_translations();
    store32(CLINT_SOFTWARE(0), 0);
    store64(CLINT_COMPARE(0), ~0ull);
}

struct outcome attempt(enum level level, const void *code, struct arguments arguments) {
    asm volatile("fence.i" : : : "memory");
    enter(setting.status | (u64)level << MPP_SHIFT, code, &arguments);
    asm volatile("" : : : "memory");
    return outcome;
}

int is_end(const struct outcome *o) { return o->cause >= 8 && o->cause <= 11 && o->a7 == FRAGMENT_END; }

static const char *name_of(u64 level) { return level == MACHINE ? "M" : level == SUPERVISOR ? "S" : "U"; }

static void print(enum level level, const char *what, const void *code, struct outcome o) {
    text(name_of(level));
    text(" ");
    text(what);
    if (is_end(&o)) {
        say(": end,", o.a0);
        return;
    }
    text(": to ");
    text(name_of(o.taken_at));
    text(" cause");
    number(o.cause);
    text(" value");
    number(o.value);
    text(" at");
    number(o.pc - (u64)code);
    say(" status", o.status & SHOWN_STATUS);
}

struct outcome report(enum level level, const char *what, const void *code, struct arguments arguments) {
    struct outcome o = attempt(level, code, arguments);
    print(level, what, code, o);
    return o;
}

void report_atomic(enum level level, const char *what, const void *code, struct arguments arguments) {
    struct outcome o = attempt(level, code, arguments);
    if (!is_end(&o)) o.cause |= 2;
    print(level, what, code, o);
}
