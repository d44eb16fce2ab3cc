// Kind `pass NAME`: the text form of a language in, the text form after that one pass out.
//
// Both are checked with the rules of their language, so a case cannot show nonsense. Headers: `optimise: 0|1|2`,
// `march: zba,zbb`, and `facts:` with what earlier passes have established.

import {
  languages,
  makeStage,
  pipeline,
  type Language,
  type Stage,
  type StageFacts,
} from "../../../compiler/pipeline.ts";
import { defaultOptions, type CompileOptions } from "../../../compiler/options.ts";
import { checkStage, printStage } from "../../../compiler/run-pipeline.ts";
import { printViolation } from "../../../compiler/lang/violation.ts";
import type { GoldenCase } from "../case-file.ts";
import { CaseProblem, requireSection, type GoldenKind } from "../runner.ts";

export const passKind: GoldenKind = {
  name: "pass",
  summary: "one pass: text form in, text form out",
  budgetLines: 40,
  run(golden) {
    const name = golden.kindArguments[0];
    const entry = pipeline.find((row) => row.name === name);
    if (entry === undefined) {
      throw new CaseProblem(
        `no pass \`${name ?? ""}\`; known: ${pipeline.map((row) => row.name).join(", ")}`,
      );
    }
    const facts = factsOf(golden.headers.get("facts"));
    const before = readStage(entry.from, requireSection(golden, "input"));
    demand(before, facts, "input");
    const after = entry.run(before, { options: caseOptions(golden) });
    demand(after, entry.from === entry.to ? { ...facts, ...entry.facts } : entry.facts, "output");
    return printStage(after);
  },
};

/** Reads the text form of a language; a mistake in it is a CaseProblem. */
export function readStage(language: Language, text: string): Stage {
  const { parse } = languages[language];
  if (parse === null) throw new CaseProblem(`${language} has no text form to read`);
  const parsed = parse(text);
  if (!parsed.ok)
    throw new CaseProblem(`input line ${parsed.line}, column ${parsed.column}: ${parsed.message}`);
  return makeStage(language, parsed.value);
}

/** Options from the headers of a case. */
export function caseOptions(golden: GoldenCase): CompileOptions {
  const level = Number(golden.headers.get("optimise") ?? "1");
  if (level !== 0 && level !== 1 && level !== 2) throw new CaseProblem("`optimise:` takes 0, 1 or 2");
  const words = golden.headers.get("march")?.split(/[\s,_]+/) ?? [];
  const extensions = words.filter((word) => !word.startsWith("rv64"));
  return { ...defaultOptions, optimise: level, extensions };
}

/** `raw simplified` → both true. */
export function factsOf(header: string | undefined): StageFacts {
  const names = header?.split(/[\s,]+/).filter((name) => name !== "") ?? [];
  return Object.fromEntries(names.map((name) => [name, true]));
}

function demand(stage: Stage, facts: StageFacts, which: string): void {
  const violations = checkStage(stage, facts);
  if (violations.length > 0) {
    throw new CaseProblem(
      `the ${which} breaks the rules of ${stage.language}:\n${violations.map(printViolation).join("\n")}`,
    );
  }
}
