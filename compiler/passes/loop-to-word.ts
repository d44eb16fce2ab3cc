/**
 * loop-to-word: LoopLang → WordLang.  Upstream: loop_to_wordScript.sml.
 *
 * Builds SSA: variables become values, block parameters stand where different values of a live variable meet. A loop
 * that begins with a cheap test becomes a guard and a test at the bottom. Exceptions become a status word in front of
 * the results, only for functions that may let one escape (analysis/may-raise.ts); calls of others cost nothing.
 *
 * Needs:       L3 (operands are variables or constants), L7 (live sets are exact).
 * Establishes: W1-W7. Critical edges are left as they are. Blocks that only exceptions reach come last.
 * Keeps:       order of accesses, calls and events; spans; names of variables on the values that they have.
 * Cost:        linear in the program and its live sets.
 */

import type * as loop from "../lang/loop/ast.ts";
import type * as word from "../lang/word/ast.ts";
import { bug } from "../source/bug.ts";
import { conventions, type Convention } from "./analysis/exception-conventions.ts";
import { FunctionBuilder } from "./word-build/builder.ts";
import { calleesOf, type Callees } from "./word-build/callees.ts";
import { translateBody } from "./word-build/statements.ts";
import { buildWrapper } from "./word-build/wrapper.ts";

export function loopToWord(program: loop.Program): word.Program {
  const table = conventions(program);
  const callees = calleesOf(program, table);
  return {
    isa: null,
    functions: program.functions.flatMap((f) => {
      const convention = table.get(f.name) ?? bug(`no convention for ${f.name}`);
      return translateFunction(f, convention, callees);
    }),
    exceptions: program.exceptions,
    globalWords: program.globalWords,
    entry: program.entry,
  };
}

function translateFunction(f: loop.Function, convention: Convention, callees: Callees): word.Function[] {
  if (convention.kind !== "wrapped") return [translateOne(f, convention, callees)];
  const inner = { ...f, name: convention.inner, exported: false };
  const status: Convention = { kind: "status", escapes: convention.escapes };
  return [buildWrapper(f, callees), translateOne(inner, status, callees)];
}

function translateOne(f: loop.Function, convention: Convention, callees: Callees): word.Function {
  const builder = new FunctionBuilder();
  const params = f.params.map((v) => builder.value(f.names.get(v)));
  const { name, exported, span } = f;
  builder.start(builder.label());
  translateBody({ f, params, convention, callees, builder });
  const returnsStatus = convention.kind === "status";
  const resultWords = returnsStatus ? callees.statusWords(f.resultWords, convention.escapes) : f.resultWords;
  return builder.finish({ name, exported, params, resultWords, returnsStatus, span });
}
