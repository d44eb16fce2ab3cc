/*
 * Interrupts of a hart: each source, what enables it, who takes it, priorities, vectors, waiting.
 * Privileged manual 1.12: 3.1.6.1, 3.1.7, 3.1.8, 3.1.9, 3.3.3 (wfi), 4.1.3; Sstc 1.0.
 */

#include "bare-metal.h"

static const enum level levels[] = {MACHINE, SUPERVISOR, USER};
/* When a timer is due that is waited for: more than any host takes until then. */
enum { LATER = 30 * TICKS_PER_MILLISECOND };
static const u64 sources[] = {SSI, STI, SEI, MSI, MTI};

/* The bits of mip that software and the CLINT can raise. */
static void raise(u64 bits) {
    write_csr(mip, bits);
    store32(CLINT_SOFTWARE(0), (bits & MSI) != 0);
    store64(CLINT_COMPARE(0), bits & MTI ? 0 : ~0ull);
}

static void say_pending(const char *what) { say(what, read_csr(mip) & 0xaaa); }

static void raising(void) {
    heading("raising and lowering");
    for (int i = 0; i < 5; i++) {
        raise(sources[i]);
        say_pending("raised");
        write_csr(mip, 0);
        say_pending("mip cleared");
        raise(0);
        say_pending("lowered");
    }
    set_csr(mip, ~0ull);
    say_pending("all that software may set");
    clear_csr(mip, STI);
    say_pending("without one");
    raise(0);
    store32(CLINT_SOFTWARE(0), 0xfffffffe);
    say("software register, even", load32(CLINT_SOFTWARE(0)));
    say_pending("pending");
    store32(CLINT_SOFTWARE(0), 0xffffffff);
    say("software register, odd", load32(CLINT_SOFTWARE(0)));
    say_pending("pending");
    raise(0);
}

/* One source at a time: who takes it, if anybody. */
static void taking(void) {
    static const u64 enabled[] = {0, MPIE, SIE | SPIE, MPIE | SIE | SPIE};
    heading("taken or not");
    for (int source = 0; source < 5; source++) {
        for (u64 delegated = 0; delegated < 2; delegated++) {
            for (int on = 0; on < 2; on++) {
                for (int i = 0; i < 4; i++) {
                    for (int level = 0; level < 3; level++) {
                        raise(sources[source]);
                        write_csr(mideleg, delegated ? sources[source] : 0);
                        write_csr(mie, on ? sources[source] : 0);
                        setting.status = enabled[i];
                        text("source, delegated, enabled, status");
                        number(sources[source]);
                        number(delegated);
                        number(on);
                        number(enabled[i]);
                        text("\n ");
                        TRY(levels[level], "nop");
                    }
                }
            }
        }
    }
    fresh();
}

/*
 * Several at once, one after the other. QEMU 7.2 takes the lowest number first, the manual (3.1.9) has an order: MEI, MSI,
 * MTI, SEI, SSI, STI. These are sets for which that is the same, and those that different levels take.
 */
static void priorities(void) {
    static const u64 sets[] = {MSI | MTI | SEI, SSI | STI, MSI | MTI, MSI | STI};
    static const u64 delegations[] = {0, SSI | STI | SEI, SEI};
    heading("several at once");
    for (int set = 0; set < 4; set++) {
        for (int delegation = 0; delegation < 3; delegation++) {
            u64 left = sets[set];
            say(" pending", left);
            say(" delegated", delegations[delegation]);
            write_csr(mideleg, delegations[delegation]);
            raise(left);
            setting.status = MPIE | SIE | SPIE;
            while (left) {
                write_csr(mie, left);
                struct outcome o = TRY(SUPERVISOR, "nop");
                left &= ~(1ull << (o.cause & 63));
            }
        }
    }
    fresh();
}

