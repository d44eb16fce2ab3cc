/*
 * Synchronous exceptions of Arm64 that no page table and no trap control decides: undefined instructions, calls,
 * breakpoints, alignment, accesses to nowhere, floating point that is switched off, illegal states.
 * Arm DDI 0487: D1.3 (exceptions), D17.2.37 (ESR_EL1).
 */

#include "bare-metal.h"

/* Nothing answers at these addresses of the board. */
#define NOWHERE 0x0b800000ull

static u64 memory[32] __attribute__((aligned(64)));

enum { SCTLR_A = 1 << 1, SCTLR_SA = 1 << 3, SCTLR_SA0 = 1 << 4 };

static void undefined(enum level level) {
    heading("undefined instructions");
    TRY(level, "udf #0");
    TRY(level, "udf #0xffff");
    TRY(level, ".word 0xffffffff");
    TRY(level, ".word 0x00010000");
    TRY_AS(level, "unallocated load and store", ".word 0xd9200000");
    TRY_AS(level, "sve", ".word 0x04200000");
    TRY_AS(level, "rdm of Armv8.1", ".word 0x7e828420");
    TRY_AS(level, "mrs of nothing", "mrs x0, s3_0_c15_c15_7");
    TRY_AS(level, "msr of nothing", "msr s3_3_c13_c13_5, x0");
    TRY_AS(level, "sys of nothing", "sys #5, c7, c15, #7");
    TRY(level, "mrs x0, midr_el1\nmov x0, #1");
    TRY(level, "msr midr_el1, x0");
    TRY(level, "mrs x0, elr_el1\nmov x0, #1");
    TRY(level, "mrs x0, elr_el2\nmov x0, #1");
    TRY(level, "mrs x0, elr_el3");
    TRY(level, "mrs x0, sctlr_el3");
    TRY(level, "mrs x0, currentel");
    TRY(level, "mrs x0, spsel");
    TRY(level, "mrs x0, sp_el0\nmov x0, #1");
    TRY(level, "mrs x0, sp_el1\nmov x0, #1");
    /* At EL0 QEMU 7.2 exchanges op1 and op2 in the syndrome. */
    if (level != EL0) TRY(level, "msr daifset, #15\nmrs x0, daif");
    TRY(level, "msr spsel, #1\nmrs x0, spsel");
    TRY_AS(level, "msr pan", ".word 0xd500419f");
    TRY_AS(level, "hlt", "hlt #3");
    TRY_AS(level, "dcps1", ".word 0xd4a00001");
    if (level == EL0) TRY(level, "eret");
    TRY_AS(level, "esb is a hint", "hint #16");
    TRY_AS(level, "pointer authentication is a hint", "hint #25\nmov x0, #2");
}

static void calls(enum level level) {
    heading("calls and breakpoints");
    TRY(level, "brk #0");
    TRY(level, "nop\nbrk #0xffff");
    TRY(level, "svc #0");
    TRY(level, "nop\nsvc #0x1234");
    /* PSCI answers at the board's conduit; elsewhere these are undefined, or the hypervisor's. */
    if (level == EL0 || top_level == 2) TRY(level, "hvc #5");
    if (level == EL0 || top_level == 1) TRY(level, "smc #6");
}

