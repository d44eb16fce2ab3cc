/*
 * Page faults of each kind in Sv39 and Sv48, with the flags that a walk leaves in its entry.
 * Privileged manual 1.12: 4.3.1 (entries), 4.3.2 (the algorithm), 4.4, 4.5; 3.1.6.3 (SUM, MXR, MPRV).
 */

#include "bare-metal.h"

enum { V = 1, R = 2, W = 4, X = 8, U = 16, G = 32, A = 64, D = 128 };
enum { LEVELS_MAX = 4, ENTRIES = 512 };
enum { MEMORY = 0x80000000, NOWHERE = 0x18000000 };

static u64 tables[LEVELS_MAX][ENTRIES] __attribute__((aligned(PAGE)));
static u64 page[ENTRIES] __attribute__((aligned(PAGE)));
static int levels;

/* Addresses that share one entry of the root with nothing else; the page is at the first one's last table. */
static u64 place(void) { return 5ull << (12 + 9 * (levels - 1)) | 3ull << 30 | 6 << 21 | 7 << 12; }

static u64 index(u64 address, int level) { return address >> (12 + 9 * level) & (ENTRIES - 1); }

static u64 entry(const void *at, u64 flags) { return (u64)at >> 2 | flags; }

/* A path from the root to a page, the program's own memory (supervisor's), and satp. */
static void map(int count, u64 leaf_flags) {
    levels = count;
    clear(tables, sizeof tables);
    for (int level = levels - 1; level > 0; level--) {
        tables[level][index(place(), level)] = entry(tables[level - 1], V);
    }
    tables[0][index(place(), 0)] = entry(page, leaf_flags);
    /* An entry of the root maps all of memory where it is: a gigabyte, or half a terabyte. */
    tables[levels - 1][index(MEMORY, levels - 1)] = levels == 3 ? (u64)MEMORY >> 2 | V | R | W | X | A | D : V | R | W | X | A | D;
    for (int i = 0; i < ENTRIES; i++) page[i] = 0x0000a001000a0101 + i;
    page[0] = 0x0000807300000073ull & 0xffffffff;
    write_csr(satp, (u64)(levels == 3 ? 8 : 9) << 60 | (u64)tables[levels - 1] >> 12);
    flush_translations();
}

/* One access from a fresh walk; prints the entry `where` if the walk changed it, and puts it back. */
static void walk(enum level level, const char *what, const void *code, u64 address, u64 *where) {
    u64 before = *where;
    flush_translations();
    report(level, what, code, (struct arguments){{address, 3}});
    if (*where != before) say("   entry", *where & 0xffc00000000003ff);
    *where = before;
}

static void touch(u64 address, u64 *where) {
    walk(SUPERVISOR, "load", CODE("ld a0, 0(a0)"), address, where);
    walk(SUPERVISOR, "store", CODE("sd a1, 8(a0)"), address, where);
    walk(SUPERVISOR, "jump", CODE("jr a0"), address, where);
}

/* With the user's rights. Machine mode takes them for data (MPRV, MPP is 0), so no code of the user's must be mapped. */
static void touch_as_user(u64 address, u64 *where) {
    setting.status |= MPRV;
    walk(MACHINE, "load as U", CODE("li a2, 0x1800\ncsrc mstatus, a2\nld a0, 0(a0)"), address, where);
    walk(MACHINE, "store as U", CODE("li a2, 0x1800\ncsrc mstatus, a2\nsd a1, 8(a0)"), address, where);
    setting.status &= ~(u64)MPRV;
    walk(USER, "fetch", (const void *)address, address, where);
}

static void leaf_flags(void) {
    heading("flags of a leaf");
    u64 *leaf = &tables[0][index(place(), 0)];
    for (u64 flags = 0; flags < 0x100; flags++) {
        if (flags & G) continue;
        say(" flags", flags);
        *leaf = entry(page, flags);
        touch(place(), leaf);
        touch_as_user(place(), leaf);
    }
}

static void status_bits(void) {
    heading("SUM and MXR");
    u64 *leaf = &tables[0][index(place(), 0)];
    static const u64 flags[] = {V | R | W | X | A | D, V | R | A, V | X | A, V | R | X | A | D};
    for (int bits = 0; bits < 4; bits++) {
        for (int i = 0; i < 4; i++) {
            for (u64 user = 0; user <= U; user += U) {
                setting.status = (bits & 1 ? SUM : 0) | (bits & 2 ? MXR : 0);
                say(" status", setting.status);
                say(" flags", flags[i] | user);
                *leaf = entry(page, flags[i] | user);
                touch(place(), leaf);
                touch_as_user(place(), leaf);
                TRY_ATOMIC(SUPERVISOR, "amoadd.d a0, a1, (a0)", place() + 64, 1);
                TRY(SUPERVISOR, "lr.d a0, (a0)", place() + 64);
            }
        }
    }
    setting.status = 0;
}

