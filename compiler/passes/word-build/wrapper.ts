// The exported face of a function that other functions call too and that may let an exception escape: it calls the
// status version, returns the plain result, and stops the program if an exception arrived.

import type * as loop from "../../lang/loop/ast.ts";
import type * as word from "../../lang/word/ast.ts";
import { FunctionBuilder } from "./builder.ts";
import type { Callees } from "./callees.ts";

export function buildWrapper(f: loop.Function, callees: Callees): word.Function {
  const builder = new FunctionBuilder();
  const { name, exported, span, resultWords } = f;
  const params = f.params.map((v) => builder.value(f.names.get(v)));
  builder.start(builder.label());
  const callee = callees.callee(name);
  const dests = Array.from({ length: callee.resultWords }, () => builder.value());
  builder.emit({ kind: "call", dests, callee: callee.name, args: params, span });
  const [normal, escaped] = [builder.label(), builder.label()];
  const [left = 0] = dests;
  builder.end({
    kind: "branch",
    op: "equal",
    left,
    right: builder.constant(0n, span),
    then: { label: normal, args: [] },
    else: { label: escaped, args: [] },
    span,
  });
  builder.start(normal);
  builder.end({ kind: "return", values: dests.slice(1, 1 + resultWords), span });
  builder.cold = true;
  builder.start(escaped);
  builder.end({ kind: "trap", reason: "uncaughtException", span });
  return builder.finish({ name, exported, params, resultWords, returnsStatus: false, span });
}
