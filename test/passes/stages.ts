// The passes from Pan to Loop as one list for their tests: each stage printed, checked, parsed and run in one way.

import * as crep from "../../compiler/lang/crep/index.ts";
import * as loop from "../../compiler/lang/loop/index.ts";
import * as pan from "../../compiler/lang/pan/index.ts";
import type { ParsedText } from "../../compiler/lang/text-reader.ts";
import type { Violation } from "../../compiler/lang/violation.ts";
import type { Evaluator, World } from "../../compiler/lang/world.ts";
import { defaultOptions } from "../../compiler/options.ts";
import { crepArith } from "../../compiler/passes/crep-arith.ts";
import { crepInline } from "../../compiler/passes/crep-inline.ts";
import { crepReach } from "../../compiler/passes/crep-reach.ts";
import { crepToLoop } from "../../compiler/passes/crep-to-loop.ts";
import { loopHandlers } from "../../compiler/passes/loop-handlers.ts";
import { loopLive } from "../../compiler/passes/loop-live.ts";
import { panGlobals } from "../../compiler/passes/pan-globals.ts";
import { panSimp } from "../../compiler/passes/pan-simp.ts";
import { panStructs } from "../../compiler/passes/pan-structs.ts";
import { panToCrep } from "../../compiler/passes/pan-to-crep.ts";

/** A program after some pass, with what its language can do for it. */
export interface Stage {
  readonly pass: string;
  readonly entry: string;
  readonly text: string;
  readonly violations: readonly Violation[];
  evaluator(world: World): Evaluator;
  /** The text form read and printed again. */
  reprinted(): ParsedText<string>;
}

function reprint<P>(parsed: ParsedText<P>, print: (program: P) => string): ParsedText<string> {
  return parsed.ok ? { ok: true, value: print(parsed.value) } : parsed;
}

function panStage(pass: string, p: pan.Program, facts: pan.PanStage): Stage {
  const text = pan.print(p);
  return {
    pass,
    entry: p.entry,
    text,
    violations: pan.check(p, facts),
    evaluator: (world) => pan.evaluator(p, world),
    reprinted: () => reprint(pan.parse(text), pan.print),
  };
}

function crepStage(pass: string, p: crep.Program): Stage {
  const text = crep.print(p);
  return {
    pass,
    entry: p.entry,
    text,
    violations: crep.check(p),
    evaluator: (world) => crep.evaluator(p, world),
    reprinted: () => reprint(crep.parse(text), crep.print),
  };
}

function loopStage(pass: string, p: loop.Program, facts: loop.LoopStage): Stage {
  const text = loop.print(p);
  return {
    pass,
    entry: p.entry,
    text,
    violations: loop.check(p, facts),
    evaluator: (world) => loop.evaluator(p, world, { forgetDead: facts.live === true }),
    reprinted: () => reprint(loop.parse(text), loop.print),
  };
}

/** The program itself and what each pass makes of it; `optimise` as for -O. */
export function stagesOf(program: pan.Program, optimise: 0 | 1): readonly Stage[] {
  const context = { options: { ...defaultOptions, optimise } };
  const simp = panSimp(program);
  const structs = panStructs(simp);
  const globals = panGlobals(structs);
  const flat = panToCrep(globals);
  const inlined = optimise > 0 ? crepInline(flat, context) : flat;
  const reached = crepReach(inlined);
  const folded = optimise > 0 ? crepArith(reached) : reached;
  const lowered = crepToLoop(folded);
  const pruned = loopHandlers(lowered);
  return [
    panStage("source", program, {}),
    panStage("pan-simp", simp, { simplified: true }),
    panStage("pan-structs", structs, { simplified: true, raw: true }),
    panStage("pan-globals", globals, { simplified: true, raw: true, plainGlobals: true }),
    crepStage("pan-to-crep", flat),
    crepStage("crep-inline", inlined),
    crepStage("crep-reach", reached),
    crepStage("crep-arith", folded),
    loopStage("crep-to-loop", lowered, {}),
    loopStage("loop-handlers", pruned, {}),
    loopStage("loop-live", loopLive(pruned), { live: true }),
  ];
}
