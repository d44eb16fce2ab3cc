// The outside opinion on machine code: GNU as, objcopy and objdump of Debian's cross binutils.
// Everything is batched: one process per few ten thousand instructions.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What binutils 2.40 calls the instruction set of spec/isa/riscv64; it does not know Zicond yet. */
export const MARCH = "rv64imafdc_zicsr_zifencei_zba_zbb_zbs";

/** One architecture's tools. */
export interface GnuTools {
  readonly prefix: string;
  readonly march: string;
  /** First lines of every file. */
  readonly start: string;
  /** The directive for an instruction word. */
  readonly word: (word: number, lengthBytes: number) => string;
}

export const riscvTools: GnuTools = {
  prefix: "riscv64-linux-gnu-",
  march: MARCH,
  start: ".option norelax",
  word: (word, lengthBytes) => `.insn ${String(lengthBytes)}, 0x${word.toString(16)}`,
};

/** Armv8.0 with what the tables have beyond it (LSE, CRC32), and newer names of system registers and hints. */
export const arm64Tools: GnuTools = {
  prefix: "aarch64-linux-gnu-",
  march: "armv8.5-a+memtag+rng",
  start: "",
  word: (word) => `.inst 0x${word.toString(16)}`,
};

/** Runs `work` with a scratch directory that is removed afterwards. */
export function withScratch<T>(work: (path: (name: string) => string) => T): T {
  const directory = mkdtempSync(join(tmpdir(), "isa-oracle-"));
  try {
    return work((name) => join(directory, name));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function run(tool: string, args: readonly string[], tools = riscvTools): string {
  return execFileSync(tools.prefix + tool, args, { encoding: "utf8", maxBuffer: 1 << 29 });
}

/** Assembles text; the bytes of .text after linking at 0 without relaxation. */
export function gnuAssemble(text: string, tools = riscvTools): Uint8Array {
  return withScratch((path) => {
    writeFileSync(path("in.s"), `${tools.start}\n${text}\n`);
    run("as", [`-march=${tools.march}`, "-o", path("out.o"), path("in.s")], tools);
    run("ld", ["-Ttext=0", "--no-relax", "-e", "0", "-o", path("out.elf"), path("out.o")], tools);
    run("objcopy", ["-O", "binary", "-j", ".text", path("out.elf"), path("out.bin")], tools);
    return new Uint8Array(readFileSync(path("out.bin")));
  });
}

/** One line of objdump: address, mnemonic and operands without comments and symbol names. */
export interface DumpLine {
  readonly address: number;
  readonly text: string;
}

/** Disassembles instruction words with objdump. */
export function gnuDisassemble(
  words: readonly { word: number; lengthBytes: number }[],
  aliases: boolean,
  tools = riscvTools,
): DumpLine[] {
  return withScratch((path) => {
    const lines = words.map((w) => tools.word(w.word, w.lengthBytes));
    writeFileSync(path("in.s"), `${tools.start}\n${lines.join("\n")}\n`);
    run("as", [`-march=${tools.march}`, "-o", path("out.o"), path("in.s")], tools);
    const options = aliases ? [] : ["-M", "no-aliases"];
    return parseDump(run("objdump", ["-d", ...options, path("out.o")], tools));
  });
}

function parseDump(text: string): DumpLine[] {
  const lines: DumpLine[] = [];
  for (const line of text.split("\n")) {
    const match = /^\s*([0-9a-f]+):\t[0-9a-f ]+\t(.*)$/.exec(line);
    if (match?.[1] === undefined || match[2] === undefined) continue;
    const instruction = match[2]
      .replace(/\s*(?:# |\/\/).*$/, "")
      .replace(/\s*<[^>]*>/, "")
      .replace(/\t/, " ")
      .trim();
    lines.push({ address: parseInt(match[1], 16), text: instruction });
  }
  return lines;
}
