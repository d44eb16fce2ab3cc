/**
 * loop-live: LoopLang → LoopLang.  Upstream: loop_liveScript.sml.
 *
 * Fills the live sets of loops, blocks, branches, calls and foreign calls, and drops unreachable statements, pure
 * assignments, local loads and reads of globals whose result is dead, and branches left empty. Results of a call
 * that are all dead are discarded. Shared loads stay.
 *
 * Needs:       L1 to L6; live sets are ignored on input.
 * Establishes: L7 (every live set is exact).
 * Keeps:       order of memory operations and calls; every span.
 * Cost:        one backward walk (lang/loop/liveness.ts); a nest of loops of depth d walks its innermost body about
 *              d + 1 times.
 */

import type { Program } from "../lang/loop/ast.ts";
import { withoutDeadCode } from "../lang/loop/liveness.ts";

export function loopLive(program: Program): Program {
  return { ...program, functions: program.functions.map(withoutDeadCode) };
}
