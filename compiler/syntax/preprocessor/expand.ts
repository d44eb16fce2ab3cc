// Macro expansion: the algorithm of C17 6.10.3 in the order in which GNU cpp works.
//
// Expansions stand on a stack of contexts. A macro is disabled while its context is on the stack, and a name met then
// is painted for good. A function-like macro may find its `(` after the end of its context, up to the base text.
// Arguments are expanded on their own, behind a barrier. Every token remembers where it was spelled.

import type { Expansion } from "../../source/translation-unit.ts";
import type { BodyItem, Macro } from "./macro.ts";
import { numberEnd, quotedEnd, isWordPart, wouldMerge, type PpKind, type PpToken } from "./pp-token.ts";

/** Where an expansion reads on when its own tokens are used up: the text of the file. */
export interface BaseText {
  /** True if the next token is `(`; reads nothing. */
  readonly isOpenNext: () => boolean;
  /** The next token, over line ends; null at the end of the file. */
  readonly next: () => PpToken | null;
}

/** What can go wrong in an expansion; the caller knows the place. */
export type ExpansionProblem =
  | { readonly kind: "arguments"; readonly macro: Macro; readonly given: number }
  | { readonly kind: "unterminated"; readonly macro: Macro }
  | { readonly kind: "paste"; readonly left: string; readonly right: string }
  | { readonly kind: "tooLarge"; readonly macro: Macro };

export interface ExpanderHost {
  readonly macro: (name: string) => Macro | undefined;
  /** The text of a built-in macro for a use at `token`. */
  readonly builtIn: (macro: Macro, token: PpToken) => string;
  readonly report: (problem: ExpansionProblem) => void;
  /** The value of `__has_include(operand)` in a condition. */
  readonly hasInclude: (operand: string) => boolean;
}

interface Context {
  readonly tokens: readonly PpToken[];
  next: number;
  /** Disabled while the context stands; null: an argument. */
  readonly macro: Macro | null;
  /** Reading never goes past the end of this context. */
  readonly barrier: boolean;
}

interface Argument {
  readonly tokens: readonly PpToken[];
  /** True for variable arguments that were left out with their comma. */
  readonly omitted: boolean;
  expanded: readonly PpToken[] | null;
}

/** Tokens that one use of a macro may expand to. */
const MAX_TOKENS = 1_000_000;
/** Expansions of arguments inside expansions of arguments. */
const MAX_DEPTH = 200;

export class Expander {
  private readonly host: ExpanderHost;
  private readonly contexts: Context[] = [];
  private readonly disabled = new Set<Macro>();
  private base: BaseText | null = null;
  private produced = 0;
  private depth = 0;
  private inCondition = false;

  constructor(host: ExpanderHost) {
    this.host = host;
  }

  /** Expands the use of a macro at `name` in a file's text; null if the name does not invoke it (no `(`). */
  expandUse(name: PpToken, base: BaseText): readonly PpToken[] | null {
    this.begin(base);
    return unlessTooLarge(() => {
      const macro = this.host.macro(name.text);
      return macro === undefined || !this.enter(macro, name) ? null : this.drain();
    }, null);
  }

  /** Expands a complete list of tokens: the operand of a directive. */
  expandList(tokens: readonly PpToken[]): readonly PpToken[] {
    this.begin(null);
    return unlessTooLarge(() => this.expandBehindBarrier(tokens), tokens);
  }

  /** Expands the operand of `#if`: `defined` and `__has_include` are answered on the way. */
  expandCondition(tokens: readonly PpToken[]): readonly PpToken[] {
    this.begin(null);
    this.inCondition = true;
    return unlessTooLarge(() => this.expandBehindBarrier(tokens), tokens);
  }

  private begin(base: BaseText | null): void {
    this.contexts.length = 0;
    this.disabled.clear();
    this.base = base;
    this.produced = 0;
    this.depth = 0;
    this.inCondition = false;
  }

  private drain(): readonly PpToken[] {
    const out: PpToken[] = [];
    for (let token = this.next(); token !== null; token = this.next()) out.push(token);
    return out;
  }

  private expandBehindBarrier(tokens: readonly PpToken[]): readonly PpToken[] {
    this.contexts.push({ tokens, next: 0, macro: null, barrier: true });
    const out = this.drain();
    this.contexts.pop();
    return out;
  }

