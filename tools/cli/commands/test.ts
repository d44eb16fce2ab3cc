// `pancake test`: runs golden cases, prints what differs, and rewrites expectations on request. Exit code 1 if a case
// failed, so that CI can use it.

import { existsSync } from "node:fs";
import { goldenKinds } from "../../golden/kinds/index.ts";
import { parseCase } from "../../golden/case-file.ts";
import { findCases, runCase, type CaseResult } from "../../golden/runner.ts";
import { EXIT } from "../exit-codes.ts";
import { readText } from "../files.ts";
import { FileProblem } from "../problems.ts";

export interface TestWords {
  readonly accept: boolean;
  readonly list: boolean;
  readonly kinds: boolean;
  readonly filter?: string;
}

export async function testCommand(paths: readonly string[], words: TestWords): Promise<number> {
  if (words.kinds) {
    for (const kind of goldenKinds.values())
      process.stdout.write(`${kind.name.padEnd(10)} ${kind.summary}\n`);
    return EXIT.ok;
  }
  if (words.accept && process.env["CI"] !== undefined) {
    process.stderr.write(
      "pancake: `--accept` does not run in CI: accept on your machine and review the difference\n",
    );
    return EXIT.userError;
  }
  const cases = paths.flatMap(casesAt).filter((path) => matches(path, words.filter));
  if (words.list) {
    for (const path of cases) process.stdout.write(`${path}: ${titleOf(path)}\n`);
    return EXIT.ok;
  }
  if (cases.length === 0) {
    process.stderr.write(`pancake: no cases found in ${paths.join(", ")}\n`);
    return EXIT.userError;
  }
  const counts: Record<CaseResult["status"], number> = {
    passed: 0,
    failed: 0,
    accepted: 0,
    "known-wrong": 0,
  };
  for (const path of cases) {
    const result = await runCase(path, goldenKinds, { accept: words.accept });
    counts[result.status] += 1;
    if (result.status === "failed") process.stdout.write(`FAILED ${result.title}\n${result.detail}\n`);
    if (result.status === "accepted") process.stdout.write(`accepted ${path}\n`);
  }
  return summary(counts, paths);
}

function summary(counts: Readonly<Record<CaseResult["status"], number>>, paths: readonly string[]): number {
  const { passed, failed, accepted, "known-wrong": wrong } = counts;
  const notes = [
    wrong > 0 ? `, ${wrong} known to be wrong` : "",
    accepted > 0 ? `, ${accepted} rewritten` : "",
  ];
  process.stdout.write(`${passed + wrong + accepted} passed, ${failed} failed${notes.join("")}\n`);
  if (failed > 0)
    process.stdout.write(`to accept what was found: pancake test --accept ${paths.join(" ")}\n`);
  return failed > 0 ? EXIT.userError : EXIT.ok;
}

function casesAt(path: string): readonly string[] {
  if (!existsSync(path)) throw new FileProblem(`cannot read \`${path}\`: there is no such file or folder`);
  return findCases(path);
}

function titleOf(path: string): string {
  const parsed = parseCase(path, readText(path));
  return parsed.ok ? parsed.case.title : `line ${parsed.line}: ${parsed.problem}`;
}

function matches(path: string, filter: string | undefined): boolean {
  return filter === undefined || path.includes(filter) || titleOf(path).includes(filter);
}
