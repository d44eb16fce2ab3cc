// Reads the operands column of a table: the assembly syntax after the mnemonic, e.g. `rd, imm(rs1)`.
// A name of a field is an operand, `{name}` an operand glued to the mnemonic (amoadd.w.aq), `{, #imm}` a part that may
// be left out, `vd.16b` an operand and the text `.16b`, `{{…}}` braces that are text, the rest is text. A blank counts between a word and what is not a comma: `lsl #amount`.
// A list of registers is written out; assembly text may also name its ends only, `{v0.16b-v3.16b}`.
// Relies on schema.ts. Guarantees: the pieces, printed in order, are the syntax without blanks after commas.

import type { SyntaxPiece } from "./schema.ts";

const group = /\{\{([^{}]+)\}\}|\{([a-z][\w']*)\}|\{([^{}]+)\}|([^{}]+)/g;
const piece = /([A-Za-z][\w.']*)|,|( ?[^\s,A-Za-z{}]+)/g;

/** Takes a syntax apart; `isOperand` says which names are operands. */
export function readSyntax(text: string, isOperand: (name: string) => boolean): SyntaxPiece[] {
  const pieces: SyntaxPiece[] = [];
  for (const [, list, suffix, optional, plain] of text.matchAll(group)) {
    if (list !== undefined) {
      pieces.push({ kind: "text", text: "{", optional: false });
      readPieces(list, false, isOperand, pieces);
      pieces.push({ kind: "text", text: "}", optional: false });
    } else if (suffix !== undefined)
      pieces.push({ kind: "operand", name: suffix, suffix: true, optional: false });
    else readPieces(optional ?? plain ?? "", optional !== undefined, isOperand, pieces);
  }
  return pieces;
}

function readPieces(
  text: string,
  optional: boolean,
  isOperand: (name: string) => boolean,
  pieces: SyntaxPiece[],
): void {
  for (const [whole, name] of text.matchAll(piece)) {
    const [operand = "", ...view] = name?.split(/(?=\.)/) ?? [];
    if (isOperand(operand)) {
      pieces.push({ kind: "operand", name: operand, suffix: false, optional });
      for (const text of view) pieces.push({ kind: "text", text, optional });
      continue;
    }
    const before = pieces.at(-1);
    const afterComma = before === undefined || (before.kind === "text" && before.text === ",");
    pieces.push({ kind: "text", text: afterComma ? whole.trim() : whole, optional });
  }
}

/** The same syntax with its list of registers named by the first and the last; null without a list of several. */
export function listByEnds(syntax: readonly SyntaxPiece[]): readonly SyntaxPiece[] | null {
  const [open, close] = ["{", "}"].map((brace) =>
    syntax.findIndex((p) => p.kind === "text" && p.text === brace),
  );
  if (open === undefined || close === undefined || open < 0) return null;
  const list = syntax.slice(open + 1, close);
  const isComma = (p: SyntaxPiece): boolean => p.kind === "text" && p.text === ",";
  const [first, last] = [list.findIndex(isComma), list.findLastIndex(isComma)];
  if (first < 0) return null;
  const dash: SyntaxPiece = { kind: "text", text: "-", optional: false };
  return [
    ...syntax.slice(0, open + 1),
    ...list.slice(0, first),
    dash,
    ...list.slice(last + 1),
    ...syntax.slice(close),
  ];
}
