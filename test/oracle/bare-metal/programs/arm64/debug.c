/*
 * Self-hosted debug of Arm64: software step, breakpoints, watchpoints, and where their exceptions go.
 * Arm DDI 0487: D2 (self-hosted debug), D17.2.37 (ESR_ELx), D17.3 (debug registers).
 */

#include "bare-metal.h"

static u64 memory[16] __attribute__((aligned(64)));

/* MDSCR_EL1, SPSR, MDCR_EL2. */
enum { STEP = 1 << 0, OWN = 1 << 13, MONITOR = 1 << 15, SPSR_STEP = 1 << 21, MASK_DEBUG = 1 << 9, DEBUG_TO_EL2 = 1 << 8 };

/* Fields of control registers. */
#define PRIVILEGE(n) ((u64)(n) << 1)
#define ACCESS(n) ((u64)(n) << 3)
#define BYTES(n) ((u64)(n) << 5)
#define HIGHER (1ull << 13)
#define SECURITY(n) ((u64)(n) << 14)
#define LINK(n) ((u64)(n) << 16)
#define WATCH_LINKED (1ull << 20)
#define TYPE(n) ((u64)(n) << 20)
#define RANGE(n) ((u64)(n) << 24)
enum { EVERY_LEVEL = 3, LOADS = 1, STORES = 2 };

static void disarm(void) {
    write_sysreg(mdscr_el1, 0);
    write_sysreg(dbgbcr0_el1, 0);
    write_sysreg(dbgbcr1_el1, 0);
    write_sysreg(dbgbcr3_el1, 0);
    write_sysreg(dbgbcr4_el1, 0);
    write_sysreg(dbgbcr5_el1, 0);
    write_sysreg(dbgwcr0_el1, 0);
    write_sysreg(dbgwcr3_el1, 0);
    fresh();
}

static void steps_at(enum level level, u64 control) {
    static const u64 states[] = {0, SPSR_STEP, MASK_DEBUG | SPSR_STEP};
    for (int i = 0; i < 3; i++) {
        write_sysreg(mdscr_el1, control);
        setting.state = states[i];
        say(" SPSR", states[i]);
        TRY_AS(level, "nop", "nop\nmov x0, #7");
        TRY_AS(level, "load", "ldr x0, [x0]\nmov x0, #7", (u64)memory);
        TRY_AS(level, "load exclusive", "ldxr x0, [x0]\nmov x0, #7", (u64)memory);
        TRY_AS(level, "load exclusive pair", "ldaxp x0, x1, [x0]\nmov x0, #7", (u64)memory);
        TRY_AS(level, "store exclusive", "stxr w1, x0, [x0]\nmov x0, #7", (u64)memory);
        TRY_AS(level, "branch", "b 1f\nnop\n1: mov x0, #7");
        TRY_AS(level, "call", "svc #1\nmov x0, #7");
        TRY_AS(level, "undefined", "udf #1");
        TRY_AS(level, "software breakpoint", "brk #5");
        TRY_AS(level, "fault", "ldr x0, [x0]", 1ull << 47);
        TRY_AS(level, "floating point that is off", "fadd d0, d1, d2");
        if (level == EL1) {
            /* The other way round QEMU 7.2 steps all the same: masked exceptions are not taken (D2.4.1). */
            TRY_AS(level, "unmasked while stepped", "msr daifclr, #8\nmov x0, #7\nmov x0, #8");
        }
    }
    disarm();
}

static void steps(enum level level) {
    heading("software step");
    steps_at(level, 0);
    steps_at(level, STEP);
    steps_at(level, STEP | OWN);
    steps_at(level, OWN | MONITOR);
}

