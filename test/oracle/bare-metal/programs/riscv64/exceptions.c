/*
 * Every synchronous exception of RISC-V but page faults, from each level, and who takes it.
 * Privileged manual 1.12: 3.1.6.5 (TVM, TW, TSR), 3.1.8 (delegation), 3.1.15 and 3.1.16 (causes and values).
 */

#include "bare-metal.h"

/* Nothing answers at these addresses of the board. */
enum { NOWHERE = 0x18000000 };

static const enum level levels[] = {MACHINE, SUPERVISOR, USER};

static u64 memory[16] __attribute__((aligned(64)));

static void illegal(enum level level) {
    heading("illegal instructions");
    TRY(level, ".word 0");
    TRY(level, ".word 0xffffffff");
    TRY(level, ".half 0");
    TRY_AS(level, "reserved compressed addi4spn", ".half 0x0004\n.half 1");
    TRY_AS(level, "reserved compressed lwsp x0", ".half 0x4002\n.half 1");
    TRY_AS(level, "load of 16 bytes", ".word 0x00007003");
    TRY_AS(level, "lr with rs2", ".word 0x1015252f");
    TRY_AS(level, "addiw with funct3 2", ".word 0x0005251b");
    TRY_AS(level, "slliw by 32", ".word 0x0205151b");
    TRY_AS(level, "jalr with funct3 1", ".word 0x00051067");
    TRY_AS(level, "branch with funct3 2", ".word 0x00052063");
    TRY_AS(level, "vector instruction", ".word 0x02050057");
    TRY(level, "csrr a0, 0x5c0");
    TRY(level, "csrw mvendorid, a0");
    TRY(level, "csrw cycle, a0");
    TRY(level, "csrr a0, mstatus");
    TRY(level, "csrr a0, sscratch");
    TRY(level, "csrrsi a0, mhartid, 0");
    TRY(level, "csrrsi a0, mhartid, 1");
    TRY(level, "csrrc a0, mhartid, x0");
    TRY(level, "mret");
    TRY(level, "sfence.vma");
    TRY_AS(level, "uret", ".word 0x00200073");
    TRY_AS(level, "dret", ".word 0x7b200073");
}

static void calls(enum level level) {
    heading("calls and breakpoints");
    TRY(level, "ebreak");
    TRY(level, "nop\nebreak");
    TRY_AS(level, "c.ebreak", ".half 0x9002\n.half 1");
    TRY(level, "ecall");
    TRY(level, "nop\nnop\necall");
}

static void misaligned(enum level level) {
    u64 odd = (u64)memory + 1;
    heading("misaligned accesses");
    /* Not sc: without a reservation QEMU 7.2 fails before it looks at the address; ours looks first. */
    memory[0] = 0x1122334455667788;
    memory[1] = 0x99aabbccddeeff00;
    TRY(level, "lhu a0, 0(a0)", odd);
    TRY(level, "lwu a0, 0(a0)", odd);
    TRY(level, "ld a0, 0(a0)", odd);
    TRY(level, "sd a1, 0(a0)\nld a0, -1(a0)", odd, 42);
    TRY(level, "lr.w a0, (a0)", odd);
    TRY(level, "lr.d a0, (a0)", odd + 3);
    TRY_ATOMIC(level, "amoadd.w a0, a1, (a0)", odd + 1);
    TRY_ATOMIC(level, "amoswap.d a0, a1, (a0)", odd + 3);
    TRY_AS(level, "jump to an odd address drops the bit", "lla a0, 1f\naddi a0, a0, 1\njr a0\nebreak\n1: li a0, 7");
    say("memory", checksum(memory, sizeof memory));
}

static void nowhere(enum level level) {
    heading("accesses to nowhere");
    TRY(level, "lb a0, 0(a0)", NOWHERE);
    TRY(level, "ld a0, 8(a0)", NOWHERE);
    TRY(level, "lwu a0, 4(a0)", NOWHERE);
    TRY(level, "sb a0, 0(a0)", NOWHERE);
    TRY(level, "sd a0, 24(a0)", NOWHERE);
    TRY(level, "lr.d a0, (a0)", NOWHERE);
    TRY_ATOMIC(level, "amoor.w a0, a1, (a0)", NOWHERE);
    TRY_AS(level, "load far away", "ld a0, 0(a0)", 1ull << 52);
    TRY_AS(level, "load from the last doubleword", "ld a0, -8(x0)");
    TRY_AS(level, "store to zero", "sw a0, 0(x0)");
}

/* The pc at a place without instructions: printed relative to that place. */
static void fetch(enum level level, const char *what, u64 from) {
    report(level, what, (const void *)from, (struct arguments){{0}});
}

static void fetches(enum level level) {
    heading("fetches from nowhere");
    fetch(level, "nowhere", NOWHERE);
    fetch(level, "zero", 0);
    fetch(level, "behind memory", 0x80000000ull + (64ull << 20));
    fetch(level, "far away", 1ull << 60);
    TRY_AS(level, "jump there", "jr a0", NOWHERE);
    TRY_AS(level, "an instruction of four bytes over the end of memory", "jr a0", 0x80000000ull + (64ull << 20) - 2);
}

