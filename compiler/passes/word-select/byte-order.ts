// Finds values that hold the bytes of another one in reverse order, however the program put them together: masks and
// shifts by whole bytes, joined by `or` or by sums that carry nothing. Relies on facts.ts; pattern.ts says what `swap` is.

import { toWord } from "../../lang/machine-word.ts";
import type { Instr, Value } from "../../lang/word/ast.ts";
import type { Facts } from "./facts.ts";
import type { InstrNode } from "./nodes.ts";

/** Operations that are looked at for one value: those of a word turned round byte by byte, and some to spare. */
const MAX_OPERATIONS = 40;
const BYTES = 8;

/** Byte `index` of `value`; null: 0. */
type Byte = { readonly value: Value; readonly index: number } | null;

interface Search {
  readonly facts: Facts;
  operations: number;
  /** Operations that nothing else reads. */
  own: number;
}

type Operation = Extract<Instr, { kind: "op" }>;

/** What turns bytes round and computes the operation's result; null if the result is something else. */
export function swapNode(root: Operation, facts: Facts): InstrNode | null {
  if (root.op !== "or" && root.op !== "add") return null;
  const search: Search = { facts, operations: 0, own: 0 };
  // Most sums are of other things, which a look at both sides tells.
  if (![root.left, root.right].every((value) => isMoved(value, search))) return null;
  const bytes = bytesOfOperation(root, search);
  // Two operations at least must go, since a swap of part of a word takes two.
  if (bytes === null || search.own < 2) return null;
  for (const width of [8, 4, 2]) {
    const last = bytes[width - 1];
    if (last === undefined || last === null) continue;
    const isSwap = bytes.every((byte, i) =>
      i < width ? byte?.value === last.value && byte.index === last.index + width - 1 - i : byte === null,
    );
    if (!isSwap) return null;
    return {
      op: `swap${String(8 * width)}`,
      args: [
        { kind: "value", value: last.value },
        { kind: "number", value: BigInt(8 * last.index) },
      ],
      results: [root.dest],
      memory: null,
      bytes: 0,
    };
  }
  return null;
}

function isMoved(value: Value, search: Search): boolean {
  const instr = search.facts.definitions.get(value)?.instr;
  return instr?.kind === "op" && isBytewise(instr, search);
}

// The bytes of a value, the lowest first; null if none can be said to be its own.
function bytesOf(value: Value, search: Search): readonly Byte[] | null {
  const instr = search.facts.definitions.get(value)?.instr;
  if (instr?.kind === "const") return instr.value === 0n ? Array.from({ length: BYTES }, () => null) : null;
  if (instr?.kind === "op" && isBytewise(instr, search)) {
    const { own } = search;
    if (search.facts.uses(value) === 1) search.own += 1;
    const moved = bytesOfOperation(instr, search);
    if (moved !== null) return moved;
    search.own = own;
  }
  const bytes = instr?.kind === "load" || instr?.kind === "sharedLoad" ? instr.bytes : BYTES;
  return Array.from({ length: BYTES }, (_, index) => (index < bytes ? { value, index } : null));
}

// True for operations that only move bytes; what any other makes is taken as it is.
function isBytewise({ op, right }: Operation, { facts }: Search): boolean {
  const constant = facts.constantOf(right);
  switch (op) {
    case "or":
    case "add":
      return constant === null;
    case "and":
      return constant !== null && isByteMask(toWord(constant));
    case "lsl":
    case "lsr":
      return constant !== null && constant % 8n === 0n && constant >= 0n && constant < 64n;
    case "sub":
    case "mul":
    case "xor":
    case "asr":
    case "ror":
      return false;
  }
}

function isByteMask(mask: bigint): boolean {
  return Array.from({ length: BYTES }, (_, i) => (mask >> BigInt(8 * i)) & 0xffn).every(
    (b) => b === 0n || b === 0xffn,
  );
}

function bytesOfOperation({ op, left, right }: Operation, search: Search): readonly Byte[] | null {
  search.operations += 1;
  if (search.operations > MAX_OPERATIONS) return null;
  const first = bytesOf(left, search);
  if (first === null) return null;
  const constant = search.facts.constantOf(right) ?? 0n;
  const by = Number(constant) / 8;
  switch (op) {
    case "and":
      return first.map((byte, i) => (((toWord(constant) >> BigInt(8 * i)) & 0xffn) === 0n ? null : byte));
    case "lsl":
      return first.map((_, i) => first[i - by] ?? null);
    case "lsr":
      return first.map((_, i) => first[i + by] ?? null);
    case "or":
    case "add": {
      const second = bytesOf(right, search);
      if (second?.some((byte, i) => byte !== null && first[i] !== null) !== false) return null;
      return first.map((byte, i) => byte ?? second[i] ?? null);
    }
    case "sub":
    case "mul":
    case "xor":
    case "asr":
    case "ror":
      return null;
  }
}
