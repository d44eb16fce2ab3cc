// Running the cross tools and qemu-user in a folder of their own, and making objects from Lab text.

import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { analyse, compileProgram } from "../../../compiler/compile.ts";
import type * as lab from "../../../compiler/lang/lab/ast.ts";
import { parse } from "../../../compiler/lang/lab/parse.ts";
import { withDebugSections } from "../../../compiler/object/dwarf/debug-sections.ts";
import type { ObjectFile, ObjectMachine } from "../../../compiler/object/object-file.ts";
import { defaultOptions, type CompileOptions } from "../../../compiler/options.ts";
import { labToObject, type Locate } from "../../../compiler/passes/lab-to-object.ts";
import { oracleIsas, type OracleIsa } from "./oracle-isa.ts";

export interface Ran {
  readonly status: number;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

function isBrokenPipe(error: Error): boolean {
  return "code" in error && error.code === "EPIPE";
}

/** A folder that is removed by `close`. */
export class Workshop {
  readonly folder = mkdtempSync(join(tmpdir(), "pancake-oracle-"));
  readonly isa: OracleIsa;

  constructor(isa: ObjectMachine = "riscv64") {
    this.isa = oracleIsas[isa];
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  write(name: string, data: string | Uint8Array, mode = 0o644): string {
    writeFileSync(this.path(name), data);
    chmodSync(this.path(name), mode);
    return this.path(name);
  }

  read(name: string): Uint8Array {
    return readFileSync(this.path(name));
  }

  readText(name: string): string {
    return readFileSync(this.path(name), "utf8");
  }

  /** Runs a command in the folder; a status other than 0 is a result. */
  run(command: string, args: readonly string[], input = ""): Ran {
    const done = spawnSync(command, args, { cwd: this.folder, input, encoding: "utf8", timeout: 60_000 });
    // A program may leave without having read its input.
    if (done.error !== undefined && !isBrokenPipe(done.error)) throw done.error;
    return { status: done.status ?? -1, signal: done.signal, stdout: done.stdout, stderr: done.stderr };
  }

  /** Runs a tool of the cross toolchain, which must succeed; answers its output. */
  tool(name: string, ...args: readonly string[]): string {
    const done = this.run(this.isa.prefix + name, args);
    if (done.status !== 0) throw new Error(`${name} ${args.join(" ")}: ${done.stdout}${done.stderr}`);
    return done.stdout + done.stderr;
  }

  /** Runs a program under qemu-user. */
  qemu(name: string, input = ""): Ran {
    return this.run(this.isa.qemu, [this.path(name)], input);
  }
}

export const options = (rest: Partial<CompileOptions> = {}): CompileOptions => ({
  ...defaultOptions,
  ...rest,
});

/** The linked program of a Pancake text, which counts as the source file `p.pnk`. */
export function compiled(
  text: string,
  given: CompileOptions,
  others: readonly ObjectFile[] = [],
): Uint8Array {
  const analysis = analyse([{ path: "p.pnk", text }], { reader: { read: () => null } });
  const errors = analysis.diagnostics.filter((d) => d.severity === "error");
  const made = errors.length > 0 ? null : compileProgram(analysis, given, { others, baseAddress: null });
  const problems = [...errors, ...(made?.diagnostics ?? [])];
  if (made === null || problems.length > 0) throw new Error(problems.map((d) => d.message).join("; "));
  return made.value;
}

/** A Lab program from its text. */
export function labProgram(text: string): lab.Program {
  const parsed = parse(text);
  if (!parsed.ok) throw new Error(`${String(parsed.line)}:${String(parsed.column)} ${parsed.message}`);
  return parsed.value;
}

/** Spans of a Lab text as lines of the file `name`. */
export function locateIn(text: string, name: string): Locate {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return (span) => {
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= span.start) low = middle;
      else high = middle;
    }
    return { file: name, line: low + 1, column: span.start - (starts[low] ?? 0) + 1 };
  };
}

/** The object of a Lab text with debugging tables; the text counts as the source file `name`. */
export function labObject(text: string, name: string, given: CompileOptions = options()): ObjectFile {
  const object = labToObject(labProgram(text), { options: given, name, locate: locateIn(text, name) });
  return withDebugSections(object, { producer: "pancake test", folder: "" });
}
