// What a relocation is, as data: which value goes where. Relies on nothing; rules: elf-riscv64.ts, elf-arm64.ts.
//
// S: the symbol's address, A: the addend, P: the address of the place, G: the address of the entry for S + A in the
// table of addresses (GOT). Page(x): x with its low 12 bits cleared.

export type RelocationValue =
  /** Nothing is stored: a remark for the linker. */
  | "none"
  /** S + A */
  | "absolute"
  /** S + A - P */
  | "relative"
  /** As `relative`, but a branch to a weak symbol that nobody defines goes to the next instruction. */
  | "branch"
  /** Page(S + A) - Page(P) */
  | "pageRelative"
  /** G */
  | "got"
  /** G - P */
  | "gotRelative"
  /** Page(G) - Page(P) */
  | "gotPageRelative"
  /** G - Page(the table's address) */
  | "gotOffset"
  /** The symbol labels an instruction with a `high20` relocation; the value is that relocation's. */
  | "partner";

/** `setSigned`: a distance, whose sign counts. `begin`: as `set`, but only the low bits count, because a `subtract` at the same place follows. */
export type DataChange = "set" | "setSigned" | "begin" | "add" | "subtract";

/** What an operand of an instruction gets of the value. */
export type FieldPart =
  /** All of it; it must fit. `wrapped`: as many low bits as there are. */
  | "whole"
  | "wrapped"
  /** The halves of a 32-bit value, the high one rounded because the low one is signed. */
  | "high20"
  | "low12"
  /** Its bits from `from` on; with `checked`, the bits above the field must be zero. */
  | { readonly from: number; readonly checked: boolean };

/** Where the value goes, counted from the relocation's offset. */
export type RelocationPlace =
  | { readonly kind: "data"; readonly bytes: 1 | 2 | 4 | 8; readonly change: DataChange }
  /** The low six bits of a byte. */
  | { readonly kind: "low6"; readonly change: DataChange }
  /** A ULEB128 number that keeps its length. */
  | { readonly kind: "uleb"; readonly change: DataChange }
  /** The operand `operand` of an instruction laid out as spec/isa's `instruction`, `at` bytes on. */
  | {
      readonly kind: "field";
      readonly instruction: string;
      readonly operand: string;
      readonly part: FieldPart;
      readonly at: number;
    };

export interface RelocationRule {
  readonly number: number;
  /** As in the psABI, without the machine's prefix. */
  readonly name: string;
  readonly value: RelocationValue;
  readonly places: readonly RelocationPlace[];
}

/** One line of a machine's table. */
export function relocationRule(
  number: number,
  name: string,
  value: RelocationValue,
  ...places: readonly RelocationPlace[]
): RelocationRule {
  return { number, name, value, places };
}

/** A place in data. */
export function dataPlace(bytes: 1 | 2 | 4 | 8, change: DataChange = "set"): RelocationPlace {
  return { kind: "data", bytes, change };
}

/** A place in an instruction. */
export function fieldPlace(instruction: string, operand: string, part: FieldPart, at = 0): RelocationPlace {
  return { kind: "field", instruction, operand, part, at };
}