static void enabling(void) {
    heading("an instruction that enables one is the last before it");
    write_csr(mie, SSI);
    raise(SSI);
    TRY(MACHINE, "csrsi mstatus, 8\nnop");
    TRY(MACHINE, "li a1, 0x80\ncsrs mstatus, a1\nlla a1, 1f\ncsrw mepc, a1\nli a1, 0x1800\ncsrs mstatus, a1\nmret\n1: nop");
    TRY_AS(MACHINE, "mret to user mode", "lla a1, 1f\ncsrw mepc, a1\nli a1, 0x1800\ncsrc mstatus, a1\nmret\n1: nop");
    raise(0);
    setting.status = MPIE;
    TRY(MACHINE, "csrsi mip, 2\nnop");
    raise(SSI);
    write_csr(mie, 0);
    TRY(MACHINE, "csrsi mie, 2\nnop");
    write_csr(mideleg, SSI);
    setting.status = 0;
    TRY(SUPERVISOR, "csrsi sie, 2\ncsrsi sstatus, 2\nnop");
    raise(0);
    TRY(SUPERVISOR, "csrsi sie, 2\ncsrsi sstatus, 2\ncsrsi sip, 2\nnop");
    TRY(SUPERVISOR, "csrr a0, sip");
    TRY(SUPERVISOR, "csrci sip, 2\ncsrr a0, sip");
    setting.status = 0;
    write_csr(mie, MSI);
    TRY_AS(MACHINE, "by the CLINT", "csrsi mstatus, 8\nli a1, 1\nsw a1, 0(a0)\n1: j 1b", CLINT_SOFTWARE(0));
    raise(0);
    fresh();
}

/* Each slot notes its number in a1. */
extern char vector_table[];
asm(".pushsection .fragments, \"ax\"\n.option push\n.option norvc\n.balign 256\nvector_table:\n"
    ".rept 16\njal t1, 1f\n.endr\n"
    "1: lla a1, vector_table\nsub a1, t1, a1\nsrli a1, a1, 2\naddi a1, a1, -1\nj machine_handler\n.option pop\n.popsection");
extern char supervisor_table[];
asm(".pushsection .fragments, \"ax\"\n.option push\n.option norvc\n.balign 256\nsupervisor_table:\n"
    ".rept 16\njal t1, 1f\n.endr\n"
    "1: lla a1, supervisor_table\nsub a1, t1, a1\nsrli a1, a1, 2\naddi a1, a1, -1\nj supervisor_handler\n.option pop\n.popsection");

static void vectors(void) {
    u64 machine = read_csr(mtvec), supervisor = read_csr(stvec);
    heading("vectored mode: the slot, also of exceptions");
    write_csr(mtvec, (u64)vector_table | 1);
    write_csr(stvec, (u64)supervisor_table | 1);
    for (int delegated = 0; delegated < 2; delegated++) {
        write_csr(mideleg, delegated ? 0x222 : 0);
        write_csr(medeleg, delegated ? 1 << 3 : 0);
        setting.status = MPIE | SIE | SPIE;
        for (int i = 0; i < 5; i++) {
            raise(sources[i]);
            write_csr(mie, sources[i]);
            struct outcome o = TRY(SUPERVISOR, "nop");
            say("  slot", o.a1);
        }
        raise(0);
        struct outcome o = TRY(USER, "ebreak");
        say("  slot", o.a1);
        o = TRY(USER, ".word 0");
        say("  slot", o.a1);
    }
    write_csr(mtvec, machine);
    write_csr(stvec, supervisor);
    fresh();
}

static void waiting(void) {
    heading("wfi goes on if something is pending and enabled by itself");
    for (int i = 0; i < 5; i++) {
        raise(sources[i]);
        write_csr(mie, sources[i]);
        setting.status = 0;
        TRY(MACHINE, "wfi\nli a0, 1");
        write_csr(mideleg, sources[i]);
        TRY(SUPERVISOR, "wfi\nli a0, 1");
        write_csr(mideleg, 0);
    }
    heading("the timer ends a wait");
    raise(0);
    write_csr(mie, MTI);
    store64(CLINT_COMPARE(0), load64(CLINT_TIME) + LATER);
    TRY(MACHINE, "wfi\ncsrr a0, mip\nandi a0, a0, 0x80");
    store64(CLINT_COMPARE(0), load64(CLINT_TIME) + LATER);
    setting.status = MPIE;
    TRY(MACHINE, "wfi\n1: j 1b");
    store64(CLINT_COMPARE(0), load64(CLINT_TIME) + LATER);
    TRY(SUPERVISOR, "wfi\n1: j 1b");
    heading("and breaks into a loop");
    store64(CLINT_COMPARE(0), load64(CLINT_TIME) + TICKS_PER_MILLISECOND);
    TRY(USER, "1: j 1b");
    fresh();
}

