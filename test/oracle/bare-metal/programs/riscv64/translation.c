/*
 * What a hart may remember of translations and what ends that: sfence.vma in its four forms, ASIDs, global entries,
 * satp, changes of SUM, MXR and privilege, code that is changed through another address.
 * Privileged manual 1.12, 4.1.11 and 4.2.1. Only what the manual promises is looked at, never that something is stale.
 */

#include "bare-metal.h"

enum { V = 1, R = 2, W = 4, X = 8, U = 16, G = 32, A = 64, D = 128 };
enum { ENTRIES = 512, MEMORY = 0x80000000 };

static u64 root[2][ENTRIES] __attribute__((aligned(PAGE)));
static u64 middle[2][ENTRIES] __attribute__((aligned(PAGE)));
static u64 last[2][ENTRIES] __attribute__((aligned(PAGE)));
static u64 pages[4][ENTRIES] __attribute__((aligned(PAGE)));

static const u64 ADDRESS = 1ull << 30;
enum { ALL = V | R | W | X | A | D };

static u64 entry(const void *at, u64 flags) { return (u64)at >> 2 | flags; }

static void use(int space, u64 asid) { write_csr(satp, 8ull << 60 | asid << 44 | (u64)root[space] >> 12); }

static void make(void) {
    for (int space = 0; space < 2; space++) {
        root[space][2] = (u64)MEMORY >> 2 | ALL;
        root[space][1] = entry(middle[space], V);
        middle[space][0] = entry(last[space], V);
        for (int i = 0; i < 4; i++) last[space][i] = entry(pages[i], ALL);
    }
    for (int i = 0; i < 4; i++) pages[i][0] = 0x100 + i;
}

static void look(const char *what, u64 address) {
    report(SUPERVISOR, what, CODE("ld a0, 0(a0)"), (struct arguments){{address}});
}

static void fences(void) {
    heading("an entry is replaced");
    use(0, 1);
    look("first", ADDRESS);
    last[0][0] = entry(pages[1], ALL);
    flush_translations();
    look("after sfence.vma", ADDRESS);
    last[0][0] = entry(pages[2], ALL);
    asm volatile("sfence.vma %0, x0" : : "r"(ADDRESS) : "memory");
    look("after sfence.vma of the address", ADDRESS);
    last[0][0] = entry(pages[3], ALL);
    asm volatile("sfence.vma %0, x0" : : "r"(ADDRESS + 0xabc) : "memory");
    look("after sfence.vma of an address in the page", ADDRESS);
    last[0][0] = entry(pages[0], ALL);
    asm volatile("sfence.vma x0, %0" : : "r"(1ull) : "memory");
    look("after sfence.vma of the ASID", ADDRESS);
    last[0][0] = entry(pages[1], ALL);
    asm volatile("sfence.vma %0, %1" : : "r"(ADDRESS), "r"(1ull) : "memory");
    look("after sfence.vma of both", ADDRESS);
    last[0][0] = 0;
    flush_translations();
    look("taken away", ADDRESS);
    last[0][0] = entry(pages[0], V | R | X | A | D);
    flush_translations();
    TRY(SUPERVISOR, "sd a0, 0(a0)", ADDRESS);
    last[0][0] = entry(pages[0], ALL);
    flush_translations();
    heading("a middle entry becomes a large page");
    look("before", ADDRESS + PAGE);
    middle[0][0] = ((u64)pages & ~0x1fffffull) >> 2 | ALL;
    flush_translations();
    look("after", ADDRESS + ((u64)pages[3] & 0x1fffff));
    middle[0][0] = entry(last[0], V);
    asm volatile("sfence.vma %0, x0" : : "r"(ADDRESS + PAGE) : "memory");
    flush_translations();
    look("and back", ADDRESS + PAGE);
}

static void address_spaces(void) {
    heading("two address spaces with ASIDs");
    for (int i = 0; i < 4; i++) last[1][i] = entry(pages[3 - i], ALL);
    flush_translations();
    for (int round = 0; round < 3; round++) {
        use(0, 1);
        look("first space", ADDRESS);
        use(1, 2);
        look("second space", ADDRESS);
    }
    use(0, 0xffff);
    say("greatest ASID", read_csr(satp) >> 44 & 0xffff);
    heading("global entries");
    last[0][2] = entry(pages[2], ALL | G);
    last[1][2] = entry(pages[2], ALL | G);
    flush_translations();
    use(0, 1);
    look("first space", ADDRESS + 2 * PAGE);
    use(1, 2);
    look("second space", ADDRESS + 2 * PAGE);
    last[0][2] = last[1][2] = entry(pages[0], ALL | G);
    asm volatile("sfence.vma %0, x0" : : "r"(ADDRESS + 2 * PAGE) : "memory");
    look("after sfence.vma of the address", ADDRESS + 2 * PAGE);
    heading("without translation, and back");
    write_csr(satp, 0);
    TRY(SUPERVISOR, "ld a0, 0(a0)", (u64)pages[1]);
    use(0, 1);
    look("on again", ADDRESS + PAGE);
}

