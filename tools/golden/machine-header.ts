// The header `target:` of cases that assemble: for which machine.

import type { ObjectMachine } from "../../compiler/object/object-file.ts";
import type { GoldenCase } from "./case-file.ts";
import { CaseProblem } from "./runner.ts";

const machines: readonly ObjectMachine[] = ["riscv64", "arm64"];

/** The machine that a case names; RISC-V if it names none. */
export function machineOf(golden: GoldenCase): ObjectMachine {
  const name = golden.headers.get("target") ?? "riscv64";
  const found = machines.find((machine) => machine === name);
  if (found === undefined)
    throw new CaseProblem(`unknown target \`${name}\`, expected ${machines.join(" or ")}`);
  return found;
}
