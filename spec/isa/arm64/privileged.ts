// Arm64 system registers as the machine has them: rights, writable bits, values after reset.
//
// Relies on privileged-identification.ts; numbers are in csrs.ts. Sources: Arm DDI 0487, D17.2; what a Cortex-A53 of
// QEMU 7.2 keeps of a written value (test/oracle/system/arm64-registers.test.ts compares them all). A register that no
// table names is undefined. Registers that are register files of user mode (nzcv, fpcr, fpsr, tpidr_el0) are in system.ts.

import type { RegisterFile } from "../schema.ts";
import { identification, MAIN_ID } from "./privileged-identification.ts";
import {
  COUNTER_BITS,
  CYCLE_FILTER_BITS,
  EVENT_BITS,
  EVENT_COUNTERS,
  EVENT_TYPE_BITS,
  MONITOR_CONTROL_BITS,
  MONITOR_CONTROL_RESET,
  SELECTOR_BITS,
  USER_ENABLE_BITS,
} from "./privileged-monitors.ts";
import { DEBUG_UNITS } from "./privileged-state.ts";

/** An exception level. EL3 is not there. */
export type Level = 0 | 1 | 2;

/** One register. What cannot be said here (timers, PSTATE) is added by the machine, by name. */
export interface SystemRegister {
  readonly name: string;
  /** Lowest level that may read it, and write it; null: none may. Traps (privileged-traps.ts) come on top. */
  readonly read: Level | null;
  readonly write: Level | null;
  /** Bits that a write changes; others keep their value after reset. Nonzero: the value is a register file. */
  readonly writable: bigint;
  readonly reset: bigint;
  /** Whether it depends on EL2: there with or without, only with, only without. */
  readonly el2: "any" | "needed" | "absent";
}

const ALL = 0xffff_ffff_ffff_ffffn;

// Big-endian data (EE 25, E0E 24) is not there; bits 37 to 43 belong to memory tagging.
const CONTROL_BITS = ALL & ~(0x7fn << 37n) & ~(3n << 24n);
// RW (31) is always one: lower levels are 64-bit.
const HYPERVISOR_BITS = 0x3_7fff_ffffn;
const HYPERVISOR_FIXED = 1n << 31n;

type Row = readonly [name: string, read: Level | null, write: Level | null, writable: bigint, reset: bigint];

