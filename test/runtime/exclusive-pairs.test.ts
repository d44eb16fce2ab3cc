// A store-exclusive of a pair succeeds if both halves are still what the load-exclusive saw.

import { expect, test } from "vitest";
import { memoryHost, runUserProgram } from "../../runtime/index.ts";
import { assembled } from "./support/assembled.ts";

const program = (between: string): string => `
  .globl _start
_start:
  adr x6, pair
  ldp x6, x7, [x6]
  stp x6, x7, [sp, -16]!
  mov x0, sp
  ldxp x1, x2, [x0]
  ${between}
  stxp w3, x2, x1, [x0]
  ldp x4, x5, [x0]
  cmp x4, x7
  ccmp x5, x6, 0, eq
  cset w8, eq
  add w0, w3, w8, lsl 1
  mov x8, 93
  svc 0
  .balign 16
pair:  .quad 0x123456789abcdef0, 0xfedcba9876543210
`;

test.each([
  ["nothing", "nop", 2],
  ["a store of the same value", "str x2, [x0, 8]", 2],
  ["a change of the upper half", "str xzr, [x0, 8]", 1],
  ["a change of the lower half", "str xzr, [x0]", 1],
] as const)("with %s in between", (_what, between, exitCode) => {
  for (const executor of ["reference", "fast"] as const) {
    const result = runUserProgram(assembled(program(between), "arm64"), { host: memoryHost(), executor });
    expect(result).toMatchObject({ kind: "exit", exitCode });
  }
});
