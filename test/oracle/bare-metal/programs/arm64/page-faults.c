/*
 * Faults of the first stage of translation: each level missing, access flag, permissions of every kind, address sizes,
 * table controls, both halves, their sizes and switches, large pages; what AT says of the same addresses; TLB maintenance.
 * Arm DDI 0487: D8.2 to D8.5, D8.14 (TLB maintenance), D17.2.37 (ESR_ELx), D17.2.108 (PAR_EL1).
 *
 * The program runs at EL1, which is then translated itself, or at EL2 without translation.
 */

#include "bare-metal.h"

enum { ENTRIES = 512 };
#define MEMORY 0x40000000ull
#define DEVICES 0x00000000ull

/* Descriptors. */
enum { VALID = 1, TABLE = 3, PAGE_LEAF = 3, BLOCK = 1, ATTRIBUTE = 1 << 2, NS = 1 << 5, AP_USER = 1 << 6, AP_READ_ONLY = 1 << 7, INNER_SHAREABLE = 3 << 8, AF = 1 << 10, NOT_GLOBAL = 1 << 11 };
#define CONTIGUOUS (1ull << 52)
#define PXN (1ull << 53)
#define UXN (1ull << 54)
#define TABLE_PXN (1ull << 59)
#define TABLE_UXN (1ull << 60)
#define TABLE_NO_USER (1ull << 61)
#define TABLE_READ_ONLY (1ull << 62)

enum { SCTLR_M = 1 << 0, SCTLR_WXN = 1 << 19 };
#define SCTLR_OFF 0x30d00800ull

static u64 tables[4][ENTRIES] __attribute__((aligned(PAGE)));
static u64 high[3][ENTRIES] __attribute__((aligned(PAGE)));
static u64 devices[ENTRIES] __attribute__((aligned(PAGE)));
/* The program's first memory by pages, and a page of .data: all data is at it or behind it, all code before it. */
static u64 memory[2][ENTRIES] __attribute__((aligned(PAGE)));
static u64 first_data[ENTRIES] __attribute__((aligned(PAGE), section(".data")));
static u64 page[ENTRIES] __attribute__((aligned(PAGE)));
static u64 other[ENTRIES] __attribute__((aligned(PAGE)));

/* Level 0 is the root. */
static const u64 place = 3ull << 39 | 5ull << 30 | 6ull << 21 | 7ull << 12;
static const u64 top = 0xffff000000000000;

static u64 index(u64 address, int level) { return address >> (39 - 9 * level) & (ENTRIES - 1); }
static u64 leaf(const void *at, u64 flags) { return (u64)at | PAGE_LEAF | AF | INNER_SHAREABLE | flags; }

static u64 tcr(u64 t0, u64 t1, u64 more) { return t0 | t1 << 16 | 2ull << 30 | 5ull << 8 | 5ull << 24 | 3ull << 12 | 3ull << 28 | 2ull << 32 | more; }

/* All of the program's memory and devices where they are, for EL1; the page at `place` and at the upper half's start. */
static void map(void) {
    clear(tables, sizeof tables);
    clear(high, sizeof high);
    for (int level = 0; level < 3; level++) tables[level][index(place, level)] = (u64)tables[level + 1] | TABLE;
    tables[3][index(place, 3)] = leaf(page, 0);
    tables[0][0] = (u64)devices | TABLE;
    devices[0] = DEVICES | BLOCK | AF | ATTRIBUTE | PXN | UXN;
    devices[1] = MEMORY | BLOCK | AF | INNER_SHAREABLE;
    high[0][index(top | place, 1)] = (u64)high[1] | TABLE;
    high[1][index(top | place, 2)] = (u64)high[2] | TABLE;
    high[2][index(top | place, 3)] = leaf(page, 0);
    for (int i = 0; i < ENTRIES; i++) first_data[i] = page[i] = other[i] = 0xd4000001d4000001ull | 0x1fdb40ull | 0x1fdb40ull << 32;
    other[0] = 0x1234;
    write_sysreg(mair_el1, 0x00ff);
    write_sysreg(tcr_el1, tcr(16, 25, 0));
    write_sysreg(ttbr0_el1, (u64)tables[0]);
    write_sysreg(ttbr1_el1, (u64)high[0]);
    flush_translations();
}

