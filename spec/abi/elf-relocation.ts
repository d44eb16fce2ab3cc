// What a relocation is, as data: which value goes where. Relies on nothing; riscv64 rules: elf-riscv64.ts.
//
// S: the symbol's address, A: the addend, P: the address of the place, G: the address of the symbol's entry in the
// table of addresses (GOT).

export type RelocationValue =
  /** Nothing is stored: a remark for the linker. */
  | "none"
  /** S + A */
  | "absolute"
  /** S + A - P */
  | "relative"
  /** G + A - P */
  | "got"
  /** The symbol labels an instruction with a `high20` relocation; the value is that relocation's. */
  | "partner";

/** `begin`: as `set`, but only the low bits count, because a `subtract` at the same place follows. */
export type DataChange = "set" | "begin" | "add" | "subtract";

/** Where the value goes, counted from the relocation's offset. */
export type RelocationPlace =
  | { readonly kind: "data"; readonly bytes: 1 | 2 | 4 | 8; readonly change: DataChange }
  /** The low six bits of a byte. */
  | { readonly kind: "low6"; readonly change: DataChange }
  /** A ULEB128 number that keeps its length. */
  | { readonly kind: "uleb"; readonly change: DataChange }
  /**
   * The operand `operand` of an instruction laid out as spec/isa's `instruction`, `at` bytes on. `high20` and `low12`:
   * the two halves of a 32-bit value, the high half rounded because the low half is signed.
   */
  | {
      readonly kind: "field";
      readonly instruction: string;
      readonly operand: string;
      readonly part: "whole" | "high20" | "low12";
      readonly at: number;
    };

export interface RelocationRule {
  readonly number: number;
  /** As in the psABI, without the machine's prefix. */
  readonly name: string;
  readonly value: RelocationValue;
  readonly places: readonly RelocationPlace[];
}
