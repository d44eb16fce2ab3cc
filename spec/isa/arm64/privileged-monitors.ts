// Performance monitors, version 3 (Arm DDI 0487, D11 and D17.5): how many counters there are, what they can count, fields.
//
// Relies on nothing. There are as many as on a Cortex-A53 of QEMU 7.2; INST_RETIRED, which QEMU counts only where its time
// is made of instructions, and CHAIN, which the architecture demands of every second counter, are there too.

/** Event counters, numbered from 0; PMCR_EL0.N says the same. */
export const EVENT_COUNTERS = 6;
/** Number of the cycle counter, and its bit in all masks. */
export const CYCLE_COUNTER = 31;
/** Bits of all counters in PMCNTENSET_EL0 and its like. */
export const COUNTER_BITS = (1n << BigInt(CYCLE_COUNTER)) | ((1n << BigInt(EVENT_COUNTERS)) - 1n);

/** Events by number; those below 32 are bits of PMCEID0_EL0. */
export const EVENT = { softwareIncrement: 0x00, retired: 0x08, cycles: 0x11, chain: 0x1e } as const;
export const EVENT_BITS = Object.values(EVENT).reduce((bits, number) => bits | (1n << BigInt(number)), 0n);

/** PMCR_EL0: switches all counters on; resets; counts every 64th cycle; overflows at 64 bits; the number of counters. */
export const MONITOR_CONTROL = { enable: 0, resetEvents: 1, resetCycles: 2, divide: 3, long: 6, count: [11, 5] } as const; // prettier-ignore
/** What a write keeps (E, D, X, DP, LC and, as on QEMU, LP), and PMCR_EL0 after reset: Arm, Cortex-A53. */
export const MONITOR_CONTROL_BITS = 0xf9n;
export const MONITOR_CONTROL_RESET = 0x4103_0000n | (BigInt(EVENT_COUNTERS) << 11n);

/** PMEVTYPER<n>_EL0 and PMCCFILTR_EL0: the bit that keeps EL0 and EL1 from counting, and the one that lets EL2 count. */
export const COUNTER_FILTER = { el1: 31, el0: 30, el2: 27, event: [0, 16] } as const;
export const EVENT_TYPE_BITS = 0xfe00_ffffn;
export const CYCLE_FILTER_BITS = 0xfc00_0000n;

/** MDCR_EL2: counters from HPMN up belong to EL2, and HPME switches them on. */
export const RESERVED_COUNTERS = { first: [0, 5], enable: 7 } as const;

/** PMUSERENR_EL0, PMSELR_EL0. */
export const USER_ENABLE_BITS = 0xfn;
export const SELECTOR_BITS = 0x1fn;
