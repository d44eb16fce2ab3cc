// RV64's machine and supervisor registers: where their bits are, which of them exist, what writing them may change.
//
// Relies on csrs.ts for numbers and status.ts for fields. Sources: privileged manual 1.12, chapters 2 to 4, Sstc 1.0.
// What exists is what QEMU 7.2 has for `-cpu rv64,h=false`: a number without a row here is an
// illegal instruction. Where QEMU keeps bits that the manual calls read-only zero, they are zero here.

import type { RegisterFile } from "../schema.ts";
import {
  FLOAT_STATE,
  PRIVILEGE,
  PROTECTION_ENTRIES,
  STATUS,
  TABLE_LEVELS,
  TRANSLATION,
  TRIGGERS,
  type BitField,
} from "./status.ts";

/** What must be true of an access besides the number's own privilege and direction. */
export type AccessRule =
  /** Allowed by mcounteren, and for user mode by scounteren, bit `counter`. */
  | { readonly kind: "counter"; readonly counter: number }
  /** Not by the supervisor while TVM is set. */
  | { readonly kind: "translation" }
  /** By the supervisor only while STCE and mcounteren's TM are set. */
  | { readonly kind: "timer" };

/** Values that a field may take; another one leaves the whole register, or becomes `otherwise` in the field. */
export interface LegalField {
  readonly field: BitField;
  readonly values: readonly bigint[];
  readonly otherwise: "keep register" | bigint;
}

/** What a write may change besides the value: who must be told. */
export type WriteEffect = "interrupts" | "translation" | "counting" | "timer" | "triggers";

/** A register that is bits of a file's entry, and nothing else. */
export interface StoredRegister {
  readonly kind: "stored";
  readonly name: string;
  readonly file: string;
  readonly index: number;
  /** Bits that the register shows, and bits that a write changes. */
  readonly visible: bigint;
  readonly writable: bigint;
  /** Seen and written only where this other file's entry has ones: sie is mie through mideleg. */
  readonly through: string | null;
  readonly legal: readonly LegalField[];
  /** A bit that reads as one while another field has a value. */
  readonly summary: Summary | null;
  readonly rule: AccessRule | null;
  readonly effects: readonly WriteEffect[];
}

/** `bit` shows whether `field` is `value`. */
export interface Summary {
  readonly bit: BitField;
  readonly field: BitField;
  readonly value: bigint;
}

/** A register that always reads the same; writes are ignored (unless the number is read-only: then they are illegal). */
export interface FixedRegister {
  readonly kind: "fixed";
  readonly name: string;
  readonly value: bigint;
}

/** A register whose value the machine computes; `what` names how. */
export interface ComputedRegister {
  readonly kind: "computed";
  readonly name: string;
  readonly what: "counter" | "time" | "hart" | "pending" | "protection" | "protectionAddress" | "trigger";
  /** Number of the counter or of the first entry. */
  readonly index: number;
  /** Bits of the value that a write may change; through another file's ones as above. */
  readonly writable: bigint;
  readonly through: string | null;
  readonly rule: AccessRule | null;
}

export type PrivilegedRegister = StoredRegister | FixedRegister | ComputedRegister;

const ALL = (1n << 64n) - 1n;
const mask = (...fields: readonly BitField[]): bigint =>
  fields.reduce((bits, { low, width }) => bits | (((1n << BigInt(width)) - 1n) << BigInt(low)), 0n);

// ---- storage ----

/** Counters that can be programmed: numbers 3 to 18 have a counter, 3 to 31 an event register. */
const PROGRAMMED = { first: 3, count: 16, events: 29 } as const;

const word = (name: string, count = 1): RegisterFile => ({ name, width: 64, count });

/** Files behind these registers, in the order in which a hart holds them. */
export const privilegedFiles: readonly RegisterFile[] = [
  { name: "privilege", width: 2, count: 1 },
  // 1 while the hart waits for an interrupt, 2 while it is off, 3 while it waits because firmware suspended it.
  { name: "waiting", width: 2, count: 1 },
  // Levels of the interrupt inputs, as bits of mip; `mip` itself holds what software wrote.
  { name: "inputs", width: 16, count: 1 },
  ...["mstatus", "medeleg", "mideleg", "mie", "mip", "mtvec", "mscratch", "mepc", "mcause", "mtval"].map(
    (n) => word(n),
  ),
  ...["stvec", "sscratch", "sepc", "scause", "stval", "satp", "stimecmp", "menvcfg", "senvcfg"].map((n) =>
    word(n),
  ),
  { name: "mcounteren", width: 32, count: 1 },
  { name: "scounteren", width: 32, count: 1 },
  { name: "mcountinhibit", width: 32, count: 1 },
  // A counter's value, or its distance from the retired count while it counts.
  word("counters", PROGRAMMED.first + PROGRAMMED.count),
  word("mhpmevent", PROGRAMMED.events),
  // Debug triggers: the selected one, and what each is and compares.
  { name: "tselect", width: 8, count: 1 },
  word("tdata1", TRIGGERS.count),
  word("tdata2", TRIGGERS.count),
  { name: "pmpcfg", width: 8, count: PROTECTION_ENTRIES.count },
  { name: "pmpaddr", width: 54, count: PROTECTION_ENTRIES.count },
];