// prettier-ignore
const atEl1: readonly Row[] = [
  // name              read  write writable        reset
  ["midr_el1",         1,    null, 0n,             0n],
  ["mpidr_el1",        1,    null, 0n,             0n],
  ["id_aa64pfr0_el1",  1,    null, 0n,             0n],
  ["sctlr_el1",        1,    1,    CONTROL_BITS,   0xc5_0838n],
  ["actlr_el1",        1,    1,    0n,             0n],
  ["cpacr_el1",        1,    1,    ALL,            0n],
  ["ttbr0_el1",        1,    1,    ALL,            0n],
  ["ttbr1_el1",        1,    1,    ALL,            0n],
  ["tcr_el1",          1,    1,    ALL,            0n],
  ["spsr_el1",         1,    1,    ALL,            0n],
  ["elr_el1",          1,    1,    ALL,            0n],
  ["sp_el0",           1,    1,    ALL,            0n],
  ["spsel",            1,    1,    1n,             1n],
  ["currentel",        1,    null, 0n,             0n],
  ["daif",             0,    0,    0x3c0n,         0x3c0n],
  ["afsr0_el1",        1,    1,    0n,             0n],
  ["afsr1_el1",        1,    1,    0n,             0n],
  ["esr_el1",          1,    1,    ALL,            0n],
  ["far_el1",          1,    1,    ALL,            0n],
  ["par_el1",          1,    1,    ALL,            0n],
  ["mair_el1",         1,    1,    ALL,            0n],
  ["amair_el1",        1,    1,    0n,             0n],
  ["vbar_el1",         1,    1,    ALL & ~0x1fn,   0n],
  ["isr_el1",          1,    null, 0n,             0n],
  ["contextidr_el1",   1,    1,    ALL,            0n],
  ["tpidr_el1",        1,    1,    ALL,            0n],
  ["tpidrro_el0",      0,    1,    ALL,            0n],
  ["csselr_el1",       1,    1,    0xfn,           0n],
  ["ccsidr_el1",       1,    null, 0n,             0n],
  ["dczid_el0",        0,    null, 0n,             0n],
  // Timers.
  ["cntfrq_el0",       0,    1,    ALL,            62_500_000n],
  ["cntpct_el0",       0,    null, 0n,             0n],
  ["cntvct_el0",       0,    null, 0n,             0n],
  ["cntkctl_el1",      1,    1,    ALL,            0n],
  ["cntp_tval_el0",    0,    0,    0n,             0n],
  ["cntp_ctl_el0",     0,    0,    3n,             0n],
  ["cntp_cval_el0",    0,    0,    ALL,            0n],
  ["cntv_tval_el0",    0,    0,    0n,             0n],
  ["cntv_ctl_el0",     0,    0,    3n,             0n],
  ["cntv_cval_el0",    0,    0,    ALL,            0n],
  // Performance monitors; those of each counter are below.
  ["pmcr_el0",         0,    0,    MONITOR_CONTROL_BITS, MONITOR_CONTROL_RESET],
  ["pmcntenset_el0",   0,    0,    COUNTER_BITS,   0n],
  ["pmcntenclr_el0",   0,    0,    0n,             0n],
  ["pmovsset_el0",     0,    0,    COUNTER_BITS,   0n],
  ["pmovsclr_el0",     0,    0,    0n,             0n],
  ["pmswinc_el0",      null, 0,    0n,             0n],
  ["pmselr_el0",       0,    0,    SELECTOR_BITS,  0n],
  ["pmceid0_el0",      0,    null, 0n,             EVENT_BITS],
  ["pmceid1_el0",      0,    null, 0n,             0n],
  ["pmccntr_el0",      0,    0,    ALL,            0n],
  ["pmxevtyper_el0",   0,    0,    0n,             0n],
  ["pmxevcntr_el0",    0,    0,    0n,             0n],
  ["pmuserenr_el0",    0,    1,    USER_ENABLE_BITS, 0n],
  ["pmintenset_el1",   1,    1,    COUNTER_BITS,   0n],
  ["pmintenclr_el1",   1,    1,    0n,             0n],
  ["pmccfiltr_el0",    0,    0,    CYCLE_FILTER_BITS, 0n],
  // Debug; oslar_el1 holds the OS lock, which is locked after reset.
  ["mdccint_el1",      1,    1,    0n,             0n],
  ["mdscr_el1",        1,    1,    ALL,            0n],
  ["mdrar_el1",        1,    null, 0n,             0n],
  ["oslar_el1",        null, 1,    1n,             1n],
  ["oslsr_el1",        1,    null, 0n,             8n],
  ["osdlr_el1",        1,    1,    1n,             0n],
  ["mdccsr_el0",       0,    null, 0n,             0n],
];

