// S-expressions and a width-driven printer for them (`explore --format cake`).
//
// A node knows its width on one line, so printing is linear; nothing recurses on depth, because declarations nest as
// deep as a function is long.

/** An atom, or a list. `lines`: the first item stands alone and every other on a line of its own. */
export type Sexp = string | SexpList;

export interface SexpList {
  readonly items: readonly Sexp[];
  readonly lines: boolean;
  /** Characters on one line, the parentheses included. */
  readonly width: number;
}

export function list(...items: readonly Sexp[]): SexpList {
  return { items, lines: false, width: widthOf(items) };
}

export function listOfLines(...items: readonly Sexp[]): SexpList {
  return { items, lines: true, width: widthOf(items) };
}

function widthOf(items: readonly Sexp[]): number {
  const inner = items.reduce(
    (sum, item) => sum + (typeof item === "string" ? item.length : item.width) + 1,
    0,
  );
  return Math.max(2, inner + 1);
}

/** A quoted string; quotes, backslashes and newlines are escaped. */
export function quoted(text: string): string {
  const escaped = text.replace(/["\\]/g, "\\$&").replace(/\n/g, "\\n").replace(/\t/g, "\\t");
  return `"${escaped}"`;
}

const LINE_WIDTH = 78;
/** Deeper nesting is not indented further. */
const MAX_INDENT = 40;

interface Task {
  readonly node: Sexp;
  readonly indent: number;
  /** Text in front: a space, or a line break with its indentation. */
  readonly before: string;
  /** Text behind: closing parentheses. */
  readonly after: string;
}

/** The text of `node`, without a final newline and without blank lines. */
export function printSexp(node: Sexp): string {
  const parts: string[] = [];
  const tasks: Task[] = [{ node, indent: 0, before: "", after: "" }];
  for (let task = tasks.pop(); task !== undefined; task = tasks.pop()) {
    const { indent, before, after } = task;
    parts.push(before);
    if (typeof task.node === "string") parts.push(task.node, after);
    else if (!mustBreak(task.node) && indent + task.node.width + after.length <= LINE_WIDTH) {
      parts.push(onOneLine(task.node), after);
    } else {
      parts.push("(");
      for (const inner of broken(task.node, indent, after).reverse()) tasks.push(inner);
      if (task.node.items.length === 0) parts.push(")", after);
    }
  }
  return parts.join("");
}

function mustBreak(node: SexpList): boolean {
  return node.lines && node.items.length > 2;
}

/** Short; recursion is bounded by the width of a line. */
function onOneLine(node: Sexp): string {
  return typeof node === "string" ? node : `(${node.items.map(onOneLine).join(" ")})`;
}

/** The items of a list that does not fit: leading atoms on its first line, lists below each other. */
function broken(node: SexpList, indent: number, after: string): Task[] {
  const inner = Math.min(indent + 2, MAX_INDENT);
  const last = node.items.length - 1;
  let leading = true;
  return node.items.map((item, i) => {
    leading &&= typeof item === "string" || i === 0;
    const onFirstLine = node.lines ? i === 0 : leading;
    const before = i === 0 ? "" : onFirstLine ? " " : `\n${" ".repeat(inner)}`;
    return { node: item, indent: inner, before, after: i === last ? `)${after}` : "" };
  });
}
