// Calls of every width, tail calls between frames of different sizes, many values alive, deep recursion.

import { expect, test } from "vitest";
import * as labLang from "../../../compiler/lang/lab/index.ts";
import { defaultOptions } from "../../../compiler/options.ts";
import { wordSelect } from "../../../compiler/passes/word-select.ts";
import { expectSame, expectSound, observe, stagesOf, wordProgram } from "./run-stages.ts";

const list = (count: number, text: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => text(i)).join(", ");
const lines = (count: number, text: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => `  ${text(i)}\n`).join("");

// `wide` takes and returns `count` words, in reverse order and changed; main checks them all.
function wideProgram(count: number): string {
  const args = list(count, (i) => `%${String(i)}`);
  const results = list(count, (i) => `%${String(2 * count - 1 - i)}`);
  return `isa riscv64; entry main;
fun main() -> ${String(count + 1)} {
b0:
  addi %999, zero, 77
${lines(count, (i) => `addi %${String(i)}, zero, ${String(100 + i)}`)}
  ${count === 0 ? "" : `${list(count, (i) => `%${String(count + i)}`)} = `}call wide(${args})
  return ${["%999", ...Array.from({ length: count }, (_, i) => `%${String(count + i)}`)].join(", ")}
}
fun wide(${args}) -> ${String(count)} {
b0:
${lines(count, (i) => `addi %${String(count + i)}, %${String(i)}, ${String(i)}`)}
  foreign out(${list(4, (i) => (count === 0 ? "%500" : `%${String(Math.min(count - 1, i))}`))})
  return ${results}
}`.replace("foreign out(%500, %500, %500, %500)\n", "");
}

test("calls with 0 to 40 words of arguments and results", () => {
  for (let count = 0; count <= 40; count += 1) {
    const stages = stagesOf(wordProgram(wideProgram(count)));
    expectSound(stages);
    expectSame(stages);
  }
});

// `small` and `big` call each other in tail position; `big` has calls and many values alive, so a frame.
const TAILS = `isa riscv64; entry main;
fun main() -> 1 {
b0:
  addi %0, zero, 9
  addi %1, zero, 1
  %2 = call small(%0, %1)
  return %2
}
fun small(%0, %1) -> 1 {
b0:
  if beq %0, zero then b1 else b2
b1:
  return %1
b2:
  addi %2, %0, -1
${lines(16, (i) => `addi %${String(10 + i)}, %1, ${String(i)}`)}
  tailcall big(%2, ${list(16, (i) => `%${String(10 + i)}`)})
}
fun big(%0, ${list(16, (i) => `%${String(10 + i)}`)}) -> 1 {
b0:
  foreign out(%10, %11, %24, %25)
${lines(16, (i) => `add %${String(30 + i)}, %${String(10 + i)}, %${String(10 + ((i * 7) % 16))}`)}
  foreign out(%30, %31, %44, %45)
  add %60, %30, %45
  if beq %0, zero then b1 else b2
b1:
  return %60
b2:
  addi %61, %0, -1
  tailcall small(%61, %60)
}`;

test("tail calls between functions with and without frames, with words in the transfer zone", () => {
  const stages = stagesOf(wordProgram(TAILS));
  expectSound(stages);
  expectSame(stages);
  const frames = stages.framed.functions.map((f) => f.frameBytes ?? 0);
  expect(frames[1]).toBe(0);
  expect(frames[2]).toBeGreaterThan(0);
});

test("60 values alive at once, across a call", () => {
  const text = `isa riscv64; entry main;
fun main() -> 1 {
b0:
  %100 = @base
${lines(60, (i) => `ld %${String(i)}, ${String(8 * (i % 8))}(%100) : local`)}
  foreign out(%0, %20, %40, %59)
  add %200, %0, %1
${lines(58, (i) => `xor %${String(201 + i)}, %${String(200 + i)}, %${String(i + 2)}`)}
  return %258
}`;
  const stages = stagesOf(wordProgram(text));
  expectSound(stages);
  expectSame(stages);
  const [main] = stages.stack.functions;
  expect((main?.saved.length ?? 0) + (main?.slots ?? 0)).toBe(60);
});

// Words that do not fit offsets of one instruction: 2 KiB on RISC-V, 32 KiB on Arm64.
test.each([
  { target: "riscv64", count: 700, bytes: 4096 },
  { target: "arm64", count: 4200, bytes: 32768 },
] as const)("a frame too big for immediate offsets, $target", ({ target, count, bytes }) => {
  const word = (i: number): string => `%${String(10000 + i)}`;
  const carried = (i: number): string => `%${String(20000 + i)}`;
  const text = `entry main;
fun main() -> 1 {
b0:
  %1 = @base
  %2 = 1
${lines(count, (i) => `${word(i)} = load64 [%1 + ${String(8 * (i % 8))}]`)}
  foreign out(${list(4, word)})
  jump b1(${list(count, word)})
b1(${list(count, carried)}):
  %3 = ${carried(0)} + %2
  if %3 >=+ ${carried(1)} then b3 else b2
b2:
  jump b1(%3, ${list(count - 1, (i) => carried((i + 2) % count))})
b3:
  %30000 = ${carried(0)} + ${carried(1)}
${lines(count - 2, (i) => `%${String(30001 + i)} = %${String(30000 + i)} ^ ${carried(i + 2)}`)}
  return %${String(30000 + count - 2)}
}`;
  const options = { ...defaultOptions, target };
  const stages = stagesOf(wordSelect(wordProgram(text), { options }));
  expectSound(stages);
  expectSame(stages);
  expect(stages.framed.functions[0]?.frameBytes).toBeGreaterThan(bytes);
});

const RECURSION = `isa riscv64; entry main;
fun main() -> 1 {
b0:
  addi %0, zero, 1
  slli %1, %0, SHIFT
  %2 = call count(%1)
  return %2
}
fun count(%0) -> 1 {
b0:
  if beq %0, zero then b1 else b2
b1:
  return %0
b2:
  addi %1, %0, -1
  %2 = call count(%1)
  addi %3, %2, 2
  return %3
}`;

test("bounded recursion returns, unbounded recursion ends at the stack limit", () => {
  const shallow = stagesOf(wordProgram(RECURSION.replace("SHIFT", "10")));
  expectSound(shallow);
  expectSame(shallow);
  const deep = stagesOf(wordProgram(RECURSION.replace("SHIFT", "17")));
  expectSound(deep);
  expect(deep.filtered.stackNeed.get("count")).toBe(0);
});

test("the stack limit is checked before the frame is used", () => {
  const { filtered } = stagesOf(wordProgram(RECURSION.replace("SHIFT", "17")));
  const seen = observe((world) => labLang.evaluator(filtered, world), [{ name: "main", args: [] }]);
  expect(seen[0]).toBe("exhausted");
});
