// Every instruction of both machines through the assembler: the text that the tables print gives the word that the
// encoder makes, with and without aliases.

import { describe, expect, test } from "vitest";
import { machineNamed } from "../../compiler/object/machine/machine-named.ts";
import { assemble } from "../../compiler/target/assembler/assemble.ts";
import { assemblerNamed } from "../../compiler/target/assembler/assembler-named.ts";
import { immediateCodes } from "../../spec/isa/immediate-codes.ts";
import type { Instruction, OperandValues } from "../../spec/isa/schema.ts";
import { printInstruction, printWithAliases } from "../../spec/isa/syntax.ts";
import { formCount, Random, sampleValues, wordOf } from "../isa/samples.ts";

const SEED = 20261128;
const SAMPLES = 8;

// The assembler reads targets as labels: distances count from `.`, pages from the page of `.`, which is 0 here.
const style = {
  comma: ", ",
  gap: " ",
  target: (distance: number): string =>
    distance < 0 ? `. - ${String(-distance)}` : `. + ${String(distance)}`,
};

// A code may hold one number in several ways, of which assemblers choose one.
function canonical(instruction: Instruction, values: OperandValues): OperandValues {
  const entries = instruction.operands.map(({ name, kind }) => {
    const bits = values[name] ?? 0;
    if (kind.kind !== "code") return [name, bits] as const;
    const { decode, encode } = immediateCodes[kind.code];
    return [name, encode(decode(bits) ?? 0n) ?? bits] as const;
  });
  return Object.fromEntries(entries);
}

describe.each(["riscv64", "arm64"] as const)("%s", (machine) => {
  const { isa } = machineNamed(machine);
  const target = assemblerNamed(machine);

  function wordFromText(text: string): string {
    const { value, diagnostics } = assemble(text, target, { compress: false });
    if (diagnostics.length > 0) return diagnostics.map((d) => d.message).join("; ");
    const [section] = value.sections;
    return Array.from(section?.bytes ?? [], (b) => b.toString(16).padStart(2, "0"))
      .reverse()
      .join("");
  }

  test("reads what is printed", () => {
    const random = new Random(SEED);
    const wrong: string[] = [];
    for (const instruction of isa.instructions) {
      // A page is only known to the linker.
      if (instruction.operands.some(({ kind }) => kind.kind === "target" && kind.unit !== 1)) continue;
      for (let round = 0; round < Math.min(SAMPLES, formCount(instruction)); round += 1) {
        const values = canonical(instruction, sampleValues(isa, instruction, random, round));
        const digits = instruction.encoding.bits / 4;
        const word = wordOf(isa, instruction, values).toString(16).padStart(digits, "0");
        for (const print of [printInstruction, printWithAliases]) {
          const text = print(isa, instruction, values, style);
          const found = wordFromText(text);
          if (found !== word) wrong.push(`${instruction.name}: ${text}: ${word}, found ${found}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });
});
