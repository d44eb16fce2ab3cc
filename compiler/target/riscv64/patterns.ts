// How RV64 computes the generic operations: selection rules, one a line (syntax: ../pattern.ts).
// Relies on spec/isa/riscv64 for every range. Registers of the pattern may be `zero` if they hold the constant 0.

import { log2, runOfOnes } from "../bit-runs.ts";
import { rule, rulesOf, type ImmediateFunctions, type RuleText } from "../pattern.ts";

/** How often 2 divides a positive number. */
function twos(value: bigint): bigint {
  let count = 0n;
  while (((value >> count) & 1n) === 0n) count += 1n;
  return count;
}

export const immediateFunctions: ImmediateFunctions = {
  log2: (value = 0n) => log2(value),
  /** n for 2^n - 1 with n > 0. */
  ones: (value = 0n) => runOfOnes(value),
  /** The exponents of (2^n + 1) * 2^m. */
  odd: (value = 0n) => (value <= 0n ? null : log2((value >> twos(value)) - 1n)),
  twos: (value = 0n) => (value <= 0n ? null : twos(value)),
  /** Half of a sum that two additions can make. */
  half: (value = 0n) => (value > 0n ? 2047n : -2048n),
};

// prettier-ignore
const base: readonly RuleText[] = [
  rule("add(x, y)",                       "add d, x, y"),
  rule("add(x, #c)",                      "addi d, x, c"),
  rule("add(x, #c)",                      "addi t, x, half(c); addi d, t, c - half(c)"),
  rule("sub(x, y)",                       "sub d, x, y"),
  rule("sub(x, #c)",                      "addi d, x, -c"),
  rule("mul(x, y)",                       "mul d, x, y"),
  rule("mul(x, #c)",                      "slli d, x, log2(c)"),
  rule("mul(x, #c)",                      "slli t, x, log2(c - 1); add d, t, x"),
  rule("mul(x, #c)",                      "slli t, x, log2(c + 1); sub d, t, x"),
  rule("mul(x, -1)",                      "sub d, zero, x"),
  rule("mul(x, #c)",                      "slli t, x, odd(c); add u, t, x; slli d, u, twos(c)"),
  rule("and(x, y)",                       "and d, x, y"),
  rule("and(x, #c)",                      "andi d, x, c"),
  rule("and(x, #c)",                      "slli t, x, 64 - ones(c); srli d, t, 64 - ones(c)"),
  rule("and(x, #c)",                      "srli t, x, ones(~c); slli d, t, ones(~c)"),
  rule("and(lsr(x, #s), #c)",             "slli t, x, 64 - s - ones(c); srli d, t, 64 - ones(c)"),
  rule("or(x, y)",                        "or d, x, y"),
  rule("or(x, #c)",                       "ori d, x, c"),
  rule("xor(x, y)",                       "xor d, x, y"),
  rule("xor(x, #c)",                      "xori d, x, c"),

  rule("lsl(x, y)",                       "sll d, x, y"),
  rule("lsl(x, #c)",                      "slli d, x, c"),
  rule("lsr(x, y)",                       "srl d, x, y"),
  rule("lsr(x, #c)",                      "srli d, x, c"),
  rule("asr(x, y)",                       "sra d, x, y"),
  rule("asr(x, #c)",                      "srai d, x, c"),
  rule("ror(x, y)",                       "srl t, x, y; sub u, zero, y; sll v, x, u; or d, t, v"),
  rule("ror(x, #c)",                      "srli t, x, c; slli u, x, 64 - c; or d, t, u"),
  rule("asr(lsl(x, 32), 32)",             "addiw d, x, 0"),
  rule("asr(lsl(add(x, y), 32), 32)",     "addw d, x, y"),
  rule("asr(lsl(add(x, #c), 32), 32)",    "addiw d, x, c"),
  rule("asr(lsl(sub(x, y), 32), 32)",     "subw d, x, y"),
  rule("asr(lsl(mul(x, y), 32), 32)",     "mulw d, x, y"),
  rule("asr(lsl(load8(x, #c), 56), 56)",  "lb d, c(x)"),
  rule("asr(lsl(load32(x, #c), 32), 32)", "lw d, c(x)"),

  rule("eq(x, y)",                        "sub t, x, y; sltiu d, t, 1"),
  rule("eq(x, 0)",                        "sltiu d, x, 1"),
  rule("eq(x, #c)",                       "addi t, x, -c; sltiu d, t, 1"),
  rule("ne(x, y)",                        "sub t, x, y; sltu d, zero, t"),
  rule("ne(x, 0)",                        "sltu d, zero, x"),
  rule("ne(x, #c)",                       "addi t, x, -c; sltu d, zero, t"),
  // One bit as a truth value, and as another bit.
  rule("ne(and(x, #c), 0)",               "srli t, x, log2(c); andi d, t, 1"),
  rule("eq(and(x, #c), 0)",               "srli t, x, log2(c); andi u, t, 1; xori d, u, 1"),
  rule("lsl(ne(and(x, #c), 0), #k)",      "andi t, x, c; srli d, t, log2(c) - k"),
  rule("lsl(ne(and(x, #c), 0), #k)",      "andi t, x, c; slli d, t, k - log2(c)"),
  rule("lt(x, y)",                        "slt d, x, y"),
  rule("lt(x, 0)",                        "srli d, x, 63"),
  rule("lt(x, #c)",                       "slti d, x, c"),
  rule("ge(x, y)",                        "slt t, x, y; xori d, t, 1"),
  rule("ge(x, #c)",                       "slti t, x, c; xori d, t, 1"),
  rule("ltu(x, y)",                       "sltu d, x, y"),
  rule("ltu(x, #c)",                      "sltiu d, x, c"),
  rule("geu(x, y)",                       "sltu t, x, y; xori d, t, 1"),
  rule("geu(x, #c)",                      "sltiu t, x, c; xori d, t, 1"),
  rule("addcarry(x, y, 0)",               "add d, x, y; sltu e, d, x"),
  rule("addcarry(x, y, c:bool)",          "add t, x, y; sltu u, t, x; add d, t, c; sltu v, d, t; or e, u, v"),
  rule("addcarry(x, y, c)",               "sltu w, zero, c; add t, x, y; sltu u, t, x; add d, t, w; sltu v, d, t; or e, u, v"),

  rule("load8(x, #c)",                    "lbu d, c(x)"),
  rule("load16(x, #c)",                   "lhu d, c(x)"),
  rule("load32(x, #c)",                   "lwu d, c(x)"),
  rule("load64(x, #c)",                   "ld d, c(x)"),
  rule("store8(x, #c, v)",                "sb v, c(x)"),
  rule("store16(x, #c, v)",               "sh v, c(x)"),
  rule("store32(x, #c, v)",               "sw v, c(x)"),
  rule("store64(x, #c, v)",               "sd v, c(x)"),

  rule("if eq(x, y)",                     "beq x, y, target"),
  rule("if ne(x, y)",                     "bne x, y, target"),
  rule("if lt(x, y)",                     "blt x, y, target"),
  rule("if lt(x, 1)",                     "bge zero, x, target"),
  rule("if ge(x, y)",                     "bge x, y, target"),
  rule("if ge(x, 1)",                     "blt zero, x, target"),
  rule("if ltu(x, y)",                    "bltu x, y, target"),
  rule("if geu(x, y)",                    "bgeu x, y, target"),
  // One bit: shift it to the sign. Masks of several high bits: shift the others out.
  rule("if ne(and(x, #c), 0)",            "andi t, x, c; bne t, zero, target"),
  rule("if eq(and(x, #c), 0)",            "andi t, x, c; beq t, zero, target"),
  rule("if ne(and(x, #c), 0)",            "slli t, x, 63 - log2(c); blt t, zero, target"),
  rule("if eq(and(x, #c), 0)",            "slli t, x, 63 - log2(c); bge t, zero, target"),
  rule("if ne(and(x, #c), 0)",            "slli t, x, 64 - ones(c); bne t, zero, target"),
  rule("if eq(and(x, #c), 0)",            "slli t, x, 64 - ones(c); beq t, zero, target"),
  rule("if ne(and(x, #c), 0)",            "srli t, x, ones(~c); bne t, zero, target"),
  rule("if eq(and(x, #c), 0)",            "srli t, x, ones(~c); beq t, zero, target"),
];

