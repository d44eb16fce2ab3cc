// The assembler never throws, whatever it reads, and its diagnostics stand inside the text.

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { assemble } from "../../compiler/target/assembler/assemble.ts";
import { riscv64Target } from "../../compiler/target/assembler/riscv64-target.ts";
import { findCases } from "../../tools/golden/runner.ts";
import { Random } from "./samples.ts";

const SEED = 20261106;
const fragments = ["(", ")", ",", "%hi(", '"', "\\", "1f", "1b:", "- ", "li a0,", "la x1,", ".word", "= x", "/*", "\u0000", "é", "9".repeat(40), "call", ";"]; // prettier-ignore

function inputs(): string[] {
  return findCases("test/cases/asm-files").map((path) => {
    const [, input = ""] = readFileSync(path, "utf8").split(/---- (?:input|expect)\n/);
    return input;
  });
}

function mutate(text: string, random: Random): string {
  const at = random.below(text.length + 1);
  const length = random.below(12);
  const kind = random.below(3);
  if (kind === 0) return text.slice(0, at) + text.slice(at + length);
  if (kind === 1)
    return text.slice(0, at) + (fragments[random.below(fragments.length)] ?? "") + text.slice(at);
  const from = random.below(text.length + 1);
  return text.slice(0, at) + text.slice(from, from + 40) + text.slice(at);
}

it("survives mutated files", () => {
  const random = new Random(SEED);
  for (const input of inputs()) {
    let text = input.replace(/1100000|5000/g, "300");
    for (let round = 0; round < 60; round += 1) {
      text = round % 10 === 0 ? input.replace(/1100000|5000/g, "300") : mutate(text, random);
      const { diagnostics } = assemble(text, riscv64Target, { compress: round % 2 === 0 });
      for (const d of diagnostics) {
        expect(d.span.start, `${d.code} in ${text}`).toBeGreaterThanOrEqual(0);
        expect(d.span.end, `${d.code} in ${text}`).toBeLessThanOrEqual(text.length + 1);
      }
    }
  }
});

it.each([
  ["an empty file", ""],
  ["deep parentheses", `.word ${"(".repeat(10_000)}1${")".repeat(10_000)}`],
  ["many prefixes", `.word ${"-".repeat(10_000)}1`],
  ["a long sum", `.word ${"1 + ".repeat(250_000)}1`],
  [
    "a chain of values",
    Array.from({ length: 2_000 }, (_, i) => `v${String(i)} = v${String(i + 1)}`).join("\n"),
  ],
  ["a long line", `.byte ${"1, ".repeat(50_000)}1`],
  ["binary", String.fromCharCode(...Array.from({ length: 4096 }, (_, i) => (i * 7919) % 256))],
])("survives %s", (_, text) => {
  expect(() => assemble(text, riscv64Target)).not.toThrow();
});
