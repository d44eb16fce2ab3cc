// Runs golden cases: finds them, gives each to its kind, compares, and rewrites on request.
//
// Used by `pancake test`, by `npm test` (test/golden.test.ts) and by `npm run golden`. Files are found in name order,
// so a run is deterministic.

import { createTwoFilesPatch } from "diff";
import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Rejected } from "../differential/run-everywhere.ts";
import { parseCase, sectionText, withExpectation, type GoldenCase } from "./case-file.ts";

/** Runs one kind of case. `run` returns the actual text that `---- expect` is compared with. */
export interface GoldenKind {
  readonly name: string;
  /** What the kind checks, for `pancake test --kinds`. */
  readonly summary: string;
  /** Longest allowed case of ours in lines (test/house). */
  readonly budgetLines: number;
  /** The actual result, compared with the expectation; a problem with the case itself is a CaseProblem. */
  readonly run: (golden: GoldenCase) => string | Promise<string>;
}

/** A case that cannot be run as written: unknown kind, missing section, a pass that does not exist. */
export class CaseProblem extends Error {}

export type CaseResult =
  | { readonly status: "passed" | "known-wrong"; readonly path: string; readonly title: string }
  | { readonly status: "accepted"; readonly path: string; readonly title: string }
  | { readonly status: "failed"; readonly path: string; readonly title: string; readonly detail: string };

/**
 * Every case at or below `path`, in name order: `path` itself if it is a file, else the files that look like a case,
 * whatever their ending. Throws the host's error if `path` does not exist.
 */
export function findCases(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => looksLikeCase(readFileSync(file, "utf8")))
    .sort();
}

/** A title line, and a `kind:` line before the first section. */
function looksLikeCase(text: string): boolean {
  return text.startsWith("# ") && /^kind:/m.test(text.split(/^---- /m, 1)[0] ?? "");
}

/** The text of section `name`; throws CaseProblem if the case has none. */
export function requireSection(golden: GoldenCase, name: string): string {
  const text = sectionText(golden, name);
  if (text === null) throw new CaseProblem(`kind ${golden.kind} needs a section \`---- ${name}\``);
  return text;
}

/** Runs the case in `path` and compares; `accept` rewrites the expectation instead of failing. */
export async function runCase(
  path: string,
  kinds: ReadonlyMap<string, GoldenKind>,
  options: { readonly accept: boolean },
): Promise<CaseResult> {
  const text = readFileSync(path, "utf8");
  const parsed = parseCase(path, text);
  if (!parsed.ok)
    return { status: "failed", path, title: path, detail: `${path}:${parsed.line}: ${parsed.problem}` };
  const golden = parsed.case;
  const { title } = golden;
  const failed = (detail: string): CaseResult => ({ status: "failed", path, title, detail });
  const kind = kinds.get(golden.kind);
  if (kind === undefined) {
    return failed(`${path}: unknown kind \`${golden.kind}\`; known: ${[...kinds.keys()].join(", ")}`);
  }
  let actual: string;
  try {
    actual = trimEnd(await kind.run(golden));
  } catch (error) {
    if (error instanceof CaseProblem) return failed(`${path}: ${error.message}`);
    if (error instanceof Rejected) return failed(`${path}: the program has errors:\n${error.message}`);
    throw error;
  }
  const expected = trimEnd(requireSection(golden, "expect"));
  if (actual === expected)
    return { status: golden.headers.has("known-wrong") ? "known-wrong" : "passed", path, title };
  if (options.accept) {
    writeFileSync(path, withExpectation(text, actual));
    return { status: "accepted", path, title };
  }
  return failed(difference(path, expected, actual));
}

function trimEnd(text: string): string {
  return text.replace(/\s+$/, "");
}

function difference(path: string, expected: string, actual: string): string {
  const patch = createTwoFilesPatch(path, path, `${expected}\n`, `${actual}\n`, "expected", "actual", {
    context: 3,
  });
  return patch.split("\n").slice(1).join("\n");
}
