/*
 * mret and sret, what they do to the status, MPRV, nested traps, vectored handlers, writable bits of status registers.
 * Privileged manual 1.12: 3.1.6 (mstatus), 3.1.7 (mtvec), 3.3.2, 4.1.1, 4.1.2.
 */

#include "bare-metal.h"

static u64 memory[16] __attribute__((aligned(64)));

/* Not MPRV: QEMU 7.2 keeps it set when mret or sret leave machine mode, which the manual (1.12, 3.1.6.3) forbids. */
enum { SHOWN = SIE | MIE | SPIE | MPIE | SPP | 3 << MPP_SHIFT };
/* Without UXL and SXL, which QEMU 7.2 lets software write. */
static const u64 MSTATUS_BITS = 0x80000000007e79aa, SSTATUS_BITS = 0x80000000000c6122;

/* Sets mstatus, does mret or sret to the next instruction, then ecall tells where that was and mstatus is in the record. */
static void mret_with(u64 status) {
    say("mret with", status);
    struct outcome o = attempt(MACHINE, CODE("csrw mstatus, a0\nlla a1, 1f\ncsrw mepc, a1\nmret\n1: csrr a0, time"), (struct arguments){{status}});
    text("  cause");
    number(o.cause);
    say(" status in the handler", o.status & SHOWN);
}

static void sret_with(enum level from, u64 status) {
    say(from == MACHINE ? "sret from M with" : "sret from S with", status);
    setting.status = status & ~(u64)(3 << MPP_SHIFT);
    struct outcome o = attempt(from, CODE("lla a1, 1f\ncsrw sepc, a1\nsret\n1: csrr a0, time"), (struct arguments){{0}});
    text("  cause");
    number(o.cause);
    say(" status in the handler", o.status & SHOWN);
    setting.status = 0;
}

static void returns(void) {
    heading("mret: the ecall behind it comes from the new level");
    for (u64 mpp = 0; mpp < 4; mpp++) {
        if (mpp == 2) continue;
        for (u64 rest = 0; rest < 8; rest++) {
            mret_with(mpp << MPP_SHIFT | (rest & 1 ? MPIE : 0) | (rest & 2 ? MIE : 0) | (rest & 4 ? MPRV : 0));
        }
        mret_with(mpp << MPP_SHIFT | SPIE | SIE | SPP);
    }
    heading("sret");
    for (int spp = 0; spp < 2; spp++) {
        for (u64 rest = 0; rest < 8; rest++) {
            u64 status = (spp ? SPP : 0) | (rest & 1 ? SPIE : 0) | (rest & 2 ? SIE : 0) | (rest & 4 ? MPIE : 0);
            sret_with(SUPERVISOR, status);
            sret_with(MACHINE, status);
        }
    }
    TRY(MACHINE, "li a1, 0x20000\ncsrs mstatus, a1\nlla a1, 1f\ncsrw sepc, a1\nsret\n1: li a0, 1");
}

static void legal_values(void) {
    heading("values that registers take");
    for (u64 mpp = 0; mpp < 4; mpp++) {
        /* There is no level 2; QEMU 7.2 takes it. */
        if (mpp == 2) continue;
        write_csr(mstatus, mpp << MPP_SHIFT);
        say("mpp", read_csr(mstatus) >> MPP_SHIFT & 3);
    }
    write_csr(mstatus, ~0ull);
    say("all of mstatus", read_csr(mstatus) & MSTATUS_BITS);
    say("all of sstatus", read_csr(sstatus) & SSTATUS_BITS);
    write_csr(mstatus, 0);
    say("none of mstatus", read_csr(mstatus) & MSTATUS_BITS);
    write_csr(sstatus, ~0ull);
    say("sstatus through mstatus", read_csr(mstatus) & MSTATUS_BITS);
    write_csr(sstatus, 0);
    say("none of sstatus", read_csr(sstatus) & SSTATUS_BITS);
    for (u64 mode = 0; mode < 4; mode++) {
        u64 before = read_csr(mtvec);
        write_csr(mtvec, 0x80001000 | mode);
        u64 now = read_csr(mtvec);
        write_csr(mtvec, before);
        if (mode < 2) say("mtvec", now);
    }
    for (u64 bit = 0; bit < 3; bit++) {
        write_csr(sepc, 0x1230 | 1ull << bit);
        say("sepc", read_csr(sepc) & ~1ull);
    }
    write_csr(satp, 8ull << 60 | 0x12345);
    say("satp Sv39", read_csr(satp));
    write_csr(satp, 9ull << 60 | 0xffffull << 44 | 0x54321);
    say("satp Sv48", read_csr(satp));
    write_csr(satp, 3ull << 60 | 7);
    say("satp reserved", read_csr(satp));
    write_csr(satp, 0);
    write_csr(mie, ~0ull);
    say("mie", read_csr(mie) & 0xaaa);
    write_csr(mie, 0);
    write_csr(mip, ~0ull);
    say("mip", read_csr(mip) & 0x222);
    write_csr(mip, 0);
    write_csr(mideleg, ~0ull);
    say("mideleg", read_csr(mideleg) & 0xaaa);
    write_csr(sie, ~0ull);
    say("sie", read_csr(sie) & 0xaaa);
    write_csr(mideleg, SSI);
    say("sie of what is delegated", read_csr(sie) & 0xaaa);
    write_csr(sie, 0);
    write_csr(sip, ~0ull);
    say("sip", read_csr(sip) & 0x222);
    write_csr(sip, 0);
    fresh();
}

/* MPRV makes data of machine mode another level's: then protection and translation count. */
static void modified_privilege(void) {
    heading("MPRV");
    write_csr(pmpaddr15, 0);
    for (u64 mpp = 0; mpp < 4; mpp++) {
        if (mpp == 2) continue;
        u64 status = MPRV | mpp << MPP_SHIFT;
        TRY_AS(MACHINE, "load", "csrw mstatus, a1\nld a0, 0(a0)", (u64)memory, status);
        TRY_AS(MACHINE, "store", "csrw mstatus, a1\nsd x0, 0(a0)", (u64)memory, status);
        TRY_AS(MACHINE, "load, fenced", "csrw mstatus, a1\nfence.i\nsfence.vma\nld a0, 0(a0)", (u64)memory, status);
        TRY_AS(MACHINE, "and off again", "csrw mstatus, a1\ncsrw mstatus, x0\nld a0, 0(a0)", (u64)memory, status);
    }
    fresh();
}

/* Handlers of our own that trap again; the second trap is the library's. */
static void nested(void) {
    u64 machine = read_csr(mtvec), supervisor = read_csr(stvec);
    heading("a trap in a handler");
    for (int enabled = 0; enabled < 2; enabled++) {
        setting.status = enabled ? MPIE | SPIE | SIE : 0;
        write_csr(medeleg, 1 << 3);
        write_csr(stvec, (u64)CODE("csrr a0, scause\n.word 0"));
        TRY_AS(USER, "supervisor's handler", "ebreak");
        TRY_AS(SUPERVISOR, "supervisor's handler", "ebreak");
        write_csr(medeleg, 0);
        for (int level = 0; level < 2; level++) {
            write_csr(mtvec, (u64)CODE("lla a0, machine_handler\ncsrw mtvec, a0\ncsrr a0, mcause\n.word 0"));
            TRY_AS(level, "machine's handler", "ebreak");
        }
        write_csr(mtvec, machine);
        write_csr(stvec, supervisor);
    }
    fresh();
}

void program(void) {
    returns();
    legal_values();
    modified_privilege();
    nested();
}
