// The files of a `compile` or `run` command, sorted by what they are: Pancake source, assembly, objects.

import { hasErrors, type Checked } from "../../compiler/source/diagnostic.ts";
import { renderText } from "../../compiler/source/render.ts";
import { sourceFile } from "../../compiler/source/source-file.ts";
import { unitOfFile } from "../../compiler/source/translation-unit.ts";
import type { CompileOptions } from "../../compiler/options.ts";
import type { ObjectFile } from "../../compiler/object/object-file.ts";
import { readObject } from "../../compiler/object/elf/read-object.ts";
import { readArchive, type Archive } from "../../compiler/object/archive/read-archive.ts";
import { assemble } from "../../compiler/target/assembler/assemble.ts";
import { assemblerNamed } from "../../compiler/target/assembler/assembler-named.ts";
import { emissionOf } from "../../compiler/target/emission.ts";
import { readBytes, readText } from "./files.ts";
import { terminalPalette } from "./palette.ts";
import { NotYet, UsageProblem } from "./problems.ts";

export interface Inputs {
  /** Pancake files, in order; empty: standard input. */
  readonly sources: readonly string[];
  readonly assembly: readonly string[];
  readonly objects: readonly string[];
  readonly archives: readonly string[];
}

/** What is linked with a program. */
export interface OtherParts {
  readonly others: readonly ObjectFile[];
  readonly archives: readonly Archive[];
}

/** Sorts by ending: `.s` is assembly, `.o` an object, `.a` a static library, everything else Pancake. */
export function sortInputs(files: readonly string[]): Inputs {
  const capital = files.find((file) => file.endsWith(".S"));
  if (capital !== undefined) {
    throw new NotYet(`\`${capital}\`: assembly for the C preprocessor is not there yet; give \`.s\` files`);
  }
  return {
    sources: files.filter((file) => !/\.[soa]$/.test(file)),
    assembly: files.filter((file) => file.endsWith(".s")),
    objects: files.filter((file) => file.endsWith(".o")),
    archives: files.filter((file) => file.endsWith(".a")),
  };
}

/** Throws UsageProblem if there is anything but Pancake source: nothing that was given is left out in silence. */
export function refuseOtherParts(inputs: Inputs, option: "-c" | "-S" | "--emit"): void {
  const others = [...inputs.assembly, ...inputs.objects, ...inputs.archives];
  if (others.length === 0) return;
  const names = others.map((path) => `\`${path}\``).join(", ");
  throw new UsageProblem(
    `\`${option}\` takes Pancake files only, which together are one program; found ${names}: assembly, objects and libraries are linked when a program is made, without \`${option}\``,
  );
}

/** Assembles and reads what is to be linked with the program; null if there were errors, which have been printed. */
export function otherParts(inputs: Inputs, options: CompileOptions): OtherParts | null {
  const { flags, machine } = emissionOf(options);
  const assembled = inputs.assembly.map((path) => {
    const text = readText(path);
    return printed(assemble(text, assemblerNamed(machine), { name: path, flags, lines: true }), path, text);
  });
  const read = inputs.objects.map((path) => printed(readObject(readBytes(path), path, machine), path));
  const archives = inputs.archives.map((path) => printed(readArchive(readBytes(path), path), path));
  const others = [...assembled, ...read];
  if (!areAll(others) || !areAll(archives)) return null;
  return { others, archives };
}

// The value of a file, or null after printing what is wrong with it.
function printed<T>({ value, diagnostics }: Checked<T>, path: string, text = ""): T | null {
  if (diagnostics.length > 0) {
    const unit = unitOfFile(sourceFile(path, text));
    process.stderr.write(`${renderText(diagnostics, unit, terminalPalette())}\n`);
  }
  return hasErrors(diagnostics) ? null : value;
}

function areAll<T>(values: readonly (T | null)[]): values is readonly T[] {
  return values.every((value) => value !== null);
}
