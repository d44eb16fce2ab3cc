// The Word passes as one list for their tests, from a PanLang tree on.

import type * as pan from "../../../compiler/lang/pan/index.ts";
import type * as loop from "../../../compiler/lang/loop/index.ts";
import type * as word from "../../../compiler/lang/word/index.ts";
import { defaultOptions } from "../../../compiler/options.ts";
import { crepArith } from "../../../compiler/passes/crep-arith.ts";
import { crepInline } from "../../../compiler/passes/crep-inline.ts";
import { crepReach } from "../../../compiler/passes/crep-reach.ts";
import { crepToLoop } from "../../../compiler/passes/crep-to-loop.ts";
import { loopHandlers } from "../../../compiler/passes/loop-handlers.ts";
import { loopLive } from "../../../compiler/passes/loop-live.ts";
import { loopToWord } from "../../../compiler/passes/loop-to-word.ts";
import { panGlobals } from "../../../compiler/passes/pan-globals.ts";
import { panSimp } from "../../../compiler/passes/pan-simp.ts";
import { panStructs } from "../../../compiler/passes/pan-structs.ts";
import { panToCrep } from "../../../compiler/passes/pan-to-crep.ts";
import type { PassContext } from "../../../compiler/passes/pass.ts";
import { wordBranchless } from "../../../compiler/passes/word-branchless.ts";
import { wordCountdown } from "../../../compiler/passes/word-countdown.ts";
import { wordCse } from "../../../compiler/passes/word-cse.ts";
import { wordDce } from "../../../compiler/passes/word-dce.ts";
import { wordJumps } from "../../../compiler/passes/word-jumps.ts";
import { wordInduction } from "../../../compiler/passes/word-induction.ts";
import { wordLicm } from "../../../compiler/passes/word-licm.ts";
import { wordOffsets } from "../../../compiler/passes/word-offsets.ts";
import { wordRanges } from "../../../compiler/passes/word-ranges.ts";
import { wordSelect } from "../../../compiler/passes/word-select.ts";
import { wordSimp } from "../../../compiler/passes/word-simp.ts";

export interface WordStage {
  readonly pass: string;
  readonly program: word.Program;
}

/** LoopLang as loop-live leaves it. */
export function loopOf(program: pan.Program, optimise: 0 | 1): loop.Program {
  const context = { options: { ...defaultOptions, optimise } };
  const flat = panToCrep(panGlobals(panStructs(panSimp(program))));
  const reached = crepReach(optimise > 0 ? crepInline(flat, context) : flat);
  return loopLive(loopHandlers(crepToLoop(optimise > 0 ? crepArith(reached) : reached)));
}

/** What each Word pass makes of it; -O0 has no optimisations. */
export function wordStages(
  program: loop.Program,
  optimise: 0 | 1,
  extensions: readonly string[] = [],
): readonly WordStage[] {
  const context: PassContext = { options: { ...defaultOptions, optimise, extensions } };
  const passes: readonly (readonly [string, (p: word.Program, c: PassContext) => word.Program])[] = [
    ["word-simp", wordSimp],
    ["word-cse", wordCse],
    ["word-licm", wordLicm],
    ["word-offsets", wordOffsets],
    ["word-induction", wordInduction],
    ["word-jumps", wordJumps],
    ["word-ranges", wordRanges],
    ["word-branchless", wordBranchless],
    ["word-dce", wordDce],
    ["word-countdown", wordCountdown],
  ];
  const stages: WordStage[] = [{ pass: "loop-to-word", program: loopToWord(program) }];
  const run = (pass: string, f: (p: word.Program, c: PassContext) => word.Program): void => {
    const last = stages.at(-1);
    if (last !== undefined) stages.push({ pass, program: f(last.program, context) });
  };
  if (optimise > 0) for (const [pass, f] of passes) run(pass, f);
  run("word-select", wordSelect);
  return stages;
}