static void missing_levels(void) {
    heading("a level is not there, or is not a table");
    static const u64 wrong[] = {0, W | V, W | X | V, V | U, V | A, V | D, V | G, R | X, V | 1ull << 54, V | 1ull << 61, V | 1ull << 62, V | 1ull << 63, V | 0x300};
    for (int level = levels - 1; level >= 0; level--) {
        u64 *where = &tables[level][index(place(), level)];
        u64 right = *where;
        for (u32 i = 0; i < sizeof wrong / sizeof *wrong; i++) {
            /* Svnapot and Svpbmt are not there, so their bits are reserved. */
            text(" level");
            number(level);
            say(" entry", wrong[i]);
            *where = (right & ~0x3ffull) | wrong[i];
            touch(place(), where);
        }
        *where = right;
    }
    heading("no table below the last level");
    tables[0][index(place(), 0)] = entry(page, V);
    touch(place(), &tables[0][index(place(), 0)]);
}

static void superpages(void) {
    heading("superpages, aligned and not");
    for (int level = levels - 1; level > 0; level--) {
        u64 *where = &tables[level][index(place(), level)];
        u64 right = *where, bytes = 1ull << (12 + 9 * level);
        for (u64 shift = 0; shift < 3; shift++) {
            u64 base = (u64)page & ~(bytes - 1);
            u64 wrong = shift == 0 ? 0 : shift == 1 ? PAGE : bytes / 2;
            text(" level");
            number(level);
            say(" misaligned by", wrong);
            *where = (base + wrong) >> 2 | V | R | W | A | D;
            u64 address = (place() & ~(bytes - 1)) + ((u64)page & (bytes - 1));
            touch(address, where);
        }
        *where = right;
    }
}

static void addresses(void) {
    heading("addresses that are not canonical");
    u64 *leaf = &tables[0][index(place(), 0)];
    *leaf = entry(page, V | R | W | X | A | D);
    int width = 12 + 9 * levels;
    touch(place(), leaf);
    touch(place() | 1ull << width, leaf);
    touch(place() | 1ull << 63, leaf);
    touch(place() | ~0ull << width, leaf);
    touch(place() ^ 1ull << (width - 1), leaf);
    touch(place() | ~0ull << (width - 1), leaf);
    heading("accesses over the end of a page");
    TRY_AS(SUPERVISOR, "load", "ld a0, 0(a0)", place() + PAGE - 4);
    TRY_AS(SUPERVISOR, "load of a byte more", "ld a0, 0(a0)", place() + PAGE - 7);
    TRY_AS(SUPERVISOR, "store", "sd a0, 0(a0)", place() + PAGE - 1);
    TRY_AS(SUPERVISOR, "load before", "ld a0, 0(a0)", place() - 1);
    page[ENTRIES - 1] = 0x00731111ull << 40 | 0x0073ull << 48;
    TRY_AS(SUPERVISOR, "instruction", "jr a0", place() + PAGE - 2);
    say("last halfword", page[ENTRIES - 1] >> 48);
}

/*
 * A page where nothing answers. Not a table there: the manual wants an access fault (4.3.2, step 2), QEMU 7.2 takes a page
 * fault; ours does what the manual says.
 */
static void nowhere(void) {
    heading("a page that leads nowhere");
    u64 *leaf = &tables[0][index(place(), 0)];
    *leaf = (u64)NOWHERE >> 2 | V | R | W | X | A | D;
    touch(place(), leaf);
    *leaf = (u64)NOWHERE >> 2 | V | R | W | X | U | A | D;
    touch_as_user(place(), leaf);
}

void program(void) {
    for (int count = 3; count <= 4; count++) {
        say("levels", count);
        map(count, V | R | W | X | A | D);
        if (count == 3) leaf_flags();
        status_bits();
        map(count, V | R | W | X | A | D);
        missing_levels();
        map(count, V | R | W | X | A | D);
        superpages();
        addresses();
        nowhere();
        fresh();
    }
}
