// What lab-to-object and the assembly printer ask of a target, and the targets that answer. One entry a target.
// Relies on <isa>/expand-line.ts and spec/abi.

import { EF_RISCV } from "../../spec/abi/elf.ts";
import { riscv64Calls } from "../../spec/abi/riscv64-calls.ts";
import { encode } from "../../spec/isa/encoding.ts";
import { riscv64 } from "../../spec/isa/riscv64/riscv64.ts";
import type { Isa } from "../../spec/isa/schema.ts";
import type * as lab from "../lang/lab/ast.ts";
import type { ObjectMachine } from "../object/object-file.ts";
import type { CompileOptions } from "../options.ts";
import { bug } from "../source/bug.ts";
import type { ExpandOptions, Item } from "./code-item.ts";
import { expandSection } from "./riscv64/expand-line.ts";

export interface Emission {
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
  readonly expand: (section: lab.Section, options: ExpandOptions) => readonly Item[];
  /** True if no two functions of the program can be too far apart for a short call. */
  readonly fitsNear: (program: lab.Program) => boolean;
}

// Versions as GNU as 2.40 writes them into `.riscv.attributes`.
const extensionVersions: Readonly<Record<string, string>> = {
  i: "2p1",
  m: "2p0",
  a: "2p1",
  c: "2p0",
  zicond: "1p0",
  zicsr: "2p0",
  zifencei: "2p0",
  zba: "1p0",
  zbb: "1p0",
  zbs: "1p0",
};
const NEAR_BYTES = (1 << 20) - (1 << 16);

/** An upper bound of the bytes of one Lab line. */
function lineBytes(line: lab.Line): number {
  if (line.kind === "label") return 0;
  return line.kind === "machine" ? 4 : 12;
}

function riscv64Emission(options: CompileOptions): Emission {
  const compress = options.optimise >= 1;
  // GNU ld refuses to mix floating-point conventions in one program; no code of ours passes floating-point values, so
  // an object takes the convention of the C code that it will meet: lp64d under Linux, lp64 on the bare machine.
  const convention = options.os === "none" ? EF_RISCV.FLOAT_ABI_SOFT : EF_RISCV.FLOAT_ABI_DOUBLE;
  const letters = ["i", "m", "a", ...(compress ? ["c"] : []), ...[...options.extensions].sort()];
  return {
    isa: riscv64,
    machine: "riscv64",
    flags: convention + (compress ? EF_RISCV.RVC : 0),
    architecture: `rv64${letters.map((name) => name + (extensionVersions[name] ?? "1p0")).join("_")}`,
    compress,
    codeAlignment: 4,
    padding: encode(riscv64, "c.nop", { imm: 0 }),
    stackPointer: riscv64Calls.stackPointer,
    link: riscv64Calls.link,
    expand: expandSection,
    fitsNear: (program) => {
      const bytes = program.sections.reduce(
        (sum, s) => s.lines.reduce((n, line) => n + lineBytes(line), sum + 4),
        0,
      );
      return bytes <= NEAR_BYTES;
    },
  };
}

const emissions: Readonly<Partial<Record<CompileOptions["target"], (options: CompileOptions) => Emission>>> =
  {
    riscv64: riscv64Emission,
  };

/** The target's answers for a compilation. Targets without code of their own are refused before this point. */
export function emissionOf(options: CompileOptions): Emission {
  return (emissions[options.target] ?? bug(`no code for the target ${options.target} yet`))(options);
}
