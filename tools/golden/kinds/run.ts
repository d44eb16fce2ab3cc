// Kind `run`: a Pancake program, its exit code and its output, the same in every way of running it.
//
// Sections: `input` (the program), optional `stdin`. The expectation is `exit N` (or how else it ended) on the first
// line and the output below. Where the ways of running disagree, the result says which and how.

import { loadBinaryen } from "../../../compiler/target/wasm32/assemble-module.ts";
import { disagreement, defaultRequest, Rejected, runEverywhere } from "../../differential/run-everywhere.ts";
import { moduleObservations } from "../../differential/run-module.ts";
import { sectionText } from "../case-file.ts";
import { requireSection, type GoldenKind } from "../runner.ts";

export const runKind: GoldenKind = {
  name: "run",
  summary: "a program: exit code and output, equal under every evaluator, on the emulator and as WebAssembly",
  budgetLines: 60,
  async run(golden) {
    const source = requireSection(golden, "input");
    const input = sectionText(golden, "stdin") ?? "";
    try {
      const request = { ...defaultRequest, source, input, executors: ["fast", "reference"] } as const;
      const observations = [
        ...runEverywhere(request),
        // The same passes have been evaluated above, but for what selection and allocation make of it.
        ...runEverywhere({ ...request, target: "arm64", evaluate: false }),
        ...moduleObservations(await loadBinaryen())(request),
      ];
      const different = disagreement(observations);
      if (different !== null) return `the ways of running disagree:\n${different}`;
      const [first] = observations;
      return first === undefined ? "nothing ran" : `${first.ending}\n${first.output}`;
    } catch (error) {
      if (error instanceof Rejected) return error.message;
      throw error;
    }
  },
};
