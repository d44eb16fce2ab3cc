// VMSAv8-64: translation controls, granules, descriptors and fault statuses (Arm DDI 0487, D8). Relies on nothing.

/** One half of a translation control register: where its fields begin. `null`: a regime without that field. */
export interface TranslationControl {
  /** TnSZ: the input has 64 minus this many bits. */
  readonly size: number;
  /** TGn and what its four values mean: log2 of the granule's bytes; null: reserved. */
  readonly granule: number;
  readonly granules: readonly (number | null)[];
  /** EPDn: walks are switched off. */
  readonly noWalks: number | null;
  /** TBIn: the top byte of addresses is ignored. */
  readonly ignoreTop: number | null;
  /** PS or IPS: size of the output. */
  readonly outputSize: number;
}

const lowGranules = [12, 16, 14, null];

/** The halves of TCR_EL1 (by bit 55 of the address), TCR_EL2, and VTCR_EL2 for the second stage. */
// prettier-ignore
export const translationControls = {
  el1Lower: { size: 0,  granule: 14, granules: lowGranules,        noWalks: 7,    ignoreTop: 37,   outputSize: 32 },
  el1Upper: { size: 16, granule: 30, granules: [null, 14, 12, 16], noWalks: 23,   ignoreTop: 38,   outputSize: 32 },
  el2:      { size: 0,  granule: 14, granules: lowGranules,        noWalks: null, ignoreTop: 20,   outputSize: 16 },
  stage2:   { size: 0,  granule: 14, granules: lowGranules,        noWalks: null, ignoreTop: null, outputSize: 16 },
} satisfies Record<string, TranslationControl>;

/** Granules that this processor has (ID_AA64MMFR0_EL1); any other choice acts as the first of them. */
export const supportedGranules: readonly [number, ...number[]] = [12, 16];

/** Least and greatest TnSZ. */
export const INPUT_SIZE = { least: 16, greatest: 39 } as const;

/** Bits of an output address by PS; larger than the processor's is the processor's. */
export const outputBits: readonly number[] = [32, 36, 40, 42, 44, 48, 48, 48];

/** Bits of physical addresses (ID_AA64MMFR0_EL1.PARange). */
export const PHYSICAL_BITS = 40;

/** VTCR_EL2.SL0, and the level that a walk starts at by its value and the granule; null: reserved here. */
export const START_LEVEL = 6;
export const startLevels: Readonly<Record<number, readonly (number | null)[]>> = {
  12: [2, 1, null, null],
  16: [3, 2, null, null],
};

/** Bits of descriptors by their place. */
export const DESCRIPTOR = {
  valid: 0,
  /** With `valid`: a table, at level 3 a page. */
  table: 1,
  attributeIndex: 2,
  shareability: 8,
  accessRights: 6,
  accessed: 10,
  privilegedNeverExecutes: 53,
  neverExecutes: 54,
  /** In tables: limits for what is below. */
  tableNoUserAccess: 61,
  tableNoWrites: 62,
  tablePrivilegedNeverExecutes: 59,
  tableNeverExecutes: 60,
} as const;

/** Fault status (DFSC, IFSC, PAR.FST): a level is added to those of a walk. */
export const FAULT = {
  addressSize: 0x00,
  translation: 0x04,
  accessFlag: 0x08,
  permission: 0x0c,
  external: 0x10,
  externalOnWalk: 0x14,
  alignment: 0x21,
  debug: 0x22,
} as const;
