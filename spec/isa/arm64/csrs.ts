// Arm64 system registers by number op0:op1:CRn:CRm:op2 (Arm DDI 0487, D17.3). Relies on nothing.
// nzcv, fpcr, fpsr and tpidr_el0 are register files (registers.ts) and have rows of their own in system.ts.

import type { Csr, UnnamedCsrs } from "../schema.ts";

/** op0, op1, CRn, CRm, op2. */
type Fields = readonly [number, number, number, number, number];

function numberOf([op0, op1, crn, crm, op2]: Fields): number {
  return (op0 << 14) | (op1 << 11) | (crn << 7) | (crm << 3) | op2;
}

// prettier-ignore
const named: readonly (readonly [string, ...Fields])[] = [
  // Identification.
  ["midr_el1", 3, 0, 0, 0, 0], ["mpidr_el1", 3, 0, 0, 0, 5], ["revidr_el1", 3, 0, 0, 0, 6],
  ["id_pfr0_el1", 3, 0, 0, 1, 0], ["id_pfr1_el1", 3, 0, 0, 1, 1], ["id_dfr0_el1", 3, 0, 0, 1, 2],
  ["id_afr0_el1", 3, 0, 0, 1, 3], ["id_mmfr0_el1", 3, 0, 0, 1, 4], ["id_mmfr1_el1", 3, 0, 0, 1, 5],
  ["id_mmfr2_el1", 3, 0, 0, 1, 6], ["id_mmfr3_el1", 3, 0, 0, 1, 7], ["id_mmfr4_el1", 3, 0, 0, 2, 6],
  ["id_isar0_el1", 3, 0, 0, 2, 0], ["id_isar1_el1", 3, 0, 0, 2, 1], ["id_isar2_el1", 3, 0, 0, 2, 2],
  ["id_isar3_el1", 3, 0, 0, 2, 3], ["id_isar4_el1", 3, 0, 0, 2, 4], ["id_isar5_el1", 3, 0, 0, 2, 5],
  ["mvfr0_el1", 3, 0, 0, 3, 0], ["mvfr1_el1", 3, 0, 0, 3, 1], ["mvfr2_el1", 3, 0, 0, 3, 2],
  ["id_aa64pfr0_el1", 3, 0, 0, 4, 0], ["id_aa64pfr1_el1", 3, 0, 0, 4, 1], ["id_aa64zfr0_el1", 3, 0, 0, 4, 4],
  ["id_aa64dfr0_el1", 3, 0, 0, 5, 0], ["id_aa64dfr1_el1", 3, 0, 0, 5, 1], ["id_aa64afr0_el1", 3, 0, 0, 5, 4],
  ["id_aa64afr1_el1", 3, 0, 0, 5, 5], ["id_aa64isar0_el1", 3, 0, 0, 6, 0], ["id_aa64isar1_el1", 3, 0, 0, 6, 1],
  ["id_aa64isar2_el1", 3, 0, 0, 6, 2], ["id_aa64mmfr0_el1", 3, 0, 0, 7, 0], ["id_aa64mmfr1_el1", 3, 0, 0, 7, 1],
  ["id_aa64mmfr2_el1", 3, 0, 0, 7, 2],
  // Caches and what virtual machines see of them.
  ["ccsidr_el1", 3, 1, 0, 0, 0], ["clidr_el1", 3, 1, 0, 0, 1], ["aidr_el1", 3, 1, 0, 0, 7],
  ["csselr_el1", 3, 2, 0, 0, 0], ["ctr_el0", 3, 3, 0, 0, 1], ["dczid_el0", 3, 3, 0, 0, 7],
  ["vpidr_el2", 3, 4, 0, 0, 0], ["vmpidr_el2", 3, 4, 0, 0, 5],
  // Control.
  ["sctlr_el1", 3, 0, 1, 0, 0], ["actlr_el1", 3, 0, 1, 0, 1], ["cpacr_el1", 3, 0, 1, 0, 2],
  ["sctlr_el2", 3, 4, 1, 0, 0], ["actlr_el2", 3, 4, 1, 0, 1], ["hcr_el2", 3, 4, 1, 1, 0],
  ["mdcr_el2", 3, 4, 1, 1, 1], ["cptr_el2", 3, 4, 1, 1, 2], ["hstr_el2", 3, 4, 1, 1, 3],
  ["hacr_el2", 3, 4, 1, 1, 7], ["sctlr_el3", 3, 6, 1, 0, 0], ["actlr_el3", 3, 6, 1, 0, 1],
  ["scr_el3", 3, 6, 1, 1, 0], ["cptr_el3", 3, 6, 1, 1, 2], ["mdcr_el3", 3, 6, 1, 3, 1],
  // Translation.
  ["ttbr0_el1", 3, 0, 2, 0, 0], ["ttbr1_el1", 3, 0, 2, 0, 1], ["tcr_el1", 3, 0, 2, 0, 2],
  ["ttbr0_el2", 3, 4, 2, 0, 0], ["ttbr1_el2", 3, 4, 2, 0, 1], ["tcr_el2", 3, 4, 2, 0, 2],
  ["vttbr_el2", 3, 4, 2, 1, 0], ["vtcr_el2", 3, 4, 2, 1, 2], ["ttbr0_el3", 3, 6, 2, 0, 0],
  ["tcr_el3", 3, 6, 2, 0, 2],
  // Exceptions: saved state.
  ["spsr_el1", 3, 0, 4, 0, 0], ["elr_el1", 3, 0, 4, 0, 1], ["sp_el0", 3, 0, 4, 1, 0], ["spsel", 3, 0, 4, 2, 0],
  ["currentel", 3, 0, 4, 2, 2], ["daif", 3, 3, 4, 2, 1], ["pan", 3, 0, 4, 2, 3], ["uao", 3, 0, 4, 2, 4],
  ["spsr_el2", 3, 4, 4, 0, 0], ["elr_el2", 3, 4, 4, 0, 1], ["sp_el1", 3, 4, 4, 1, 0], ["sp_el2", 3, 6, 4, 1, 0],
  ["spsr_el3", 3, 6, 4, 0, 0], ["elr_el3", 3, 6, 4, 0, 1], ["dspsr_el0", 3, 3, 4, 5, 0],
  ["dlr_el0", 3, 3, 4, 5, 1], ["spsr_irq", 3, 4, 4, 3, 0], ["spsr_abt", 3, 4, 4, 3, 1],
  ["spsr_und", 3, 4, 4, 3, 2], ["spsr_fiq", 3, 4, 4, 3, 3],
  // Exceptions: syndromes.
  ["afsr0_el1", 3, 0, 5, 1, 0], ["afsr1_el1", 3, 0, 5, 1, 1], ["esr_el1", 3, 0, 5, 2, 0],
  ["far_el1", 3, 0, 6, 0, 0], ["par_el1", 3, 0, 7, 4, 0], ["afsr0_el2", 3, 4, 5, 1, 0],
  ["afsr1_el2", 3, 4, 5, 1, 1], ["esr_el2", 3, 4, 5, 2, 0], ["far_el2", 3, 4, 6, 0, 0],
  ["hpfar_el2", 3, 4, 6, 0, 4], ["esr_el3", 3, 6, 5, 2, 0], ["far_el3", 3, 6, 6, 0, 0],
  ["fpexc32_el2", 3, 4, 5, 3, 0], ["ifsr32_el2", 3, 4, 5, 0, 1], ["dacr32_el2", 3, 4, 3, 0, 0],
  ["sder32_el3", 3, 6, 1, 1, 1],
  // Memory attributes, vectors, reset.
  ["mair_el1", 3, 0, 10, 2, 0], ["amair_el1", 3, 0, 10, 3, 0], ["mair_el2", 3, 4, 10, 2, 0],
  ["amair_el2", 3, 4, 10, 3, 0], ["mair_el3", 3, 6, 10, 2, 0], ["amair_el3", 3, 6, 10, 3, 0],
  ["vbar_el1", 3, 0, 12, 0, 0], ["vbar_el2", 3, 4, 12, 0, 0], ["vbar_el3", 3, 6, 12, 0, 0],
  ["rvbar_el1", 3, 0, 12, 0, 1], ["rvbar_el2", 3, 4, 12, 0, 1], ["rvbar_el3", 3, 6, 12, 0, 1],
  ["rmr_el1", 3, 0, 12, 0, 2], ["rmr_el2", 3, 4, 12, 0, 2], ["rmr_el3", 3, 6, 12, 0, 2],
  ["isr_el1", 3, 0, 12, 1, 0],
  // Software's own words.
  ["contextidr_el1", 3, 0, 13, 0, 1], ["contextidr_el2", 3, 4, 13, 0, 1], ["tpidr_el1", 3, 0, 13, 0, 4],
  ["tpidr_el2", 3, 4, 13, 0, 2], ["tpidr_el3", 3, 6, 13, 0, 2], ["tpidrro_el0", 3, 3, 13, 0, 3],
  // Timers.
  ["cntfrq_el0", 3, 3, 14, 0, 0], ["cntpct_el0", 3, 3, 14, 0, 1], ["cntvct_el0", 3, 3, 14, 0, 2],
  ["cntkctl_el1", 3, 0, 14, 1, 0], ["cntp_tval_el0", 3, 3, 14, 2, 0], ["cntp_ctl_el0", 3, 3, 14, 2, 1],
  ["cntp_cval_el0", 3, 3, 14, 2, 2], ["cntv_tval_el0", 3, 3, 14, 3, 0], ["cntv_ctl_el0", 3, 3, 14, 3, 1],
  ["cntv_cval_el0", 3, 3, 14, 3, 2], ["cntvoff_el2", 3, 4, 14, 0, 3], ["cnthctl_el2", 3, 4, 14, 1, 0],
  ["cnthp_tval_el2", 3, 4, 14, 2, 0], ["cnthp_ctl_el2", 3, 4, 14, 2, 1], ["cnthp_cval_el2", 3, 4, 14, 2, 2],
  ["cnthv_tval_el2", 3, 4, 14, 3, 0], ["cnthv_ctl_el2", 3, 4, 14, 3, 1], ["cnthv_cval_el2", 3, 4, 14, 3, 2],
  ["cntps_tval_el1", 3, 7, 14, 2, 0], ["cntps_ctl_el1", 3, 7, 14, 2, 1], ["cntps_cval_el1", 3, 7, 14, 2, 2],
  // Performance counters.
  ["pmcr_el0", 3, 3, 9, 12, 0], ["pmcntenset_el0", 3, 3, 9, 12, 1], ["pmcntenclr_el0", 3, 3, 9, 12, 2],
  ["pmovsclr_el0", 3, 3, 9, 12, 3], ["pmswinc_el0", 3, 3, 9, 12, 4], ["pmselr_el0", 3, 3, 9, 12, 5],
  ["pmceid0_el0", 3, 3, 9, 12, 6], ["pmceid1_el0", 3, 3, 9, 12, 7], ["pmccntr_el0", 3, 3, 9, 13, 0],
  ["pmxevtyper_el0", 3, 3, 9, 13, 1], ["pmxevcntr_el0", 3, 3, 9, 13, 2], ["pmuserenr_el0", 3, 3, 9, 14, 0],
  ["pmovsset_el0", 3, 3, 9, 14, 3], ["pmintenset_el1", 3, 0, 9, 14, 1], ["pmintenclr_el1", 3, 0, 9, 14, 2],
  ["pmccfiltr_el0", 3, 3, 14, 15, 7],
  // Debug.
  ["mdscr_el1", 2, 0, 0, 2, 2], ["mdccint_el1", 2, 0, 0, 2, 0], ["oslar_el1", 2, 0, 1, 0, 4],
  ["oslsr_el1", 2, 0, 1, 1, 4], ["osdlr_el1", 2, 0, 1, 3, 4], ["dbgprcr_el1", 2, 0, 1, 4, 4],
  ["dbgclaimset_el1", 2, 0, 7, 8, 6], ["dbgclaimclr_el1", 2, 0, 7, 9, 6], ["dbgauthstatus_el1", 2, 0, 7, 14, 6],
  ["mdrar_el1", 2, 0, 1, 0, 0], ["mdccsr_el0", 2, 3, 0, 1, 0], ["dbgdtr_el0", 2, 3, 0, 4, 0],
  ["dbgdtrrx_el0", 2, 3, 0, 5, 0], ["osdtrrx_el1", 2, 0, 0, 0, 2], ["osdtrtx_el1", 2, 0, 0, 3, 2],
  ["oseccr_el1", 2, 0, 0, 6, 2], ["dbgvcr32_el2", 2, 4, 0, 7, 0],
  // Interrupt controller (GICv3).
  ["icc_pmr_el1", 3, 0, 4, 6, 0], ["icc_iar0_el1", 3, 0, 12, 8, 0], ["icc_eoir0_el1", 3, 0, 12, 8, 1],
  ["icc_hppir0_el1", 3, 0, 12, 8, 2], ["icc_bpr0_el1", 3, 0, 12, 8, 3], ["icc_ap0r0_el1", 3, 0, 12, 8, 4],
  ["icc_ap1r0_el1", 3, 0, 12, 9, 0], ["icc_dir_el1", 3, 0, 12, 11, 1], ["icc_rpr_el1", 3, 0, 12, 11, 3],
  ["icc_sgi1r_el1", 3, 0, 12, 11, 5], ["icc_asgi1r_el1", 3, 0, 12, 11, 6], ["icc_sgi0r_el1", 3, 0, 12, 11, 7],
  ["icc_iar1_el1", 3, 0, 12, 12, 0], ["icc_eoir1_el1", 3, 0, 12, 12, 1], ["icc_hppir1_el1", 3, 0, 12, 12, 2],
  ["icc_bpr1_el1", 3, 0, 12, 12, 3], ["icc_ctlr_el1", 3, 0, 12, 12, 4], ["icc_sre_el1", 3, 0, 12, 12, 5],
  ["icc_igrpen0_el1", 3, 0, 12, 12, 6], ["icc_igrpen1_el1", 3, 0, 12, 12, 7], ["icc_sre_el2", 3, 4, 12, 9, 5],
  ["icc_sre_el3", 3, 6, 12, 12, 5], ["icc_ctlr_el3", 3, 6, 12, 12, 4], ["icc_igrpen1_el3", 3, 6, 12, 12, 7],
  // Interrupt controller: virtualisation.
  ["ich_hcr_el2", 3, 4, 12, 11, 0], ["ich_vtr_el2", 3, 4, 12, 11, 1], ["ich_misr_el2", 3, 4, 12, 11, 2],
  ["ich_eisr_el2", 3, 4, 12, 11, 3], ["ich_elrsr_el2", 3, 4, 12, 11, 5], ["ich_vmcr_el2", 3, 4, 12, 11, 7],
  ["ich_ap0r0_el2", 3, 4, 12, 8, 0], ["ich_ap1r0_el2", 3, 4, 12, 9, 0],
  // The same registers of EL1 and EL0, seen from EL2 (VHE).
  ["sctlr_el12", 3, 5, 1, 0, 0], ["cpacr_el12", 3, 5, 1, 0, 2], ["ttbr0_el12", 3, 5, 2, 0, 0],
  ["ttbr1_el12", 3, 5, 2, 0, 1], ["tcr_el12", 3, 5, 2, 0, 2], ["spsr_el12", 3, 5, 4, 0, 0],
  ["elr_el12", 3, 5, 4, 0, 1], ["afsr0_el12", 3, 5, 5, 1, 0], ["afsr1_el12", 3, 5, 5, 1, 1],
  ["esr_el12", 3, 5, 5, 2, 0], ["far_el12", 3, 5, 6, 0, 0], ["mair_el12", 3, 5, 10, 2, 0],
  ["amair_el12", 3, 5, 10, 3, 0], ["vbar_el12", 3, 5, 12, 0, 0], ["contextidr_el12", 3, 5, 13, 0, 1],
  ["cntkctl_el12", 3, 5, 14, 1, 0], ["cntp_tval_el02", 3, 5, 14, 2, 0], ["cntp_ctl_el02", 3, 5, 14, 2, 1],
  ["cntp_cval_el02", 3, 5, 14, 2, 2], ["cntv_tval_el02", 3, 5, 14, 3, 0], ["cntv_ctl_el02", 3, 5, 14, 3, 1],
  ["cntv_cval_el02", 3, 5, 14, 3, 2],
  // Others.
  ["lorsa_el1", 3, 0, 10, 4, 0], ["lorea_el1", 3, 0, 10, 4, 1], ["lorn_el1", 3, 0, 10, 4, 2],
  ["lorc_el1", 3, 0, 10, 4, 3], ["lorid_el1", 3, 0, 10, 4, 7], ["rndr", 3, 3, 2, 4, 0],
  ["rndrrs", 3, 3, 2, 4, 1], ["dit", 3, 3, 4, 2, 5], ["ssbs", 3, 3, 4, 2, 6],
];