// prettier-ignore
const atEl2: readonly Row[] = [
  // name              read  write writable         reset
  ["vpidr_el2",        2,    2,    ALL,             MAIN_ID],
  ["vmpidr_el2",       2,    2,    ALL,             0n],
  ["sctlr_el2",        2,    2,    CONTROL_BITS,    0n],
  ["actlr_el2",        2,    2,    0n,              0n],
  ["hcr_el2",          2,    2,    HYPERVISOR_BITS, HYPERVISOR_FIXED],
  ["mdcr_el2",         2,    2,    ALL,             BigInt(EVENT_COUNTERS)],
  ["cptr_el2",         2,    2,    ALL,             0n],
  ["hstr_el2",         2,    2,    ALL,             0n],
  ["hacr_el2",         2,    2,    0n,              0n],
  ["ttbr0_el2",        2,    2,    ALL,             0n],
  ["tcr_el2",          2,    2,    ALL,             0n],
  ["vttbr_el2",        2,    2,    ALL,             0n],
  ["vtcr_el2",         2,    2,    ALL,             0n],
  ["spsr_el2",         2,    2,    ALL,             0n],
  ["elr_el2",          2,    2,    ALL,             0n],
  ["sp_el1",           2,    2,    ALL,             0n],
  ["afsr0_el2",        2,    2,    0n,              0n],
  ["afsr1_el2",        2,    2,    0n,              0n],
  ["esr_el2",          2,    2,    ALL,             0n],
  ["far_el2",          2,    2,    ALL,             0n],
  ["hpfar_el2",        2,    2,    ALL,             0n],
  ["mair_el2",         2,    2,    ALL,             0n],
  ["amair_el2",        2,    2,    0n,              0n],
  ["vbar_el2",         2,    2,    ALL & ~0x1fn,    0n],
  ["tpidr_el2",        2,    2,    ALL,             0n],
  ["cntvoff_el2",      2,    2,    ALL,             0n],
  ["cnthctl_el2",      2,    2,    ALL,             3n],
  ["cnthp_tval_el2",   2,    2,    0n,              0n],
  ["cnthp_ctl_el2",    2,    2,    3n,              0n],
  ["cnthp_cval_el2",   2,    2,    ALL,             0n],
  // State of 32-bit lower levels, kept though there are none.
  ["dacr32_el2",       2,    2,    ALL,             0n],
  ["ifsr32_el2",       2,    2,    ALL,             0n],
  ["fpexc32_el2",      2,    2,    ALL,             0n],
  ["spsr_irq",         2,    2,    ALL,             0n],
  ["spsr_abt",         2,    2,    ALL,             0n],
  ["spsr_und",         2,    2,    ALL,             0n],
  ["spsr_fiq",         2,    2,    ALL,             0n],
  ["dbgvcr32_el2",     2,    2,    0n,              0n],
  ["rvbar_el2",        2,    null, 0n,              0n],
];

function fromRow(
  [name, read, write, writable, reset]: Row,
  el2: SystemRegister["el2"] = "any",
): SystemRegister {
  return { name, read, write, writable, reset, el2 };
}

// Registers with a number in their names, all alike, for the level that their names end with.
function counted(before: string, after: "_el0" | "_el1", count: number, writable: bigint): SystemRegister[] {
  const level = after === "_el0" ? 0 : 1;
  return Array.from({ length: count }, (_, i) =>
    fromRow([`${before}${String(i)}${after}`, level, level, writable, 0n]),
  );
}

// Implementation defined registers of this processor: control and status of the second-level cache and of errors.
const ofProcessor = ["s3_1_c11_c0_2", "s3_1_c11_c0_3", "s3_1_c15_c0_0", "s3_1_c15_c2_0", "s3_1_c15_c2_1"];
const moreOfProcessor = ["s3_1_c15_c2_2", "s3_1_c15_c2_3"];

/** All registers that are there. */
export const systemRegisters: readonly SystemRegister[] = [
  ...identification.map(({ name, level, value }) => fromRow([name, level, null, 0n, value])),
  ...atEl1.map((row) => fromRow(row)),
  ...counted("pmevcntr", "_el0", EVENT_COUNTERS, 0xffff_ffffn),
  ...counted("pmevtyper", "_el0", EVENT_COUNTERS, EVENT_TYPE_BITS),
  ...counted("dbgbvr", "_el1", DEBUG_UNITS.breakpoints, ALL),
  ...counted("dbgbcr", "_el1", DEBUG_UNITS.breakpoints, ALL),
  ...counted("dbgwvr", "_el1", DEBUG_UNITS.watchpoints, ALL & ~3n),
  ...counted("dbgwcr", "_el1", DEBUG_UNITS.watchpoints, ALL),
  ...[...ofProcessor, ...moreOfProcessor].map((name) => fromRow([name, 1, 1, 0n, 0n])),
  fromRow(["rvbar_el1", 1, null, 0n, 0n], "absent"),
  ...atEl2.map((row) => fromRow(row, "needed")),
];

/** The register files that hold them: one entry of 64 bits each. */
export const registerFiles: readonly RegisterFile[] = systemRegisters
  .filter(({ writable }) => writable !== 0n)
  .map(({ name }) => ({ name, width: 64, count: 1 }));
