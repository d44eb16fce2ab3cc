// Generic instructions as the selector sees them: an operation and its arguments. Relies on pattern.ts for the names.

import type { Instr, MemoryKind, Terminator, Value } from "../../lang/word/ast.ts";
import type { CompareOp } from "../../lang/machine-word.ts";
import type { NodeArg, SelectNode } from "../../target/select.ts";

const compareNames: Readonly<Record<CompareOp, string>> = {
  equal: "eq",
  notEqual: "ne",
  less: "lt",
  notLess: "ge",
  lower: "ltu",
  notLower: "geu",
};

/** An operation, the values that it defines, and what memory it accesses. */
export interface InstrNode extends SelectNode {
  readonly results: readonly Value[];
  readonly memory: MemoryKind;
  /** Of the access; 0 without one. */
  readonly bytes: number;
}

/** Instructions that rules select for; the others stay or are handled one by one. */
export type Selectable = Extract<
  Instr,
  { kind: "op" | "compare" | "addCarry" | "load" | "store" | "sharedLoad" | "sharedStore" }
>;

const value = (v: Value): NodeArg => ({ kind: "value", value: v });
const number = (n: bigint): NodeArg => ({ kind: "number", value: n });

export function isSelectable(instr: Instr): instr is Selectable {
  switch (instr.kind) {
    case "op":
    case "compare":
    case "addCarry":
    case "load":
    case "store":
    case "sharedLoad":
    case "sharedStore":
      return true;
    case "const":
    case "address":
    case "getGlobal":
    case "setGlobal":
    case "call":
    case "foreignCall":
    case "machine":
      return false;
  }
}

export function instrNode(instr: Selectable): InstrNode {
  switch (instr.kind) {
    case "op":
      return binaryNode(instr.op, instr);
    case "compare":
      return binaryNode(compareNames[instr.op], instr);
    case "addCarry": {
      const args = [value(instr.left), value(instr.right), value(instr.carryIn)];
      return { op: "addcarry", args, results: [instr.sum, instr.carry], memory: null, bytes: 0 };
    }
    case "load":
    case "sharedLoad": {
      const memory = instr.kind === "load" ? "local" : "shared";
      return loadNode(instr.bytes, instr, { dest: instr.dest, memory });
    }
    case "store":
    case "sharedStore": {
      const memory = instr.kind === "store" ? "local" : "shared";
      return storeNode(instr.bytes, instr, { value: instr.value, memory });
    }
  }
}

function binaryNode(
  op: string,
  { left, right, dest }: { readonly left: Value; readonly right: Value; readonly dest: Value },
): InstrNode {
  return { op, args: [value(left), value(right)], results: [dest], memory: null, bytes: 0 };
}

interface Place {
  readonly address: Value;
  readonly offset: bigint;
}

export function loadNode(
  bytes: number,
  { address, offset }: Place,
  to: { readonly dest: Value; readonly memory: MemoryKind },
): InstrNode {
  const args = [value(address), number(offset)];
  return { op: `load${String(bytes * 8)}`, args, results: [to.dest], memory: to.memory, bytes };
}

export function storeNode(
  bytes: number,
  { address, offset }: Place,
  from: { readonly value: Value; readonly memory: MemoryKind },
): InstrNode {
  const args = [value(address), number(offset), value(from.value)];
  return { op: `store${String(bytes * 8)}`, args, results: [], memory: from.memory, bytes };
}

/** The comparison of a conditional branch. */
export function branchNode({ op, left, right }: Extract<Terminator, { kind: "branch" }>): SelectNode {
  return { op: compareNames[op], args: [value(left), value(right)] };
}