#define ARM(n, value, control)                     \
    do {                                           \
        write_sysreg(dbgbvr##n##_el1, value);      \
        write_sysreg(dbgbcr##n##_el1, control);    \
    } while (0)
#define WATCH(n, value, control)                   \
    do {                                           \
        write_sysreg(dbgwvr##n##_el1, value);      \
        write_sysreg(dbgwcr##n##_el1, control);    \
    } while (0)

static void breakpoints(enum level level) {
    static const u64 privileges[] = {0, 1, 2, 3};
    const void *code = CODE("mov x0, #1\nadd x0, x0, #2\nadd x0, x0, #4\nb 1f\nadd x0, x0, #8\n1: add x0, x0, #16");
    heading("breakpoints");
    for (int own = 0; own < 2; own++) {
        for (int masked = 0; masked < 2; masked++) {
            say(" own", own);
            say(" masked", masked);
            setting.state = masked ? MASK_DEBUG : 0;
            write_sysreg(mdscr_el1, MONITOR | (own ? OWN : 0));
            for (int i = 0; i < 4; i++) {
                say("  privilege", privileges[i]);
                ARM(0, (u64)code + 4, 1 | PRIVILEGE(privileges[i]) | BYTES(15));
                report(level, "second instruction", code, (struct arguments){{0}});
                ARM(0, (u64)code + 4, 1 | PRIVILEGE(privileges[i]) | BYTES(15) | HIGHER | SECURITY(i));
                report(level, "second instruction, higher too", code, (struct arguments){{0}});
            }
        }
    }
    setting.state = 0;
    write_sysreg(mdscr_el1, MONITOR | OWN);
    for (u64 bytes = 0; bytes < 16; bytes += 3) {
        say("  bytes", bytes);
        ARM(0, (u64)code + 4, 1 | PRIVILEGE(EVERY_LEVEL) | BYTES(bytes));
        report(level, "second instruction", code, (struct arguments){{0}});
    }
    ARM(0, (u64)code + 4, PRIVILEGE(EVERY_LEVEL) | BYTES(15));
    report(level, "not enabled", code, (struct arguments){{0}});
    ARM(5, (u64)code + 16, 1 | PRIVILEGE(EVERY_LEVEL) | BYTES(15));
    report(level, "not reached", code, (struct arguments){{0}});
    ARM(3, (u64)code + 20, 1 | PRIVILEGE(EVERY_LEVEL) | BYTES(15));
    report(level, "jumped to", code, (struct arguments){{0}});
    ARM(3, (u64)code, 1 | PRIVILEGE(EVERY_LEVEL) | BYTES(15));
    report(level, "first instruction", code, (struct arguments){{0}});
    setting.state = SPSR_STEP;
    write_sysreg(mdscr_el1, MONITOR | OWN | STEP);
    ARM(3, (u64)code + 4, 1 | PRIVILEGE(EVERY_LEVEL) | BYTES(15));
    report(level, "stepped up to it", code, (struct arguments){{0}});
    disarm();
}

static void links(enum level level) {
    const void *code = CODE("mov x0, #1\nldr x1, [x1]\nadd x0, x0, #4");
    struct arguments arguments = {{0, (u64)memory}};
    heading("contexts");
    setting.state = 0;
    write_sysreg(mdscr_el1, MONITOR | OWN);
    write_sysreg(contextidr_el1, 0x12345);
    for (int linked = 3; linked < 7; linked++) {
        for (u64 context = 0x12345; context < 0x12347; context++) {
            for (int type = 0; type < 4; type += 3) {
                say(" link", linked);
                say(" context", context);
                say(" type", type);
                ARM(4, context, 1 | TYPE(type) | BYTES(15) | PRIVILEGE(0));
                ARM(5, context, 1 | TYPE(type) | BYTES(15) | PRIVILEGE(3));
                ARM(1, (u64)code + 4, 1 | TYPE(1) | LINK(linked) | PRIVILEGE(3) | BYTES(15));
                report(level, "breakpoint", code, arguments);
                ARM(1, (u64)code + 4, TYPE(1) | LINK(linked) | PRIVILEGE(3) | BYTES(15));
                WATCH(3, (u64)memory, 1 | WATCH_LINKED | LINK(linked) | PRIVILEGE(3) | BYTES(255) | ACCESS(3));
                report(level, "watchpoint", code, arguments);
                WATCH(3, 0, 0);
            }
        }
    }
    disarm();
    write_sysreg(contextidr_el1, 0);
}

/*
 * QEMU 7.2 remembers of a watchpoint that it was once hit by a store, and makes two accesses of one that is not aligned:
 * so each access gets a watchpoint of its own, and is aligned.
 */
#define WATCHED(...)                                                  \
    do {                                                              \
        write_sysreg(dbgwcr0_el1, read_sysreg(dbgwcr0_el1));          \
        TRY_AS(__VA_ARGS__);                                          \
    } while (0)

static void accesses(enum level level) {
    u64 at = (u64)memory;
    WATCHED(level, "load", "ldr x0, [x0]\nmov x0, #1", at);
    WATCHED(level, "load of a byte", "ldrb w0, [x0, #4]\nmov x0, #1", at);
    WATCHED(level, "load before", "ldr x0, [x0, #-8]\nmov x0, #1", at);
    WATCHED(level, "load behind", "ldr x0, [x0, #8]\nmov x0, #1", at);
    WATCHED(level, "pair", "ldp x0, x1, [x0, #-8]\nmov x0, #1", at);
    WATCHED(level, "store", "str x1, [x0]\nmov x0, #1", at);
    WATCHED(level, "store of half a word", "strh w1, [x0, #6]\nmov x0, #1", at);
    WATCHED(level, "store of a pair", "stp w0, w1, [x0, #-4]\nmov x0, #1", at);
    WATCHED(level, "exclusive", "ldxr x1, [x0]\nstxr w2, x1, [x0]\nmov x0, #1", at);
    WATCHED(level, "unprivileged load", "ldtr x0, [x0]\nmov x0, #1", at);
    WATCHED(level, "unprivileged store", "sttrb w1, [x0, #3]\nmov x0, #1", at);
    WATCHED(level, "prefetch", "prfm pldl1keep, [x0]\nmov x0, #1", at);
    WATCHED(level, "far away", "ldr x0, [x0, #64]\nmov x0, #1", at);
}

static void watchpoints(enum level level) {
    static const u64 selections[] = {255, 1, 0xf0, 0x3c, 0x81, 0};
    static const u64 ranges[] = {1, 3, 5, 12, 31};
    heading("watchpoints");
    setting.state = 0;
    write_sysreg(mdscr_el1, MONITOR | OWN);
    for (u64 kind = 0; kind < 4; kind++) {
        for (u64 privilege = 0; privilege < 4; privilege++) {
            say(" kind", kind);
            say(" privilege", privilege);
            WATCH(0, (u64)memory, 1 | PRIVILEGE(privilege) | ACCESS(kind) | BYTES(255));
            accesses(level);
        }
    }
    for (int i = 0; i < 6; i++) {
        say(" bytes", selections[i]);
        WATCH(0, (u64)memory, 1 | PRIVILEGE(3) | ACCESS(3) | BYTES(selections[i]));
        accesses(level);
        text(" from the middle\n");
        WATCH(0, (u64)memory + 4, 1 | PRIVILEGE(3) | ACCESS(3) | BYTES(selections[i]));
        accesses(level);
    }
    for (int i = 0; i < 5; i++) {
        /* The program, its stack and its messages are in the largest range too; levels are not. */
        say(" range", ranges[i]);
        WATCH(0, (u64)memory, 1 | PRIVILEGE(3) | ACCESS(3) | BYTES(255) | RANGE(ranges[i]));
        if (ranges[i] < 31 || level == EL0) accesses(level);
    }
    disarm();
}

static void together(enum level level) {
    heading("routing");
    for (u64 control = 0; control < 2; control++) {
        for (u64 general = 0; general < 2; general++) {
            if (top_level == 1 && control + general > 0) continue;
            if (general && level >> 2 == 1) continue;
            if (top_level == 2) {
                write_sysreg(mdcr_el2, control ? DEBUG_TO_EL2 : 0);
                write_sysreg(hcr_el2, RW | (general ? TGE : 0));
            }
            say(" TDE", control);
            say(" TGE", general);
            TRY(level, "brk #0x123");
            const void *code = CODE("nop\nnop\nldr x0, [x0]");
            struct arguments arguments = {{(u64)memory}};
            write_sysreg(mdscr_el1, MONITOR | OWN);
            ARM(0, (u64)code + 4, 1 | PRIVILEGE(EVERY_LEVEL) | BYTES(15) | HIGHER);
            report(level, "breakpoint", code, arguments);
            ARM(0, 0, 0);
            WATCH(0, (u64)memory, 1 | PRIVILEGE(EVERY_LEVEL) | ACCESS(LOADS) | BYTES(255) | HIGHER);
            report(level, "watchpoint", code, arguments);
            WATCH(0, 0, 0);
            write_sysreg(mdscr_el1, STEP | OWN);
            setting.state = SPSR_STEP;
            report(level, "step", code, arguments);
            setting.state = 0;
            if (level == EL1) {
                TRY_AS(level, "mdscr", "mrs x0, mdscr_el1");
                TRY_AS(level, "dbgbvr", "msr dbgbvr2_el1, x0");
                TRY_AS(level, "dbgwcr", "mrs x0, dbgwcr1_el1");
                TRY_AS(level, "oslar", "msr oslar_el1, xzr\nmov x0, #0");
                TRY_AS(level, "oslsr", "mrs x0, oslsr_el1");
                TRY_AS(level, "mdrar", "mrs x0, mdrar_el1");
            }
            disarm();
        }
    }
}

void program(void) {
    static const enum level levels[] = {EL2, EL1, EL1T, EL0};
    say("lock after reset", read_sysreg(oslsr_el1));
    write_sysreg(oslar_el1, 0);
    say("lock", read_sysreg(oslsr_el1));
    for (int i = 0; i < 4; i++) {
        if (levels[i] >> 2 > top_level) continue;
        steps(levels[i]);
        breakpoints(levels[i]);
        links(levels[i]);
        watchpoints(levels[i]);
        together(levels[i]);
    }
}
