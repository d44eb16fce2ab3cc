// Shapes: equality, size, and the table of declared structs.

import { bug } from "../../source/bug.ts";
import type { Program, Shape, ShapedName } from "./ast.ts";

export const WORD_SHAPE: Shape = { kind: "word" };
/** Sum and carry of `__add_with_carry__`. */
export const PAIR_SHAPE: Shape = { kind: "struct", fields: [WORD_SHAPE, WORD_SHAPE] };
/** The most words that a result or a payload may have. */
export const MAX_TRANSFER_WORDS = 32;

/** Fields of each declared struct by its name; of several with one name the first. */
export type StructTable = ReadonlyMap<string, readonly ShapedName[]>;

export function structTable(program: Program): StructTable {
  const table = new Map<string, readonly ShapedName[]>();
  for (const s of program.structs) if (!table.has(s.name)) table.set(s.name, s.fields);
  return table;
}

/** Structural equality; named structs are equal by name only. */
export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.kind === "word" || b.kind === "word") return a.kind === b.kind;
  if (a.kind === "named" || b.kind === "named") {
    return a.kind === "named" && b.kind === "named" && a.name === b.name;
  }
  return (
    a.fields.length === b.fields.length &&
    a.fields.every((field, i) => {
      const other = b.fields[i];
      return other !== undefined && sameShape(field, other);
    })
  );
}

/** Machine words of a shape, each struct counted once; a struct that is not declared is a bug. */
export function wordCounter(structs: StructTable): (shape: Shape) => number {
  const known = new Map<string, number>();
  const count = (shape: Shape): number => {
    switch (shape.kind) {
      case "word":
        return 1;
      case "struct":
        return shape.fields.reduce((sum, field) => sum + count(field), 0);
      case "named": {
        const before = known.get(shape.name);
        if (before !== undefined) return before;
        const fields = structs.get(shape.name) ?? bug(`struct ${shape.name} is not declared`);
        const words = fields.reduce((sum, field) => sum + count(field.shape), 0);
        known.set(shape.name, words);
        return words;
      }
    }
  };
  return count;
}
