/*
 * What EL2 takes from EL1 and EL0: calls, traps of HCR_EL2, CPTR_EL2 and MDCR_EL2, waiting, TGE, virtual interrupts.
 * Runs with EL2. Arm DDI 0487: D1.3.8 (traps), D1.3.6 (virtual interrupts), D17.2.48 (HCR_EL2).
 */

#include "bare-metal.h"

enum { TVM = 1 << 26, TRVM_AT = 30, TID3 = 1 << 18, TID2 = 1 << 17, TID1 = 1 << 16, TACR = 1 << 21, TSW = 1 << 22, TTLB = 1 << 25, TDZ = 1 << 28, TPU = 1 << 24, TPC = 1 << 23 };
enum { TPM = 1 << 6, TPMCR = 1 << 5, TDRA = 1 << 11, TDOSA = 1 << 10, TDA = 1 << 9, TDE = 1 << 8 };

static const enum level levels[] = {EL1, EL0};

static void control(u64 value) { write_sysreg(hcr_el2, RW | value); }

static void calls(void) {
    static const u64 values[] = {0, HCD, TSC, TGE};
    heading("calls");
    for (int i = 0; i < 4; i++) {
        say(" HCR", values[i]);
        control(values[i]);
        for (int j = 0; j < 2; j++) {
            /* EL1 cannot be entered under TGE. Without HVC its handler could not come back to here. */
            if (levels[j] == EL1 && (values[i] == TGE || values[i] == HCD)) continue;
            if (levels[j] == EL0 && values[i] == HCD) continue;
            TRY(levels[j], "svc #1");
            TRY(levels[j], "hvc #2");
            if (values[i] == TSC || levels[j] == EL0) TRY(levels[j], "smc #3");
            TRY(levels[j], "brk #4");
            TRY(levels[j], ".word 0");
            TRY(levels[j], "ldr x0, [x0]", 0x0b800000);
            TRY(levels[j], "br x0", 0x0b800002);
        }
    }
    TRY(EL2, "hvc #2");
    fresh();
}

static void registers(void) {
    static const u64 values[] = {0, TVM, 1ull << TRVM_AT, TID3, TID2, TID1, TACR, TSW, TTLB, TDZ, TPU, TPC};
    heading("registers and operations of EL1");
    for (int i = 0; i < 12; i++) {
        say(" HCR", values[i]);
        control(values[i]);
        TRY(EL1, "mrs x0, tcr_el1\nmov x0, #1");
        TRY(EL1, "msr tcr_el1, xzr");
        TRY(EL1, "msr contextidr_el1, xzr");
        TRY(EL1, "mrs x0, id_aa64mmfr0_el1\nmov x0, #1");
        TRY(EL1, "mrs x0, id_isar0_el1\nmov x0, #1");
        TRY(EL1, "mrs x0, clidr_el1\nmov x0, #1");
        TRY(EL1, "mrs x0, revidr_el1\nmov x0, #1");
        TRY(EL1, "mrs x7, actlr_el1\nmov x0, #1");
        TRY(EL1, "tlbi vmalle1");
        TRY(EL1, "tlbi vae1, xzr");
        TRY(EL1, "dc isw, xzr");
        TRY(EL1, "dc zva, x0", 0x43000000);
        TRY(EL1, "ic iallu");
        TRY(EL1, "mrs x0, vbar_el1\nmov x0, #1");
        TRY(EL1, "mrs x0, hcr_el2\nmov x0, #1");
        TRY(EL1, "tlbi alle1");
    }
    fresh();
}

static void floating_point(void) {
    heading("CPTR_EL2");
    for (u64 bits = 0; bits < 4; bits++) {
        write_sysreg(cptr_el2, 0x33ff | (bits & 1) << 10 | (bits >> 1) << 31);
        write_sysreg(cpacr_el1, 3 << 20);
        say(" bits", bits);
        TRY(EL1, "fmov d0, xzr");
        TRY(EL0, "fmov d0, xzr");
        TRY(EL1, "mrs x0, cpacr_el1");
        TRY(EL1, "msr cpacr_el1, xzr");
        TRY(EL2, "mrs x0, cpacr_el1");
    }
    fresh();
}

static void debug(void) {
    static const u64 values[] = {0, TPM, TPMCR, TDRA, TDOSA, TDA, TDRA | TDOSA | TDA | TDE};
    heading("MDCR_EL2");
    for (int i = 0; i < 7; i++) {
        write_sysreg(mdcr_el2, values[i]);
        say(" MDCR", values[i]);
        /* QEMU 7.2 does not have TPMCR, which traps this register alone. */
        if (values[i] != TPMCR) TRY(EL1, "mrs x0, pmcr_el0\nmov x0, #1");
        TRY(EL1, "msr pmcntenclr_el0, xzr");
        TRY(EL1, "mrs x0, mdscr_el1");
        TRY(EL1, "mrs x0, oslsr_el1\nmov x0, #1");
        TRY(EL1, "mrs x0, mdrar_el1\nmov x0, #1");
        TRY(EL1, "brk #1");
        TRY(EL0, "brk #1");
    }
    fresh();
}

static void waiting(void) {
    heading("waiting");
    static const u64 values[] = {0, TWI, TWI | VI | IMO};
    for (int i = 0; i < 3; i++) {
        say(" HCR", values[i]);
        control(values[i]);
        /* Without a trap it would wait for ever. */
        if (values[i]) TRY(EL1, "wfi\nmov x0, #1");
        TRY(EL0, "wfi\nmov x0, #1");
    }
    fresh();
}

static void virtual_interrupts(void) {
    static const u64 masks[] = {ALL_MASKED, ALL_MASKED & ~MASK_I, ALL_MASKED & ~MASK_F, 0x300};
    heading("virtual interrupts");
    for (u64 bits = 0; bits < 16; bits++) {
        u64 value = (bits & 1 ? VI : 0) | (bits & 2 ? VF : 0) | (bits & 4 ? IMO : 0) | (bits & 8 ? FMO : 0);
        say(" HCR", value);
        control(value);
        for (int m = 0; m < 4; m++) {
            setting.state = masks[m];
            TRY(EL1, "mrs x0, isr_el1");
            TRY(EL0, "nop");
        }
        say(" ISR at EL2", read_sysreg(isr_el1));
    }
    fresh();
}

void program(void) {
    calls();
    registers();
    floating_point();
    debug();
    waiting();
    virtual_interrupts();
}