  /** The next fully expanded token; null at the barrier, or when all contexts are used up. */
  private next(): PpToken | null {
    for (;;) {
      const token = this.step();
      if (token === null) return null;
      if (token.kind !== "name" || token.painted) return token;
      if (this.inCondition && token.text === "defined") return this.definedOperator(token);
      if (this.inCondition && token.text === "__has_include") return this.hasIncludeOperator(token);
      const macro = this.host.macro(token.text);
      if (macro === undefined) return token;
      if (this.disabled.has(macro)) return { ...token, painted: true };
      if (!this.enter(macro, token)) return token;
    }
  }

  /** `defined X` and `defined(X)` as 1 or 0; anything else stays for the evaluator to complain about. */
  private definedOperator(operator: PpToken): PpToken {
    let operand = this.raw();
    const inParentheses = operand?.text === "(";
    if (inParentheses) operand = this.raw();
    if (operand?.kind !== "name") return { ...operator, painted: true };
    if (inParentheses && this.raw()?.text !== ")") return { ...operator, painted: true };
    const isDefined = operand.text === "__has_include" || this.host.macro(operand.text) !== undefined;
    return { ...operator, kind: "number", text: isDefined ? "1" : "0" };
  }

  private hasIncludeOperator(operator: PpToken): PpToken {
    if (this.raw()?.text !== "(") return { ...operator, painted: true };
    const operand: PpToken[] = [];
    for (let token = this.raw(); token?.text !== ")"; token = this.raw()) {
      if (token === null) return { ...operator, painted: true };
      operand.push(token);
    }
    return { ...operator, kind: "number", text: this.host.hasInclude(joinTokens(operand)) ? "1" : "0" };
  }

  /** The next token of the contexts as it stands; ends contexts that are used up. */
  private step(): PpToken | null {
    for (;;) {
      const context = this.contexts.at(-1);
      if (context === undefined) return null;
      const token = context.tokens[context.next];
      if (token !== undefined) {
        context.next++;
        return token;
      }
      if (context.barrier) return null;
      this.contexts.pop();
      if (context.macro !== null) this.disabled.delete(context.macro);
    }
  }

  /** The next token for an argument list: contexts, then the file. Disabled names are painted. */
  private raw(): PpToken | null {
    const token = this.step() ?? (this.contexts.length === 0 ? (this.base?.next() ?? null) : null);
    if (token?.kind !== "name" || token.painted) return token;
    const macro = this.host.macro(token.text);
    return macro !== undefined && this.disabled.has(macro) ? { ...token, painted: true } : token;
  }

  private isOpenNext(): boolean {
    for (let i = this.contexts.length - 1; i >= 0; i--) {
      const context = this.contexts[i];
      const token = context?.tokens[context.next];
      if (token !== undefined) return token.text === "(";
      if (context?.barrier === true) return false;
    }
    return this.base?.isOpenNext() ?? false;
  }

  /** Pushes the expansion of `macro`; false if the name does not invoke it or something was wrong. */
  private enter(macro: Macro, name: PpToken): boolean {
    if (this.depth > MAX_DEPTH) this.overflow(macro);
    let args: readonly Argument[] = [];
    let last = name;
    if (macro.parameters !== null) {
      if (!this.isOpenNext()) return false;
      const collected = this.collect(macro);
      if (collected === null) return false;
      args = collected.args;
      last = collected.close;
    }
    const expansion: Expansion = {
      macro: macro.name,
      definition: macro.definition,
      use: rangeTo(name, last),
      usedIn: name.spelledIn,
    };
    const tokens =
      macro.builtIn === null
        ? this.substitute(macro, args, expansion)
        : [builtInToken(this.host.builtIn(macro, name), name, expansion)];
    const first = tokens[0];
    if (first !== undefined) tokens[0] = { ...first, space: name.space };
    this.produced += tokens.length;
    if (this.produced > MAX_TOKENS) this.overflow(macro);
    this.contexts.push({ tokens, next: 0, macro, barrier: false });
    this.disabled.add(macro);
    return true;
  }

  private overflow(macro: Macro): never {
    this.host.report({ kind: "tooLarge", macro });
    throw new Overflow();
  }

