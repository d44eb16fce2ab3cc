// Listings of programs for both machines: labels, source lines, instructions, and data between them as data.

import { expect, test } from "vitest";
import { listObject } from "../../runtime/index.ts";
import { assembled } from "./support/assembled.ts";

function listing(text: string, machine: "riscv64" | "arm64"): string[] {
  const result = listObject(assembled(text, machine), "program", { aliases: true });
  if (result.kind !== "listing") throw new Error(result.problems.map((p) => p.message).join("; "));
  return result.lines.map((line) => {
    if (line.kind === "place") return `line ${String(line.line)}`;
    return line.text.replace(/^ *[0-9a-f]+: {2}/, "");
  });
}

const words = `    .word 0x00000013, 0xd503201f
`;

test("Arm64", () => {
  const text = `    .globl _start\n_start:\n    ret\n    b _start\n${words}after:\n    nop\n`;
  expect(listing(text, "arm64")).toEqual([
    "program:",
    "section .text",
    "_start:",
    "line 3",
    "d65f03c0  ret",
    "line 4",
    expect.stringMatching(/^17ffffff {2}b 0x[0-9a-f]+ <_start>$/),
    expect.stringMatching(/^00000013 {2}\.word 0x00000013$/),
    "d503201f  .word 0xd503201f",
    "after:",
    "line 7",
    "d503201f  nop",
  ]);
});

test("RISC-V has instructions everywhere if nothing marks data", () => {
  const lines = listing("    .globl _start\n_start:\n    ret\n", "riscv64");
  expect(lines.at(-1)).toBe("8082      ret");
});
