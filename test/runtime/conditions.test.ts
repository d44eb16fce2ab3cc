// Every condition after everything that sets Arm64's flags, on operands at the edges: translated code, which compares
// the operands instead of computing flags, against the reference executor.

import { expect, test } from "vitest";
import { createUserMachine, memoryHost, type UserMachine } from "../../runtime/index.ts";
import { arm64 } from "../../spec/isa/arm64/arm64.ts";
import { encode } from "../../spec/isa/encoding.ts";
import { codeImage } from "./support/elf-image.ts";
import { randomArm64 } from "./support/random-arm64.ts";
import type { Chosen } from "./support/random-code.ts";

const [A, B, SUM, CHOSEN, COUNT] = [1, 2, 3, 4, 21] as const;
const CONDITIONS = Array.from({ length: 16 }, (_, i) => i);
const edges = [0n, 1n, -1n, 0x80000000n, 1n << 63n, (1n << 63n) - 1n];

// Flags by one instruction on A and B, in both sizes; the last ones read flags too.
const setters: readonly Chosen[] = [
  ["subs", { xd: 31, xn: A, xm: B, amount: 0 }],
  ["adds", { xd: SUM, xn: A, xm: B, amount: 0 }],
  ["ands", { xd: 31, xn: A, xm: B, amount: 0 }],
  ["subs:w", { wd: 31, wn: A, wm: B, amount: 0 }],
  ["adds:w", { wd: SUM, wn: A, wm: B, amount: 0 }],
  ["ands:w", { wd: 31, wn: A, wm: B, amount: 0 }],
  ["subs:imm", { xd: SUM, spn: A, imm: 0 }],
  ["subs:imm", { xd: SUM, spn: A, imm: 1 }],
  ["sbcs", { xd: SUM, xn: A, xm: B }],
  ["ccmp", { xn: A, xm: B, nzcv: 5, cond: 12 }],
];

function program(a: bigint, b: bigint): number[] {
  const words: number[] = [];
  const add = ([name, values]: Chosen): number => words.push(encode(arm64, name, values));
  const constant = (xd: number, value: bigint): void => {
    for (const shift of [0, 16, 32, 48]) {
      const imm = Number((value >> BigInt(shift)) & 0xffffn);
      add([shift === 0 ? "movz" : "movk", { xd, imm, shift }]);
    }
  };
  constant(A, a);
  constant(B, b);
  constant(COUNT, 5n);
  const loop = words.length;
  for (const setter of setters) {
    for (const cond of CONDITIONS) {
      add(setter);
      add(["csinc", { xd: CHOSEN, xn: CHOSEN, xm: CHOSEN, cond }]);
      add(["b.", { cond, target: 8 }]);
      add(["eor", { xd: CHOSEN, xn: SUM, xm: CHOSEN, amount: 7 }]);
    }
  }
  const end = randomArm64.loopEnd(0);
  for (const chosen of randomArm64.loopEnd(loop - (words.length + end.length - 1))) add(chosen);
  for (const chosen of randomArm64.exit()) add(chosen);
  return words;
}

function start(words: readonly number[], executor: "reference" | "fast"): UserMachine {
  const image = codeImage(words, { machine: "arm64" });
  const engine = { hotArrivals: 1, interpretAfter: 1e9 };
  const created = createUserMachine(image, { host: memoryHost(), executor, engine });
  if (created.kind === "problems") throw new Error(created.problems.map((p) => p.message).join("; "));
  return created.machine;
}

test("conditions", () => {
  for (const a of edges) {
    for (const b of edges) {
      const words = program(a, b);
      const [slow, fast] = [start(words, "reference"), start(words, "fast")];
      const end = slow.step(1e6);
      expect(end.kind).toBe("exit");
      expect(fast.step(1e6)).toEqual(end);
      expect(fast.stateHash(), `${String(a)}, ${String(b)}`).toBe(slow.stateHash());
      expect(fast.engineStatistics()?.regions).toBeGreaterThan(0);
    }
  }
});
