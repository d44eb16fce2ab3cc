// `pancake explore`: the program after any pass or after all of them, as text, as a page, or as `cake` prints it.

import { order, pipeline } from "../../../compiler/pipeline.ts";
import { printStage } from "../../../compiler/run-pipeline.ts";
import { explorePage } from "../../explore/html.ts";
import { pageStages, SHOWN_AT_FIRST } from "../../explore/page-stages.ts";
import { cakeExplore } from "../../explore/cake-format.ts";
import { passNames, stagesOf } from "../../explore/stages.ts";
import { EXIT } from "../exit-codes.ts";
import { refuseOverwrite, writeOutput } from "../files.ts";
import { analyseFiles, report } from "../front-end.ts";
import { compileOptions, type TargetWords } from "../target-options.ts";
import { UsageProblem } from "../problems.ts";

export interface ExploreWords extends TargetWords {
  readonly pass: string;
  readonly format: "text" | "html" | "cake";
  readonly list: boolean;
  readonly output: string;
}

export function explore(files: readonly string[], words: ExploreWords): number {
  if (words.list) {
    writeOutput(words.output, passList());
    return EXIT.ok;
  }
  const options = compileOptions(words);
  const names = passNames(options);
  if (words.pass !== "all" && !names.includes(words.pass)) {
    throw new UsageProblem(`--pass takes \`all\` or one of: ${names.join(", ")}; found \`${words.pass}\``);
  }
  refuseOverwrite(words.output, files);
  const analysis = analyseFiles(files, words);
  if (report(analysis.diagnostics, analysis.unit, words.warn)) return EXIT.userError;
  const until = words.pass === "all" ? null : words.pass;
  const stages = stagesOf(analysis, options, { until, check: words.check });
  const wanted = until === null ? stages : stages.slice(-1);
  switch (words.format) {
    case "text":
      writeOutput(words.output, wanted.map((s) => `# after ${s.name}\n\n${printStage(s.stage)}\n`).join(""));
      break;
    case "html": {
      const shown = until === null ? SHOWN_AT_FIRST : new Set([until]);
      const title = files.length === 0 ? "standard input" : files.join(", ");
      writeOutput(words.output, explorePage(title, pageStages(analysis, wanted), shown));
      break;
    }
    case "cake":
      writeOutput(words.output, cakeExplore(analysis, stages));
      break;
  }
  return EXIT.ok;
}

/** The pass table and the reasons for its order. */
function passList(): string {
  const rows = pipeline.map(
    ({ name, from, to, since }) => `${name.padEnd(20)} ${from} -> ${to}  (-O${since})`,
  );
  const reasons = order.map(({ first, then, because }) => `${first} before ${then}: ${because}`);
  return `${[...rows, "", ...reasons].join("\n")}\n`;
}
