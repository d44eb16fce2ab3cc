// The files of a `compile` or `run` command, sorted by what they are: Pancake source, assembly, objects.

import { hasErrors } from "../../compiler/source/diagnostic.ts";
import { renderText } from "../../compiler/source/render.ts";
import { sourceFile } from "../../compiler/source/source-file.ts";
import { unitOfFile } from "../../compiler/source/translation-unit.ts";
import type { CompileOptions } from "../../compiler/options.ts";
import type { ObjectFile } from "../../compiler/object/object-file.ts";
import { readObject } from "../../compiler/object/elf/read-object.ts";
import { assemble } from "../../compiler/target/assembler/assemble.ts";
import { assemblerNamed } from "../../compiler/target/assembler/assembler-named.ts";
import { emissionOf } from "../../compiler/target/emission.ts";
import { readBytes, readText } from "./files.ts";
import { terminalPalette } from "./palette.ts";
import { NotYet } from "./problems.ts";

export interface Inputs {
  /** Pancake files, in order; empty: standard input. */
  readonly sources: readonly string[];
  readonly assembly: readonly string[];
  readonly objects: readonly string[];
}

/** Sorts by ending: `.s` is assembly, `.o` an object, everything else Pancake. */
export function sortInputs(files: readonly string[]): Inputs {
  const capital = files.find((file) => file.endsWith(".S"));
  if (capital !== undefined) {
    throw new NotYet(`\`${capital}\`: assembly for the C preprocessor is not there yet; give \`.s\` files`);
  }
  return {
    sources: files.filter((file) => !/\.[so]$/.test(file)),
    assembly: files.filter((file) => file.endsWith(".s")),
    objects: files.filter((file) => file.endsWith(".o")),
  };
}

/** Assembles and reads what is to be linked with the program; null if there were errors, which have been printed. */
export function otherObjects(inputs: Inputs, options: CompileOptions): readonly ObjectFile[] | null {
  const { flags, machine } = emissionOf(options);
  const assembled = inputs.assembly.map((path) => {
    const text = readText(path);
    const made = assemble(text, assemblerNamed(machine), { name: path, flags, lines: true });
    const unit = unitOfFile(sourceFile(path, text));
    if (made.diagnostics.length > 0) {
      process.stderr.write(`${renderText(made.diagnostics, unit, terminalPalette())}\n`);
    }
    return hasErrors(made.diagnostics) ? null : made.value;
  });
  const read = inputs.objects.map((path) => {
    const made = readObject(readBytes(path), path, machine);
    if (made.diagnostics.length > 0) {
      process.stderr.write(
        `${renderText(made.diagnostics, unitOfFile(sourceFile(path, "")), terminalPalette())}\n`,
      );
    }
    return hasErrors(made.diagnostics) ? null : made.value;
  });
  const all = [...assembled, ...read];
  return all.some((object) => object === null) ? null : all.filter((object) => object !== null);
}
