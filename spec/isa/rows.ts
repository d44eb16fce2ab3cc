// The words in which instruction tables are written. Relies on schema.ts.
// The texts are read by isa.ts: encodings by encoding-text.ts, operands by syntax-text.ts, effects on first use.

import type { Alias, Group, InstructionRow } from "./schema.ts";

/** One extension's table. The rows are made when somebody asks: most programs need one architecture of several. */
export function instructions(name: string, makeRows: () => readonly InstructionRow[]): Group {
  let rows: readonly InstructionRow[] | null = null;
  return {
    name,
    get rows() {
      return (rows ??= makeRows());
    },
  };
}

/** A row with its own effect; a long one may be a function, which is called when somebody asks for the text. */
export function ins(
  name: string,
  encoding: string,
  operands: string,
  effect: string | (() => string),
): InstructionRow {
  if (typeof effect === "string")
    return { name, encoding, operands, meaning: { kind: "effect", text: effect } };
  const meaning = {
    kind: "effect",
    get text() {
      return effect();
    },
  } as const;
  return { name, encoding, operands, meaning };
}

/**
 * A row that does what another instruction does: `expansion` is that instruction's text. More texts after `|` are
 * instructions with the same effect that may take this form too.
 */
export function short(name: string, encoding: string, operands: string, expansion: string): InstructionRow {
  const [text = "", ...alsoFor] = expansion.split("|").map((part) => part.trim());
  return { name, encoding, operands, meaning: { kind: "expansion", text, alsoFor } };
}

/** Another way of writing that the disassembler uses too; `inverse` where the expansion has expressions. */
export function alias(name: string, operands: string, expansion: string, inverse?: string): Alias {
  return { name, operands, expansion, print: true, inverse: inverse ?? null };
}

/** Another way of writing that only the assembler knows. */
export function input(name: string, operands: string, expansion: string): Alias {
  return { name, operands, expansion, print: false, inverse: null };
}
