// Expressions and shapes of PanLang's text form.

import { parseOperation } from "../operation.ts";
import type { TextReader, Token } from "../text-reader.ts";
import type { Exp, Shape } from "./ast.ts";

export function parseShape(r: TextReader): Shape {
  if (r.accept("{")) return { kind: "struct", fields: r.list("}", () => parseShape(r)) };
  if (r.peek().kind !== "integer") return { kind: "named", name: r.name() };
  return r.next().text === "1" ? { kind: "word" } : r.fail("expected the shape `1`, `{...}` or a name");
}

/** A primary expression with its `.field` suffixes. */
export function parseExp(r: TextReader): Exp {
  const first = r.peek();
  let value = parsePrimary(r);
  while (r.accept(".")) {
    value =
      r.peek().kind === "integer"
        ? { kind: "rawField", index: r.natural(), value, span: r.spanFrom(first) }
        : { kind: "namedField", field: r.name(), value, span: r.spanFrom(first) };
  }
  return value;
}

function parsePrimary(r: TextReader): Exp {
  const first = r.peek();
  if (first.kind === "integer") return { kind: "const", value: r.word(), span: r.spanFrom(first) };
  if (r.accept("(")) return parseParenthesised(r, first);
  if (r.accept("<")) {
    return { kind: "rawStruct", fields: r.list(">", () => parseExp(r)), span: r.spanFrom(first) };
  }
  if (r.accept("$")) return { kind: "var", scope: "global", name: r.name(), span: r.spanFrom(first) };
  if (r.accept("@base")) return { kind: "baseAddr", span: r.spanFrom(first) };
  if (r.accept("@top")) return { kind: "topAddr", span: r.spanFrom(first) };
  if (r.accept("@biw")) return { kind: "bytesInWord", span: r.spanFrom(first) };
  const name = r.name();
  if (!startsNamedLiteral(r)) return { kind: "var", scope: "local", name, span: r.spanFrom(first) };
  r.expect("<");
  const fields = r.list(">", () => {
    const field = r.name();
    r.expect("=");
    return { name: field, value: parseExp(r) };
  });
  return { kind: "namedStruct", name, fields, span: r.spanFrom(first) };
}

/** After a name: `< field =`, which no comparison can be. */
function startsNamedLiteral(r: TextReader): boolean {
  return r.peek().text === "<" && r.peek(1).kind === "name" && r.peek(2).text === "=";
}

function parseParenthesised(r: TextReader, first: Token): Exp {
  if (r.accept("lds")) {
    const shape = parseShape(r);
    const address = parseExp(r);
    r.expect(")");
    return { kind: "load", shape, address, span: r.spanFrom(first) };
  }
  for (const bytes of [1, 4] as const) {
    if (r.accept(`ld${String(bytes * 8)}`)) {
      const address = parseExp(r);
      r.expect(")");
      return { kind: "loadBytes", bytes, address, span: r.spanFrom(first) };
    }
  }
  return parseOperation(r, first, () => parseExp(r));
}
