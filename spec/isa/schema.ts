// The shape of an instruction-set description: registers, operands, encodings, instructions, aliases.
// Relies on float-rules.ts and immediate-codes.ts. An Isa value is plain data plus lookups (isa.ts builds it from the
// tables of one folder such as riscv64/); encoder, decoder, assembler, executors, translators and documents all derive from it.
//
// Conventions:
// - An operand value is a JS number: the register number, or the number that assembly text shows for an immediate
//   (for a branch target: the signed distance in bytes from the instruction). The exception are immediates in a code
//   (Arm's logical immediates), whose values need up to 64 bits: there it is the field's bits, and
//   immediate-codes.ts has the functions between bits and value.
// - Instruction words are unsigned numbers below 2^32; bit 0 is the least significant.

import type { FloatRules } from "./float-rules.ts";
import type { ImmediateCodeName } from "./immediate-codes.ts";

/** Storage: `count` registers of `width` bits. Flags and single registers are files with count 1. */
export interface RegisterFile {
  readonly name: string;
  readonly width: number;
  readonly count: number;
}

/**
 * How an operand sees a register file: numbers `first` to `first + count - 1`, each `width` bits wide.
 * A view narrower than its file reads the low bits and writes the value zero-extended.
 */
export interface RegisterClass {
  readonly name: string;
  readonly file: string;
  readonly width: number;
  readonly first: number;
  readonly count: number;
  /** One number with another meaning: `file: null` reads zero and ignores writes, else entry 0 of that file. */
  readonly special: { readonly index: number; readonly file: string | null } | null;
  /** Names by number minus `first`; `names` is what we print, `aliases` maps every other accepted spelling. */
  readonly names: readonly string[];
  readonly aliases: Readonly<Record<string, number>>;
}

/** What a field of an encoding means. Chosen by the field's name: see `IsaTables.operandKinds`. */
export type OperandKind =
  | { readonly kind: "register"; readonly class: string }
  /** `wrapBits`: assembly shows the value modulo 2^wrapBits (c.lui writes -1 as 0xfffff). */
  | {
      readonly kind: "immediate";
      readonly signed: boolean;
      readonly wrapBits: number | null;
      readonly radix: 10 | 16;
    }
  /** A number that the field holds in a code; `float`: text shows its bits as a floating-point number. */
  | { readonly kind: "code"; readonly code: ImmediateCodeName; readonly radix: 10 | 16 | "float" }
  /**
   * Signed distance in bytes from this instruction's address, rounded down to a multiple of `unit` (adrp: the page);
   * text shows the address.
   */
  | { readonly kind: "target"; readonly unit: 1 | 4096 }
  /**
   * A small number with a name for each value; printed glued to the mnemonic if the syntax says `{name}`. Other
   * spellings are in `aliases`.
   */
  | {
      readonly kind: "choice";
      readonly names: readonly string[];
      readonly aliases: Readonly<Record<string, number>>;
    }
  /** A set of letters, most significant bit first (`fence`'s iorw). */
  | { readonly kind: "letters"; readonly letters: string }
  /** A number with names in `IsaTables.csrs`: the field's bits plus `first`. */
  | { readonly kind: "csr"; readonly first: number }
  /** An address, only in aliases that expand to relocations (`la rd, symbol`). */
  | { readonly kind: "symbol" };

/** Bits `wordLow + bits - 1 .. wordLow` of the word hold bits `valueLow + bits - 1 .. valueLow` of the value. */
export interface FieldPiece {
  readonly wordLow: number;
  readonly valueLow: number;
  readonly bits: number;
}

/** All pieces of one named field. Value bits below `low` are zero (scaled immediates), `width` is the highest + 1. */
export interface Field {
  readonly name: string;
  readonly pieces: readonly FieldPiece[];
  readonly width: number;
  readonly low: number;
}

/** A field that is no bits of its own: the value of another one plus a number, modulo what its bits can hold. */
export interface FollowingField {
  readonly name: string;
  readonly after: string;
  readonly plus: number;
}

/** Fixed bits (`word & mask === match`), fields, and raw field values that belong to other instructions. */
export interface Encoding {
  readonly text: string;
  readonly bits: 16 | 32;
  readonly mask: number;
  readonly match: number;
  readonly fields: readonly Field[];
  readonly following: readonly FollowingField[];
  readonly excluded: readonly { readonly field: string; readonly value: number }[];
}

/** One operand in assembly order. Whether it is read, written or both follows from the effect: `operandRole`. */
export interface Operand {
  readonly name: string;
  readonly kind: OperandKind;
  readonly field: Field;
  /** For one that follows another operand (the second register of a list); `field` is the other's. */
  readonly after: { readonly operand: string; readonly plus: number } | null;
}

/** How an instruction uses an operand. `both` includes a write that may not happen. */
export type OperandRole = "def" | "use" | "both" | "imm";

/**
 * A piece of the assembly syntax: punctuation, an operand, or an operand glued to the mnemonic (`suffix`).
 * A run of `optional` pieces may be left out; its operands are then 0, and it is not printed if they are.
 */
export type SyntaxPiece =
  | { readonly kind: "text"; readonly text: string; readonly optional: boolean }
  | { readonly kind: "operand"; readonly name: string; readonly suffix: boolean; readonly optional: boolean };

/**
 * What an instruction does: its own effect, or (compressed forms) another instruction's text. `alsoFor` are texts of
 * other instructions with the same effect, which may be written in this form too.
 */
export type Meaning =
  | { readonly kind: "effect"; readonly text: string }
  | { readonly kind: "expansion"; readonly text: string; readonly alsoFor: readonly string[] };