/** Contents after power-on by file; others are zero. Both widths of lower privileges are 64 bits for good. */
export const privilegedReset: Readonly<Record<string, bigint>> = {
  privilege: PRIVILEGE.machine,
  tdata1: TRIGGERS.reset,
  mstatus: (2n << BigInt(STATUS.UXL.low)) | (2n << BigInt(STATUS.SXL.low)),
};

/**
 * What machine firmware leaves to a supervisor that starts without one of its own: all that the supervisor can handle
 * is delegated, it may read counters and use its timer, and all of memory is open to it. OpenSBI lets user programs read cycle, time and
 * instret too, and Linux without a PMU driver relies on it.
 */
export const supervisorStart: readonly (readonly [register: string, value: bigint])[] = [
  ["medeleg", 0xb1ffn],
  ["mideleg", 0x222n],
  ["mcounteren", 0xffff_ffffn],
  ["scounteren", 0x7n],
  ["menvcfg", 1n << 63n],
  ["stimecmp", (1n << 64n) - 1n],
  ["pmpaddr0", (1n << 54n) - 1n],
  ["pmpcfg0", 0x1fn],
];

// ---- registers ----

type StoredOptions = Partial<Omit<StoredRegister, "kind" | "name">>;

// All of a file of its own name, unless the options say otherwise.
function stored(name: string, options: StoredOptions = {}): StoredRegister {
  const writable = options.writable ?? ALL;
  return {
    kind: "stored",
    name,
    file: name,
    index: 0,
    visible: writable,
    writable,
    through: null,
    legal: [],
    summary: null,
    rule: null,
    effects: [],
    ...options,
  };
}

const fixed = (name: string, value: bigint): FixedRegister => ({ kind: "fixed", name, value });

function computed(
  name: string,
  what: ComputedRegister["what"],
  options: Partial<Pick<ComputedRegister, "index" | "writable" | "through" | "rule">> = {},
): ComputedRegister {
  return { kind: "computed", name, what, index: 0, writable: ALL, through: null, rule: null, ...options };
}

function numbered<T>(first: number, count: number, make: (number: string, index: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(String(first + i), first + i));
}

const S = STATUS;
const supervisorStatus = mask(S.SIE, S.SPIE, S.SPP, S.FS, S.SUM, S.MXR);
const machineStatus = supervisorStatus | mask(S.MIE, S.MPIE, S.MPP, S.MPRV, S.TVM, S.TW, S.TSR);
const statusLegal: readonly LegalField[] = [
  {
    field: S.MPP,
    values: [PRIVILEGE.user, PRIVILEGE.supervisor, PRIVILEGE.machine],
    otherwise: PRIVILEGE.user,
  },
];
const status = {
  summary: { bit: S.SD, field: S.FS, value: FLOAT_STATE.dirty },
  effects: ["interrupts"],
} as const;

// Supervisor interrupts; only the software one can be set by the supervisor.
const SUPERVISOR_INTERRUPTS = 0x222n;
const SUPERVISOR_SOFTWARE = 0x2n;
const ALL_INTERRUPTS = 0xaaan;
/** Exceptions that may be delegated: all but ecall from machine mode. */
const DELEGABLE = 0xb3ffn;

// FIOM, CBIE, CBCFE and CBZE are kept; there is no Svpbmt, so bit 62 is not.
const ENVIRONMENT_BITS = 0xf1n;

// A mode that is reserved leaves the vector as it was.
const vectorLegal: readonly LegalField[] = [
  { field: { low: 0, width: 2 }, values: [0n, 1n], otherwise: "keep register" },
];
const translationLegal: readonly LegalField[] = [
  {
    field: TRANSLATION.mode,
    values: [0n, ...Object.keys(TABLE_LEVELS).map(BigInt)],
    otherwise: "keep register",
  },
];

const EVEN = ALL & ~1n;
const WORD32 = 0xffff_ffffn;
/** There is no bit that stops `time`. */
const INHIBITABLE = WORD32 & ~2n;

const counterRule = (counter: number): AccessRule => ({ kind: "counter", counter });

const MACHINE_ISA = (2n << 62n) | letters("acdfimsu");

// misa's bit of each extension (3.1.1).
function letters(text: string): bigint {
  return [...text].reduce((bits, c) => bits | (1n << BigInt(c.charCodeAt(0) - "a".charCodeAt(0))), 0n);
}

