/*
 * Performance monitors: counters, filters by level, overflows, rights of EL0, what EL2 keeps to itself.
 * Arm DDI 0487: D11, D17.5. Counts themselves are never printed, only whether there were any.
 */

#include "bare-metal.h"

enum { ENABLE = 1, RESET_EVENTS = 2, RESET_CYCLES = 4, DIVIDE = 8, LONG = 1 << 6, CYCLES = 0x11, NOT_SUPPORTED = 0x3ff };
#define CYCLE_BIT (1ull << 31)
#define NOT_EL1 (1ull << 31)
#define NOT_EL0 (1ull << 30)
#define ALSO_EL2 (1ull << 27)

static void quiet(void) {
    fresh();
    if (top_level == 2) write_sysreg(mdcr_el2, 6);
    write_sysreg(pmcr_el0, RESET_EVENTS | RESET_CYCLES);
    write_sysreg(pmcntenclr_el0, ~0ull);
    write_sysreg(pmintenclr_el1, ~0ull);
    write_sysreg(pmovsclr_el0, ~0ull);
    write_sysreg(pmuserenr_el0, 0);
    write_sysreg(pmccfiltr_el0, 0);
    write_sysreg(pmevtyper0_el0, 0);
    write_sysreg(pmevtyper1_el0, 0);
}

static void registers(void) {
    heading("registers");
    say("control", read_sysreg(pmcr_el0));
    say("features", read_sysreg(id_aa64dfr0_el1));
    for (u64 select = 0; select < 33; select++) {
        write_sysreg(pmselr_el0, select);
        write_sysreg(pmxevtyper_el0, 0xffffffff);
        write_sysreg(pmxevcntr_el0, 0x12345678 + select);
        say(" selected", read_sysreg(pmselr_el0));
        say("  type", read_sysreg(pmxevtyper_el0));
        say("  count", read_sysreg(pmxevcntr_el0));
        write_sysreg(pmxevtyper_el0, 0);
    }
    write_sysreg(pmcntenset_el0, ~0ull);
    say("enabled", read_sysreg(pmcntenset_el0));
    write_sysreg(pmcntenclr_el0, 5);
    say("without two", read_sysreg(pmcntenclr_el0));
    write_sysreg(pmovsset_el0, ~0ull);
    say("overflows", read_sysreg(pmovsclr_el0));
    write_sysreg(pmovsclr_el0, 6);
    say("without two", read_sysreg(pmovsset_el0));
    write_sysreg(pmintenset_el1, ~0ull);
    say("interrupts", read_sysreg(pmintenclr_el1));
    quiet();
    say("count", read_sysreg(pmevcntr3_el0));
}

static void software(void) {
    heading("software increments");
    write_sysreg(pmevtyper0_el0, 0);
    write_sysreg(pmevtyper1_el0, NOT_SUPPORTED);
    write_sysreg(pmevcntr0_el0, 0xfffffffe);
    write_sysreg(pmcntenset_el0, 3);
    write_sysreg(pmswinc_el0, 3);
    say("switched off", read_sysreg(pmevcntr0_el0));
    write_sysreg(pmcr_el0, ENABLE);
    if (top_level == 2) write_sysreg(pmevtyper0_el0, ALSO_EL2);
    for (int i = 0; i < 4; i++) {
        write_sysreg(pmswinc_el0, 3);
        say("count", read_sysreg(pmevcntr0_el0));
        say("other", read_sysreg(pmevcntr1_el0));
        say("overflows", read_sysreg(pmovsset_el0));
    }
    write_sysreg(pmcr_el0, ENABLE | RESET_EVENTS);
    say("reset", read_sysreg(pmevcntr0_el0));
    quiet();
}

static u64 counts(enum level level, int is_event) {
    if (is_event) {
        write_sysreg(pmevcntr0_el0, 0);
    } else {
        write_sysreg(pmccntr_el0, 0);
    }
    attempt(level, CODE("mov x0, #20000\n1: subs x0, x0, #1\nb.ne 1b"), (struct arguments){{0}});
    return is_event ? read_sysreg(pmevcntr0_el0) : read_sysreg(pmccntr_el0);
}

static void filters(void) {
    static const u64 kinds[] = {0, NOT_EL1, NOT_EL0, NOT_EL1 | NOT_EL0, ALSO_EL2, NOT_EL1 | NOT_EL0 | ALSO_EL2};
    heading("filters");
    for (int i = 0; i < 6; i++) {
        say(" filter", kinds[i]);
        for (int is_event = 0; is_event < 2; is_event++) {
            say(" event counter", is_event);
            write_sysreg(pmccfiltr_el0, kinds[i]);
            write_sysreg(pmevtyper0_el0, kinds[i] | CYCLES);
            write_sysreg(pmcntenset_el0, is_event ? 1 : CYCLE_BIT);
            write_sysreg(pmcr_el0, ENABLE);
            /* The handler runs at the highest level, which makes some counts of that filter. */
            int counts_handler = top_level == 2 ? (kinds[i] & ALSO_EL2) != 0 : !(kinds[i] & NOT_EL1);
            if (!counts_handler) {
                say(" in EL0", counts(EL0, is_event) != 0);
                if (top_level == 2) say(" in EL1", counts(EL1, is_event) != 0);
            } else {
                say(" in the program", counts(EL0, is_event) != 0);
            }
            write_sysreg(pmcr_el0, 0);
            say(" off", counts(EL0, is_event) != 0);
            write_sysreg(pmcntenclr_el0, ~0ull);
        }
    }
    quiet();
}

