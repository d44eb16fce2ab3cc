/*
 * Debug triggers and the CSRs that exist: which numbers software may read, which triggers there are and when they fire.
 * Debug specification 1.0, chapter 5 (Sdtrig); privileged manual 1.12, 2.2.
 */

#include "bare-metal.h"

static u64 memory[16] __attribute__((aligned(64)));

#define TYPE(n) ((u64)(n) << 60)
enum { LOAD = 1, STORE = 2, EXECUTE = 4, IN_U = 8, IN_S = 16, IN_M = 64, EVERYWHERE = IN_U | IN_S | IN_M };

/* QEMU 7.2 has the hypervisor's vstimecmp even without a hypervisor. */
enum { VSTIMECMP = 0x24d };

/* csrr a0, number. */
static void existing(void) {
    static u32 code[2] __attribute__((aligned(16)));
    heading("numbers that machine mode may read");
    for (u64 csr = 0; csr < 4096; csr++) {
        code[0] = (u32)(csr << 20 | 2 << 12 | 10 << 7 | 0x73);
        /* An ecall is enough of an end. */
        code[1] = 0x73;
        asm volatile("fence.i" : : : "memory");
        struct outcome o = attempt(MACHINE, code, (struct arguments){{0}});
        if (o.cause != 2 && csr != VSTIMECMP) number(csr);
        if (csr % 256 == 255) text("\n");
    }
}

static void shows(const char *what) {
    text(what);
    number(read_csr(tselect));
    number(read_csr(tdata1));
    number(read_csr(tdata2));
    number(read_csr(tdata3));
    text("\n");
}

static void values(void) {
    static const u64 types[] = {0, 2, 3, 4, 5, 6, 15};
    heading("tselect, tdata1 to 3");
    shows("reset");
    TRY(MACHINE, "csrr a0, 0x7a4");
    for (u64 i = 0; i < 4; i++) {
        write_csr(tselect, i);
        shows("selected");
    }
    for (int i = 0; i < 7; i++) {
        /* Reserved types stop QEMU 7.2 with a failed assertion. */
        u64 type = types[i];
        write_csr(tselect, i % 2);
        /* Matching, chains, actions and hits are not there; nothing is watched, so nothing fires. */
        write_csr(tdata1, TYPE(type) | 0x07ffffffffffffd8);
        write_csr(tdata2, type << 32 | type);
        write_csr(tdata3, ~0ull);
        shows("written");
    }
    for (u64 type = 2; type < 7; type += 4) {
        write_csr(tdata1, TYPE(type));
        for (u64 bit = 3; bit < 59; bit++) {
            write_csr(tdata1, TYPE(type) | 1ull << bit);
            if (read_csr(tdata1) != TYPE(type)) say("kept", bit);
        }
    }
    write_csr(tselect, 0);
    write_csr(tdata1, TYPE(2));
    TRY(SUPERVISOR, "csrr a0, tselect");
    TRY(USER, "csrr a0, tdata1");
}

static void arm(u64 number, u64 control, const void *address) {
    write_csr(tselect, number);
    write_csr(tdata1, TYPE(2));
    write_csr(tdata2, (u64)address);
    write_csr(tdata1, control);
}

/* Without the value: QEMU 7.2 leaves zero, as the manual allows (1.12, 3.1.16), we the address. */
static void tried(enum level level, const char *what, const void *code, struct arguments arguments) {
    struct outcome o = attempt(level, code, arguments);
    text(what);
    number(o.cause);
    say(" at", o.pc - (u64)code);
}

static void fires(enum level level) {
    static const u64 privileges[] = {0, IN_U, IN_S, IN_M, IN_U | IN_S, EVERYWHERE};
    const void *code = CODE("li a0, 1\nld a1, 0(a1)\naddi a0, a0, 2\nsd a0, 0(a2)\naddi a0, a0, 4");
    struct arguments arguments = {{0, (u64)memory, (u64)memory}};
    heading("triggers");
    for (u64 type = 2; type < 7; type += 4) {
        for (int i = 0; i < 6; i++) {
            say(" type", type);
            say(" privileges", privileges[i]);
            arm(0, TYPE(type) | privileges[i] | EXECUTE, (const char *)code + 8);
            tried(level, "execute", code, arguments);
            arm(0, TYPE(type) | privileges[i] | LOAD, memory);
            tried(level, "load", code, arguments);
            arm(0, TYPE(type) | privileges[i] | STORE, memory);
            tried(level, "store", code, arguments);
            arm(0, TYPE(type) | privileges[i], memory);
            tried(level, "nothing", code, arguments);
        }
        arm(0, TYPE(type) | EVERYWHERE | LOAD | STORE, memory + 1);
        tried(level, "another address", code, arguments);
        arm(1, TYPE(type) | EVERYWHERE | EXECUTE, code);
        tried(level, "first instruction", code, arguments);
        arm(1, TYPE(type) | EVERYWHERE | EXECUTE, (const char *)code + 2);
        tried(level, "inside of an instruction", code, arguments);
        arm(1, TYPE(type) | EVERYWHERE | LOAD | (type == 2 ? 1ull << 21 | 1ull << 16 : 5ull << 16), memory);
        tried(level, "load of eight bytes", code, arguments);
        arm(1, TYPE(type), 0);
        arm(0, TYPE(type), 0);
    }
    TRY_AS(level, "ebreak", "nop\nebreak");
}

void program(void) {
    existing();
    values();
    fires(MACHINE);
    fires(SUPERVISOR);
    fires(USER);
}
