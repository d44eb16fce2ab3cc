// Expressions of CrepLang's text form.

import { parseOperation } from "../operation.ts";
import type { TextReader, Token } from "../text-reader.ts";
import { parseGlobalIndex } from "../structured/parse.ts";
import { localBytes, type VariableReader } from "../structured/variable-text.ts";
import type { Exp } from "./ast.ts";

export function parseExp(r: TextReader, vars: VariableReader): Exp {
  const first = r.peek();
  if (first.kind === "integer") return { kind: "const", value: r.word(), span: r.spanFrom(first) };
  if (vars.isVariable(first)) return { kind: "var", var: vars.variable(), span: r.spanFrom(first) };
  if (r.accept("(")) return parseParenthesised(r, vars, first);
  if (r.accept("@base")) return { kind: "baseAddr", span: r.spanFrom(first) };
  if (r.accept("@top")) return { kind: "topAddr", span: r.spanFrom(first) };
  r.expect("global");
  return { kind: "global", index: parseGlobalIndex(r), span: r.spanFrom(first) };
}

function parseParenthesised(r: TextReader, vars: VariableReader, first: Token): Exp {
  const head = r.peek();
  if (head.kind === "name" && head.text.startsWith("ld")) {
    r.next();
    const bytes = localBytes(head.text.slice(2));
    if (bytes === null) return r.fail("expected `ld8`, `ld32` or `ldw`", head);
    const address = parseExp(r, vars);
    r.expect(")");
    return { kind: "load", bytes, address, span: r.spanFrom(first) };
  }
  return parseOperation(r, first, () => parseExp(r, vars));
}
