// Forms of Arm64's floating point against GNU binutils: every form and its one-bit neighbours print as objdump prints
// them, and GNU as makes the same words of our text.

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { createDecoder, namedValues } from "../../../runtime/isa/decoder.ts";
import { arm64 } from "../../../spec/isa/arm64/arm64.ts";
import { printInstruction, printWithAliases } from "../../../spec/isa/syntax.ts";
import { Random, sampleValues, wordOf } from "../../isa/samples.ts";
import { withScratch } from "./gnu-tools.ts";

const SEED = 20261131;
const ROUNDS = 24;
const GROUPS = ["FloatScalar", "FloatVector", "FloatConversions"];
const MARCH = "-march=armv8-a";

function run(tool: string, ...args: readonly string[]): string {
  return execFileSync(`aarch64-linux-gnu-${tool}`, args, { encoding: "utf8", maxBuffer: 1 << 28 });
}

function assembled(lines: readonly string[]): number[] {
  return withScratch((path) => {
    writeFileSync(path("in.s"), `${lines.join("\n")}\n`);
    run("as", MARCH, "-o", path("out.o"), path("in.s"));
    run("objcopy", "-O", "binary", "-j", ".text", path("out.o"), path("out.bin"));
    const bytes = readFileSync(path("out.bin"));
    return lines.map((_, i) => bytes.readUInt32LE(4 * i));
  });
}

function dumped(words: readonly number[], ...options: readonly string[]): string[] {
  return withScratch((path) => {
    writeFileSync(path("in.s"), `${words.map((word) => `.inst 0x${word.toString(16)}`).join("\n")}\n`);
    run("as", MARCH, "-o", path("out.o"), path("in.s"));
    const lines = run("objdump", "-d", ...options, path("out.o")).matchAll(
      /^\s*[0-9a-f]+:\t[0-9a-f]+ \t(.*)$/gm,
    );
    return Array.from(lines, ([, text = ""]) =>
      text
        .replace(/\s*\/\/.*/, "")
        .replace("\t", " ")
        .trim(),
    );
  });
}

// Words that are floating point to us: samples of every form, and what they become by another bit.
function words(): number[] {
  const random = new Random(SEED);
  const decoder = createDecoder(arm64);
  const isFloat = (word: number): boolean => GROUPS.includes(decoder.decode(word)?.instruction.group ?? "");
  const all = new Set<number>();
  for (const instruction of arm64.instructions.filter((i) => GROUPS.includes(i.group))) {
    for (let round = 0; round < ROUNDS; round += 1) {
      const word = wordOf(arm64, instruction, sampleValues(arm64, instruction, random, round));
      all.add(word);
      all.add((word ^ (1 << random.below(32))) >>> 0);
    }
  }
  return [...all].filter(isFloat);
}

const chosen = words();
const decoder = createDecoder(arm64);
const decoded = chosen.map((word) => decoder.decode(word));

function texts(print: typeof printInstruction): string[] {
  return decoded.map((d) => (d === null ? "" : print(arm64, d.instruction, namedValues(d))));
}

it.each([
  { name: "without aliases", print: printInstruction, options: ["-M", "no-aliases"] },
  { name: "with aliases", print: printWithAliases, options: [] },
])("print as objdump does, $name", ({ print, options }) => {
  const [ours, theirs] = [texts(print), dumped(chosen, ...options)];
  expect(ours.length).toBeGreaterThan(10_000);
  expect(theirs.length).toBe(ours.length);
  const different = ours.flatMap((text, i) =>
    text === theirs[i] ? [] : [`ours ${text}, objdump ${String(theirs[i])}`],
  );
  expect(different.slice(0, 20)).toEqual([]);
});

it("are read by GNU as as they are written", () => {
  const found = assembled(texts(printInstruction));
  const different = chosen.filter((word, i) => word !== found[i]).map((word) => word.toString(16));
  expect(different.slice(0, 20)).toEqual([]);
});