static void users(void) {
    heading("rights of EL0");
    for (u64 rights = 0; rights < 16; rights++) {
        say(" PMUSERENR", rights);
        write_sysreg(pmuserenr_el0, rights);
        TRY(EL0, "mrs x0, pmuserenr_el0");
        TRY(EL0, "msr pmuserenr_el0, x0");
        TRY(EL0, "mrs x0, pmcr_el0\nmov x0, #1");
        TRY(EL0, "mrs x0, pmccntr_el0\nmov x0, #1");
        TRY(EL0, "msr pmccntr_el0, x0");
        TRY(EL0, "mrs x0, pmevcntr2_el0");
        TRY(EL0, "msr pmevcntr2_el0, x0");
        TRY(EL0, "mrs x0, pmevtyper3_el0");
        TRY(EL0, "mrs x0, pmxevcntr_el0");
        TRY(EL0, "msr pmxevtyper_el0, xzr\nmov x0, #1");
        TRY(EL0, "mrs x0, pmselr_el0\nmov x0, #1");
        TRY(EL0, "msr pmswinc_el0, xzr\nmov x0, #1");
        TRY(EL0, "mrs x0, pmcntenset_el0");
        TRY(EL0, "mrs x0, pmovsclr_el0");
        TRY(EL0, "mrs x0, pmceid1_el0");
        TRY(EL0, "mrs x0, pmccfiltr_el0");
        TRY(EL0, "mrs x0, pmintenset_el1");
    }
    quiet();
    heading("numbers that are not there");
    TRY(EL1, "mrs x0, pmevcntr6_el0");
    TRY(EL1, "msr pmevtyper30_el0, x0");
    TRY(EL1, "mrs x0, pmswinc_el0");
}

static void hypervisor(void) {
    heading("EL2's own");
    for (u64 control = 0; control < 4; control++) {
        /* TPM; QEMU 7.2 has no TPMCR. Levels below see so many counters. */
        write_sysreg(mdcr_el2, (control & 1 ? 1 << 6 : 0) | (control & 2 ? 3 : 6));
        say(" MDCR", read_sysreg(mdcr_el2));
        say(" here", read_sysreg(pmcr_el0));
        TRY(EL1, "mrs x0, pmcr_el0");
        TRY(EL1, "mrs x0, pmevtyper0_el0");
        TRY(EL1, "mrs x0, pmintenset_el1");
        TRY(EL0, "mrs x0, pmccntr_el0");
    }
    quiet();
}

static void interrupts(void) {
    heading("overflows of cycles");
    store32(DEVICE_GIC_DISTRIBUTOR, 1);
    store32(DEVICE_GIC_CPU, 1);
    store32(DEVICE_GIC_CPU + 4, 0xff);
    store32(DEVICE_GIC_DISTRIBUTOR + 0x100, 1 << 23);
    for (int kind = 0; kind < 3; kind++) {
        say(" kind", kind);
        u64 bit = kind == 2 ? 1 : CYCLE_BIT;
        write_sysreg(pmccntr_el0, kind == 0 ? 0xffffff00 : 0xffffffffffffff00);
        write_sysreg(pmevcntr0_el0, 0xffffff00);
        write_sysreg(pmevtyper0_el0, CYCLES | ALSO_EL2);
        write_sysreg(pmccfiltr_el0, ALSO_EL2);
        write_sysreg(pmcntenset_el0, bit);
        write_sysreg(pmcr_el0, ENABLE | (kind == 1 ? LONG : 0));
        while (!(read_sysreg(pmovsset_el0) & bit)) {}
        say("pending without enable", load32(DEVICE_GIC_DISTRIBUTOR + 0x200) >> 23 & 1);
        write_sysreg(pmintenset_el1, bit);
        say("pending", load32(DEVICE_GIC_DISTRIBUTOR + 0x200) >> 23 & 1);
        /* Not with PMCR.E clear: QEMU 7.2 leaves the line as it was, the manual wants it low (D11.3). */
        say("acknowledged", load32(DEVICE_GIC_CPU + 0xc));
        write_sysreg(pmovsclr_el0, bit);
        store32(DEVICE_GIC_CPU + 0x10, 23);
        say("gone", load32(DEVICE_GIC_DISTRIBUTOR + 0x200) >> 23 & 1);
        write_sysreg(pmevcntr0_el0, 0xffffff00);
        write_sysreg(pmccntr_el0, kind == 0 ? 0xffffff00 : 0xffffffffffffff00);
        setting.state = ALL_MASKED & ~MASK_I;
        struct outcome o = attempt(EL1, CODE("1: b 1b"), (struct arguments){{0}});
        say("interrupt at vector", o.vector);
        say("overflows", read_sysreg(pmovsset_el0));
        quiet();
        say("gone", load32(DEVICE_GIC_DISTRIBUTOR + 0x200) >> 23 & 1);
    }
}

void program(void) {
    quiet();
    registers();
    software();
    filters();
    users();
    if (top_level == 2) hypervisor();
    if (top_level == 1) interrupts();
}
