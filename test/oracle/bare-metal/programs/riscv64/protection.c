/*
 * Physical memory protection: matching, priorities, permissions, locks, and accesses on the edges.
 * Privileged manual 1.12, 3.7. The granularity is 4 bytes on both machines.
 */

#include "bare-metal.h"

enum { R = 1, W = 2, X = 4, TOR = 1 << 3, NA4 = 2 << 3, NAPOT = 3 << 3, LOCKED = 0x80 };

static u64 page[2 * PAGE / 8] __attribute__((aligned(2 * PAGE)));

/* Entry `i`; the two rules of writing are those of the manual. */
static void set_address(int i, u64 value) {
    switch (i) {
    case 0: write_csr(pmpaddr0, value); break;
    case 1: write_csr(pmpaddr1, value); break;
    case 2: write_csr(pmpaddr2, value); break;
    default: write_csr(pmpaddr3, value);
    }
    flush_translations();
}

static u64 get_address(int i) {
    return i == 0 ? read_csr(pmpaddr0) : i == 1 ? read_csr(pmpaddr1) : i == 2 ? read_csr(pmpaddr2) : read_csr(pmpaddr3);
}

static void set_configuration(int i, u64 value) {
    clear_csr(pmpcfg0, 0xffull << (8 * i));
    set_csr(pmpcfg0, value << (8 * i));
    flush_translations();
}

static u64 napot(u64 start, u64 bytes) { return start >> 2 | (bytes / 8 - 1); }

static void touch(enum level level, u64 address) {
    TRY(level, "lbu a0, 0(a0)", address);
    TRY(level, "sb a1, 0(a0)", address, 1);
    report(level, "fetch", (const void *)address, (struct arguments){{0}});
}

static void permissions(void) {
    heading("permissions");
    set_address(0, napot((u64)page, PAGE));
    for (u64 rights = 0; rights < 8; rights++) {
        /* Reserved: write without read. */
        if ((rights & 3) == W) continue;
        say(" rights", rights);
        set_configuration(0, NAPOT | rights);
        touch(SUPERVISOR, (u64)page);
        touch(USER, (u64)page + 8);
        touch(MACHINE, (u64)page + 16);
    }
}

static void matching(void) {
    u64 at = (u64)page;
    heading("the smallest natural region: 8 bytes");
    set_address(0, napot(at + 16, 8));
    set_configuration(0, NAPOT | R);
    for (u64 i = 12; i <= 24; i += 4) TRY(SUPERVISOR, "sw a0, 0(a0)", at + i);
    TRY(SUPERVISOR, "ld a0, 0(a0)", at + 16);
    TRY(SUPERVISOR, "sd a0, 0(a0)", at + 16);
    heading("four bytes");
    set_address(0, (at + 32) >> 2);
    set_configuration(0, NA4 | R);
    for (u64 i = 28; i <= 40; i += 4) TRY(SUPERVISOR, "sw a0, 0(a0)", at + i);
    TRY(SUPERVISOR, "lw a0, 0(a0)", at + 32);
    heading("an access that is partly in the region");
    TRY(SUPERVISOR, "ld a0, 0(a0)", at + 32);
    TRY(SUPERVISOR, "sd a0, 0(a0)", at + 32);
    heading("a range of which the first entry is the end of the one before");
    set_address(0, (at + 64) >> 2);
    set_configuration(0, 0);
    set_address(1, (at + 96) >> 2);
    set_configuration(1, TOR | R);
    for (u64 i = 56; i <= 104; i += 8) TRY(SUPERVISOR, "sd a0, 0(a0)", at + i);
    heading("an empty range");
    set_address(1, (at + 64) >> 2);
    TRY(SUPERVISOR, "sd a0, 0(a0)", at + 64);
    set_address(1, (at + 32) >> 2);
    TRY(SUPERVISOR, "sd a0, 0(a0)", at + 48);
    heading("the range of entry 0 begins at zero");
    set_configuration(1, 0);
    set_address(0, (at + 64) >> 2);
    set_configuration(0, TOR | R | X);
    TRY(SUPERVISOR, "sd a0, 0(a0)", at + 56);
    TRY(SUPERVISOR, "sd a0, 0(a0)", at + 64);
    set_configuration(0, 0);
    heading("everything as one natural region");
    set_address(0, ~0ull >> 10);
    set_configuration(0, NAPOT | R | X);
    TRY(SUPERVISOR, "sd a0, 0(a0)", at);
    TRY(SUPERVISOR, "ld a0, 0(a0)", at);
    set_configuration(0, 0);
}

