// Which accesses to system registers and which system instructions trap, to which level, by which control bit.
//
// Relies on privileged.ts. Source: Arm DDI 0487, D1.3.8 (configurable instruction controls). The first rule that fits
// decides. An access that is undefined at its level never gets here.

import type { Level } from "./privileged.ts";

/** Traps to `to` if the bits of `control` under `mask` are `equals` (HCR_EL2: its effective value). */
export interface TrapRule {
  /** Names, or their beginnings with a star. */
  readonly what: readonly string[];
  readonly access: "read" | "write" | "both";
  readonly from: readonly Level[];
  readonly control: string;
  readonly mask: bigint;
  readonly equals: bigint;
  readonly to: 1 | 2;
}

type Row = readonly [
  control: string,
  bits: readonly number[],
  equals: 0 | 1,
  access: TrapRule["access"],
  what: string,
];

/** The control of a GICv3's virtual interface, which is the GIC's own register. */
export const GIC_CONTROL = "ich_hcr_el2";

// Registers of a GICv3's CPU interface: about one group, about both, and those that send software interrupts.
const GIC_REGISTERS = {
  group0: "icc_iar0_el1, icc_eoir0_el1, icc_hppir0_el1, icc_bpr0_el1, icc_ap0r*, icc_igrpen0_el1",
  group1: "icc_iar1_el1, icc_eoir1_el1, icc_hppir1_el1, icc_bpr1_el1, icc_ap1r*, icc_igrpen1_el1",
  both: "icc_pmr_el1, icc_rpr_el1, icc_ctlr_el1, icc_dir_el1",
  send: "icc_sgi*, icc_asgi1r_el1",
} as const;

// From EL0 to EL1: what the kernel has not switched on. Several bits: only if all of them are `equals`.
// prettier-ignore
const userRules: readonly Row[] = [
  ["sctlr_el1",     [9],    0, "both",  "daif"],
  ["sctlr_el1",     [15],   0, "read",  "ctr_el0"],
  ["sctlr_el1",     [14],   0, "both",  "dc zva"],
  ["sctlr_el1",     [26],   0, "both",  "dc cvac, dc cvau, dc civac, ic ivau"],
  ["cntkctl_el1",   [0, 1], 0, "read",  "cntfrq_el0"],
  ["cntkctl_el1",   [0],    0, "read",  "cntpct_el0"],
  ["cntkctl_el1",   [1],    0, "read",  "cntvct_el0"],
  ["cntkctl_el1",   [8],    0, "both",  "cntv_*"],
  ["cntkctl_el1",   [9],    0, "both",  "cntp_*"],
  ["pmuserenr_el0", [0, 2], 0, "read",  "pmccntr_el0"],
  ["pmuserenr_el0", [0, 1], 0, "write", "pmswinc_el0"],
  ["pmuserenr_el0", [0, 3], 0, "both",  "pmselr_el0"],
  ["pmuserenr_el0", [0, 3], 0, "read",  "pmxevcntr_el0, pmevcntr*"],
  ["pmuserenr_el0", [0],    0, "write", "pmccntr_el0, pmxevcntr_el0, pmevcntr*"],
  ["pmuserenr_el0", [0],    0, "both",  "pmcr_el0, pmcnten*, pmovs*, pmceid*, pmxevtyper_el0, pmevtyper*, pmccfiltr_el0"],
  ["mdscr_el1",     [12],   1, "both",  "mdccsr_el0"],
];

