// Kind `check LANGUAGE [FACT...]`: which rules of a language a program breaks, or `accepted`.

import { languages, type Language } from "../../../compiler/pipeline.ts";
import { checkStage } from "../../../compiler/run-pipeline.ts";
import { printViolation } from "../../../compiler/lang/violation.ts";
import { CaseProblem, requireSection, type GoldenKind } from "../runner.ts";
import { factsOf, readStage } from "./pass.ts";

export const checkKind: GoldenKind = {
  name: "check",
  summary: "the rules of an intermediate language: what breaks them",
  budgetLines: 40,
  run(golden) {
    const [language = "", ...facts] = golden.kindArguments;
    if (!isLanguage(language)) {
      throw new CaseProblem(`no language \`${language}\`; known: ${Object.keys(languages).join(", ")}`);
    }
    const stage = readStage(language, requireSection(golden, "input"));
    const violations = checkStage(stage, factsOf(facts.join(" ")));
    return violations.length === 0 ? "accepted" : violations.map(printViolation).join("\n");
  },
};

function isLanguage(name: string): name is Language {
  return Object.hasOwn(languages, name);
}
