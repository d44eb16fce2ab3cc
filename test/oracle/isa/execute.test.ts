// The effects of integer instructions against QEMU: random registers and memory before, every bit after, the way of jumps.
// (QEMU 7.2 has no Zicond: test/cases/isa has hand-written cases.) PANCAKE_ISA_STATES says how many states each
// instruction gets; `npm run test:long` asks for a thousand.

import { describe, expect, it } from "vitest";
import type { Effect } from "../../../spec/isa/effect.ts";
import { forEachExpr, forEachStmt, stmtExprs } from "../../../spec/isa/effect.ts";
import { effectOf } from "../../../spec/isa/isa.ts";
import type { Instruction, Isa } from "../../../spec/isa/schema.ts";
import { Random } from "../../isa/samples.ts";
import { differences, makeKernels } from "./state-runner.ts";
import { arm64Text, riscvText } from "./state-texts.ts";

const SEED = Number(process.env["PANCAKE_SEED"] ?? 20261103);
const STATES = Number(process.env["PANCAKE_ISA_STATES"] ?? 24);
/** Choices of operands among which an instruction's states are divided. */
const OPERANDS = 8;

// Helpers that change nothing that a program sees.
const HARMLESS = ["fence", "fenceInstruction", "hint", "prefetch", "clearReservation"];

// A program can run it to its end, and nothing but its own operands decides what it does.
function isTestable(effect: Effect): boolean {
  let testable = true;
  forEachStmt(effect.body, (s) => {
    if (s.kind === "trap" || s.kind === "setCsr") testable = false;
    if (s.kind === "helper" && !HARMLESS.includes(s.name)) testable = false;
    for (const e of stmtExprs(s)) {
      forEachExpr(e, (node) => {
        if (node.kind === "csr" || node.kind === "helper") testable = false;
      });
    }
  });
  return testable;
}

function testable(isa: Isa, left: readonly string[]): Instruction[] {
  return isa.instructions.filter(
    (i) => !left.includes(i.group) && !left.includes(i.name) && isTestable(effectOf(isa, i)),
  );
}

// Zicond: see above. ctzw: QEMU 7.2 counts on into the high half if the low one is 0 (test/cases/isa has such a line).
//  F, D, Float…: execute-float.test.ts. Of fpcr and fpsr, QEMU's `max` has more bits than Armv8.0.
describe.each([
  { text: riscvText, left: ["Zicond", "ctzw", "F", "D", "Zcd"] },
  { text: arm64Text, left: ["msr:fpcr", "msr:fpsr", "FloatScalar", "FloatVector", "FloatConversions"] },
])("$text.isa.name", ({ text, left }) => {
  it("does what QEMU does", () => {
    const random = new Random(SEED);
    const counts = { operands: OPERANDS, states: Math.ceil(STATES / OPERANDS) };
    const kernels = testable(text.isa, left).flatMap((i) => makeKernels(text, i, counts, random));
    expect(kernels.length).toBeGreaterThan(100 * OPERANDS);
    expect(differences(text, kernels).slice(0, 20)).toEqual([]);
  });
});
