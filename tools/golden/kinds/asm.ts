// Kind `asm`: what code a source line becomes. The expectations are comments on the lines themselves:
//
//     x = a + (b << 3);      // riscv64: sh3add      arm64: lsl #3
//     return x;              // riscv64-not: addi
//
// A pattern is text that an instruction of the line's code contains (or, with `-not`, that none contains), after
// runs of spaces are folded; several are separated by `;`. Instructions have their names in spec/isa. Headers as for
// kind `pass`. The result is `matched`, or what did not and the line's code. A word with a colon that names no target
// is a mistake, so that no expectation is lost.

import { analyseText } from "../../differential/run-everywhere.ts";
import { compileToLab, locator } from "../../../compiler/compile.ts";
import type * as lab from "../../../compiler/lang/lab/ast.ts";
import { isaNamed, isaNames, isIsaName, type IsaName } from "../../../compiler/target/isa-named.ts";
import { printLine } from "../../../compiler/lang/lab/print.ts";
import { CaseProblem, requireSection, type GoldenKind } from "../runner.ts";
import { caseOptions } from "./pass.ts";

interface Wanted {
  readonly target: IsaName;
  readonly line: number;
  readonly pattern: string;
  readonly present: boolean;
}

// A comment that begins with a word and a colon is an expectation.
const COMMENT = /\/\/\s*([\w-]+:.*)$/;
const HEAD = /(?:^|\s+)([\w-]+?)(-not)?:(?:\s+|$)/;
const KNOWN = isaNames.flatMap((name) => [`${name}:`, `${name}-not:`]).join(", ");

export const asmKind: GoldenKind = {
  name: "asm",
  summary: "instructions expected on the source lines that they come from",
  budgetLines: 30,
  run(golden) {
    const source = requireSection(golden, "input");
    const wanted = source.split("\n").flatMap(wantedOf);
    if (wanted.length === 0) throw new CaseProblem(`no line has a comment with an expectation: ${KNOWN}`);
    const analysis = analyseText(source);
    const misses = [...new Set(wanted.map((item) => item.target))].flatMap((target) => {
      const options = { ...caseOptions(golden), target };
      const program = compileToLab(analysis, options, { check: true });
      const code = codeByLine(program, (span) => locator(analysis.unit)(span)?.line ?? 0);
      const own = wanted.filter((item) => item.target === target);
      return own.flatMap((item) => missOf(item, code.get(item.line) ?? []));
    });
    return misses.length === 0 ? "matched" : misses.join("\n");
  },
};

function wantedOf(text: string, index: number): readonly Wanted[] {
  const match = COMMENT.exec(text);
  if (match === null) return [];
  const wanted: Wanted[] = [];
  // Text between the items' heads: target, `-not`, patterns, and so on.
  const [before, ...parts] = (match[1] ?? "").split(HEAD);
  if (before !== "") throw new CaseProblem(`line ${String(index + 1)}: a space is missing after a colon`);
  for (let i = 0; i < parts.length; i += 3) {
    const [target = "", not, patterns = ""] = parts.slice(i, i + 3);
    if (!isIsaName(target))
      throw new CaseProblem(`line ${String(index + 1)}: no expectation \`${target}:\`; known: ${KNOWN}`);
    for (const pattern of patterns.trim().split(/\s*;\s*/)) {
      if (pattern === "") throw new CaseProblem(`line ${String(index + 1)}: nothing is expected`);
      wanted.push({ target, line: index + 1, pattern, present: not === undefined });
    }
  }
  return wanted;
}

function codeByLine(
  program: lab.Program,
  lineOf: (span: lab.Section["span"]) => number,
): ReadonlyMap<number, string[]> {
  const isa = isaNamed(program.isa);
  const byLine = new Map<number, string[]>();
  for (const line of program.sections.flatMap((section) => section.lines)) {
    if (line.kind === "label") continue;
    const at = lineOf(line.span);
    const lines = byLine.get(at) ?? [];
    lines.push(printLine(line, isa).replace(/\s+/g, " "));
    byLine.set(at, lines);
  }
  return byLine;
}

function missOf({ target, line, pattern, present }: Wanted, code: readonly string[]): readonly string[] {
  const found = code.some((text) => text.includes(pattern));
  if (found === present) return [];
  const what = present ? `expected \`${pattern}\`` : `did not expect \`${pattern}\``;
  return [`${target} line ${String(line)}: ${what}, found: ${code.join("; ")}`];
}
