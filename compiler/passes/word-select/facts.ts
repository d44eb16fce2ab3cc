// What selection knows about the values of a function before it starts: definitions, users, constants.

import type { Function, Instr, Label, Value } from "../../lang/word/ast.ts";
import type { WordGraph } from "../../lang/word/graph.ts";
import { forEachDef, forEachEndUse, forEachUse, noRoles } from "../../lang/word/operands.ts";
import { toSigned } from "../../lang/machine-word.ts";

/** Where and by what a value is defined. */
export interface Definition {
  readonly instr: Instr;
  readonly block: Label;
  /** Instructions before it in its block that may change local memory. */
  readonly epoch: number;
}

export interface Facts {
  /** Undefined for parameters. */
  readonly definitions: ReadonlyMap<Value, Definition>;
  /** How often the value is read by code that can run. */
  uses(value: Value): number;
  constantOf(value: Value): bigint | null;
  isBool(value: Value): boolean;
}

export function factsOf(f: Function, graph: WordGraph): Facts {
  const definitions = new Map<Value, Definition>();
  const useCounts = new Uint32Array(f.nextValue);
  const count = (value: Value): void => void (useCounts[value] = (useCounts[value] ?? 0) + 1);
  for (const label of graph.order) {
    const block = graph.block(label);
    let epoch = 0;
    for (const instr of block.body) {
      const definition = { instr, block: label, epoch };
      forEachDef(instr, noRoles, (value) => definitions.set(value, definition));
      forEachUse(instr, noRoles, count);
      if (changesLocalMemory(instr)) epoch += 1;
    }
    forEachEndUse(block.end, count);
  }
  const constantOf = (value: Value): bigint | null => {
    const instr = definitions.get(value)?.instr;
    return instr?.kind === "const" ? toSigned(instr.value) : null;
  };
  return {
    definitions,
    uses: (value) => useCounts[value] ?? 0,
    constantOf,
    isBool: (value) => isBool(value, definitions, constantOf),
  };
}

/** True for instructions after which a local load may read something else. */
export function changesLocalMemory(instr: Instr): boolean {
  return instr.kind === "store" || instr.kind === "call" || instr.kind === "foreignCall";
}

function isBool(
  value: Value,
  definitions: ReadonlyMap<Value, Definition>,
  constantOf: (value: Value) => bigint | null,
): boolean {
  const instr = definitions.get(value)?.instr;
  switch (instr?.kind) {
    case "compare":
      return true;
    case "addCarry":
      return instr.carry === value;
    case "const":
      return instr.value <= 1n;
    case "op":
      return instr.op === "and" && (constantOf(instr.left) === 1n || constantOf(instr.right) === 1n);
    case undefined:
    case "address":
    case "load":
    case "store":
    case "getGlobal":
    case "setGlobal":
    case "sharedLoad":
    case "sharedStore":
    case "call":
    case "foreignCall":
    case "machine":
      return false;
  }
}
