// Floating-point instructions against QEMU, bit by bit with flags, over states full of special numbers.
// PANCAKE_FLOAT_STATES says how many states each instruction gets (`npm run test:states`: 1000).

import { expect, it } from "vitest";
import { Random } from "../../isa/samples.ts";
import { differences, makeKernels } from "./state-runner.ts";
import { arm64Text, riscvText } from "./state-texts.ts";

const SEED = Number(process.env["PANCAKE_SEED"] ?? 20261128);
const STATES = Number(process.env["PANCAKE_FLOAT_STATES"] ?? 64);
/** Choices of operands among which an instruction's states are divided. */
const OPERANDS = 8;

it.each([
  { text: riscvText, groups: ["F", "D", "Zcd"] },
  { text: arm64Text, groups: ["FloatScalar", "FloatVector", "FloatConversions"] },
])("$text.isa.name: $groups", ({ text, groups }) => {
  const random = new Random(SEED);
  const counts = { operands: OPERANDS, states: Math.ceil(STATES / OPERANDS) };
  const kernels = text.isa.instructions
    .filter((i) => groups.includes(i.group))
    .flatMap((instruction) => makeKernels(text, instruction, counts, random));
  expect(kernels.length).toBeGreaterThan(groups.length * OPERANDS);
  expect(differences(text, kernels).slice(0, 20)).toEqual([]);
});
