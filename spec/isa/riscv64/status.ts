// Fields of RV64's privileged registers, of table entries and of PMP configurations (privileged manual 1.12, chapters
// 3 and 4). Relies on nothing. A field is its lowest bit and its width.

/** Bits `low + width - 1 .. low` of a register. */
export interface BitField {
  readonly low: number;
  readonly width: number;
}

const bit = (low: number): BitField => ({ low, width: 1 });

/** Privilege levels, as `privilege` and the fields that save it hold them. 2 is none. */
export const PRIVILEGE = { user: 0n, supervisor: 1n, machine: 3n } as const;

/** mstatus (3.1.6); sstatus shows some of it. */
export const STATUS = {
  SIE: bit(1),
  MIE: bit(3),
  SPIE: bit(5),
  MPIE: bit(7),
  SPP: bit(8),
  MPP: { low: 11, width: 2 },
  FS: { low: 13, width: 2 },
  MPRV: bit(17),
  SUM: bit(18),
  MXR: bit(19),
  TVM: bit(20),
  TW: bit(21),
  TSR: bit(22),
  UXL: { low: 32, width: 2 },
  SXL: { low: 34, width: 2 },
  SD: bit(63),
} as const;

/** STATUS.FS: whether floating point may be used, and whether it changed since software last looked. */
export const FLOAT_STATE = { off: 0n, initial: 1n, clean: 2n, dirty: 3n } as const;

/** Register files that STATUS.FS is about. */
export const FLOAT_FILES: readonly string[] = ["f", "fflags", "frm"];

/** Interrupts by cause, the first that is pending and enabled is taken (3.1.9). Also their bits in mip and mie. */
export const INTERRUPT_PRIORITY = [11, 3, 7, 9, 1, 5] as const;

/** Bits of mip, mie and mideleg. */
export const INTERRUPT = { SSI: 1, MSI: 3, STI: 5, MTI: 7, SEI: 9, MEI: 11 } as const;

/** Set in a cause register: an interrupt. */
export const INTERRUPT_CAUSE = 1n << 63n;

/** mtvec and stvec (3.1.7). */
export const VECTOR = { mode: { low: 0, width: 2 }, vectored: 1n, causeBytes: 4n } as const;

/** menvcfg: stimecmp exists for the supervisor and drives its timer interrupt (Sstc). */
export const ENVIRONMENT = { STCE: bit(63) } as const;

/** Bits of the registers that let lower privileges read counters; the number is also the counter's. */
export const COUNTER = { cycle: 0, time: 1, instret: 2, firstEvent: 3 } as const;

/** mhpmevent numbers that count something here; others count nothing (QEMU's numbering: cycles, instructions). */
export const COUNTED_EVENTS: readonly bigint[] = [1n, 2n];

/** satp (4.1.11). */
export const TRANSLATION = {
  mode: { low: 60, width: 4 },
  space: { low: 44, width: 16 },
  root: { low: 0, width: 44 },
} as const;

/** satp modes with tables: addresses of `12 + 9 * levels` bits (4.4, 4.5, 4.6). Mode 0 is bare. */
export const TABLE_LEVELS: Readonly<Record<string, number>> = { 8: 3, 9: 4, 10: 5 };

/** Table entries (4.3.1, 4.4.1). Without Svnapot and Svpbmt bits 63 to 54 are reserved, and 7 to 6 too if no leaf. */
export const TABLE_ENTRY = {
  V: bit(0),
  R: bit(1),
  W: bit(2),
  X: bit(3),
  U: bit(4),
  A: bit(6),
  D: bit(7),
  number: { low: 10, width: 44 },
  reserved: { low: 54, width: 10 },
} as const;

/** Bytes of a table entry, and bits of an address that one level translates. */
export const TABLE = { entryBytes: 8, levelBits: 9 } as const;

/** One byte of pmpcfg (3.7.1). */
export const PROTECTION = {
  R: bit(0),
  W: bit(1),
  X: bit(2),
  matching: { low: 3, width: 2 },
  L: bit(7),
} as const;

/** How an entry's address is meant (3.7.1, table 3.10). Address registers hold bits 55 to 2. */
export const MATCHING = { off: 0n, topOfRange: 1n, four: 2n, power: 3n } as const;

/** Entries of physical memory protection, and how many one configuration register holds. */
export const PROTECTION_ENTRIES = { count: 16, perRegister: 8 } as const;

/** Bits of a trigger that are alike in types 2 and 6: what it is about, and in which privileges. */
export const TRIGGER = {
  load: bit(0),
  store: bit(1),
  execute: bit(2),
  user: bit(3),
  supervisor: bit(4),
  machine: bit(6),
} as const;

/** The type of a trigger, in tdata1. */
export const TRIGGER_TYPE: BitField = { low: 60, width: 4 };

const TRIGGER_BITS = 0x5fn;

/** A type of trigger: the bits of tdata1 that are there beside the type, and the size of the access, lowest bits first. */
export interface TriggerKind {
  readonly writable: bigint;
  readonly size: readonly BitField[];
}

const kinds: Readonly<Record<string, TriggerKind>> = {
  2: {
    writable: TRIGGER_BITS | (3n << 16n) | (3n << 21n),
    size: [
      { low: 16, width: 2 },
      { low: 21, width: 2 },
    ],
  },
  6: { writable: TRIGGER_BITS | (0xfn << 16n) | (3n << 23n), size: [{ low: 16, width: 4 }] },
};

/**
 * Debug triggers (debug specification 1.0, chapter 5): two that compare addresses of accesses or instructions and raise a
 * breakpoint exception before them. Matching by ranges, chains and other actions are not there, as on QEMU 7.2.
 */
export const TRIGGERS = {
  count: 2,
  /** tdata1 after reset. */
  reset: 2n << 60n,
  /** tinfo: a bit for each type. */
  types: 0x44n,
  kinds,
  /** Size in bytes of the accesses that match, by the code in the size field; 0 matches all. Unlisted codes are stored as code 0. */
  sizes: { 0: 0, 1: 1, 2: 2, 3: 4, 5: 8 } as Readonly<Record<string, number>>,
} as const;
