// Constants of every target: the steps compute the word (by the effects of spec/isa), in few instructions.

import { describe, expect, test } from "vitest";
import { evaluator, type Function, type Program } from "../../../compiler/lang/word/index.ts";
import { selectFunction } from "../../../compiler/passes/word-select/function.ts";
import { NO_SPAN } from "../../../compiler/source/span.ts";
import { RuleSet } from "../../../compiler/target/select.ts";
import { targetNamed } from "../../../compiler/target/targets.ts";
import { machineTargets, type MachineTarget } from "../../support/machine-targets.ts";
import { newRandom } from "../../support/random-program/prng.ts";
import { programWorld } from "../../support/program-world.ts";

function build(
  target: MachineTarget,
  word: bigint,
  extensions: readonly string[],
): { readonly value: string; readonly steps: number } {
  const span = NO_SPAN;
  const f: Function = {
    name: "main",
    exported: false,
    params: [],
    resultWords: 1,
    returnsStatus: false,
    blocks: [
      {
        label: 0,
        params: [],
        body: [{ kind: "const", dest: 0, value: word, span }],
        end: { kind: "return", values: [0], span },
      },
    ],
    nextValue: 1,
    nextLabel: 1,
    names: new Map(),
    span,
  };
  const has = (extension: string): boolean => extensions.includes(extension);
  const { name: isa, target: chosen } = targetNamed(target);
  const selected = selectFunction(f, { target: chosen, has, rules: new RuleSet(chosen, has) });
  const program: Program = {
    isa,
    functions: [selected],
    exceptions: [],
    globalWords: 0,
    entry: "main",
  };
  const outcome = evaluator(program, programWorld()).call("main", [], 10);
  const value = outcome.kind === "returned" ? `0x${(outcome.values[0] ?? 0n).toString(16)}` : outcome.kind;
  return { value, steps: selected.blocks[0]?.body.length ?? 0 };
}

// prettier-ignore
const lengths: Readonly<Record<MachineTarget, readonly (readonly [bigint, readonly string[], number])[]>> = {
  riscv64: [
  [0n, [], 1],
  [0x7ffn, [], 1],
  [0xffff_ffff_ffff_f800n, [], 1],
  [0x800n, [], 2],
  [0x1000n, [], 1],
  [0x1000_0005n, [], 2],
  [0x7fff_ffffn, [], 2],
  [0x8000_0000n, [], 2],
  [0xffff_ffffn, [], 2],
  [0xffff_ffff_8000_0000n, [], 1],
  [1n << 40n, [], 2],
  [1n << 40n, ["zbs"], 1],
  [1n << 63n, [], 2],
  [(1n << 63n) - 1n, [], 2],
  [0xffff_0000n, [], 3],
  [0x8000_1234n, ["zba"], 3],
  [0x0000_00ff_0000_0000n, [], 2],
  [0x1234_5678_9abc_def0n, [], 8],
  ],
  arm64: [
  [0n, [], 1],
  [0xffffn, [], 1],
  [0xffff_0000n, [], 1],
  [0xffff_ffff_ffff_f800n, [], 1],
  [0xffff_ffffn, [], 1],
  [0xffff_1234n, [], 1],
  [0x1_0001n, [], 2],
  [0x1234_5678n, [], 2],
  [0x5555_5555_5555_5555n, [], 1],
  [0x5555_5555n, [], 1],
  [0x5555_5555_1234_5555n, [], 2],
  [0x0000_00ff_0000_0000n, [], 1],
  [1n << 63n, [], 1],
  [(1n << 63n) - 1n, [], 1],
  [0xffff_1234_ffff_5678n, [], 2],
  [0x1234_5678_9abc_def0n, [], 4],
  ],
};

/** Any word takes at most so many instructions. */
const most: Readonly<Record<MachineTarget, number>> = { riscv64: 8, arm64: 4 };

describe.each(machineTargets)("%s", (target) => {
  test.each(lengths[target])("%# takes no more than it should", (word, extensions, atMost) => {
    expect(build(target, word, extensions).steps, word.toString(16)).toBeLessThanOrEqual(atMost);
  });

  test("every word is itself, in few instructions", () => {
    const random = newRandom(5);
    for (let i = 0; i < 3000; i++) {
      const word = i < 1500 ? random.word() : BigInt.asUintN(64, random.word() << BigInt(random.below(64)));
      for (const extensions of [[], ["zba", "zbs"]]) {
        const { value, steps } = build(target, word, extensions);
        expect(value).toBe(`0x${word.toString(16)}`);
        expect(steps).toBeLessThanOrEqual(most[target]);
      }
    }
  });
});
