// The object model: what the assembler and lab-to-object make, and what writers, the linker and the debugger's tables
// read. Plain data. Sections and symbols refer to each other by index, as in ELF, so that nothing clashes by name.
//
// Relies on spec/abi/elf.ts for names and numbers. Guarantees (`checkObject` in check-object.ts): every index is in
// range, every relocation lies inside its section, `nobits` sections have no bytes.

import type { Span } from "../source/span.ts";

/** A machine that objects can be for; `spec/abi/elf.ts` maps it to e_machine. */
export type ObjectMachine = "riscv64" | "arm64";

/** What a section holds. `nobits`: zeros that take no room in the file. `other`: kept as it is (note, attributes). */
export type SectionKind =
  "progbits" | "nobits" | "note" | "initArray" | "finiArray" | "preinitArray" | "other";

export interface SectionFlags {
  /** Part of the running program. */
  readonly alloc: boolean;
  readonly write: boolean;
  readonly exec: boolean;
  /** Never dropped by section garbage collection (SHF_GNU_RETAIN). */
  readonly retain?: boolean;
}

/** Flags of the four usual kinds of section, and of sections for tools (debugging, comments). */
export const SECTION_FLAGS = {
  text: { alloc: true, write: false, exec: true },
  rodata: { alloc: true, write: false, exec: false },
  data: { alloc: true, write: true, exec: false },
  tool: { alloc: false, write: false, exec: false },
} as const satisfies Readonly<Record<string, SectionFlags>>;

/**
 * Where code came from: the row holds from `offset` to the next row's offset or the end of the section.
 * `file` as the user would write it; `line` and `column` count from 1 (column 0: unknown).
 */
export interface LineRow {
  readonly offset: number;
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A change of the frame: from `offset` on, the frame's address (CFA) is `register + cfaOffset`. */
export interface FrameRow {
  readonly offset: number;
  /** DWARF number of the register that the CFA is counted from. */
  readonly cfaRegister: number;
  readonly cfaOffset: number;
  /** Saved registers (DWARF numbers) and where: bytes from the CFA, negative. */
  readonly saved: readonly { readonly register: number; readonly cfaOffset: number }[];
}

/** Frame rules of one function, for backtraces. Rows ascend; the first has the function's offset. */
export interface FrameTable {
  /** First byte of the function in its section. */
  readonly start: number;
  readonly size: number;
  readonly rows: readonly FrameRow[];
}

/** A place in a section that the linker fills in. */
export interface Relocation {
  readonly offset: number;
  /** Number of the machine's relocation, from spec/abi (R_RISCV.CALL_PLT, ...). */
  readonly type: number;
  /** Index into `ObjectFile.symbols`. */
  readonly symbol: number;
  readonly addend: bigint;
  /** The Pancake text that asked for it, for link errors; null if none did. */
  readonly origin?: Span | null;
}

export interface ObjectSection {
  readonly name: string;
  readonly kind: SectionKind;
  readonly flags: SectionFlags;
  /** A power of two. */
  readonly alignment: number;
  /** Contents; empty for `nobits`. */
  readonly bytes: Uint8Array;
  /** Bytes in memory; `bytes.length` unless `nobits`. */
  readonly sizeBytes: number;
  readonly relocations: readonly Relocation[];
  /** Ascending by offset. */
  readonly lines: readonly LineRow[];
  readonly frames: readonly FrameTable[];
}

/** What a symbol stands for. */
export type SymbolPlace =
  /** `offset` bytes into section number `section`. */
  | { readonly kind: "section"; readonly section: number; readonly offset: number }
  | { readonly kind: "absolute"; readonly value: bigint }
  | { readonly kind: "undefined" }
  /** Zeros that the linker places once however many objects name them (C's old tentative definitions). */
  | { readonly kind: "common"; readonly alignment: number };

export type SymbolBinding = "local" | "global" | "weak";
export type SymbolType = "none" | "function" | "object" | "section" | "file" | "threadLocal";

export interface ObjectSymbol {
  readonly name: string;
  readonly place: SymbolPlace;
  readonly sizeBytes: number;
  readonly binding: SymbolBinding;
  readonly type: SymbolType;
  /** True: other shared objects must not see it. Static programs do not care; it is kept for writers. */
  readonly hidden?: boolean;
  /** The function's name in the Pancake source, if it differs from `name`: what debuggers and messages show. */
  readonly sourceName?: string;
  /** Where the source declares it. */
  readonly declared?: { readonly file: string; readonly line: number };
}

export interface ObjectFile {
  /** How messages call it: a file name, or words such as `start-up code`. */
  readonly name: string;
  readonly machine: ObjectMachine;
  /** e_flags of the header: calling convention and extensions used. */
  readonly flags: number;
  /** Architecture string of the attributes section (`rv64i2p1_m2p0_a2p1_c2p0`); null: none. */
  readonly architecture: string | null;
  readonly sections: readonly ObjectSection[];
  readonly symbols: readonly ObjectSymbol[];
}

/** A section of `bytes` with nothing else to say. */
export function plainSection(
  name: string,
  flags: SectionFlags,
  bytes: Uint8Array,
  alignment = 1,
): ObjectSection {
  return {
    name,
    kind: "progbits",
    flags,
    alignment,
    bytes,
    sizeBytes: bytes.length,
    relocations: [],
    lines: [],
    frames: [],
  };
}

/** A section of `sizeBytes` zeros that the file does not store. */
export function zeroSection(name: string, sizeBytes: number, alignment: number): ObjectSection {
  return {
    name,
    kind: "nobits",
    flags: SECTION_FLAGS.data,
    alignment,
    bytes: new Uint8Array(0),
    sizeBytes,
    relocations: [],
    lines: [],
    frames: [],
  };
}
