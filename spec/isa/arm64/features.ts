// Optional parts of Arm64 that are described here, and how programs learn that they are there.
// Sources: uapi/asm/hwcap.h of Linux 6.1; Arm DDI 0487, D17.2 (identification registers). Relies on nothing.
//
// The machine's identification registers and AT_HWCAP both follow from this list, so they cannot disagree.

/** One part: its bit in AT_HWCAP, its field of four bits in an identification register, and instructions of it. */
export interface Feature {
  readonly hwcapBit: number;
  readonly field: { readonly register: string; readonly low: number; readonly value: bigint };
  readonly instructions: readonly [string, ...string[]];
}

const PROCESSOR = "id_aa64pfr0_el1";
const INSTRUCTIONS = "id_aa64isar0_el1";

/** All parts. Floating point and Advanced SIMD without 16-bit arithmetic are zeros in their fields. */
// prettier-ignore
export const features: Readonly<Record<string, Feature>> = {
  fp:      { hwcapBit: 0, field: { register: PROCESSOR, low: 16, value: 0n },    instructions: ["fadd", "fadd:s", "fcvt:s:d"] },
  asimd:   { hwcapBit: 1, field: { register: PROCESSOR, low: 20, value: 0n },    instructions: ["add:16b", "fadd:4s", "ld1:2d"] },
  crc32:   { hwcapBit: 7, field: { register: INSTRUCTIONS, low: 16, value: 1n }, instructions: ["crc32b", "crc32cx"] },
  atomics: { hwcapBit: 8, field: { register: INSTRUCTIONS, low: 20, value: 2n }, instructions: ["ldadd", "swp", "cas", "casp"] },
};

/** The bits of AT_HWCAP. */
export function featureCapabilities(): bigint {
  return Object.values(features).reduce((bits, { hwcapBit }) => bits | (1n << BigInt(hwcapBit)), 0n);
}

/** What an identification register says of the parts. */
export function featureFields(register: string): bigint {
  return Object.values(features)
    .filter(({ field }) => field.register === register)
    .reduce((bits, { field }) => bits | (field.value << BigInt(field.low)), 0n);
}
