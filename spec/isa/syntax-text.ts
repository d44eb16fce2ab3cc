// Reads the operands column of a table: the assembly syntax after the mnemonic, e.g. `rd, imm(rs1)`.
// A name of a field is an operand, `{name}` an operand glued to the mnemonic (amoadd.w.aq), the rest is text.
// Relies on schema.ts. Guarantees: the pieces, printed in order, are the syntax without blanks.

import type { SyntaxPiece } from "./schema.ts";

const pieces = /\{([a-z][\w']*)\}|([A-Za-z][\w.']*)|([^\sA-Za-z{}]+)/g;

/** Takes a syntax apart; `isOperand` says which names are operands. */
export function readSyntax(text: string, isOperand: (name: string) => boolean): SyntaxPiece[] {
  return [...text.matchAll(pieces)].map(([whole, suffix, name]): SyntaxPiece => {
    if (suffix !== undefined) return { kind: "operand", name: suffix, suffix: true };
    if (name !== undefined && isOperand(name)) return { kind: "operand", name, suffix: false };
    return { kind: "text", text: whole };
  });
}
