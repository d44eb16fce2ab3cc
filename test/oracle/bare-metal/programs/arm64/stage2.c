/*
 * The second stage of translation, which EL2 controls: faults of each level and kind with HPFAR_EL2, of accesses and of
 * walks; both stages together; what AT says; where walks start. Runs with EL2.
 * Arm DDI 0487: D8.2 (stage 2), D8.4.2, D17.2.37 (ISV and the rest), D17.2.67 (HPFAR_EL2).
 */

#include "bare-metal.h"

enum { ENTRIES = 512 };
#define MEMORY 0x40000000ull

enum { TABLE = 3, PAGE_LEAF = 3, BLOCK = 1, AF = 1 << 10, INNER_SHAREABLE = 3 << 8 };
enum { S2_READ = 1 << 6, S2_WRITE = 1 << 7, S2_NORMAL = 0xf << 2 };
#define S2_NEVER_EXECUTE (1ull << 54)
#define PTW (1ull << 2)
#define DC (1ull << 12)
#define CD (1ull << 32)
enum { SCTLR_M = 1 };
#define SCTLR_OFF 0x30d00800ull

/* Of stage 1: all of memory where it is, and a page by way of intermediate addresses. */
static u64 first[4][ENTRIES] __attribute__((aligned(PAGE)));
/* Of stage 2; level 1 may be two tables side by side. */
static u64 second[4][2 * ENTRIES] __attribute__((aligned(2 * PAGE)));
static u64 page[ENTRIES] __attribute__((aligned(PAGE)));

/* An address that only the second stage maps, to the page; within 39 bits. */
static const u64 place = 5ull << 30 | 6ull << 21 | 7ull << 12;

static u64 index(u64 address, int level) { return address >> (39 - 9 * level) & (ENTRIES - 1); }

/* T0SZ, SL0, 40 bits of output. */
static u64 vtcr(u64 size, u64 start) { return size | start << 6 | 1 << 8 | 1 << 10 | 3 << 12 | 2 << 16 | 1ull << 31; }
enum { S2_ALL = PAGE_LEAF | AF | INNER_SHAREABLE | S2_NORMAL | S2_READ | S2_WRITE };

static void map(void) {
    clear(second, sizeof second);
    clear(first, sizeof first);
    second[1][1] = MEMORY | (S2_ALL & ~2);
    for (int level = 1; level < 3; level++) second[level][index(place, level)] = (u64)second[level + 1] | TABLE;
    second[3][index(place, 3)] = (u64)page | S2_ALL;
    second[0][0] = (u64)second[1] | TABLE;
    for (int i = 0; i < ENTRIES; i++) page[i] = 0xd4000001d4000001ull | 0x1fdb40ull | 0x1fdb40ull << 32;
    write_sysreg(vttbr_el2, (u64)second[1]);
    write_sysreg(vtcr_el2, vtcr(25, 1));
    write_sysreg(hcr_el2, RW | VM);
    flush_translations();
}

/* PAR_EL1, without shareability where the memory is a device's: the manual says outer shareable, QEMU 7.2 says not. */
static void ask(const char *what, const void *code, u64 address) {
    struct outcome o = attempt(EL2, code, (struct arguments){{address}});
    if (!(o.x0 & 1) && o.x0 >> 60 == 0) o.x0 &= ~0x180ull;
    text(what);
    if (!is_end(&o)) say(": exception", o.syndrome);
    else say(":", o.x0);
}

static void touch(u64 address) {
    flush_translations();
    TRY(EL1, "ldr x0, [x0]", address);
    TRY(EL1, "strh w1, [x0, #8]", address, 3);
    TRY(EL0, "ldrsw x0, [x0, #16]", address);
    TRY(EL1, "ldp x0, x1, [x0]", address);
    report(EL1, "fetch", (const void *)address, (struct arguments){{0}});
    ask("S12E1R", CODE("at s12e1r, x0\nisb\nmrs x0, par_el1"), address);
    ask("S12E0W", CODE("at s12e0w, x0\nisb\nmrs x0, par_el1"), address);
}

static void permissions(void) {
    heading("permissions of the second stage");
    u64 *where = &second[3][index(place, 3)], right = *where;
    for (u64 i = 0; i < 8; i++) {
        *where = (right & ~(u64)(S2_READ | S2_WRITE)) | (i & 3) << 6 | (i & 4 ? S2_NEVER_EXECUTE : 0);
        say(" descriptor", *where & 0xfff0000000000fff);
        touch(place);
    }
    *where = right;
}

