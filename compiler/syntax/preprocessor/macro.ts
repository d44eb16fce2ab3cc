// Macro definitions: from the tokens of a `#define` to a replacement list that is ready for substitution.
//
// `#` and `##` are resolved here, once per definition. Variadic macros may be C's (`...`, `__VA_ARGS__`) or GNU's
// (`rest...`); `__VA_OPT__` is understood.

import type { FileRange } from "../../source/translation-unit.ts";
import type { PpToken } from "./pp-token.ts";

export type BodyItem =
  | { readonly kind: "token"; readonly token: PpToken; readonly pasteNext: boolean }
  | ParameterItem
  /** `#parameter`. */
  | {
      readonly kind: "stringify";
      readonly index: number;
      readonly token: PpToken;
      readonly pasteNext: boolean;
    }
  /** `__VA_OPT__(...)`: present if the variable arguments are. */
  | {
      readonly kind: "optional";
      readonly body: readonly BodyItem[];
      readonly token: PpToken;
      readonly pasteNext: boolean;
    };

export interface ParameterItem {
  readonly kind: "parameter";
  readonly index: number;
  readonly token: PpToken;
  readonly pasteNext: boolean;
}

export interface Macro {
  readonly name: string;
  /** The name in the `#define`; null for built-in macros. */
  readonly definition: FileRange | null;
  /** Null: object-like. The variable part is the last one. */
  readonly parameters: readonly string[] | null;
  readonly variadic: boolean;
  readonly body: readonly BodyItem[];
  /** The replacement list as written, to compare redefinitions (C17 6.10.3 p2). */
  readonly spelling: string;
  /** `__LINE__` and its like compute their text; null for the others. */
  readonly builtIn: BuiltIn | null;
}

export type BuiltIn = "line" | "file" | "counter" | "level";

/** What is wrong with a `#define`, and at which token. */
export interface MacroProblem {
  readonly text: string;
  readonly at: PpToken;
}

export type MacroResult =
  { readonly ok: true; readonly macro: Macro } | { readonly ok: false; readonly problem: MacroProblem };

/** A macro whose text is computed where it is used. */
export function builtInMacro(name: string, builtIn: BuiltIn): Macro {
  return { name, definition: null, parameters: null, variadic: false, body: [], spelling: name, builtIn };
}

/** Reads a definition; `tokens` are the macro's name and everything after it on the line. */
export function parseMacro(name: PpToken, tokens: readonly PpToken[]): MacroResult {
  if (name.kind !== "name") return fail(`expected a macro name, found \`${name.text}\``, name);
  if (name.text === "defined") return fail("`defined` is an operator and cannot be a macro", name);
  const open = tokens[0];
  const isFunction = open?.text === "(" && !open.space;
  const header = isFunction
    ? readParameters(tokens, open)
    : { ok: true as const, parameters: null, variadic: false, next: 0 };
  if (!header.ok) return header;
  const { parameters, variadic } = header;
  const bodyTokens = tokens.slice(header.next);
  const items = bodyItems(bodyTokens, parameters, variadic);
  if (!Array.isArray(items)) return { ok: false, problem: items };
  const spelling = [
    parameters === null ? "" : `(${parameters.join(",")}${variadic ? "..." : ""})`,
    ...bodyTokens.map((token, i) => (token.space && i > 0 ? ` ${token.text}` : token.text)),
  ].join("");
  const macro = { name: name.text, definition: name.spelling, parameters, variadic, body: items, spelling };
  return { ok: true, macro: { ...macro, builtIn: null } };
}

function fail(text: string, at: PpToken): { readonly ok: false; readonly problem: MacroProblem } {
  return { ok: false, problem: { text, at } };
}

interface Parameters {
  readonly ok: true;
  readonly parameters: readonly string[] | null;
  readonly variadic: boolean;
  /** Index of the first token of the replacement list. */
  readonly next: number;
}

function readParameters(
  tokens: readonly PpToken[],
  open: PpToken,
): Parameters | { readonly ok: false; readonly problem: MacroProblem } {
  const parameters: string[] = [];
  if (tokens[1]?.text === ")") return { ok: true, parameters, variadic: false, next: 2 };
  for (let at = 1; ;) {
    const token = tokens[at++];
    if (token === undefined) return fail("expected `)` after the parameters of the macro", open);
    let variadic = token.text === "...";
    if (!variadic && token.kind !== "name")
      return fail(`expected a parameter, found \`${token.text}\``, token);
    if (parameters.includes(token.text)) return fail(`parameter \`${token.text}\` stands twice`, token);
    parameters.push(variadic ? "__VA_ARGS__" : token.text);
    if (!variadic && tokens[at]?.text === "...") {
      variadic = true;
      at++;
    }
    const after = tokens[at++];
    if (after?.text === ")") return { ok: true, parameters, variadic, next: at };
    if (after?.text !== "," || variadic) {
      return fail(
        `expected ${variadic ? "`)`" : "`,` or `)`"} in the parameters of the macro`,
        after ?? token,
      );
    }
  }
}

function bodyItems(
  tokens: readonly PpToken[],
  parameters: readonly string[] | null,
  variadic: boolean,
): BodyItem[] | MacroProblem {
  const items: BodyItem[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at];
    if (token === undefined) break;
    if (token.text === "##" || token.text === "%:%:") {
      const last = items.pop();
      if (last === undefined || at + 1 === tokens.length) {
        return { text: "`##` cannot stand at either end of a macro's replacement", at: token };
      }
      items.push({ ...last, pasteNext: true });
      continue;
    }
    const index = parameters?.indexOf(token.text) ?? -1;
    if (parameters !== null && token.text === "#") {
      const operand = tokens[at + 1];
      const operandIndex = operand === undefined ? -1 : parameters.indexOf(operand.text);
      if (operandIndex < 0) return { text: "`#` must stand before a parameter of the macro", at: token };
      items.push({ kind: "stringify", index: operandIndex, token, pasteNext: false });
      at++;
    } else if (index >= 0) {
      items.push({ kind: "parameter", index, token, pasteNext: false });
    } else if (variadic && token.text === "__VA_OPT__") {
      const close = closingParenthesis(tokens, at + 1);
      if (close < 0) return { text: "`__VA_OPT__` must be followed by text in parentheses", at: token };
      const body = bodyItems(tokens.slice(at + 2, close), parameters, variadic);
      if (!Array.isArray(body)) return body;
      items.push({ kind: "optional", body, token, pasteNext: false });
      at = close;
    } else {
      items.push({ kind: "token", token, pasteNext: false });
    }
  }
  return items;
}

/** Index of the `)` that closes the `(` at `open`; -1 if there is none. */
function closingParenthesis(tokens: readonly PpToken[], open: number): number {
  if (tokens[open]?.text !== "(") return -1;
  let depth = 0;
  for (let at = open; at < tokens.length; at++) {
    const text = tokens[at]?.text;
    if (text === "(") depth++;
    if (text === ")" && --depth === 0) return at;
  }
  return -1;
}
