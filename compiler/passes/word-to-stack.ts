// Register allocation as a pass. The parts: compiler/passes/alloc.

import type * as stack from "../lang/stack/ast.ts";
import type * as word from "../lang/word/ast.ts";

import { bug } from "../source/bug.ts";
import { conventionNamed } from "../target/convention-named.ts";
import { allocate } from "./alloc/allocate.ts";
import { emitFunction } from "./alloc/emit.ts";
import { lowerFunction } from "./alloc/lower.ts";

/**
 * word-to-stack: WordLang → StackLang.  Upstream: word_allocScript.sml, word_to_stackScript.sml.
 *
 * Leaves SSA form and gives every value a register, a frame slot, or makes it again where it is used: iterated
 * register coalescing with spill costs by loop depth; the internal calling convention decides where words stand at
 * calls, entries and exits.
 *
 * Needs:       bodies of machine instructions, addresses and calls only (word-select).
 * Establishes: S1 to S12 of compiler/lang/stack/check.ts.
 * Keeps:       order of memory accesses and calls; every span.
 * Cost:        n log n a function; big functions limit register pressure first (alloc/pressure.ts).
 */
export function wordToStack(program: word.Program): stack.Program {
  const isa = program.isa ?? bug("word-to-stack needs a target");
  const convention = conventionNamed(isa);
  const functions = program.functions.map((f) =>
    emitFunction(
      {
        name: f.name,
        exported: f.exported,
        paramWords: f.params.length,
        resultWords: f.resultWords,
        span: f.span,
      },
      allocate(lowerFunction(f, convention)),
    ),
  );
  return { isa, functions, globalWords: program.globalWords, entry: program.entry };
}
