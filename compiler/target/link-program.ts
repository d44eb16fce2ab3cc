// From the program's object and the user's other objects to an ELF program for the operating system asked for.
// Relies on start-up.ts and the linker. Guarantees: without errors, a complete program.

import { diagnose, type Checked } from "../source/diagnostic.ts";
import { NO_SPAN } from "../source/span.ts";
import { withDebugSections } from "../object/dwarf/debug-sections.ts";
import { link } from "../object/link/link.ts";
import type { Archive } from "../object/archive/read-archive.ts";
import { machineNamed } from "../object/machine/machine-named.ts";
import type { ObjectFile } from "../object/object-file.ts";
import type { CompileOptions } from "../options.ts";
import { SYMBOLS } from "./environment.ts";
import { startUpObjects } from "./start-up.ts";

export interface ProgramParts {
  /** What lab-to-object made. */
  readonly object: ObjectFile;
  /** Objects given beside the program, in order. */
  readonly others: readonly ObjectFile[];
  /** Static libraries given beside the program. */
  readonly archives?: readonly Archive[];
  /** Bytes of stack that the entry needs at least (lab.Program.stackNeed of the entry). */
  readonly stackNeed: number;
  /** Where the program is placed; null: the operating system's usual address. */
  readonly baseAddress: bigint | null;
  /** Name and version of the compiler, and the folder that file names start from: for debuggers. */
  readonly producer: string;
  readonly folder: string;
}

/** The bytes of the program; empty if there are errors. */
export function linkProgram(parts: ProgramParts, options: CompileOptions): Checked<Uint8Array> {
  if (parts.stackNeed > options.stackBytes) {
    const parameters = { need: parts.stackNeed, stack: options.stackBytes };
    return { value: new Uint8Array(0), diagnostics: [diagnose("L0207", NO_SPAN, parameters)] };
  }
  const { machine } = parts.object;
  const { bareBaseAddress, linuxBaseAddress, addressReach } = machineNamed(machine);
  if (options.stackBytes >= addressReach) {
    const parameters = { stack: options.stackBytes, machine, reach: addressReach };
    return { value: new Uint8Array(0), diagnostics: [diagnose("L0208", NO_SPAN, parameters)] };
  }
  const usual = options.os === "none" ? bareBaseAddress : linuxBaseAddress;
  const objects = [parts.object, ...parts.others, ...startUpObjects(options)].map((o) =>
    withDebugSections(o, { producer: parts.producer, folder: parts.folder }),
  );
  return link(objects, {
    entry: SYMBOLS.start,
    baseAddress: parts.baseAddress ?? usual,
    archives: parts.archives ?? [],
  });
}