  /** Reads `( arguments )`. Null, and a report, if they end too early or are too few or too many. */
  private collect(macro: Macro): { readonly args: readonly Argument[]; readonly close: PpToken } | null {
    this.raw();
    const count = macro.parameters?.length ?? 0;
    const lists: PpToken[][] = [[]];
    let depth = 0;
    for (;;) {
      const token = this.raw();
      if (token === null) {
        this.host.report({ kind: "unterminated", macro });
        return null;
      }
      if (token.text === ")" && depth === 0) {
        const args = this.matchArguments(macro, lists);
        return args === null ? null : { args, close: token };
      }
      if (token.text === "(") depth++;
      if (token.text === ")") depth--;
      const inVariable = macro.variadic && lists.length >= count;
      if (token.text === "," && depth === 0 && !inVariable) lists.push([]);
      else lists.at(-1)?.push(token);
    }
  }

  private matchArguments(macro: Macro, lists: readonly PpToken[][]): readonly Argument[] | null {
    const count = macro.parameters?.length ?? 0;
    const isEmpty = lists.length === 1 && lists[0]?.length === 0;
    const given = isEmpty && count === 0 ? 0 : lists.length;
    const args: Argument[] = lists
      .slice(0, count)
      .map((tokens) => ({ tokens, omitted: false, expanded: null }));
    if (macro.variadic && (given === count - 1 || (count === 1 && isEmpty))) {
      args[count - 1] = { tokens: [], omitted: true, expanded: null };
      return args;
    }
    if (given === count) return args;
    this.host.report({ kind: "arguments", macro, given: isEmpty ? 0 : given });
    return null;
  }

  private expandedArgument(argument: Argument | undefined): readonly PpToken[] {
    if (argument === undefined) return [];
    if (argument.expanded === null) {
      this.depth++;
      argument.expanded = this.expandBehindBarrier(argument.tokens);
      this.depth--;
    }
    return argument.expanded;
  }

  private substitute(macro: Macro, args: readonly Argument[], expansion: Expansion): PpToken[] {
    const out: PpToken[] = [];
    this.substituteItems(macro.body, { macro, args, expansion }, out);
    return out;
  }

  private substituteItems(items: readonly BodyItem[], use: MacroUse, out: PpToken[]): void {
    let paste = false;
    let leftIsEmpty = false;
    let previous: BodyItem | null = null;
    for (const item of items) {
      const tokens = this.realise(item, paste || item.pasteNext, use);
      if (!paste) {
        append(out, spaced(tokens, item.token.space));
        leftIsEmpty = tokens.length === 0;
      } else if (isVariableAfterComma(previous, item, use.macro)) {
        if (item.kind === "parameter" && use.args[item.index]?.omitted === true) out.pop();
        else append(out, spaced(tokens, item.token.space));
        leftIsEmpty = false;
      } else {
        this.paste(out, tokens, leftIsEmpty);
        leftIsEmpty &&= tokens.length === 0;
      }
      paste = item.pasteNext;
      previous = item;
    }
  }

  /** The tokens of one item; `raw` for operands of `##`, whose arguments are not expanded. */
  private realise(item: BodyItem, raw: boolean, use: MacroUse): readonly PpToken[] {
    const { args, expansion } = use;
    switch (item.kind) {
      case "token":
        return [{ ...item.token, spelledIn: expansion, via: expansion }];
      case "stringify":
        return [
          {
            ...item.token,
            ...stringified(args[item.index]?.tokens ?? []),
            spelledIn: expansion,
            via: expansion,
          },
        ];
      case "parameter": {
        const argument = args[item.index];
        const tokens = raw ? (argument?.tokens ?? []) : this.expandedArgument(argument);
        return tokens.map((token) => ({ ...token, via: expansion }));
      }
      case "optional": {
        if (this.expandedArgument(args.at(-1)).length === 0) return [];
        const out: PpToken[] = [];
        this.substituteItems(item.body, use, out);
        return out;
      }
    }
  }

  /** Joins the last token of `out` with the first of `right`. An empty side joins to nothing. */
  private paste(out: PpToken[], right: readonly PpToken[], leftIsEmpty: boolean): void {
    const first = right[0];
    const left = leftIsEmpty ? undefined : out.pop();
    if (first === undefined) {
      if (left !== undefined) out.push(left);
      return;
    }
    if (left === undefined) {
      append(out, right);
      return;
    }
    const text = left.text + first.text;
    const kind = kindOf(text);
    if (kind === null) {
      this.host.report({ kind: "paste", left: left.text, right: first.text });
      out.push(left);
      append(out, right);
    } else {
      out.push({ ...left, text, kind, painted: false });
      append(out, right.slice(1));
    }
  }
}

