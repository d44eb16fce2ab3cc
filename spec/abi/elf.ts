// ELF64, little-endian: numbers and record layouts (System V gABI, chapters 4 and 5). Relies on nothing.
// Writers and readers walk the layouts below, so that a field's place is said once. Prose: elf.md.

/** One field of a record: its name and its width in bytes; fields follow each other without gaps. */
export interface ElfField {
  readonly name: string;
  readonly bytes: 1 | 2 | 4 | 8;
}

function record<const Names extends string>(
  ...fields: readonly (readonly [Names, 1 | 2 | 4 | 8])[]
): readonly { readonly name: Names; readonly bytes: 1 | 2 | 4 | 8 }[] {
  return fields.map(([name, bytes]) => ({ name, bytes }));
}

export const ELF_MAGIC = [0x7f, 0x45, 0x4c, 0x46] as const;
export const ELF_CLASS = { bits32: 1, bits64: 2 } as const;
export const ELF_DATA = { little: 1, big: 2 } as const;
export const EV_CURRENT = 1;

/** The header of the file. The first 16 bytes (e_ident) are split into the fields that we use and padding. */
// prettier-ignore
export const ELF_HEADER = record(
  ["magic", 4], ["class", 1], ["data", 1], ["identVersion", 1], ["osAbi", 1], ["abiVersion", 8],
  ["type", 2], ["machine", 2], ["version", 4], ["entry", 8], ["programOffset", 8], ["sectionOffset", 8],
  ["flags", 4], ["headerBytes", 2], ["programEntryBytes", 2], ["programCount", 2],
  ["sectionEntryBytes", 2], ["sectionCount", 2], ["sectionNames", 2],
);

// prettier-ignore
export const PROGRAM_HEADER = record(
  ["type", 4], ["flags", 4], ["offset", 8], ["address", 8], ["physicalAddress", 8], ["fileBytes", 8],
  ["memoryBytes", 8], ["alignment", 8],
);

// prettier-ignore
export const SECTION_HEADER = record(
  ["name", 4], ["type", 4], ["flags", 8], ["address", 8], ["offset", 8], ["sizeBytes", 8], ["link", 4],
  ["info", 4], ["alignment", 8], ["entryBytes", 8],
);

export const SYMBOL_ENTRY = record(
  ["name", 4],
  ["info", 1],
  ["other", 1],
  ["section", 2],
  ["value", 8],
  ["sizeBytes", 8],
);

export const RELA_ENTRY = record(["offset", 8], ["type", 4], ["symbol", 4], ["addend", 8]);

/** Bytes of one record. */
export function recordBytes(layout: readonly ElfField[]): number {
  return layout.reduce((sum, field) => sum + field.bytes, 0);
}

export const ET = { REL: 1, EXEC: 2, DYN: 3, CORE: 4 } as const;
export const PT = {
  LOAD: 1,
  DYNAMIC: 2,
  INTERP: 3,
  NOTE: 4,
  PHDR: 6,
  TLS: 7,
  GNU_STACK: 0x6474e551,
} as const;
export const PF = { X: 1, W: 2, R: 4 } as const;

export const SHT = {
  NULL: 0,
  PROGBITS: 1,
  SYMTAB: 2,
  STRTAB: 3,
  RELA: 4,
  HASH: 5,
  DYNAMIC: 6,
  NOTE: 7,
  NOBITS: 8,
  REL: 9,
  DYNSYM: 11,
  INIT_ARRAY: 14,
  FINI_ARRAY: 15,
  PREINIT_ARRAY: 16,
  GROUP: 17,
  SYMTAB_SHNDX: 18,
  RISCV_ATTRIBUTES: 0x70000003,
} as const;

export const SHF = {
  WRITE: 1,
  ALLOC: 2,
  EXECINSTR: 4,
  MERGE: 0x10,
  STRINGS: 0x20,
  INFO_LINK: 0x40,
  GROUP: 0x200,
  TLS: 0x400,
  COMPRESSED: 0x800,
  GNU_RETAIN: 0x200000,
} as const;

export const SHN = { UNDEF: 0, LORESERVE: 0xff00, ABS: 0xfff1, COMMON: 0xfff2, XINDEX: 0xffff } as const;
export const STB = { local: 0, global: 1, weak: 2 } as const;
export const STT = {
  none: 0,
  object: 1,
  function: 2,
  section: 3,
  file: 4,
  common: 5,
  threadLocal: 6,
} as const;
export const STV = { DEFAULT: 0, INTERNAL: 1, HIDDEN: 2, PROTECTED: 3 } as const;

/** e_machine by our name of the target. */
export const ELF_MACHINES = { riscv64: 243, arm64: 183 } as const;

/** Names of other people's machines, for messages about files that were made for them. */
export const FOREIGN_MACHINES: Readonly<Record<number, string>> = {
  3: "x86 (32 bits)",
  8: "MIPS",
  20: "PowerPC",
  21: "PowerPC (64 bits)",
  40: "Arm (32 bits)",
  62: "x86-64",
  183: "AArch64",
  243: "RISC-V",
  247: "BPF",
};

/** e_flags of RISC-V (psABI, "File header"). */
export const EF_RISCV = {
  RVC: 1,
  FLOAT_ABI_SOFT: 0,
  FLOAT_ABI_SINGLE: 2,
  FLOAT_ABI_DOUBLE: 4,
  FLOAT_ABI_MASK: 6,
} as const;

/** Tags of the `.riscv.attributes` section (psABI, "Attributes"); its vendor name is `riscv`, its version byte `A`. */
export const RISCV_ATTRIBUTES = {
  version: 0x41,
  vendor: "riscv",
  tagFile: 1,
  tagStackAlign: 4,
  tagArch: 5,
} as const;
