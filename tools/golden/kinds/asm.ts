// Kind `asm`: what code a source line becomes. The expectations are comments on the lines themselves:
//
//     x = a + (b << 3);      // riscv64: sh3add
//     return x;              // riscv64-not: addi
//
// A pattern is text that an instruction of the line's code contains (or, with `-not`, that none contains), after
// runs of spaces are folded. Headers as for kind `pass`. The result is `matched`, or what did not and the line's code.

import { analyseText } from "../../differential/run-everywhere.ts";
import { compileToLab, locator } from "../../../compiler/compile.ts";
import type * as lab from "../../../compiler/lang/lab/ast.ts";
import { riscv64 } from "../../../spec/isa/riscv64/riscv64.ts";
import { printLine } from "../../../compiler/lang/lab/print.ts";
import { CaseProblem, requireSection, type GoldenKind } from "../runner.ts";
import { caseOptions } from "./pass.ts";

interface Wanted {
  readonly line: number;
  readonly pattern: string;
  readonly present: boolean;
}

const COMMENT = /\/\/\s*riscv64(-not)?:\s*(.+?)\s*$/;

export const asmKind: GoldenKind = {
  name: "asm",
  summary: "instructions expected on the source lines that they come from",
  budgetLines: 30,
  run(golden) {
    const source = requireSection(golden, "input");
    const wanted = source.split("\n").flatMap(wantedOf);
    if (wanted.length === 0) throw new CaseProblem("no line has a comment `// riscv64: ...`");
    const analysis = analyseText(source);
    const program = compileToLab(analysis, caseOptions(golden), { check: true });
    const code = codeByLine(program, (span) => locator(analysis.unit)(span)?.line ?? 0);
    const misses = wanted.flatMap((item) => missOf(item, code.get(item.line) ?? []));
    return misses.length === 0 ? "matched" : misses.join("\n");
  },
};

function wantedOf(text: string, index: number): readonly Wanted[] {
  const match = COMMENT.exec(text);
  if (match === null) return [];
  const patterns = (match[2] ?? "").split(/\s*;\s*/);
  return patterns.map((pattern) => ({ line: index + 1, pattern, present: match[1] === undefined }));
}

function codeByLine(
  program: lab.Program,
  lineOf: (span: lab.Section["span"]) => number,
): ReadonlyMap<number, string[]> {
  const byLine = new Map<number, string[]>();
  for (const line of program.sections.flatMap((section) => section.lines)) {
    if (line.kind === "label") continue;
    const at = lineOf(line.span);
    const lines = byLine.get(at) ?? [];
    lines.push(printLine(line, riscv64).replace(/\s+/g, " "));
    byLine.set(at, lines);
  }
  return byLine;
}

function missOf({ line, pattern, present }: Wanted, code: readonly string[]): readonly string[] {
  const found = code.some((text) => text.includes(pattern));
  if (found === present) return [];
  const what = present ? `expected \`${pattern}\`` : `did not expect \`${pattern}\``;
  return [`line ${String(line)}: ${what}, found: ${code.join("; ")}`];
}
