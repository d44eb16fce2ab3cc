// How RV64 code becomes objects and assembly. Relies on expand-line.ts and spec/abi.

import { R_RISCV } from "../../../spec/abi/elf-riscv64.ts";
import { EF_RISCV } from "../../../spec/abi/elf.ts";
import { riscv64Calls } from "../../../spec/abi/riscv64-calls.ts";
import { encode } from "../../../spec/isa/encoding.ts";
import { riscv64 } from "../../../spec/isa/riscv64/riscv64.ts";
import type * as lab from "../../lang/lab/ast.ts";
import type { CompileOptions } from "../../options.ts";
import type { Emission } from "../emission.ts";
import { riscv64Expander } from "./expand-line.ts";

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

export function riscv64Emission(options: CompileOptions): Emission {
  const compress = options.optimise >= 1;
  // GNU ld refuses to mix floating-point conventions in one program; no code of ours passes floating-point values, so
  // an object takes the convention of the C code that it will meet: lp64d under Linux, lp64 on the bare machine.
  const convention = options.os === "none" ? EF_RISCV.FLOAT_ABI_SOFT : EF_RISCV.FLOAT_ABI_DOUBLE;
  const letters = ["i", "m", "a", ...(compress ? ["c"] : []), ...[...options.extensions].sort()];
  return {
    ...riscv64Expander,
    isa: riscv64,
    machine: "riscv64",
    flags: convention + (compress ? EF_RISCV.RVC : 0),
    architecture: `rv64${letters.map((name) => name + (extensionVersions[name] ?? "1p0")).join("_")}`,
    compress,
    codeAlignment: 4,
    padding: encode(riscv64, "c.nop", { imm: 0 }),
    stackPointer: riscv64Calls.stackPointer,
    link: riscv64Calls.link,
    fitsNear,
    assemblyHead: (program) => [
      ".option norelax",
      compress ? ".option rvc" : ".option norvc",
      ...usedExtensions(program, options).map((extension) => `.option arch, +${extension}`),
    ],
    symbolText: (relocation, symbol) => {
      const operator = operators[relocation];
      return operator === undefined ? symbol : `${operator}(${symbol})`;
    },
  };
}

const operators: Readonly<Record<number, string>> = {
  [R_RISCV.PCREL_HI20]: "%pcrel_hi",
  [R_RISCV.PCREL_LO12_I]: "%pcrel_lo",
  [R_RISCV.PCREL_LO12_S]: "%pcrel_lo",
};

function fitsNear(program: lab.Program): boolean {
  const bytes = program.sections.reduce(
    (sum, s) => s.lines.reduce((n, line) => n + lineBytes(line), sum + 4),
    0,
  );
  return bytes <= NEAR_BYTES;
}

// An upper bound of the bytes of one Lab line.
function lineBytes(line: lab.Line): number {
  if (line.kind === "label") return 0;
  return line.kind === "machine" ? 4 : 12;
}

// Only what the program uses: an older GNU as does not know the name of every extension.
function usedExtensions(program: lab.Program, options: CompileOptions): readonly string[] {
  const groups = new Set<string>();
  for (const section of program.sections) {
    for (const line of section.lines) {
      if (line.kind === "machine") groups.add(riscv64.instruction(line.ins).group.toLowerCase());
    }
  }
  return options.extensions.filter((name) => groups.has(name));
}