/* Without a fence: these change what is allowed, not what is translated. */
static void modes(void) {
    heading("SUM, MXR and privilege need no fence");
    use(0, 1);
    last[0][3] = entry(pages[3], ALL | U);
    last[0][2] = entry(pages[2], V | X | A);
    flush_translations();
    for (int round = 0; round < 2; round++) {
        setting.status = SUM;
        look("SUM", ADDRESS + 3 * PAGE);
        setting.status = 0;
        look("no SUM", ADDRESS + 3 * PAGE);
        setting.status = MXR;
        look("MXR", ADDRESS + 2 * PAGE);
        setting.status = 0;
        look("no MXR", ADDRESS + 2 * PAGE);
        TRY(SUPERVISOR, "li a1, 0x40000\ncsrs sstatus, a1\nld a0, 0(a0)", ADDRESS + 3 * PAGE);
        TRY(SUPERVISOR, "li a1, 0x40000\ncsrs sstatus, a1\nld a1, 0(a0)\nli a1, 0x40000\ncsrc sstatus, a1\nld a0, 0(a0)", ADDRESS + 3 * PAGE);
        setting.status = MPRV;
        TRY_AS(MACHINE, "as the user", "li a2, 0x1800\ncsrc mstatus, a2\nld a0, 0(a0)", ADDRESS + 3 * PAGE);
        setting.status = 0;
        TRY_AS(MACHINE, "as itself", "ld a0, 0(a0)", (u64)pages[3]);
    }
}

static void dirty(void) {
    heading("a page that was read is then written");
    last[0][1] = entry(pages[1], V | R | W);
    flush_translations();
    look("load", ADDRESS + PAGE);
    say(" entry", last[0][1] & 0xff);
    TRY(SUPERVISOR, "sd a1, 8(a0)", ADDRESS + PAGE, 5);
    say(" entry", last[0][1] & 0xff);
    say(" page", pages[1][1]);
    last[0][1] = entry(pages[1], V | R | W);
    flush_translations();
    TRY_ATOMIC(SUPERVISOR, "amoadd.d a0, a1, (a0)", ADDRESS + PAGE, 5);
    say(" entry", last[0][1] & 0xff);
    last[0][1] = entry(pages[1], V | R | W);
    flush_translations();
    TRY(SUPERVISOR, "lr.d a1, (a0)\nsc.d a0, a1, (a0)", ADDRESS + PAGE);
    say(" entry", last[0][1] & 0xff);
}

/* Two instructions that return 1 and 2, written through one address and run at another. */
static void changing_code(void) {
    heading("code that changes");
    u32 *code = (u32 *)&pages[2][8];
    last[0][2] = entry(pages[2], ALL);
    flush_translations();
    for (u32 i = 1; i < 4; i++) {
        code[0] = 0x00000513 | i << 20;
        code[1] = 0x00008067;
        asm volatile("fence.i" : : : "memory");
        TRY_AS(SUPERVISOR, "call", "jalr a0", ADDRESS + 2 * PAGE + 64);
        TRY_AS(SUPERVISOR, "change by itself, then call", "lw a1, 0(a0)\nlui a2, 0x1000\nadd a1, a1, a2\nsw a1, 0(a0)\nfence.i\njalr a0", ADDRESS + 2 * PAGE + 64);
        last[0][2] = entry(pages[i & 1 ? 3 : 2], ALL);
        for (int j = 0; j < 16; j++) pages[3][j] = 0x0000806700900513;
        flush_translations();
        TRY_AS(SUPERVISOR, "another page at the address", "fence.i\njalr a0", ADDRESS + 2 * PAGE + 64);
        last[0][2] = entry(pages[2], ALL);
        flush_translations();
    }
}

void program(void) {
    make();
    fences();
    address_spaces();
    modes();
    dirty();
    changing_code();
}
