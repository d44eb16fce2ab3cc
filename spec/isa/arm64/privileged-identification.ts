// Identification registers of a Cortex-A53 as QEMU 7.2 reports it, without what our machine does not have: AArch32 (its
// registers read as zero), the cryptographic extension, big-endian data; with the parts of features.ts.
// Sources: Arm DDI 0487, D17.2; Arm DDI 0500 (Cortex-A53), 4.3.

import type { Level } from "./privileged.ts";
import { featureFields } from "./features.ts";

interface Identification {
  readonly name: string;
  /** Lowest level that may read it. */
  readonly level: Level;
  readonly value: bigint;
}

/** MIDR_EL1: Arm, Cortex-A53, r0p4. */
export const MAIN_ID = 0x410f_d034n;

/** MPIDR_EL1 of the core with that number. */
export function affinityOf(index: number): bigint {
  return 0x8000_0000n | BigInt(index);
}

/** ID_AA64PFR0_EL1: EL0 and EL1 are 64-bit only; EL2 adds a field, as does GICv3's processor interface. */
export const PROCESSOR_FEATURES = { base: 0x11n, el2: 0x100n, gicRegisters: 0x100_0000n };

/** CCSIDR_EL1 by CSSELR_EL1: data and instruction caches of 32 KiB, a second level of 1 MiB; lines of 64 bytes. */
export const cacheSizes: Readonly<Record<number, bigint>> = {
  0: 0x700f_e01an,
  1: 0x201f_e00an,
  2: 0x707f_e07an,
};

/** DC ZVA clears so many bytes; DCZID_EL0 has log2 of the words. */
export const ZERO_BLOCK_BYTES = 64;
export const ZERO_BLOCK_ID = 4n;
/** DCZID_EL0.DZP: DC ZVA is not allowed here. */
export const ZERO_BLOCK_PROHIBITED = 0x10n;

const named: readonly (readonly [string, bigint])[] = [
  ["revidr_el1", 0n],
  // Debug v8 with six breakpoints and four watchpoints, performance monitors version 3.
  ["id_aa64dfr0_el1", 0x1030_5106n],
  ["id_aa64isar0_el1", featureFields("id_aa64isar0_el1")],
  // 40 bits of physical address, 16 bits of ASID; granules of 4 and 64 KiB.
  ["id_aa64mmfr0_el1", 0x1022n],
  ["clidr_el1", 0x0a20_0023n],
  ["aidr_el1", 0n],
  // Where the interrupt controller of the board is (CBAR).
  ["s3_1_c15_c3_0", 0x0800_0000n],
];

/** The fixed registers. */
export const identification: readonly Identification[] = [
  ...named.map(([name, value]) => ({ name, level: 1 as const, value })),
  { name: "ctr_el0", level: 0, value: 0x8444_8004n },
];

/**
 * True for a number of the identification space (op0 3, op1 0, CRn 0, CRm 1 to 7), which reads as zero at EL1 where no
 * register is named: reserved for later features, or for 32-bit state.
 */
export function isReservedIdentification(number: number): boolean {
  return number >= 0b11_000_0000_0001_000 && number <= 0b11_000_0000_0111_111;
}
