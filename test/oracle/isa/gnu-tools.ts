// The outside opinion on RISC-V machine code: GNU as, objcopy and objdump of Debian's riscv64 cross binutils.
// Everything is batched: one process per few ten thousand instructions.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PREFIX = "riscv64-linux-gnu-";
/** What binutils 2.40 calls the instruction set of spec/isa/riscv64; it does not know Zicond yet. */
export const MARCH = "rv64imafdc_zicsr_zifencei_zba_zbb_zbs";

/** Runs `work` with a scratch directory that is removed afterwards. */
export function withScratch<T>(work: (path: (name: string) => string) => T): T {
  const directory = mkdtempSync(join(tmpdir(), "isa-oracle-"));
  try {
    return work((name) => join(directory, name));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function run(tool: string, args: readonly string[]): string {
  return execFileSync(PREFIX + tool, args, { encoding: "utf8", maxBuffer: 1 << 29 });
}

/** Assembles text; the bytes of .text after linking at 0 without relaxation. */
export function gnuAssemble(text: string, march = MARCH): Uint8Array {
  return withScratch((path) => {
    writeFileSync(path("in.s"), `.option norelax\n${text}\n`);
    run("as", [`-march=${march}`, "-o", path("out.o"), path("in.s")]);
    run("ld", ["-Ttext=0", "--no-relax", "-e", "0", "-o", path("out.elf"), path("out.o")]);
    run("objcopy", ["-O", "binary", "-j", ".text", path("out.elf"), path("out.bin")]);
    return new Uint8Array(readFileSync(path("out.bin")));
  });
}

/** Assembles a file and links it with each section at its address; the entry is `_start`. */
export function gnuLink(source: string, output: string, places: Readonly<Record<string, number>>): void {
  run("as", [`-march=${MARCH}`, "-mno-relax", "-o", `${output}.o`, source]);
  const starts = Object.entries(places).map(([name, at]) => `--section-start=${name}=0x${at.toString(16)}`);
  run("ld", [...starts, "--no-relax", "-o", output, `${output}.o`]);
}

/** One line of objdump: address, mnemonic and operands without comments and symbol names. */
export interface DumpLine {
  readonly address: number;
  readonly text: string;
}

/** Disassembles instruction words (lengths by their low bits) with objdump. */
export function gnuDisassemble(
  words: readonly { word: number; lengthBytes: number }[],
  aliases: boolean,
): DumpLine[] {
  return withScratch((path) => {
    const lines = words.map((w) => `.insn ${String(w.lengthBytes)}, 0x${w.word.toString(16)}`);
    writeFileSync(path("in.s"), `.option norelax\n${lines.join("\n")}\n`);
    run("as", [`-march=${MARCH}`, "-o", path("out.o"), path("in.s")]);
    const options = aliases ? [] : ["-M", "no-aliases"];
    return parseDump(run("objdump", ["-d", ...options, path("out.o")]));
  });
}

function parseDump(text: string): DumpLine[] {
  const lines: DumpLine[] = [];
  for (const line of text.split("\n")) {
    const match = /^\s*([0-9a-f]+):\t[0-9a-f ]+\t(.*)$/.exec(line);
    if (match?.[1] === undefined || match[2] === undefined) continue;
    const instruction = match[2]
      .replace(/\s*#.*$/, "")
      .replace(/\s*<[^>]*>/, "")
      .replace(/\t/, " ")
      .trim();
    lines.push({ address: parseInt(match[1], 16), text: instruction });
  }
  return lines;
}
