/**
 * word-select: WordLang → WordLang.  Upstream: inst_select in word_instScript.sml.
 *
 * Replaces generic instructions by machine instructions of the target: rules of compiler/target by maximal munch over
 * operations with a single user in the same block. Globals become accesses off the address of the globals. Cheap
 * constants are made in each block that needs them, others once, where they stood.
 *
 * Needs:       W1-W7. Better code after word-simp (constants on the right) and word-offsets.
 * Establishes: W8, W9. Unused pure operations and unreachable blocks are gone.
 * Keeps:       order of stores, shared accesses, calls; spans; names of values.
 * Cost:        linear in instructions (patterns are small).
 */

import type { Function, Program } from "../lang/word/ast.ts";
import { targetNamed } from "../target/targets.ts";
import { RuleSet } from "../target/select.ts";
import type { PassContext } from "./pass.ts";
import { selectFunction, type SelectSetting } from "./word-select/function.ts";

export function wordSelect(program: Program, { options }: PassContext): Program {
  const { name, target } = targetNamed(options.target);
  const has = (extension: string): boolean => options.extensions.includes(extension);
  const setting: SelectSetting = { target, has, rules: new RuleSet(target, has) };
  const functions = program.functions.map((f): Function => selectFunction(f, setting));
  return { ...program, isa: name, functions };
}
