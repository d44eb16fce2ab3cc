// What lab-to-object and the assembly printer ask of a target, and the targets that answer. One entry a target.
// A target's answers: <isa>/emission.ts.

import type { Isa } from "../../spec/isa/schema.ts";
import type * as lab from "../lang/lab/ast.ts";
import type { ObjectMachine } from "../object/object-file.ts";
import type { CompileOptions } from "../options.ts";
import type { SectionExpander } from "./expand-section.ts";
import { arm64Emission } from "./arm64/emission.ts";
import { machineName, type IsaName } from "./isa-named.ts";
import { riscv64Emission } from "./riscv64/emission.ts";

export interface Emission extends SectionExpander {
  readonly isa: Isa;
  readonly machine: ObjectMachine;
  /** e_flags of objects. */
  readonly flags: number;
  /** Architecture string of objects. */
  readonly architecture: string | null;
  readonly compress: boolean;
  /** Bytes to which a function's first instruction is aligned. */
  readonly codeAlignment: number;
  /** A 16-bit instruction that does nothing: fills a function up to the alignment. */
  readonly padding: number;
  /** DWARF numbers. */
  readonly stackPointer: number;
  readonly link: number;
  /** True if no two functions of the program can be too far apart for a short call. */
  readonly fitsNear: (program: lab.Program) => boolean;
  /** Directives that GNU as wants before the program's code. */
  readonly assemblyHead: (program: lab.Program) => readonly string[];
  /** How assembly writes a symbol (with addend) that the relocation resolves. */
  readonly symbolText: (relocation: number, symbol: string) => string;
}

const known: Readonly<Record<IsaName, (options: CompileOptions) => Emission>> = {
  riscv64: riscv64Emission,
  arm64: arm64Emission,
};

/** The target's answers for a compilation. */
export function emissionOf(options: CompileOptions): Emission {
  return known[machineName(options.target)](options);
}