/* PAR_EL1 without what no two machines agree on. */
static void ask(const char *what, const void *code, u64 address) {
    struct outcome o = attempt(EL1, code, (struct arguments){{address}});
    text(what);
    if (!is_end(&o)) say(": exception", o.syndrome);
    else say(":", o.x0);
}

/* One kind of access after the other at an address of EL1 and EL0, then what AT says. */
static void touch(u64 address) {
    flush_translations();
    TRY(EL1, "ldr x0, [x0]", address);
    TRY(EL1, "str x1, [x0, #8]", address, 3);
    TRY(EL1, "ldtr x0, [x0]", address);
    TRY(EL1, "sttr x1, [x0, #8]", address, 4);
    report(EL1, "fetch", (const void *)address, (struct arguments){{0}});
    report(EL0, "fetch", (const void *)address, (struct arguments){{0}});
    ask("S1E1R", CODE("at s1e1r, x0\nisb\nmrs x0, par_el1"), address);
    ask("S1E1W", CODE("at s1e1w, x0\nisb\nmrs x0, par_el1"), address);
    ask("S1E0R", CODE("at s1e0r, x0\nisb\nmrs x0, par_el1"), address);
    ask("S1E0W", CODE("at s1e0w, x0\nisb\nmrs x0, par_el1"), address);
}

static void permissions(void) {
    heading("permissions of a page");
    u64 *where = &tables[3][index(place, 3)];
    for (u64 i = 0; i < 16; i++) {
        *where = leaf(page, (i & 3) << 6 | (i & 4 ? PXN : 0) | (i & 8 ? UXN : 0));
        say(" page", *where & 0xfff0000000000fff);
        touch(place);
    }
    heading("what tables take away");
    static const u64 limits[] = {TABLE_PXN, TABLE_UXN, TABLE_NO_USER, TABLE_READ_ONLY, TABLE_NO_USER | TABLE_READ_ONLY};
    *where = leaf(page, AP_USER);
    for (int level = 0; level < 3; level++) {
        for (int i = 0; i < 5; i++) {
            u64 *table = &tables[level][index(place, level)], right = *table;
            *table |= limits[i];
            text(" level, table");
            number(level);
            number(limits[i]);
            text("\n");
            touch(place);
            *table = right;
        }
    }
    *where = leaf(page, 0);
}

/* EL1's own code becomes read-only first: it could not go on from memory that it may write. */
static void write_never_execute(void) {
    heading("WXN");
    u64 block = devices[1];
    clear(memory, sizeof memory);
    for (u64 i = 0; i < ENTRIES; i++) {
        u64 address = MEMORY + i * PAGE;
        memory[0][i] = block + (i << 21);
        memory[1][i] = leaf((void *)address, address < (u64)first_data ? AP_READ_ONLY : 0);
    }
    memory[0][0] = (u64)memory[1] | TABLE;
    devices[1] = (u64)memory[0] | TABLE;
    flush_translations();
    u64 *where = &tables[3][index(place, 3)];
    for (u64 wxn = 0; wxn < 2; wxn++) {
        write_sysreg(sctlr_el1, SCTLR_OFF | SCTLR_M | (wxn ? SCTLR_WXN : 0));
        say(" SCTLR_EL1", read_sysreg(sctlr_el1));
        for (u64 i = 0; i < 16; i++) {
            *where = leaf(page, (i & 3) << 6 | (i & 4 ? PXN : 0) | (i & 8 ? UXN : 0));
            say(" page", *where & 0xfff0000000000fff);
            touch(place);
        }
        u64 *table = &tables[2][index(place, 2)], right = *table;
        *where = leaf(page, AP_USER);
        *table |= TABLE_READ_ONLY;
        say(" read-only by its table", wxn);
        touch(place);
        *table = right;
        report(EL1, "fetch from the program's data", first_data, (struct arguments){{0}});
    }
    write_sysreg(sctlr_el1, SCTLR_OFF | SCTLR_M);
    devices[1] = block;
    *where = leaf(page, 0);
    flush_translations();
}

