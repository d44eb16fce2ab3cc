// Definitions and uses of a function's values, for passes that ask "who made this" and "is anybody else reading it".
//
// Relies on SSA (W2). A snapshot: it does not follow later changes.

import type { Block, Function, Instr, Value } from "../../lang/word/ast.ts";
import { forEachDef, forEachEndUse, forEachUse, type Roles } from "../../lang/word/operands.ts";

/** Who defines a value. */
export type Definition =
  | { readonly kind: "param" }
  | { readonly kind: "blockParam"; readonly block: Block; readonly index: number }
  | { readonly kind: "instr"; readonly block: Block; readonly instr: Instr };

/** The definition of every value of `f`. */
export function definitionsOf(f: Function, roles: Roles): ReadonlyMap<Value, Definition> {
  const definitions = new Map<Value, Definition>();
  for (const value of f.params) definitions.set(value, { kind: "param" });
  for (const block of f.blocks) {
    block.params.forEach((value, index) => definitions.set(value, { kind: "blockParam", block, index }));
    for (const instr of block.body) {
      const definition: Definition = { kind: "instr", block, instr };
      forEachDef(instr, roles, (value) => definitions.set(value, definition));
    }
  }
  return definitions;
}

/** How often each value is read, edge arguments included. */
export function useCountsOf(f: Function, roles: Roles): Uint32Array {
  const counts = new Uint32Array(f.nextValue);
  const count = (value: Value): void => void (counts[value] = (counts[value] ?? 0) + 1);
  for (const block of f.blocks) {
    for (const instr of block.body) forEachUse(instr, roles, count);
    forEachEndUse(block.end, count);
  }
  return counts;
}
