// Reading and writing files for commands, with the host's failures as diagnostics on standard error.

import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { FileProblem, UsageProblem } from "./problems.ts";

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a directory, not a file",
  EACCES: "permission denied",
  EMFILE: "too many open files",
  ENOTDIR: "a part of its path is not a directory",
  ENOSPC: "no space is left on the device",
  EADDRINUSE: "another program has the port",
};

/** Why the host refused something, in words. */
export function hostErrorText(error: unknown): string {
  if (error instanceof Error && "code" in error && typeof error.code === "string") {
    return reasons[error.code] ?? error.message;
  }
  return error instanceof Error ? error.message : String(error);
}

/** The bytes of `path`; `-` is standard input. `option`: who asks, for the message. */
export function readBytes(path: string, option?: string): Uint8Array {
  try {
    return readFileSync(path === "-" ? 0 : path);
  } catch (error) {
    const asker = option === undefined ? "" : `${option}: `;
    throw new FileProblem(`${asker}cannot read \`${path}\`: ${hostErrorText(error)}`);
  }
}

/** The text of `path` as UTF-8; `-` is standard input. Bytes that are not UTF-8 become U+FFFD, which the lexer reports. */
export function readText(path: string): string {
  return new TextDecoder("utf-8").decode(readBytes(path));
}

/** The text of `path`, or null if it cannot be read: what the preprocessor asks for. */
export function readTextIfPresent(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

/** The reader of our output has gone (`pancake ... | head`): nothing is left to do. */
export function isClosedPipe(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EPIPE";
}

/** Writes a file; `-` is standard output. */
export function writeOutput(path: string, data: Uint8Array | string, mode?: number): void {
  if (path === "-") {
    process.stdout.write(data);
    return;
  }
  try {
    writeFileSync(path, data, mode === undefined ? {} : { mode });
  } catch (error) {
    throw new FileProblem(`cannot write \`${path}\`: ${writeErrorText(path, error)}`);
  }
}

/** Why the host refused to make or write the file `path`, in words. */
export function writeErrorText(path: string, error: unknown): string {
  const folder = dirname(path);
  return existsSync(folder) ? hostErrorText(error) : `there is no folder \`${folder}\``;
}

/** Throws UsageProblem if `output` is the same file as one of `inputs`, by whatever name: sources are never lost. */
export function refuseOverwrite(output: string, inputs: readonly string[]): void {
  const target = output === "-" ? null : fileIdentity(output);
  if (target === null || !inputs.some((input) => fileIdentity(input) === target)) return;
  throw new UsageProblem(`the output \`${output}\` is also an input; name another file after \`-o\``);
}

/** The same text for the same ordinary file, whatever its path; null if there is none. */
export function fileIdentity(path: string): string | null {
  try {
    const stat = statSync(path);
    return stat.isFile() ? `${String(stat.dev)}:${String(stat.ino)}` : null;
  } catch {
    return null;
  }
}
