// Random well-defined Pancake programs, the backbone of the differential tests.
//
// A program is made from a seed and is the same everywhere. It terminates within a few tens of thousands of steps,
// never reaches the semantics' Error, lets no exception escape, prints through the host calls `@putint`, `@puthex`
// and `@putchar` of design.md section 6, and prints nothing that depends on where memory lies. It uses `@base` to
// `@base + 1280`, the upper part only by shared accesses, which are ordinary memory under `--os linux`.
//
// What it covers: all statements and expressions; words, raw and named structs, up to 12 words; globals with
// initialisers; nested loops with break and continue; bounded recursion; exceptions through several frames with and
// without handlers; tail calls in both spellings; inline and exported functions; aliasing stores of all sizes and
// overlapping copies; parallel assignments; many words that a loop passes round (random-program/rotation.ts); shadowing;
// shifts and rotations in range; add with carry; calls in every position. Sugar and redundant parentheses are chosen at
// random (random-program/source.ts).
//
// When a test fails: `shrink(tree, stillFails)` makes the program small while the failure stays; keep its source as a
// case.

import type { Program } from "../../compiler/lang/pan/ast.ts";
import { newRandom } from "./random-program/prng.ts";
import { randomProgramTree } from "./random-program/program.ts";
import { sourceText } from "./random-program/source.ts";

export { shrink, type Shrunk, type ShrinkOptions } from "./random-program/shrink.ts";

export interface RandomProgram {
  readonly seed: number;
  readonly source: string;
  /** The tree that `source` was printed from. */
  readonly tree: Program;
}

/** The program of `seed`; `size` is about its number of statements (20: a screen, 200: a long file). */
export function randomProgram(seed: number, size: number): RandomProgram {
  const tree = randomProgramTree(seed, size);
  return { seed, tree, source: programSource(tree, seed) };
}

/** Pancake source of a tree; `seed` chooses among spellings. */
export function programSource(tree: Program, seed = 0): string {
  return sourceText(tree, newRandom(seed ^ 0x5bd1_e995));
}
