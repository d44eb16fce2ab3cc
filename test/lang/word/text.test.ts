// WordLang's text form and meaning: print and parse are inverse, check accepts, eval runs generic and machine forms.

import { expect, test } from "vitest";
import { check, evaluator, parse, print, type Program } from "../../../compiler/lang/word/index.ts";
import type { World } from "../../../compiler/lang/world.ts";
import { randomProgram } from "../../passes/alloc/random-word.ts";
import { machineTargets } from "../../support/machine-targets.ts";

function program(text: string): Program {
  const parsed = parse(text);
  if (!parsed.ok) throw new Error(`${String(parsed.line)}:${String(parsed.column)}: ${parsed.message}`);
  return parsed.value;
}

function world(): World & { readonly events: string[] } {
  const events: string[] = [];
  return {
    base: 0x1000n,
    memory: new Uint8Array(64),
    foreignCall: (name, args) => (events.push(`${name}(${args.join(",")})`), null),
    sharedLoad: (bytes, address) => (events.push(`ld${String(bytes)} ${address.toString(16)}`), 7n),
    sharedStore: (bytes, address, value) => (
      events.push(`st${String(bytes)} ${address.toString(16)} ${String(value)}`),
      true
    ),
    events,
  };
}

const generic = `entry main;
globals 2;
exception E : 1;
fun main() -> 1 {
b0:
  %0 = 10
  sum%1 = 0
  jump b1(%0, %1)
b1(i%2, s%3):
  %4 = %3 + %2
  %5 = 1
  %6 = %2 - %5
  if %6 != %1 then b1(%6, %4) else b2
b2:
  %7 = @base
  store64 [%7 + 8] = %4
  store8 [%7] = %5
  %8 = load64 [%7 + 8]
  %9 = load32 [%7]
  %10, c%11 = addcarry(%8, %9, %5)
  global 1 = %10
  %12 = global 1
  %13 = shared16 [%7 + 256]
  shared8 [%7 - 16] = %13
  foreign out(%12, %11, %13, %1)
  %14 = %12 >>> %5
  %15 = %14 <+ %12
  %16, %17 = call half(%12, %15)
  if %16 == %1 then b3 else b4
b3:
  return %17
b4:
  trap uncaughtException
}
fun half(%0, %1) -> 2 status {
b0:
  %2 = 0
  if %1 == %2 then b1 else b2
b1:
  %3 = 1
  return %3
b2:
  return %2, %0
}
`;

test("print and parse are inverse, and generic programs run", () => {
  const p = program(generic);
  expect(print(p)).toBe(generic);
  expect(check(p)).toEqual([]);
  const w = world();
  expect(evaluator(p, w).call("main", [], 1000)).toEqual({ kind: "returned", values: [57n] });
  expect(w.events).toEqual(["ld2 1100", "st1 ff0 7", "out(57,0,7,0)"]);
});

const machine = `isa riscv64;
entry main;
globals 2;
fun main() -> 1 {
b0:
  %0 = @globals
  %1 = @base
  lui n%2, 2
  addi %3, %2, -5
  sd %3, 8(%0) : global
  ld %4, 8(%0) : global
  sw %4, 4(%1) : local
  lbu %5, 4(%1) : local
  sb zero, 0(%1) : shared
  if bltu zero, %5 then b1 else b2
b1:
  return %5
b2:
  trap unreachable
}
`;

test("machine instructions print in the syntax of spec/isa and run by its effects", () => {
  const p = program(machine);
  expect(print(p)).toBe(machine);
  expect(check(p)).toEqual([]);
  const w = world();
  expect(evaluator(p, w).call("main", [], 1000)).toEqual({ kind: "returned", values: [0xfbn] });
  expect(w.events).toEqual(["st1 1000 0"]);
});

test.each(machineTargets)("machine programs read back the same: %s", (target) => {
  for (let seed = 1; seed <= 6; seed += 1) {
    const profile = { functions: 3, statements: 30, reach: 20, words: 5 };
    const text = print(randomProgram(seed, profile, target));
    expect(print(program(text))).toBe(text);
  }
});
