// How the command reports a mistake of ours: what failed, on what, and how to report it. Exit code 70.

import { InternalError } from "../../compiler/source/bug.ts";
import { EXIT } from "./exit-codes.ts";
import { versionText } from "./version.ts";

/** Prints the report to standard error and returns the exit code. */
export function reportInternalError(error: unknown): number {
  const where =
    error instanceof InternalError && error.where.length > 0 ? ` in ${error.where.join(", ")}` : "";
  const message = error instanceof Error ? error.message : String(error);
  const stack =
    error instanceof Error && error.stack !== undefined ? error.stack.split("\n").slice(1, 6).join("\n") : "";
  process.stderr.write(
    `pancake: internal error${where}: ${message}\n${stack}\n` +
      `This is a mistake of the toolchain, not of your program. Please report it with the program that shows it,\n` +
      `the command line, and this line: ${versionText()}, node ${process.version}\n`,
  );
  return EXIT.internal;
}