static void missing(void) {
    /* Not valid, a block where none may be, too large an address, no access flag. */
    static const struct { const char *what; u64 clear, set; } wrong[] = {
        {"not there", ~0ull, 0}, {"bit 1 without bit 0", 1, 2}, {"bit 0 alone", 2, 1}, {"address too large", 0, 1ull << 44},
        {"no access flag", AF, 0}, {"bits of software", 0, 0xful << 55}, {"nothing there", 0x0000fffffffff000, 0x0b800000}, };
    heading("a level is wrong");
    for (int level = 0; level < 4; level++) {
        u64 *where = &tables[level][index(place, level)], right = *where;
        for (u32 i = 0; i < sizeof wrong / sizeof *wrong; i++) {
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
}

static void blocks(void) {
    heading("blocks");
    for (int level = 1; level < 3; level++) {
        u64 *where = &tables[level][index(place, level)], right = *where;
        u64 bytes = 1ull << (39 - 9 * level);
        u64 address = (place & ~(bytes - 1)) | ((u64)page & (bytes - 1));
        for (int i = 0; i < 4; i++) {
            *where = ((u64)page & ~(bytes - 1)) | BLOCK | (i & 1 ? 0 : AF) | INNER_SHAREABLE | (i & 2 ? AP_READ_ONLY | CONTIGUOUS : AP_USER);
            text(" level");
            number(level);
            text(" case");
            number(i);
            text("\n");
            touch(address);
        }
        *where = right;
    }
}

/* Which addresses the halves translate, and whether. */
static void halves(void) {
    static const u64 sizes[] = {16, 17, 25, 32, 39};
    heading("the upper half");
    touch(top | place);
    touch(top | 1ull << 40);
    touch(place | 1ull << 48);
    touch(~0xfffull);
    heading("sizes");
    for (int i = 0; i < 5; i++) {
        u64 size = sizes[i];
        say(" T1SZ", size);
        write_sysreg(tcr_el1, tcr(16, size, 0));
        flush_translations();
        TRY(EL1, "ldr x0, [x0]\nmov x0, #1", ~0ull << (64 - size) | (place & 0x3fffffff));
        TRY(EL1, "ldr x0, [x0]\nmov x0, #1", ~0ull << (64 - size) >> 1 << 1 | 0x1000);
        TRY(EL1, "ldr x0, [x0]\nmov x0, #1", (~0ull << (64 - size)) - 8);
    }
    heading("switches");
    for (u64 switches = 0; switches < 16; switches++) {
        u64 epd1 = switches & 1, tbi0 = switches >> 1 & 1, tbi1 = switches >> 2 & 1, a1 = switches >> 3;
        write_sysreg(tcr_el1, tcr(16, 25, epd1 << 23 | tbi0 << 37 | tbi1 << 38 | a1 << 22));
        flush_translations();
        say(" EPD1, TBI0, TBI1, A1", switches);
        TRY(EL1, "ldr x0, [x0]\nmov x0, #1", top | place);
        TRY(EL1, "ldr x0, [x0]\nmov x0, #1", place | 0xabull << 56);
        TRY(EL1, "ldr x0, [x0]\nmov x0, #1", (top | place) ^ 0xabull << 56);
        TRY(EL1, "ldr x0, [x0]", place + PAGE + (0x12ull << 56));
        TRY(EL1, "mov x2, #0x3456\nlsl x2, x2, #56\nadr x1, 1f\norr x1, x1, x2\nbr x1\n1: adr x0, 1b\nlsr x0, x0, #56");
    }
    write_sysreg(tcr_el1, tcr(16, 25, 0));
    flush_translations();
    if (top_level < 2) return;
    heading("the lower half is switched off");
    write_sysreg(tcr_el1, tcr(16, 25, 1 << 7));
    flush_translations();
    TRY(EL2, "at s1e1r, x0\nisb\nmrs x0, par_el1", place);
    TRY(EL2, "at s1e1r, x0\nisb\nmrs x0, par_el1", top | place);
    write_sysreg(tcr_el1, tcr(16, 25, 0));
    flush_translations();
}

static void look(const char *what, u64 address) {
    report(EL1, what, CODE("ldr x0, [x0]"), (struct arguments){{address}});
}

static void maintenance(void) {
    u64 *where = &tables[3][index(place, 3)];
    heading("maintenance: only what is promised");
    page[0] = 0x100;
    other[0] = 0x200;
    *where = leaf(page, 0);
    flush_translations();
    look("first", place);
    static const char *const names[] = {"vae1is", "vae1", "vaae1is", "vale1", "vaale1is", "aside1is", "vmalle1", "vmalle1is"};
    for (int i = 0; i < 8; i++) {
        *where = 0;
        barrier();
        u64 argument = place >> 12;
        switch (i) {
        case 0: asm volatile("tlbi vae1is, %0\ndsb sy\nisb" : : "r"(argument)); break;
        case 1: asm volatile("tlbi vae1, %0\ndsb sy\nisb" : : "r"(argument)); break;
        case 2: asm volatile("tlbi vaae1is, %0\ndsb sy\nisb" : : "r"(argument)); break;
        case 3: asm volatile("tlbi vale1, %0\ndsb sy\nisb" : : "r"(argument)); break;
        case 4: asm volatile("tlbi vaale1is, %0\ndsb sy\nisb" : : "r"(argument)); break;
        case 5: asm volatile("tlbi aside1is, %0\ndsb sy\nisb" : : "r"(0ull)); break;
        case 6: asm volatile("tlbi vmalle1\ndsb sy\nisb"); break;
        default: asm volatile("tlbi vmalle1is\ndsb sy\nisb");
        }
        text(names[i]);
        text(" ");
        look("taken away", place);
        *where = leaf(i & 1 ? page : other, 0);
        barrier();
        look("another, which was invalid before", place);
    }
    heading("address spaces");
    *where = leaf(page, NOT_GLOBAL);
    flush_translations();
    for (u64 round = 0; round < 4; round++) {
        write_sysreg(ttbr0_el1, (u64)tables[0] | round << 48);
        look("not global", place);
    }
    write_sysreg(ttbr0_el1, (u64)tables[0]);
    *where = leaf(page, AP_USER);
    page[1] = 0;
    flush_translations();
    heading("a page that becomes read-only");
    TRY(EL1, "str x1, [x0, #8]", place, 3);
    *where = leaf(page, AP_USER | AP_READ_ONLY);
    barrier();
    asm volatile("tlbi vae1is, %0\ndsb sy\nisb" : : "r"(place >> 12));
    TRY(EL1, "str x1, [x0, #8]", place, 4);
    say("word", page[1]);
    heading("over the end of a page");
    TRY(EL1, "ldr x0, [x0]", place + PAGE - 4);
    TRY(EL1, "ldp x0, x1, [x0]", place + PAGE - 8);
    *where = leaf(page, 0);
    flush_translations();
    TRY(EL1, "str x0, [x0]", place + PAGE - 1);
    TRY(EL1, "stp x0, x0, [x0]", place - 8);
    TRY(EL1, "dc zva, x0", place + 64);
    TRY(EL1, "dc zva, x0", place + PAGE);
    TRY(EL1, "dc cvac, x0", place + PAGE);
    TRY(EL1, "ic ivau, x0", place + PAGE);
    TRY(EL1, "prfm pldl1keep, [x0]", place + PAGE);
    TRY(EL1, "ldxr x1, [x0]\nstxr w0, x1, [x0]", place + PAGE);
}

void program(void) {
    map();
    write_sysreg(sctlr_el1, SCTLR_OFF | SCTLR_M);
    permissions();
    write_never_execute();
    missing();
    blocks();
    halves();
    maintenance();
    write_sysreg(sctlr_el1, SCTLR_OFF);
    fresh();
}