static void alignment(enum level level) {
    static const u64 controls[] = {0, SCTLR_SA, SCTLR_SA0};
    u64 odd = (u64)memory + 1;
    /* Without translation memory is device memory, where all accesses must be aligned: neither machine looks. */
    heading("alignment without translation");
    memory[0] = 0x1122334455667788;
    memory[1] = 0x99aabbccddeeff00;
    for (int strict = 0; strict < 2; strict++) {
        u64 one = read_sysreg(sctlr_el1);
        write_sysreg(sctlr_el1, strict ? one | SCTLR_A : one & ~(u64)SCTLR_A);
        u64 two = 0;
        if (top_level == 2) {
            two = read_sysreg(sctlr_el2);
            if (level >= EL2T) write_sysreg(sctlr_el2, strict ? two | SCTLR_A : two);
        }
        say(" SCTLR.A", strict);
        if (strict) {
            TRY(level, "ldrh w0, [x0]", odd);
            TRY(level, "ldr w0, [x0]", odd + 1);
            TRY(level, "ldr x0, [x0]", odd + 3);
            TRY(level, "strh w1, [x0]", odd, 7);
            TRY(level, "str x1, [x0]", odd + 3, 7);
            TRY(level, "ldp x0, x1, [x0]", odd + 3);
            TRY(level, "stp w1, w2, [x0]", odd + 1);
            TRY(level, "ldp x0, x1, [x0]", odd + 7);
            TRY(level, "ldtr x0, [x0]", odd);
            TRY(level, "ldrb w0, [x0]", odd);
        }
        TRY(level, "ldxr x0, [x0]", odd + 3);
        TRY(level, "ldaxrh w0, [x0]", odd);
        TRY(level, "ldar w0, [x0]", odd + 1);
        TRY(level, "stlr x1, [x0]", odd + 3);
        TRY(level, "ldxp x0, x1, [x0]", odd + 7);
        write_sysreg(sctlr_el1, one);
        if (top_level == 2) write_sysreg(sctlr_el2, two);
    }
    say("memory", checksum(memory, sizeof memory));
    /* QEMU 7.2 never checks it (SCTLR_ELx.SA, SA0), so an odd one is only moved about. */
    heading("the stack pointer");
    for (int i = 0; i < 3; i++) {
        u64 one = read_sysreg(sctlr_el1), two = 0;
        write_sysreg(sctlr_el1, one | controls[i]);
        if (top_level == 2) {
            two = read_sysreg(sctlr_el2);
            if (level >= EL2T) write_sysreg(sctlr_el2, two | controls[i]);
        }
        say(" SCTLR", controls[i]);
        TRY_AS(level, "odd, not used", "mov x1, sp\nsub sp, sp, #17\nmov x0, #1\nmov sp, x1");
        TRY_AS(level, "pair, even", "stp x0, x1, [sp, #-16]!\nmov x0, #1");
        TRY_AS(level, "through another register", "sub sp, sp, #24\nmov x1, sp\nldr x0, [x1]\nmov x0, #1");
        write_sysreg(sctlr_el1, one);
        if (top_level == 2) write_sysreg(sctlr_el2, two);
    }
    heading("the pc");
    TRY_AS(level, "branch to an odd address", "br x0", (u64)memory + 1);
    TRY_AS(level, "branch to an address of two", "br x0", (u64)memory + 2);
    TRY_AS(level, "return to an odd address", "ret x0", (u64)memory + 3);
}

static void fetch(enum level level, const char *what, u64 address) {
    report(level, what, (const void *)address, (struct arguments){{0}});
}

static void nowhere(enum level level) {
    heading("accesses to nowhere");
    TRY(level, "ldrb w0, [x0]", NOWHERE);
    TRY(level, "ldr x0, [x0, #8]", NOWHERE);
    TRY(level, "str x0, [x0, #16]", NOWHERE);
    TRY(level, "ldp x0, x1, [x0]", NOWHERE);
    TRY(level, "ldxr x0, [x0]", NOWHERE);
    TRY(level, "ldar w0, [x0]", NOWHERE);
    TRY(level, "dc zva, x0", NOWHERE);
    TRY_AS(level, "load behind physical addresses", "ldr x0, [x0]", 1ull << 40);
    TRY_AS(level, "store far away", "str x0, [x0]", 1ull << 47);
    TRY_AS(level, "load from the top", "ldr x0, [x0]", ~7ull);
    fetch(level, "fetch from nowhere", NOWHERE);
    fetch(level, "fetch behind physical addresses", 1ull << 40);
    fetch(level, "fetch from the top", ~3ull);
    TRY_AS(level, "branch there", "br x0", NOWHERE);
}

static void floating_point(enum level level) {
    heading("floating point");
    for (u64 enabled = 0; enabled < 4; enabled++) {
        for (u64 hypervisor = 0; hypervisor < 2; hypervisor++) {
            if (hypervisor && top_level == 1) continue;
            write_sysreg(cpacr_el1, enabled << 20);
            if (top_level == 2) write_sysreg(cptr_el2, 0x33ff | hypervisor << 10);
            text(" CPACR, CPTR");
            number(enabled);
            number(hypervisor);
            text("\n");
            TRY(level, "ldr d0, [x0]", (u64)memory);
            TRY(level, "str q0, [x0]", (u64)memory);
            TRY(level, "fadd d0, d1, d2");
            TRY(level, "add v0.4s, v1.4s, v2.4s");
            TRY(level, "fmov x0, d0\nmov x0, #1");
            TRY(level, "mrs x0, fpcr");
            TRY(level, "msr fpsr, xzr");
            TRY(level, "ldr q0, [x0]", (u64)memory + 8);
            TRY_AS(level, "load from nowhere", "ldr d0, [x0]", NOWHERE);
        }
    }
    fresh();
}

void program(void) {
    static const enum level levels[] = {EL2, EL2T, EL1, EL1T, EL0};
    for (int i = 0; i < 5; i++) {
        if (levels[i] >> 2 > top_level) continue;
        undefined(levels[i]);
        calls(levels[i]);
        alignment(levels[i]);
        nowhere(levels[i]);
        floating_point(levels[i]);
    }
}