// `count` registers with a number in their name; the number's low three bits are op2, the others add to CRm.
function counted(before: string, after: string, first: Fields, count: number): Csr[] {
  const [op0, op1, crn, crm, op2] = first;
  return Array.from({ length: count }, (_, i) => ({
    name: `${before}${String(i)}${after}`,
    number: numberOf([op0, op1, crn, crm + (i >> 3), op2 + (i & 7)]),
  }));
}

// Breakpoint and watchpoint registers: the number is CRm.
function debug(before: string, op2: number): Csr[] {
  return Array.from({ length: 16 }, (_, i) => ({
    name: `${before}${String(i)}_el1`,
    number: numberOf([2, 0, 0, i, op2]),
  }));
}

export const csrs: readonly Csr[] = [
  ...named.map(([name, ...fields]) => ({ name, number: numberOf(fields) })),
  ...counted("ich_lr", "_el2", [3, 4, 12, 12, 0], 16),
  ...counted("pmevcntr", "_el0", [3, 3, 14, 8, 0], 31),
  ...counted("pmevtyper", "_el0", [3, 3, 14, 12, 0], 31),
  ...debug("dbgbvr", 4),
  ...debug("dbgbcr", 5),
  ...debug("dbgwvr", 6),
  ...debug("dbgwcr", 7),
];

const unnamed = /^s([0-3])_([0-7])_c(\d{1,2})_c(\d{1,2})_([0-7])$/i;

/** A register without a name is its five fields: `s3_0_c15_c2_0`. */
export const unnamedCsrs: UnnamedCsrs = {
  print: (number) => {
    const [op0, op1] = [number >> 14, (number >> 11) & 7];
    const [crn, crm, op2] = [(number >> 7) & 15, (number >> 3) & 15, number & 7];
    return `s${String(op0)}_${String(op1)}_c${String(crn)}_c${String(crm)}_${String(op2)}`;
  },
  parse: (text) => {
    const fields = unnamed.exec(text)?.slice(1).map(Number);
    const [op0 = 0, op1 = 0, crn = 16, crm = 16, op2 = 0] = fields ?? [];
    return crn > 15 || crm > 15 ? null : numberOf([op0, op1, crn, crm, op2]);
  },
};
