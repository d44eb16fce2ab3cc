/*
 * Hart states through SBI, in supervisor mode with two harts: start, status, stop, suspension, and what is refused.
 * SBI 2.0, chapter 9. Numbers of harts are never printed: any of them may be the one that boots.
 */

#include "bare-metal.h"

enum { IPI = 0x735049, HSM = 0x48534d };
enum { START, STOP, STATUS, SUSPEND };
enum { STARTED = 0, STOPPED = 1, SUSPENDED = 4 };
enum command { NOTHING, STOP_NOW, SUSPEND_NOW };

struct answer { u64 error, value; };

extern char other_start[];
static u64 me, other;
static volatile u64 starts, seen_opaque, seen_number, seen_satp, seen_status, command, suspensions, suspend_error;

static struct answer sbi(u64 extension, u64 function, u64 first, u64 second, u64 third) {
    register u64 a0 asm("a0") = first;
    register u64 a1 asm("a1") = second;
    register u64 a2 asm("a2") = third;
    register u64 a6 asm("a6") = function;
    register u64 a7 asm("a7") = extension;
    asm volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a2), "r"(a6), "r"(a7) : "memory");
    return (struct answer){a0, a1};
}

void other_program(u64 number, u64 opaque) {
    seen_number = number;
    seen_opaque = opaque;
    seen_satp = read_csr(satp);
    seen_status = read_csr(sstatus) & SIE;
    barrier();
    starts++;
    while (1) {
        barrier();
        u64 now = command;
        if (now == NOTHING) continue;
        command = NOTHING;
        if (now == STOP_NOW) sbi(HSM, STOP, 0, 0, 0);
        if (now == SUSPEND_NOW) {
            write_csr(sie, SSI);
            suspend_error = sbi(HSM, SUSPEND, 0, 0, 0).error;
            clear_csr(sip, SSI);
            barrier();
            suspensions++;
        }
    }
}

static void say_answer(const char *what, struct answer a) {
    text(what);
    text(": error");
    number(a.error);
    if (!a.error) {
        text(" value");
        number(a.value);
    }
    text("\n");
}

/* States on the way to another one are passed quickly or not at all. */
static void say_state(const char *what, u64 expected) {
    struct answer a;
    for (u32 tries = 0; tries < 1000000; tries++) {
        a = sbi(HSM, STATUS, other, 0, 0);
        if (a.error || a.value == expected) break;
    }
    say_answer(what, a);
}

static void start_other(u64 opaque) {
    u64 before = starts;
    say_answer("start", sbi(HSM, START, other, (u64)other_start, opaque));
    while (starts == before) barrier();
    say("starts", starts);
    say("its number is right", seen_number == other);
    say("what was asked for", seen_opaque);
    say("satp", seen_satp);
    say("interrupts enabled", seen_status);
    say_state("status", STARTED);
    say_answer("start again", sbi(HSM, START, other, (u64)other_start, 0));
}

static void suspend_other(void) {
    u64 before = suspensions;
    command = SUSPEND_NOW;
    say_state("status while suspended", SUSPENDED);
    say_answer("start while suspended", sbi(HSM, START, other, (u64)other_start, 0));
    say_answer("send", sbi(IPI, 0, 1, other, 0));
    while (suspensions == before) barrier();
    say("suspend", suspend_error);
    say_state("status behind it", STARTED);
}

void supervisor_program(u64 number) {
    static const u64 types[] = {1, 0x0fffffff, 0x10000000, 0x7fffffff, 0x80000001, 0x8fffffff, 0x90000000, 0xffffffff};
    me = number;
    other = 1 - me;
    heading("before anything");
    say_answer("status of this one", sbi(HSM, STATUS, me, 0, 0));
    say_answer("status of the other", sbi(HSM, STATUS, other, 0, 0));
    say_answer("status of none", sbi(HSM, STATUS, 2, 0, 0));
    say_answer("status of none", sbi(HSM, STATUS, ~0ull, 0, 0));
    say_answer("start this one", sbi(HSM, START, me, (u64)other_start, 0));
    say_answer("start none", sbi(HSM, START, 2, (u64)other_start, 0));
    say_answer("no such function", sbi(HSM, 99, 0, 0, 0));
    heading("start, stop, start");
    for (u64 i = 0; i < 3; i++) {
        start_other(0x1234 + i);
        command = STOP_NOW;
        say_state("status when stopped", STOPPED);
    }
    heading("suspension");
    start_other(~0ull);
    suspend_other();
    suspend_other();
    heading("suspension that is refused");
    for (u32 i = 0; i < sizeof types / sizeof *types; i++) {
        say("type", types[i]);
        say_answer(" suspend", sbi(HSM, SUSPEND, types[i], (u64)other_start, 0));
    }
    command = STOP_NOW;
    say_state("status when stopped", STOPPED);
}
