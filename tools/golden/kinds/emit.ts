// Cases of kind `emit`: a Lab program as GNU assembly, without debugging directives: which instructions stand for
// addresses, calls, branches and traps. `os: cake` and `optimise: 0` in the header change the compilation.

import { parse } from "../../../compiler/lang/lab/parse.ts";
import { defaultOptions, type OsName } from "../../../compiler/options.ts";
import { labToObject } from "../../../compiler/passes/lab-to-object.ts";
import { printAssembly } from "../../../compiler/target/print-assembly.ts";
import { CaseProblem, requireSection, type GoldenKind } from "../runner.ts";

const systems: readonly OsName[] = ["linux", "none", "cake"];

/** Runs an `emit` case. Lines that every program has are left out. */
export const emitKind: GoldenKind = {
  name: "emit",
  summary: "Lab to assembly: the instructions for addresses, calls, branches and traps",
  budgetLines: 50,
  run: (golden) => {
    const parsed = parse(requireSection(golden, "input"));
    if (!parsed.ok) throw new CaseProblem(`input:${String(parsed.line)}: ${parsed.message}`);
    const os = systems.find((name) => name === (golden.headers.get("os") ?? "linux")) ?? "linux";
    const optimise = golden.headers.get("optimise") === "0" ? 0 : 1;
    const options = { ...defaultOptions, target: parsed.value.isa, os, optimise, heapBytes: 64 } as const;
    const locate = (): null => null;
    const object = labToObject(parsed.value, { options, name: "case", locate });
    const { text } = printAssembly(parsed.value, { options, object, locate, debug: false });
    return text.split("\n").filter(isOwn).join("\n");
  },
};

const everywhere = /^ +\.(file|option|type|size|balign|globl)|note\.GNU-stack|^$/;

function isOwn(line: string): boolean {
  return !everywhere.test(line);
}