static void missing(void) {
    heading("a level is wrong");
    for (int level = 1; level < 4; level++) {
        u64 *where = &second[level][index(place, level)], right = *where;
        static const struct { const char *what; u64 clear, set; } wrong[] = {
            {"not there", ~0ull, 0}, {"bit 0 alone", 2, 1}, {"address too large", 0, 1ull << 44}, {"no access flag", AF, 0}, {"nothing there", 0x0000fffffffff000, 0x0b800000}};
        for (int i = 0; i < 5; i++) {
            text(" level");
            number(level);
            text(" ");
            text(wrong[i].what);
            text("\n");
            *where = (right & ~wrong[i].clear) | wrong[i].set;
            touch(place);
        }
        *where = right;
    }
    heading("addresses outside");
    touch(1ull << 39);
    touch((1ull << 39) - PAGE);
    touch(place + PAGE);
}

/* What the syndrome says of instructions that abort. */
static void instructions(void) {
    heading("what is said of the instruction");
    u64 nowhere = place + PAGE + 64;
    TRY(EL1, "ldrb w5, [x0]", nowhere);
    TRY(EL1, "ldrsb x6, [x0]", nowhere);
    TRY(EL1, "ldrsb w7, [x0]", nowhere);
    TRY(EL1, "ldrsh w8, [x0]", nowhere);
    TRY(EL1, "ldr w9, [x0]", nowhere);
    TRY(EL1, "ldr x10, [x0, x1]", nowhere, 8);
    TRY(EL1, "str xzr, [x0]", nowhere);
    TRY(EL1, "ldr x11, [x0], #8", nowhere);
    TRY(EL1, "str w12, [x0, #-4]!", nowhere);
    TRY(EL1, "ldur x13, [x0, #-8]", nowhere);
    TRY(EL1, "ldtr x14, [x0]", nowhere);
    TRY(EL1, "ldar x15, [x0]", nowhere);
    TRY(EL1, "stlrb w16, [x0]", nowhere);
    TRY(EL1, "ldxr x17, [x0]", nowhere);
    TRY(EL1, "stp x1, x2, [x0]", nowhere);
    TRY(EL1, "ldp w1, w2, [x0]", nowhere);
    TRY(EL1, "dc zva, x0", nowhere);
    TRY(EL1, "ldr x1, [x0, #8]", nowhere + PAGE - 128);
    write_sysreg(cpacr_el1, 3 << 20);
    TRY(EL1, "ldr d0, [x0]", nowhere);
    TRY(EL1, "str q1, [x0]", nowhere);
    write_sysreg(cpacr_el1, 0);
}

/* Stage 1 with tables of its own, whose pages are intermediate addresses. */
static void both(void) {
    static const u64 address = 9ull << 30 | 3ull << 21 | 4ull << 12;
    enum { S1 = PAGE_LEAF | AF | INNER_SHAREABLE };
    heading("both stages");
    first[1][1] = MEMORY | BLOCK | AF | INNER_SHAREABLE;
    first[1][9] = (u64)first[2] | TABLE;
    first[2][3] = (u64)first[3] | TABLE;
    first[3][4] = place | S1;
    write_sysreg(mair_el1, 0xff);
    write_sysreg(tcr_el1, 25 | 1 << 8 | 1 << 10 | 3 << 12 | 1 << 23 | 2ull << 32);
    write_sysreg(ttbr0_el1, (u64)first[1]);
    write_sysreg(sctlr_el1, SCTLR_OFF | SCTLR_M);
    touch(address);
    heading("the page is not in the second stage");
    first[3][4] = (place + PAGE) | S1;
    touch(address);
    heading("it is not in the first stage");
    first[3][4] = 0;
    touch(address);
    heading("it is read-only in the first, and not there in the second");
    first[3][4] = (place + PAGE) | S1 | 1 << 7;
    touch(address);
    heading("the intermediate address is too large");
    first[3][4] = 1ull << 39 | S1;
    touch(address);
    first[3][4] = place | S1;
    /*
     * The level of such a fault is the second stage's (manual, D8.4 and S2Walk in its pseudocode); QEMU 7.2 tells the first
     * stage's. So each table is missing at the level of the second stage that has its own number.
     */
    heading("a table is not in the second stage");
    u64 missing[] = {0, 3ull << 30, place + 0x200000, place + PAGE};
    for (int level = 1; level < 3; level++) {
        u64 *where = &first[level][index(address, level)], right = *where;
        *where = missing[level + 1] | TABLE;
        say(" table of level", level + 1);
        touch(address);
        *where = right;
    }
    heading("the root is not in the second stage");
    write_sysreg(ttbr0_el1, missing[1]);
    ask("S12E1R", CODE("at s12e1r, x0\nisb\nmrs x0, par_el1"), address);
    ask("S1E1R", CODE("at s1e1r, x0\nisb\nmrs x0, par_el1"), address);
    write_sysreg(ttbr0_el1, (u64)first[1]);
    heading("tables that are read-only in the second stage");
    second[3][index(place, 3)] = ((u64)first[3] | S2_ALL) & ~(u64)S2_WRITE;
    first[2][3] = place | TABLE;
    first[3][4] = (u64)page | S1;
    touch(address);
    heading("tables in device memory of the second stage");
    for (u64 walk = 0; walk < 2; walk++) {
        write_sysreg(hcr_el2, RW | VM | (walk ? PTW : 0));
        second[3][index(place, 3)] = ((u64)first[3] | S2_ALL) & ~(u64)S2_NORMAL;
        say(" PTW", walk);
        touch(address);
    }
    write_sysreg(hcr_el2, RW | VM);
    map();
    write_sysreg(sctlr_el1, SCTLR_OFF);
}