static void floating_point(enum level level) {
    heading("floating point, first switched off, then initial, clean and dirty");
    for (u64 state = 0; state <= FS_DIRTY; state += FS_INITIAL) {
        setting.status = state;
        TRY(level, "fld fa0, 0(a0)", (u64)memory);
        TRY(level, "fsd fa0, 8(a0)", (u64)memory);
        TRY(level, "fadd.d fa0, fa1, fa2");
        TRY(level, "fmv.x.d a0, fa0");
        TRY(level, "csrr a0, fcsr");
        TRY(level, "csrw fflags, a0");
        TRY_AS(level, "compressed fld", ".half 0x2108\n.half 1", (u64)memory);
        if (level == USER) continue;
        TRY_AS(level, "load: FS after it", "fld fa0, 0(a0)\ncsrr a0, sstatus\nsrli a0, a0, 13\nandi a0, a0, 3", (u64)memory);
        TRY_AS(level, "store: FS after it", "fsd fa0, 8(a0)\ncsrr a0, sstatus\nsrli a0, a0, 13\nandi a0, a0, 3", (u64)memory);
    }
    setting.status = FS_DIRTY;
    TRY_AS(level, "reserved rounding mode 5", ".word 0x02c5d553");
    TRY_AS(level, "dynamic rounding mode 7 in frm", "csrwi frm, 7\nfadd.d fa0, fa1, fa2");
    TRY_AS(level, "and back", "csrwi frm, 0\nfadd.d fa0, fa1, fa2");
    fresh();
}

/* What mstatus and the counter-enable registers forbid. */
static void controls(void) {
    static const u64 bits[] = {0, TVM, TW, TSR, TVM | TW | TSR};
    heading("TVM, TW, TSR");
    for (u32 i = 0; i < sizeof bits / sizeof *bits; i++) {
        for (int j = 0; j < 3; j++) {
            enum level level = levels[j];
            setting.status = bits[i] | MPIE;
            write_csr(mip, SSI);
            write_csr(mie, 0);
            TRY(level, "csrr a0, satp");
            TRY(level, "csrw satp, x0");
            TRY(level, "sfence.vma");
            TRY(level, "sfence.vma a0, a1");
            TRY_AS(level, "sret", "lla a0, 1f\ncsrw sepc, a0\nsret\n1: li a0, 1");
        }
    }
    fresh();
    heading("wfi with something pending, under TW");
    for (int tw = 0; tw < 2; tw++) {
        setting.status = tw ? TW : 0;
        write_csr(mie, SSI);
        write_csr(mip, SSI);
        for (int j = 0; j < 2; j++) TRY(levels[j], "wfi");
    }
    setting.status = TW;
    TRY(SUPERVISOR, "wfi");
    fresh();
}

static void counters(void) {
    heading("counters");
    for (u64 machine = 0; machine < 8; machine++) {
        for (u64 supervisor = 0; supervisor < 8; supervisor += 7) {
            write_csr(mcounteren, machine);
            write_csr(scounteren, supervisor);
            for (int j = 1; j < 3; j++) {
                TRY(levels[j], "csrr a0, cycle\nli a0, 1");
                TRY(levels[j], "csrr a0, time\nli a0, 1");
                TRY(levels[j], "csrr a0, instret\nli a0, 1");
                TRY(levels[j], "csrr a0, hpmcounter3\nli a0, 1");
            }
        }
    }
    fresh();
    heading("stimecmp");
    for (u64 on = 0; on < 4; on++) {
        write_csr(menvcfg, on & 1 ? 1ull << 63 : 0);
        write_csr(mcounteren, on & 2);
        for (int j = 0; j < 3; j++) TRY(levels[j], "csrw 0x14d, a0\ncsrr a0, 0x14d", ~0ull);
    }
    fresh();
}

static void delegated(void) {
    heading("delegation");
    write_csr(medeleg, ~0ull);
    say("medeleg", read_csr(medeleg) & 0xb3ff);
    write_csr(medeleg, 0xb1ff);
    for (int j = 0; j < 3; j++) {
        enum level level = levels[j];
        TRY(level, ".word 0");
        TRY(level, "ebreak");
        TRY(level, "ld a0, 0(a0)", NOWHERE);
        TRY(level, "sd a0, 0(a0)", NOWHERE);
        TRY_ATOMIC(level, "amoadd.w a0, a1, (a0)", (u64)memory + 2);
        TRY(level, "lr.w a0, (a0)", (u64)memory + 2);
        fetch(level, "nowhere", NOWHERE);
        if (level == USER) TRY_AS(level, "ecall, with SIE", "ecall");
    }
    setting.status = SIE;
    TRY(USER, "ecall");
    TRY(SUPERVISOR, "ebreak");
    setting.status = SPIE | MPIE;
    TRY(USER, "ecall");
    TRY(SUPERVISOR, "ebreak");
    for (int bit = 0; bit < 16; bit++) {
        write_csr(medeleg, (1ull << bit) & 0xb1ff);
        number(bit);
        text("\n");
        TRY(USER, ".word 0");
        TRY(SUPERVISOR, "ebreak");
        TRY(USER, "sb a0, 0(a0)", NOWHERE);
    }
    fresh();
}

void program(void) {
    for (int i = 0; i < 3; i++) {
        illegal(levels[i]);
        calls(levels[i]);
        misaligned(levels[i]);
        nowhere(levels[i]);
        fetches(levels[i]);
        floating_point(levels[i]);
    }
    controls();
    counters();
    delegated();
}