/** Version 7.2.22, as QEMU tells software in marchid and mimpid. */
const IMPLEMENTATION = 0x70216n;

/** Every register that there is; the others of csrs.ts are `absentRegisters` or views of files (floating point). */
// prettier-ignore
export const privilegedRegisters: readonly PrivilegedRegister[] = [
  fixed("mvendorid", 0n), fixed("marchid", IMPLEMENTATION), fixed("mimpid", IMPLEMENTATION), fixed("mconfigptr", 0n),
  computed("mhartid", "hart"),
  fixed("misa", MACHINE_ISA),

  stored("mstatus", { writable: machineStatus, visible: machineStatus | mask(S.UXL, S.SXL), legal: statusLegal, ...status }),
  stored("sstatus", { file: "mstatus", writable: supervisorStatus, visible: supervisorStatus | mask(S.UXL), ...status }),
  stored("medeleg", { writable: DELEGABLE }),
  stored("mideleg", { writable: SUPERVISOR_INTERRUPTS, effects: ["interrupts"] }),
  stored("mie",     { writable: ALL_INTERRUPTS, effects: ["interrupts"] }),
  stored("sie",     { file: "mie", writable: SUPERVISOR_INTERRUPTS, through: "mideleg", effects: ["interrupts"] }),
  computed("mip", "pending", { writable: SUPERVISOR_INTERRUPTS }),
  computed("sip", "pending", { writable: SUPERVISOR_SOFTWARE, through: "mideleg" }),
  stored("mtvec", { legal: vectorLegal }), stored("stvec", { legal: vectorLegal }),
  stored("mscratch"), stored("sscratch"),
  stored("mepc", { writable: EVEN }), stored("sepc", { writable: EVEN }),
  stored("mcause"), stored("scause"),
  stored("mtval"), stored("stval"),
  stored("satp", { legal: translationLegal, rule: { kind: "translation" }, effects: ["translation"] }),
  stored("menvcfg", { writable: ENVIRONMENT_BITS | (1n << 63n), effects: ["timer", "interrupts"] }),
  stored("senvcfg", { writable: ENVIRONMENT_BITS }),
  stored("stimecmp", { rule: { kind: "timer" }, effects: ["timer", "interrupts"] }),

  stored("mcounteren", { writable: WORD32 }), stored("scounteren", { writable: WORD32 }),
  stored("mcountinhibit", { writable: INHIBITABLE, effects: ["counting"] }),
  computed("mcycle", "counter", { index: 0 }),
  computed("minstret", "counter", { index: 2 }),
  computed("cycle", "counter", { index: 0, rule: counterRule(0) }),
  computed("time", "time", { rule: counterRule(1) }),
  computed("instret", "counter", { index: 2, rule: counterRule(2) }),
  ...numbered(PROGRAMMED.first, PROGRAMMED.count, (n, index) => computed(`mhpmcounter${n}`, "counter", { index })),
  ...numbered(PROGRAMMED.first, PROGRAMMED.count, (n, index) => computed(`hpmcounter${n}`, "counter", { index, rule: counterRule(index) })),
  ...numbered(PROGRAMMED.first, PROGRAMMED.events, (n, index) => stored(`mhpmevent${n}`, { file: "mhpmevent", index: index - PROGRAMMED.first, effects: ["counting"] })),

  computed("pmpcfg0", "protection", { index: 0 }), computed("pmpcfg2", "protection", { index: PROTECTION_ENTRIES.perRegister }),
  ...numbered(0, PROTECTION_ENTRIES.count, (n, index) => computed(`pmpaddr${n}`, "protectionAddress", { index })),

  ...["tselect", "tdata1", "tdata2"].map((name, index) => computed(name, "trigger", { index })),
  fixed("tdata3", 0n), fixed("tinfo", TRIGGERS.types),
];

/** Registers of csrs.ts that this machine lacks, with the reason. */
export const absentRegisters: Readonly<Record<string, string>> = {
  scontext: "triggers compare no contexts",
  mtinst: "part of the hypervisor extension",
  mtval2: "part of the hypervisor extension",
  mseccfg: "no Smepmp and no entropy source",
  dcsr: "debug mode only",
  dpc: "debug mode only",
  dscratch0: "debug mode only",
  dscratch1: "debug mode only",
  ...Object.fromEntries(numbered(19, 13, (n) => [`mhpmcounter${n}`, "there are sixteen counters"])),
  ...Object.fromEntries(numbered(19, 13, (n) => [`hpmcounter${n}`, "there are sixteen counters"])),
  ...Object.fromEntries(
    [4, 6, 8, 10, 12, 14].map((n) => [`pmpcfg${String(n)}`, "there are sixteen entries"]),
  ),
  ...Object.fromEntries(numbered(16, 48, (n) => [`pmpaddr${n}`, "there are sixteen entries"])),
};