// From EL1 to EL2: what the hypervisor has reserved for itself.
// prettier-ignore
const guestRules: readonly Row[] = [
  ["hcr_el2",   [26], 1, "write", "sctlr_el1, ttbr0_el1, ttbr1_el1, tcr_el1, esr_el1, far_el1, afsr0_el1, afsr1_el1, mair_el1, amair_el1, contextidr_el1"],
  ["hcr_el2",   [30], 1, "read",  "sctlr_el1, ttbr0_el1, ttbr1_el1, tcr_el1, esr_el1, far_el1, afsr0_el1, afsr1_el1, mair_el1, amair_el1, contextidr_el1"],
  ["hcr_el2",   [16], 1, "read",  "aidr_el1, revidr_el1"],
  ["hcr_el2",   [18], 1, "read",  "id_*"],
  ["hcr_el2",   [21], 1, "both",  "actlr_el1"],
  ["hcr_el2",   [22], 1, "both",  "dc isw, dc csw, dc cisw"],
  ["hcr_el2",   [23], 1, "both",  "dc ivac"],
  ["hcr_el2",   [24], 1, "both",  "ic iallu, ic ialluis"],
  ["hcr_el2",   [25], 1, "both",  "tlbi *"],
  ["cptr_el2",  [31], 1, "both",  "cpacr_el1"],
  ["mdcr_el2",  [9],  1, "both",  "dbgb*, dbgw*, mdscr_el1, mdccint_el1"],
  ["mdcr_el2",  [10], 1, "both",  "oslar_el1, oslsr_el1, osdlr_el1"],
  ["mdcr_el2",  [11], 1, "both",  "mdrar_el1"],
  ["hcr_el2",   [27], 1, "both",  "dbgb*, dbgw*, mdscr_el1, mdccint_el1, oslar_el1, oslsr_el1, osdlr_el1, mdrar_el1"],
  ["mdcr_el2",  [8],  1, "both",  "dbgb*, dbgw*, mdscr_el1, mdccint_el1, oslar_el1, oslsr_el1, osdlr_el1, mdrar_el1"],
  [GIC_CONTROL, [10], 1, "both",  `${GIC_REGISTERS.both}, ${GIC_REGISTERS.send}`],
  [GIC_CONTROL, [11], 1, "both",  GIC_REGISTERS.group0],
  [GIC_CONTROL, [12], 1, "both",  GIC_REGISTERS.group1],
  [GIC_CONTROL, [14], 1, "both",  "icc_dir_el1"],
  ["hcr_el2",   [3],  1, "both",  GIC_REGISTERS.send],
  ["hcr_el2",   [4],  1, "both",  GIC_REGISTERS.send],
];

// From EL0 and EL1 to EL2.
// prettier-ignore
const lowerRules: readonly Row[] = [
  ["hcr_el2",     [17], 1, "both", "ccsidr_el1, clidr_el1, csselr_el1, ctr_el0"],
  ["hcr_el2",     [23], 1, "both", "dc cvac, dc civac"],
  ["hcr_el2",     [24], 1, "both", "dc cvau, ic ivau"],
  ["hcr_el2",     [28], 1, "both", "dc zva"],
  ["cnthctl_el2", [0],  0, "read", "cntpct_el0"],
  ["cnthctl_el2", [1],  0, "both", "cntp_*"],
  ["mdcr_el2",    [5],  1, "both", "pmcr_el0"],
  ["mdcr_el2",    [6],  1, "both", "pm*"],
  ["mdcr_el2",    [9],  1, "both", "mdccsr_el0"],
];

function rule([control, bits, equals, access, what]: Row, from: readonly Level[], to: 1 | 2): TrapRule {
  const mask = bits.reduce((all, bit) => all | (1n << BigInt(bit)), 0n);
  return { what: what.split(", "), access, from, control, mask, equals: equals === 1 ? mask : 0n, to };
}

/** All rules, in the order of their precedence. */
export const trapRules: readonly TrapRule[] = [
  ...userRules.map((row) => rule(row, [0], 1)),
  ...guestRules.map((row) => rule(row, [1], 2)),
  ...lowerRules.map((row) => rule(row, [0, 1], 2)),
];

/** What an access from EL1 meets instead of the physical register while one of these bits of HCR_EL2 is set. */
export interface VirtualRule {
  readonly what: readonly string[];
  readonly mask: bigint;
}

/** Registers that have a virtual one behind them: FMO virtualises group 0, IMO group 1. */
export const virtualRules: readonly VirtualRule[] = [
  { what: GIC_REGISTERS.group0.split(", "), mask: 1n << 3n },
  { what: GIC_REGISTERS.group1.split(", "), mask: 1n << 4n },
  { what: GIC_REGISTERS.both.split(", "), mask: 3n << 3n },
];

/** True if `name` is meant by `pattern` of a rule. */
export function isMeant(name: string, pattern: string): boolean {
  return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}