static void priorities(void) {
    u64 at = (u64)page;
    heading("the lowest number wins");
    for (int order = 0; order < 2; order++) {
        set_address(order, napot(at, PAGE));
        set_configuration(order, NAPOT | R);
        set_address(1 - order, napot(at + 256, 256));
        set_configuration(1 - order, NAPOT | R | W);
        TRY(SUPERVISOR, "sd a0, 0(a0)", at);
        TRY(SUPERVISOR, "sd a0, 0(a0)", at + 256);
        TRY(SUPERVISOR, "sd a0, 0(a0)", at + 512);
    }
    set_configuration(0, 0);
    set_configuration(1, 0);
    /* Without any entry, QEMU 7.2 refuses mret; the manual does not. */
    heading("nothing matches");
    set_configuration(0, NAPOT);
    write_csr(pmpcfg2, 0);
    flush_translations();
    TRY(MACHINE, "ld a0, 0(a0)\nli a0, 1", at);
    TRY(SUPERVISOR, "ld a0, 0(a0)\nli a0, 1", at);
    TRY(USER, "nop");
    fresh();
}

/* Walks are made with the supervisor's rights. */
static void walks(void) {
    static u64 table[512] __attribute__((aligned(PAGE)));
    heading("tables behind protection");
    clear(table, sizeof table);
    table[2] = 0x80000000 >> 2 | 0xcf;
    table[3] = 0x80000000 >> 2 | 0x0f;
    write_csr(satp, 8ull << 60 | (u64)table >> 12);
    set_address(0, napot((u64)table, PAGE));
    static const u64 rights[] = {0, R, R | W, X};
    for (int i = 0; i < 4; i++) {
        say(" rights", rights[i]);
        set_configuration(0, NAPOT | rights[i]);
        TRY(SUPERVISOR, "ld a0, 0(a0)\nli a0, 1", (u64)page);
        if (i < 2) continue;
        TRY(SUPERVISOR, "ld a0, 0(a0)\nli a0, 1", (u64)page + (1ull << 30));
        say(" entry", table[3] & 0xff);
        TRY(SUPERVISOR, "sd a0, 0(a0)\nli a0, 1", (u64)page + (1ull << 30));
        say(" entry", table[3] & 0xff);
        table[3] = 0x80000000 >> 2 | 0x0f;
    }
    set_configuration(0, 0);
    fresh();
}

static void locks(void) {
    u64 at = (u64)page;
    heading("locked entries bind machine mode and keep their values");
    set_address(1, napot(at, PAGE));
    set_configuration(1, LOCKED | NAPOT | R);
    say("configuration", read_csr(pmpcfg0));
    touch(MACHINE, at);
    touch(SUPERVISOR, at);
    set_address(1, 5);
    set_configuration(1, 0);
    say("address stays", get_address(1) == napot(at, PAGE));
    say("configuration stays", read_csr(pmpcfg0));
    set_address(0, 7);
    say("the one before may be written", get_address(0));
    set_address(2, (at + PAGE) >> 2);
    set_address(3, (at + PAGE + 256) >> 2);
    set_configuration(3, LOCKED | TOR | R);
    say("configuration", read_csr(pmpcfg0));
    set_address(2, 9);
    set_address(3, 9);
    say("the start of a locked range stays", get_address(2) == (at + PAGE) >> 2);
    say("and its end", get_address(3) == (at + PAGE + 256) >> 2);
    TRY(MACHINE, "sd a0, 0(a0)", at + PAGE + 248);
    TRY(MACHINE, "sd a0, 0(a0)", at + PAGE + 256);
    TRY(MACHINE, "ld a0, 0(a0)\nli a0, 1", at + PAGE);
    write_csr(pmpcfg0, 0);
    say("after writing all configurations", read_csr(pmpcfg0));
}

void program(void) {
    permissions();
    matching();
    priorities();
    walks();
    locks();
}