// prettier-ignore
const zba = rulesOf("zba", [
  rule("add(lsl(x, 1), y)",               "sh1add d, x, y"),
  rule("add(lsl(x, 2), y)",               "sh2add d, x, y"),
  rule("add(lsl(x, 3), y)",               "sh3add d, x, y"),
  rule("mul(x, 3)",                       "sh1add d, x, x"),
  rule("mul(x, 5)",                       "sh2add d, x, x"),
  rule("mul(x, 9)",                       "sh3add d, x, x"),
  rule("and(x, 0xffffffff)",              "add.uw d, x, zero"),
  rule("add(and(x, 0xffffffff), y)",      "add.uw d, x, y"),
  rule("lsl(and(x, 0xffffffff), #c)",     "slli.uw d, x, c"),
]);

// prettier-ignore
const zbb = rulesOf("zbb", [
  rule("and(x, xor(y, -1))",              "andn d, x, y"),
  rule("or(x, xor(y, -1))",               "orn d, x, y"),
  rule("xor(xor(x, y), -1)",              "xnor d, x, y"),
  rule("ror(x, y)",                       "ror d, x, y"),
  rule("ror(x, #c)",                      "rori d, x, c"),
  rule("or(lsl(x, #c), lsr(x, #(64 - c)))", "rori d, x, 64 - c"),
  rule("and(x, 0xffff)",                  "zext.h d, x"),
  rule("swap64(x, 0)",                    "rev8 d, x"),
  rule("swap32(x, 0)",                    "rev8 t, x; srli d, t, 32"),
  rule("swap32(x, #c)",                   "rev8 t, x; slli u, t, c; srli d, u, 32"),
  rule("swap16(x, 0)",                    "rev8 t, x; srli d, t, 48"),
  rule("swap16(x, #c)",                   "rev8 t, x; slli u, t, c; srli d, u, 48"),
  rule("asr(lsl(x, 56), 56)",             "sext.b d, x"),
  rule("asr(lsl(x, 48), 48)",             "sext.h d, x"),
]);

