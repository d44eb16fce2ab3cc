// The 64-bit and the 32-bit form of one instruction, written once. Relies on nothing.
// A row's text has `r` functions for what differs: `x` and `sp` are the register letters, `name` gives the row's name.

/** What differs between the forms on x and on w registers. */
export interface Size {
  readonly width: 64 | 32;
  /** `x` or `w`, before an operand's role: `${r.x}d`. */
  readonly x: "x" | "w";
  /** The same for operands that may be the stack pointer. */
  readonly sp: "sp" | "wsp";
  /** Bit 31 of most encodings. */
  readonly sf: "1" | "0";
  /** Number of the sign bit. */
  readonly top: 63 | 31;
  /** `add`, `add:w`; with a form `add:imm`, `add:w:imm`. */
  readonly name: (mnemonic: string, form?: string) => string;
  /** A field of six bits whose highest is fixed to 0 in the 32-bit form: `amount:6`, `0 amount:5`. */
  readonly six: (field: string) => string;
}

function named(infix: string): (mnemonic: string, form?: string) => string {
  return (mnemonic, form) => mnemonic + infix + (form === undefined ? "" : `:${form}`);
}

const double: Size = {
  width: 64,
  x: "x",
  sp: "sp",
  sf: "1",
  top: 63,
  name: named(""),
  six: (field) => `${field}:6`,
};

const word: Size = {
  width: 32,
  x: "w",
  sp: "wsp",
  sf: "0",
  top: 31,
  name: named(":w"),
  six: (field) => `0 ${field}:5`,
};

/** The rows for x registers, then those for w registers. */
export function bothSizes<Row>(rows: (r: Size) => readonly Row[]): Row[] {
  return [...rows(double), ...rows(word)];
}
