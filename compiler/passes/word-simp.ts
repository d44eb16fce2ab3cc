/**
 * word-simp: WordLang → WordLang.  Upstream: word_simpScript.sml (constant propagation, duplicate-if), copy_prop.
 *
 * Propagates constants along the edges that can be taken, folds operations and branches, applies algebraic identities
 * (constants on the right, tests of tests, sums of constants), and replaces copies and block parameters that always
 * get the same value.
 *
 * Needs:       W1, W2; no machine instructions.
 * Establishes: constants stand on the right of commutative operations and comparisons; no subtraction of a constant.
 * Keeps:       stores, events and calls; endless loops; spans (a rewritten operation keeps its own).
 * Cost:        linear, a few rounds.
 */

import type { Function, Program } from "../lang/word/ast.ts";
import { noRoles } from "../lang/word/operands.ts";
import { knownConstants } from "./word-simp/constants.ts";
import { applyConstants, rewriteFunction } from "./word-simp/rewrite.ts";
import { dropTrivialParams } from "./word-simp/trivial-params.ts";

/** Identities make constants and constants make identities apply; more rounds have never changed a program. */
const MAX_ROUNDS = 3;

export function wordSimp(program: Program): Program {
  return { ...program, functions: program.functions.map(simplifyFunction) };
}

function simplifyFunction(f: Function): Function {
  let current = f;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const known = applyConstants(current, knownConstants(current, noRoles));
    const next = dropTrivialParams(rewriteFunction(known), noRoles);
    if (next === current) return current;
    current = next;
  }
  return current;
}