// prettier-ignore
const zbs = rulesOf("zbs", [
  rule("or(x, #c)",                       "bseti d, x, log2(c)"),
  rule("xor(x, #c)",                      "binvi d, x, log2(c)"),
  rule("and(x, #c)",                      "bclri d, x, log2(~c)"),
  rule("and(lsr(x, #c), 1)",              "bexti d, x, c"),
  rule("and(lsr(x, y), 1)",               "bext d, x, y"),
  rule("or(x, lsl(1, y))",                "bset d, x, y"),
  rule("xor(x, lsl(1, y))",               "binv d, x, y"),
  rule("and(x, xor(lsl(1, y), -1))",      "bclr d, x, y"),
]);

// A value or zero, depending on a truth value or on another value.
// prettier-ignore
const zicond = rulesOf("zicond", [
  rule("and(x, sub(0, t:bool))",          "czero.eqz d, x, t"),
  rule("and(x, add(t:bool, -1))",         "czero.nez d, x, t"),
  rule("and(x, sub(0, ne(y, 0)))",        "czero.eqz d, x, y"),
  rule("and(x, sub(0, eq(y, 0)))",        "czero.nez d, x, y"),
]);

export const patterns: readonly RuleText[] = [...base, ...zba, ...zbb, ...zbs, ...zicond];
