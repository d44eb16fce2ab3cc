// Loads and stores of vector registers (Arm DDI 0487, C4.1.94): the addressing modes of general registers for b, h, s, d
// and q, and literals. Relies on rows.ts, loads-stores.ts. Lists of registers are in simd-structures.ts.

import { ins, instructions } from "../rows.ts";
import type { InstructionRow } from "../schema.ts";
import { immediateRows, indexedRows, pairRows, type Access, type Pair } from "./loads-stores.ts";

// prettier-ignore
const accesses: readonly Access[] = ([
  ["b", 0, "00", "00", "01"], ["h", 1, "01", "00", "01"], ["s", 2, "10", "00", "01"], ["d", 3, "11", "00", "01"],
  ["q", 4, "00", "10", "11"],
] as const).flatMap(([letter, scale, size, store, load]): Access[] => [
  { name: "str", infix: `:${letter}`, t: `${letter}t`, scale, size, opc: store, extend: null },
  { name: "ldr", infix: `:${letter}`, t: `${letter}t`, scale, size, opc: load,  extend: "zext" },
]);

const pairs: readonly Pair[] = (
  [
    ["s", 2, "00"],
    ["d", 3, "01"],
    ["q", 4, "10"],
  ] as const
).flatMap(([letter, scale, opc]): Pair[] => [
  { name: "stp", infix: `:${letter}`, opc, t: `${letter}t`, scale, extend: null },
  { name: "ldp", infix: `:${letter}`, opc, t: `${letter}t`, scale, extend: "zext" },
]);

// prettier-ignore
const literals: readonly InstructionRow[] = [
  ins("ldr:s:literal", "00 011 1 00 target[20:2] st:5", "st, target", "st = load32(pc + target)"),
  ins("ldr:d:literal", "01 011 1 00 target[20:2] dt:5", "dt, target", "dt = load64(pc + target)"),
  ins("ldr:q:literal", "10 011 1 00 target[20:2] qt:5", "qt, target", "qt = load128(pc + target)"),
];

export const simdLoadsStores = instructions("SimdLoadsStores", () => [
  ...accesses.flatMap(immediateRows),
  ...accesses.flatMap(indexedRows),
  ...pairs.flatMap(pairRows),
  ...literals,
]);
