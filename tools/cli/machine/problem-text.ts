// Diagnostics of the machine on standard error.

import type { Problem } from "../../../runtime/problem.ts";
import { EXIT } from "../exit-codes.ts";

export function printProblem({ code, severity, message, help }: Problem): void {
  process.stderr.write(`${severity}[${code}]: ${message}\n${help === null ? "" : `  = help: ${help}\n`}`);
}

/** Prints what is wrong with the input; the exit code for that. */
export function refuse(wrong: Problem): number {
  printProblem(wrong);
  return EXIT.userError;
}
