// The effects of instructions against QEMU: random registers and memory before, every bit after, the way of jumps.
// Floats are full of special numbers, and their flags and rounding count too.
// (QEMU 7.2 has no Zicond: test/cases/isa has hand-written cases.) PANCAKE_ISA_STATES says how many states each
// instruction gets; `npm run test:states` asks for a thousand.

import { describe, expect, it } from "vitest";
import type { Effect } from "../../../spec/isa/effect.ts";
import { forEachExpr, forEachStmt, stmtExprs } from "../../../spec/isa/effect.ts";
import { effectOf } from "../../../spec/isa/isa.ts";
import type { Instruction } from "../../../spec/isa/schema.ts";
import { Random } from "../../isa/samples.ts";
import { differences, makeKernels } from "./state-runner.ts";
import { arm64Text, riscvText } from "./state-texts.ts";

const SEED = Number(process.env["PANCAKE_SEED"] ?? 20261103);
const STATES = Number(process.env["PANCAKE_ISA_STATES"] ?? 32);
/** Choices of operands among which an instruction's states are divided. */
const OPERANDS = 8;

// Helpers that change nothing that a program sees.
const HARMLESS = ["fence", "fenceInstruction", "hint", "sendEvent", "prefetch", "clearReservation"];

// A program can run it to its end, and nothing but its own operands decides what it does.
function isTestable(effect: Effect): boolean {
  // A trap under a condition is one that states are chosen to avoid (a rounding mode that there is not).
  let testable = !effect.body.some((s) => s.kind === "trap");
  forEachStmt(effect.body, (s) => {
    if (s.kind === "setCsr") testable = false;
    if (s.kind === "helper" && !HARMLESS.includes(s.name)) testable = false;
    for (const e of stmtExprs(s)) {
      forEachExpr(e, (node) => {
        if (node.kind === "csr" || node.kind === "helper") testable = false;
      });
    }
  });
  return testable;
}

// ctzw: QEMU 7.2 counts on into the high half if the low one is 0 (test/cases/isa has such a line).
const left: readonly string[] = ["ctzw"];

describe.each([{ text: riscvText }, { text: arm64Text }])(
  "$text.isa.name does what QEMU does",
  ({ text }) => {
    const { isa } = text;
    const testable = (group: string): Instruction[] =>
      isa.instructions.filter(
        (i) => i.group === group && !left.includes(i.name) && isTestable(effectOf(isa, i)),
      );
    const groups = isa.groups.map((g) => g.name).filter((g) => g !== "Zicond" && testable(g).length > 0);

    it.each(groups)("%s", (group) => {
      const random = new Random(SEED);
      const counts = { operands: OPERANDS, states: Math.ceil(STATES / OPERANDS) };
      const kernels = testable(group).flatMap((i) => makeKernels(text, i, counts, random));
      expect(differences(text, kernels).slice(0, 20)).toEqual([]);
    });

    it("and that is most of it", () => {
      expect(groups.reduce((sum, group) => sum + testable(group).length, 0)).toBeGreaterThan(
        0.85 * isa.instructions.length,
      );
    });
  },
);