export interface Instruction {
  /**
   * Unique. Where one mnemonic has several forms it goes on after a colon: `ldr`, `ldr:post`, `ldr:w`, `ldr:w:post`.
   * A name up to one of its colons stands for all forms that begin so: `Isa.formsNamed`.
   */
  readonly name: string;
  /** What assembly text calls it: the name up to the first colon. */
  readonly mnemonic: string;
  /** The extension that brings it, e.g. "I", "Zba". */
  readonly group: string;
  /** Position in `Isa.instructions`; stable within one build, for tables indexed by instruction. */
  readonly number: number;
  readonly encoding: Encoding;
  readonly operands: readonly Operand[];
  readonly syntax: readonly SyntaxPiece[];
  readonly meaning: Meaning;
}

/** An instruction with a spelling of its glued operand, if it has one: `b.` with `eq`. */
export interface InstructionForm {
  readonly instruction: Instruction;
  /** The glued operand's value by name; empty without one. */
  readonly glued: OperandValues;
}

/** A row of a table as written; isa.ts turns it into an Instruction. */
export interface InstructionRow {
  readonly name: string;
  readonly encoding: string;
  readonly operands: string;
  readonly meaning: Meaning;
}

/** One extension's table. */
export interface Group {
  readonly name: string;
  readonly rows: readonly InstructionRow[];
}

/**
 * Another way to write one or more instructions: `alias("mv", "rd, rs1", "addi rd, rs1, 0")`.
 * Several instructions are separated by `;`, and `@` is the address of the first. Operands have the kinds of their
 * names. An operand in the expansion may be an expression of the alias's own: `ubfm xd, xn, #-shift & 63, #63 - shift`.
 * `print` aliases are also used by the disassembler, first match wins; each is one instruction. `inverse` says when
 * such an alias applies and what own operands are that expressions hide, in terms of the instruction's operands:
 * `if (immr == imms + 1) shift = 63 - imms`.
 */
export interface Alias {
  readonly name: string;
  readonly operands: string;
  readonly expansion: string;
  readonly print: boolean;
  readonly inverse: string | null;
}

/** A control and status register, on Arm64 a system register (number: op0, op1, CRn, CRm, op2, 16 bits). */
export interface Csr {
  readonly name: string;
  readonly number: number;
  /** A view of register files, zero elsewhere: every machine has it (csr-fields.ts). Else only the machine knows it. */
  readonly fields?: readonly CsrField[];
}

/** Bits `low + width - 1 .. low` of a CSR are entry 0 of a register file of that width. */
export interface CsrField {
  readonly file: string;
  readonly width: number;
  readonly low: number;
}

/** A synchronous exception that an effect may raise by name, with the architecture's cause number. */
export interface TrapCause {
  readonly name: string;
  readonly code: number;
  readonly doc: string;
}

/** How assembly text writes a CSR that has no name. */
export interface UnnamedCsrs {
  readonly print: (number: number) => string;
  /** Null for a text that is none. */
  readonly parse: (text: string) => number | null;
}

/** Something that only the machine can do. `result` is the width of its value, null if it has none. */
export interface HelperSpec {
  readonly name: string;
  readonly params: readonly number[];
  readonly result: number | null;
  /** True if it may end the instruction with a trap. */
  readonly traps: boolean;
  readonly doc: string;
}

/** Everything that the folder of one architecture says. */
export interface IsaTables {
  readonly name: string;
  /** Width in bits of addresses and of the pc. */
  readonly wordWidth: number;
  /** A first halfword `h` with `(h & mask) === match` starts a 32-bit instruction, any other a 16-bit one. */
  readonly wide: { readonly mask: number; readonly match: number };
  /** Reserved encodings that a machine must execute as if some of their fields were zero. */
  readonly ignoredFields: readonly IgnoredFields[];
  readonly files: readonly RegisterFile[];
  readonly classes: readonly RegisterClass[];
  /** Operand kinds by field name; one name has one meaning in the whole architecture. */
  readonly operandKinds: Readonly<Record<string, OperandKind>>;
  readonly csrs: readonly Csr[];
  /** Bits of a CSR's number. */
  readonly csrWidth: 12 | 16;
  readonly unnamedCsrs: UnnamedCsrs;
  readonly traps: readonly TrapCause[];
  readonly helpers: readonly HelperSpec[];
  /** The choices that IEEE 754 leaves open; null for an architecture without floating point. */
  readonly float: FloatRules | null;
  readonly groups: readonly Group[];
  readonly aliases: readonly Alias[];
}

/** A word `w` that is no instruction, with `(w & mask) === match`, means what `w & ~ignored` means. */
export interface IgnoredFields {
  readonly mask: number;
  readonly match: number;
  readonly ignored: number;
}

/** The description with its lookups. */
export interface Isa extends IsaTables {
  readonly instructions: readonly Instruction[];
  /** The instruction with exactly that name; throws a TableError for a name that no table has. */
  instruction(name: string): Instruction;
  /** The same for names that come from a user. */
  findInstruction(name: string): Instruction | null;
  /** All forms of a mnemonic or of the beginning of a name up to a colon, in the order of the tables. */
  formsNamed(name: string): readonly InstructionForm[];
  /** Every mnemonic of the tables, as text spells it. */
  mnemonics(): readonly string[];
  /** A register class by name; throws for an unknown one. */
  registerClass(name: string): RegisterClass;
}

/** Operand values by operand name. */
export type OperandValues = Readonly<Record<string, number>>;
