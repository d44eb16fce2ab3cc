// Assembly after reading and before layout: sections of items, and symbols. Relies on the object model for names.
// Positions are (section, item) pairs: a label stands before the item with that number, so that instructions may
// still change their length.

import type { SectionFlags, SectionKind, SymbolBinding, SymbolType } from "../../object/object-file.ts";
import type { Span } from "../../source/span.ts";
import type { Instruction, OperandValues } from "../../../spec/isa/schema.ts";
import type { Expression } from "./expression.ts";

/** An operand whose value layout or the linker fills in. */
export interface Fix {
  readonly operand: string;
  /** `%hi`, `%pcrel_lo`, … or null for the plain value (a branch target, a late constant). */
  readonly operator: string | null;
  readonly value: Expression;
}

/** One machine instruction. */
export interface Step {
  readonly instruction: Instruction;
  readonly values: OperandValues;
  readonly fix: Fix | null;
}

/** A way to say an instruction; a branch that does not reach takes the next one. */
export type Variant = readonly Step[];

export type Item =
  /** `isCode`: instructions given as numbers. */
  | { readonly kind: "bytes"; readonly bytes: Uint8Array; readonly isCode?: boolean }
  | { readonly kind: "data"; readonly bytes: 1 | 2 | 4 | 8; readonly value: Expression; readonly span: Span }
  /** Padding to a multiple of `alignment` unless that takes more than `maxBytes`; `fill` null: instructions. */
  | {
      readonly kind: "align";
      readonly alignment: number;
      readonly fill: number | null;
      readonly maxBytes: number;
    }
  /** `preferred` is the variant for targets that only the linker knows. */
  | {
      readonly kind: "instruction";
      readonly variants: readonly Variant[];
      readonly preferred: number;
      readonly span: Span;
      readonly line: number;
    };

export interface UnitSection {
  readonly name: string;
  readonly kind: SectionKind;
  readonly flags: SectionFlags;
  alignment: number;
  readonly items: Item[];
}

export type SymbolDefinition =
  | { readonly kind: "label"; readonly section: number; readonly item: number }
  | { readonly kind: "value"; readonly value: Expression }
  | { readonly kind: "common"; readonly sizeBytes: number; readonly alignment: number };

export interface UnitSymbol {
  readonly name: string;
  definition: SymbolDefinition | null;
  binding: SymbolBinding;
  type: SymbolType;
  size: Expression | null;
  hidden: boolean;
  /** Where it is defined, or first mentioned. */
  span: Span;
}

/** A whole file. Symbols keep the order of first mention. */
export interface AssemblyUnit {
  readonly sections: readonly UnitSection[];
  readonly symbols: ReadonlyMap<string, UnitSymbol>;
}

/** Names that the assembler made up or that start with `.L`: not in the symbol table unless a relocation needs them. */
export function isTemporary(name: string): boolean {
  return name.startsWith(".L");
}

/** Names of labels that no line of the source gives: `.`, numeric labels, the first instruction of an alias. */
export function isMade(name: string): boolean {
  return isTemporary(name) && name.includes("@");
}
