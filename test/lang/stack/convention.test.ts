// The evaluators of StackLang and LabLang notice every breach of the calling convention.

import { expect, test } from "vitest";
import * as labLang from "../../../compiler/lang/lab/index.ts";
import * as stackLang from "../../../compiler/lang/stack/index.ts";
import type { Evaluator, World } from "../../../compiler/lang/world.ts";

const world = (): World => ({
  base: 0x1000n,
  memory: new Uint8Array(64),
  foreignCall: () => null,
  sharedLoad: () => 0n,
  sharedStore: () => true,
});

function stack(text: string): Evaluator {
  const parsed = stackLang.parse(`isa riscv64; entry main; ${text}`);
  if (!parsed.ok) throw new Error(parsed.message);
  return stackLang.evaluator(parsed.value, world());
}

function lab(text: string): Evaluator {
  const parsed = labLang.parse(`isa riscv64; entry main; ${text}`);
  if (!parsed.ok) throw new Error(parsed.message);
  return labLang.evaluator(parsed.value, world());
}

const LEAF = "fun leaf(0) -> 1 frame 0 { b0: addi a0, zero, 3 return }";
const KEEP = "addi sp, sp, -16 sd ra, 0(sp) : stack";
const DROP = "ld ra, 0(sp) : stack addi sp, sp, 16";

test.each([
  [
    "a caller-saved register after a call",
    `${KEEP} addi a1, zero, 1 call leaf(0) -> 1 add a0, a0, a1 ${DROP}`,
    /holds nothing/,
  ],
  ["a callee-saved register that is not restored", "addi s0, zero, 1 addi a0, zero, 1", /restore register 8/],
  ["a stack pointer that is not restored", "addi sp, sp, -16 addi a0, zero, 1", /restore the stack pointer/],
  ["a lost return address", "addi sp, sp, -16 call leaf(0) -> 1 addi sp, sp, 16", /return to its caller/],
  [
    "a word below the stack pointer after a call",
    `${KEEP} sd ra, -8(sp) : stack call leaf(0) -> 1 ld a0, -8(sp) : stack ${DROP}`,
    /holds nothing/,
  ],
  ["a word that was never stored", "ld a0, -8(sp) : stack", /holds nothing/],
  ["gp", "addi gp, zero, 1 addi a0, zero, 1", /register 3 is written/],
])("StackLang: %s", (_, body, message) => {
  const run = stack(`fun main(0) -> 1 calls frame 16 { b0: ${body} return } ${LEAF}`);
  expect(() => run.call("main", [], 100)).toThrow(message);
});

test.each([
  [
    "a caller-saved register after a call",
    `${KEEP} addi a1, zero, 1 call leaf add a0, a0, a1 ${DROP} return`,
    /holds nothing/,
  ],
  ["a tail call before the frame is gone", `${KEEP} tailcall leaf`, /restore the stack pointer/],
  ["a callee-saved register at a tail call", "addi s1, zero, 1 tailcall leaf", /restore register 9/],
  ["a lost return address", "addi sp, sp, -16 call leaf addi sp, sp, 16 return", /return to its caller/],
  ["running off the end", "addi a0, zero, 1", /off its end/],
])("LabLang: %s", (_, lines, message) => {
  const leaf = "section leaf(0) -> 1 frame 0 { addi a0, zero, 3 return }";
  const run = lab(`need main 16; need leaf 0; section main(0) -> 1 frame 16 { ${lines} } ${leaf}`);
  expect(() => run.call("main", [], 100)).toThrow(message);
});

test("a well-behaved program returns", () => {
  const body = `${KEEP} call leaf(0) -> 1 ${DROP}`;
  const run = stack(`fun main(0) -> 1 calls frame 16 { b0: ${body} return } ${LEAF}`);
  expect(run.call("main", [], 100)).toEqual({ kind: "returned", values: [3n] });
});
