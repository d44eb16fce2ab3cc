// `--explore` as `cake` prints it (reference-compiler.md, 5.1): a title line, a blank line, one S-expression a
// declaration. The first section is upstream's to the letter of its grammar, because the Pancake verifier reads it;
// the later ones hold our stages in their text forms, under upstream's titles where a pass has one.

import type { Analysis } from "../../compiler/compile.ts";
import { printExplore } from "../../compiler/lang/pan/print-explore.ts";
import { programOf } from "../../compiler/pipeline.ts";
import { printStage } from "../../compiler/run-pipeline.ts";
import type { NamedStage } from "./stages.ts";

/** All sections; `stages` are those of the whole pipeline. */
export function cakeExplore(analysis: Analysis, stages: readonly NamedStage[]): string {
  const sections = stages.flatMap(({ name, stage }) => {
    if (stage.language === "surface") return [];
    if (name === "surface-to-pan")
      return [`# initial pancake program\n\n${printExplore(programOf(stage, "pan"), analysis.unit)}`];
    return [`# after ${name.replaceAll("-", "_")}\n\n${printStage(stage).trimEnd()}\n\n`];
  });
  return sections.join("");
}