/* EL1 asks for itself: of its first stage alone. */
static void asking(void) {
    heading("AT at EL1");
    flush_translations();
    TRY(EL1, "at s1e1r, x0\nisb\nmrs x0, par_el1\nbic x0, x0, #0x180", place);
    TRY(EL1, "at s1e1w, x0\nisb\nmrs x0, par_el1\nbic x0, x0, #0x180", place + PAGE);
    TRY(EL1, "at s12e1r, x0", place);
    TRY(EL1, "at s1e2r, x0", place);
    TRY(EL0, "at s1e0r, x0", place);
    ask("S1E2R", CODE("at s1e2r, x0\nisb\nmrs x0, par_el1"), place);
}

static void starts(void) {
    heading("where walks start");
    u64 ranges[] = {25, 26, 24, 30, 31, 39, 16};
    for (u64 start = 0; start < 3; start++) {
        for (int i = 0; i < 7; i++) {
            u64 size = ranges[i];
            /* Combinations that the manual calls invalid differ in what they do. */
            int is_valid = start == 1 ? size >= 24 && size <= 33 : start == 0 ? size >= 33 && size <= 42 : size == 24;
            if (!is_valid) continue;
            write_sysreg(vtcr_el2, vtcr(size, start));
            write_sysreg(vttbr_el2, (u64)(start == 0 ? second[2] : start == 1 ? second[1] : second[0]));
            flush_translations();
            text(" T0SZ, SL0");
            number(size);
            number(start);
            text("\n");
            ask("memory", CODE("at s12e1r, x0\nisb\nmrs x0, par_el1"), (u64)page);
            ask("place", CODE("at s12e1r, x0\nisb\nmrs x0, par_el1"), place);
            ask("far", CODE("at s12e1r, x0\nisb\nmrs x0, par_el1"), 1ull << 39);
        }
    }
    map();
}

static void maintenance(void) {
    u64 *where = &second[3][index(place, 3)];
    heading("maintenance");
    page[0] = 0x77;
    flush_translations();
    TRY(EL1, "ldr x0, [x0]", place);
    *where = 0;
    asm volatile("dsb sy\ntlbi ipas2e1is, %0\ndsb sy\ntlbi vmalle1is\ndsb sy\nisb" : : "r"(place >> 12) : "memory");
    TRY(EL1, "ldr x0, [x0]", place);
    *where = (u64)page | S2_ALL;
    barrier();
    TRY(EL1, "ldr x0, [x0]", place);
    *where = 0;
    asm volatile("dsb sy\ntlbi vmalls12e1\ndsb sy\nisb" : : : "memory");
    TRY(EL1, "ldr x0, [x0]", place);
    *where = (u64)page | S2_ALL;
    for (u64 id = 0; id < 3; id++) {
        write_sysreg(vttbr_el2, (u64)second[1] | id << 48);
        TRY(EL1, "ldr x0, [x0]", place);
    }
    write_sysreg(hcr_el2, RW);
    TRY(EL1, "ldr x0, [x0]", place & 0xffff);
    write_sysreg(hcr_el2, RW | VM);
    TRY(EL1, "ldr x0, [x0]", place);
}

void program(void) {
    map();
    permissions();
    missing();
    instructions();
    both();
    asking();
    starts();
    maintenance();
    fresh();
}