static void supervisor_timer(void) {
    heading("stimecmp");
    write_csr(menvcfg, STCE);
    write_csr(mcounteren, 2);
    write_csr(mideleg, STI);
    write_csr(mie, STI);
    write_csr(0x14d, ~0ull);
    say_pending("far away");
    write_csr(mip, STI);
    say_pending("software cannot set it");
    write_csr(0x14d, 0);
    say_pending("in the past");
    write_csr(mip, 0);
    say_pending("software cannot clear it");
    say("sip", read_csr(sip));
    write_csr(0x14d, ~0ull);
    say_pending("far away");
    setting.status = SIE | SPIE;
    write_csr(0x14d, 0);
    TRY(SUPERVISOR, "nop");
    TRY(USER, "nop");
    TRY_AS(SUPERVISOR, "set by the supervisor", "csrr a0, time\nli a1, 300000\nadd a0, a0, a1\ncsrw 0x14d, a0\n1: wfi\nj 1b");
    write_csr(0x14d, ~0ull);
    TRY_AS(SUPERVISOR, "set by the supervisor", "csrr a0, time\nli a1, 10000\nadd a0, a0, a1\ncsrw 0x14d, a0\n1: j 1b");
    heading("two timers, the later one first set");
    write_csr(mie, STI | MTI);
    write_csr(mideleg, STI);
    setting.status = SIE | SPIE | MPIE;
    for (int first = 0; first < 2; first++) {
        u64 now = read_csr(time);
        write_csr(0x14d, now + (first ? 1 : 3) * LATER);
        store64(CLINT_COMPARE(0), now + (first ? 3 : 1) * LATER);
        TRY(SUPERVISOR, "1: wfi\nj 1b");
        if (first) write_csr(0x14d, ~0ull);
        else store64(CLINT_COMPARE(0), ~0ull);
        TRY(SUPERVISOR, "1: wfi\nj 1b");
        write_csr(0x14d, ~0ull);
        store64(CLINT_COMPARE(0), ~0ull);
    }
    fresh();
}

static void timers(void) {
    heading("the time and what it is compared with");
    u64 first = load64(CLINT_TIME), second = read_csr(time), third = load64(CLINT_TIME);
    say("time goes forward", first <= second && second <= third);
    say("by halves", load32(CLINT_TIME + 4) == third >> 32);
    store64(CLINT_COMPARE(0), third);
    say_pending("now");
    store64(CLINT_COMPARE(0), third + 1000ull * TICKS_PER_MILLISECOND);
    say_pending("in a second");
    store32(CLINT_COMPARE(0) + 4, 0);
    store32(CLINT_COMPARE(0), 1);
    say_pending("in the past, by halves");
    say("as written", load64(CLINT_COMPARE(0)));
    store32(CLINT_COMPARE(0) + 4, 0x7fffffff);
    say_pending("upper half alone");
    say("as written", load64(CLINT_COMPARE(0)));
    store64(CLINT_COMPARE(0), ~0ull);
    say_pending("never");
    u64 until = load64(CLINT_TIME) + 2 * TICKS_PER_MILLISECOND;
    store64(CLINT_COMPARE(0), until);
    write_csr(mie, MTI);
    int early = 0;
    while (!(read_csr(mip) & MTI)) early |= read_csr(time) > until + 1000ull * TICKS_PER_MILLISECOND;
    say("pending before its time", read_csr(time) < until);
    say("much too late", early);
    u64 cycles = read_csr(mcycle), retired = read_csr(minstret);
    asm volatile("nop\nnop\nnop\nnop");
    say("cycles go on", read_csr(mcycle) > cycles);
    say("instructions go on", read_csr(minstret) > retired);
    write_csr(mcountinhibit, 5);
    cycles = read_csr(mcycle);
    retired = read_csr(minstret);
    asm volatile("nop\nnop\nnop\nnop");
    write_csr(mcountinhibit, 0);
    fresh();
}

void program(void) {
    raising();
    taking();
    priorities();
    enabling();
    vectors();
    waiting();
    supervisor_timer();
    timers();
}
