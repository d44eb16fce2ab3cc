// What the object format needs to know about a machine: relocations, padding, flags, attributes, debugging registers.
// One value a machine: riscv64.ts, arm64.ts. Relies on the spec only; machine-named.ts finds the value.

import type { RelocationRule } from "../../../spec/abi/elf-relocation.ts";
import type { Isa } from "../../../spec/isa/schema.ts";

/** DWARF numbers of the registers that frame tables start from. */
export interface FrameRegisters {
  readonly stackPointer: number;
  /** Holds the return address at a function's entry. */
  readonly link: number;
}

/** The section that says for which variant of the machine an object was made. */
export interface AttributesFormat {
  readonly section: string;
  /** sh_type. */
  readonly type: number;
  write(architecture: string): Uint8Array;
  /** The architecture string in the section's bytes; null if there is none. */
  read(bytes: Uint8Array): string | null;
  /** What a program of objects with these architectures needs; null for nothing. */
  merge(architectures: readonly string[]): string | null;
}

export interface MachineFormat {
  readonly isa: Isa;
  /** e_machine. */
  readonly elfMachine: number;
  readonly relocations: ReadonlyMap<number, RelocationRule>;
  /** Relocations that exist and are not linked: their names with the reason. */
  readonly otherRelocations: Readonly<Record<number, string>>;
  /** Numbers of the relocations for an address in data, by its bytes. */
  readonly addressRelocations: { readonly 4: number; readonly 8: number };
  /**
   * The relocation of an alignment that assemblers fill with the most padding that may be needed, and whose surplus the
   * linker removes; null where they pad exactly.
   */
  readonly alignmentRelocation: number | null;
  /** How far from its place code forms addresses of data: what lies further away no program can use. */
  readonly addressReach: number;
  /** Largest page that a kernel may use: segments of a program share none. */
  readonly pageBytes: number;
  /** Where programs for Linux are placed: as low as kernels allow, the file's headers in front of the first page's rest. */
  readonly linuxBaseAddress: bigint;
  /** Where programs for the bare machine are placed unless asked otherwise: in the RAM of the `virt` board. */
  readonly bareBaseAddress: bigint;
  /** Instructions that do nothing, longest first. */
  readonly padding: readonly { readonly word: number; readonly bytes: number }[];
  /** Names of the symbols that tell code from data in a section of code; null if the ABI has none. */
  readonly mappingSymbols: { readonly code: string; readonly data: string } | null;
  readonly frameRegisters: FrameRegisters;
  readonly attributes: AttributesFormat | null;
  /** e_flags of a program made of objects with these e_flags. */
  mergeFlags(flags: readonly number[]): number;
}

/** Bytes of the data that a relocation of that type fills in; 0 if it changes something else. */
export function relocationBytes(machine: MachineFormat, type: number): number {
  const place = machine.relocations.get(type)?.places[0];
  return place?.kind === "data" ? place.bytes : 0;
}

/** Fills `bytes` with instructions that do nothing, the long ones first; what is too short for one stays. */
export function fillPadding(bytes: Uint8Array, padding: MachineFormat["padding"]): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  for (const { word, bytes: length } of padding) {
    for (; at + length <= bytes.length; at += length) {
      if (length === 2) view.setUint16(at, word, true);
      else view.setUint32(at, word, true);
    }
  }
}

/** The rules of a table by their numbers. */
export function rulesByNumber(rules: readonly RelocationRule[]): ReadonlyMap<number, RelocationRule> {
  return new Map(rules.map((rule) => [rule.number, rule]));
}