/** Gives up an expansion that is too large; never leaves this file. */
class Overflow extends Error {}

function unlessTooLarge<R>(expand: () => R, otherwise: R): R {
  try {
    return expand();
  } catch (error) {
    if (error instanceof Overflow) return otherwise;
    throw error;
  }
}

interface MacroUse {
  readonly macro: Macro;
  readonly args: readonly Argument[];
  readonly expansion: Expansion;
}

/** `push` with a spread overflows the stack when the list is long. */
function append(out: PpToken[], tokens: readonly PpToken[]): void {
  for (const token of tokens) out.push(token);
}

/** Writes tokens with spaces only where they stood in the source or where two would become one. */
export function joinTokens(tokens: readonly PpToken[]): string {
  let text = "";
  let before: PpToken | null = null;
  for (const token of tokens) {
    if (before !== null && needsSpace(before, token)) text += " ";
    text += token.text;
    before = token;
  }
  return text;
}

/** True if a space must stand between two tokens that follow one another in an expansion. */
export function needsSpace(before: PpToken, token: PpToken): boolean {
  if (token.space) return true;
  const together =
    before.spelling.inclusion === token.spelling.inclusion &&
    before.spelling.end === token.spelling.start &&
    before.spelledIn === token.spelledIn &&
    before.spelling.end - before.spelling.start === before.text.length;
  return !together && wouldMerge(before.text, token.text);
}

/** GNU: `, ## __VA_ARGS__` drops the comma if the variable arguments are left out, and pastes nothing otherwise. */
function isVariableAfterComma(previous: BodyItem | null, item: BodyItem, macro: Macro): boolean {
  return (
    macro.variadic &&
    item.kind === "parameter" &&
    item.index === (macro.parameters?.length ?? 0) - 1 &&
    previous?.kind === "token" &&
    previous.token.text === ","
  );
}

/** The first token takes the white space of the item that it replaces. */
function spaced(tokens: readonly PpToken[], space: boolean): readonly PpToken[] {
  const first = tokens[0];
  return first === undefined || first.space === space ? tokens : [{ ...first, space }, ...tokens.slice(1)];
}

function rangeTo(name: PpToken, last: PpToken): Expansion["use"] {
  const { inclusion, start, end } = name.spelling;
  const sameText = last.spelling.inclusion === inclusion && last.spelledIn === name.spelledIn;
  return { inclusion, start, end: sameText ? Math.max(end, last.spelling.end) : end };
}

function builtInToken(text: string, name: PpToken, expansion: Expansion): PpToken {
  const kind = text.startsWith('"') ? "string" : "number";
  return { ...name, kind, text, via: expansion };
}

/** C17 6.10.3.2: white space becomes one space; quotes and backslashes inside constants are escaped. */
function stringified(tokens: readonly PpToken[]): { readonly kind: PpKind; readonly text: string } {
  const parts = tokens.map((token, i) => {
    const isConstant = token.kind === "string" || token.kind === "character";
    const text = isConstant ? token.text.replace(/["\\]/g, "\\$&") : token.text;
    return token.space && i > 0 ? ` ${text}` : text;
  });
  return { kind: "string", text: `"${parts.join("")}"` };
}

const OPERATOR = /^(?:\.\.\.|<<=|>>=|->|\+\+|--|<<|>>|[-+*/%&|^<>=!]=|&&|\|\||##|<:|:>|<%|%>|%:|[^\w\s"'])$/;

/** The kind of the one token that `text` is; null if it is not one. */
function kindOf(text: string): PpKind | null {
  const first = text.charCodeAt(0);
  const isDigit = (c: number): boolean => c >= 48 && c <= 57;
  if (isDigit(first) || (first === 46 && isDigit(text.charCodeAt(1)))) {
    return numberEnd(text, 0) === text.length ? "number" : null;
  }
  if (isWordPart(first)) {
    return [...text].every((c) => isWordPart(c.charCodeAt(0))) ? "name" : null;
  }
  if (first === 34 || first === 39) {
    const close = quotedEnd(text, 0);
    return close.closed && close.end === text.length ? (first === 34 ? "string" : "character") : null;
  }
  return OPERATOR.test(text) ? "operator" : null;
}
