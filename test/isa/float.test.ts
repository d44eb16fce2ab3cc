// The float functions of effects: rounding to nearest against the host's doubles, the other roundings against their
// definition, and what architectures choose.

import { describe, expect, it } from "vitest";
import { evaluateFloat } from "../../spec/isa/float-operations.ts";
import type { FloatRules } from "../../spec/isa/float-rules.ts";
import { floatFunction } from "../../spec/isa/float-rules.ts";
import { floatRules } from "../../spec/isa/riscv64/float.ts";
import { Random } from "./samples.ts";

const FLAG = { inexact: 1n, underflow: 2n, overflow: 4n, divideByZero: 8n, invalid: 16n };
// Values of a RISC-V rounding mode.
const MODE = { nearestEven: 0n, towardZero: 1n, down: 2n, up: 3n, nearestAway: 4n };

interface Called {
  readonly value: bigint;
  readonly flags: bigint;
}

function call(name: string, args: readonly bigint[], mode = 0n, rules: FloatRules = floatRules): Called {
  const shape = floatFunction(name);
  if (shape === null) throw new Error(`no function ${name}`);
  const { op, params, valueWidth } = shape;
  const packed = evaluateFloat({ op, width: params[0] ?? 0, valueWidth, rules }, args, { mode, flags: 0n });
  return { value: BigInt.asUintN(valueWidth, packed), flags: packed >> BigInt(valueWidth) };
}

const view = new DataView(new ArrayBuffer(8));

function doubleOf(bits: bigint): number {
  view.setBigUint64(0, bits);
  return view.getFloat64(0);
}

function bitsOf(value: number): bigint {
  if (Number.isNaN(value)) return 0x7ff8000000000000n;
  view.setFloat64(0, value);
  return view.getBigUint64(0);
}

function singleOf(bits: bigint): number {
  view.setUint32(0, Number(bits));
  return view.getFloat32(0);
}

function singleBits(value: number): bigint {
  if (Number.isNaN(value)) return 0x7fc00000n;
  view.setFloat32(0, value);
  return BigInt(view.getUint32(0));
}

// Every fourth value has a special exponent or fraction.
function double(random: Random): bigint {
  const wide = (): bigint => (BigInt(random.next()) << 32n) | BigInt(random.next());
  const exponents = [0n, 1n, 2n, 1022n, 1023n, 1024n, 2045n, 2046n, 2047n];
  const fractions = [0n, 1n, (1n << 52n) - 1n, 1n << 51n, (1n << 51n) - 1n];
  const bits = wide();
  const exponent = random.below(4) === 0 ? exponents[random.below(exponents.length)] : (bits >> 52n) & 2047n;
  const fraction =
    random.below(4) === 0 ? fractions[random.below(fractions.length)] : BigInt.asUintN(52, bits);
  return ((bits >> 63n) << 63n) | ((exponent ?? 0n) << 52n) | (fraction ?? 0n);
}

function single(random: Random): bigint {
  const bits = double(random);
  const exponent = random.below(3) === 0 ? BigInt(120 + random.below(16)) : (bits >> 52n) & 255n;
  return ((bits >> 63n) << 31n) | (exponent << 23n) | (BigInt.asUintN(52, bits) >> 29n);
}

const ROUNDS = 4000;

describe("rounding to nearest is the host's", () => {
  const binary: Readonly<Record<string, (a: number, b: number) => number>> = {
    fadd: (a, b) => a + b,
    fsub: (a, b) => a - b,
    fmul: (a, b) => a * b,
    fdiv: (a, b) => a / b,
    fsqrt: (a) => Math.sqrt(a),
  };
  it.each(Object.entries(binary))("%s", (name, host) => {
    const random = new Random(20261128);
    for (let round = 0; round < ROUNDS; round += 1) {
      const [a, b] = [double(random), double(random)];
      const operands = name === "fsqrt" ? [a] : [a, b];
      expect(call(`${name}64`, operands).value, `${name}64 ${a} ${b}`).toBe(
        bitsOf(host(doubleOf(a), doubleOf(b))),
      );
      const [x, y] = [single(random), single(random)];
      const narrow = name === "fsqrt" ? [x] : [x, y];
      expect(call(`${name}32`, narrow).value, `${name}32 ${x} ${y}`).toBe(
        singleBits(host(singleOf(x), singleOf(y))),
      );
    }
  });

  it("conversions", () => {
    const random = new Random(20261129);
    for (let round = 0; round < ROUNDS; round += 1) {
      const [a, x] = [double(random), single(random)];
      expect(call("f64tof32", [a]).value).toBe(singleBits(doubleOf(a)));
      expect(call("f32tof64", [x]).value).toBe(bitsOf(singleOf(x)));
      expect(call("s64tof64", [a]).value).toBe(bitsOf(Number(BigInt.asIntN(64, a))));
      expect(call("u64tof64", [a]).value).toBe(bitsOf(Number(a)));
    }
  });

  it("a fused product is the separate one where that is exact", () => {
    const random = new Random(20261130);
    for (let round = 0; round < ROUNDS; round += 1) {
      const [x, y, c] = [single(random), single(random), double(random)];
      const host = singleOf(x) * singleOf(y) + doubleOf(c);
      const args = [bitsOf(singleOf(x)), bitsOf(singleOf(y)), c];
      expect(call("fma64", args).value).toBe(bitsOf(host));
    }
  });
});

describe("every rounding", () => {
  // One third lies between two neighbours; minus one third mirrors it.
  it.each([
    ["nearestEven", 0x3fd5555555555555n, 0xbfd5555555555555n],
    ["towardZero", 0x3fd5555555555555n, 0xbfd5555555555555n],
    ["down", 0x3fd5555555555555n, 0xbfd5555555555556n],
    ["up", 0x3fd5555555555556n, 0xbfd5555555555555n],
    ["nearestAway", 0x3fd5555555555555n, 0xbfd5555555555555n],
  ] as const)("%s of one third", (mode, positive, negative) => {
    const [one, three] = [bitsOf(1), bitsOf(3)];
    expect(call("fdiv64", [one, three], MODE[mode])).toEqual({ value: positive, flags: FLAG.inexact });
    expect(call("fdiv64", [bitsOf(-1), three], MODE[mode])).toEqual({ value: negative, flags: FLAG.inexact });
  });

  it.each([
    ["nearestEven", 2, -2, 4],
    ["towardZero", 2, -2, 3],
    ["down", 2, -3, 3],
    ["up", 3, -2, 4],
    ["nearestAway", 3, -3, 4],
  ] as const)("%s of ties to integers", (mode, a, b, c) => {
    const rounded = (value: number): Called => call("f64tos32", [bitsOf(value)], MODE[mode]);
    const expected = (value: number): Called => ({
      value: BigInt.asUintN(32, BigInt(value)),
      flags: FLAG.inexact,
    });
    expect(rounded(2.5)).toEqual(expected(a));
    expect(rounded(-2.5)).toEqual(expected(b));
    expect(rounded(3.5)).toEqual(expected(c));
    expect(call("frintx64", [bitsOf(-2.5)], MODE[mode])).toEqual({ value: bitsOf(b), flags: FLAG.inexact });
    expect(call("frint64", [bitsOf(-2.5)], MODE[mode])).toEqual({ value: bitsOf(b), flags: 0n });
  });

  it("a difference of zero is negative only when rounding down", () => {
    const five = bitsOf(5);
    expect(call("fsub64", [five, five], MODE.nearestEven).value).toBe(0n);
    expect(call("fsub64", [five, five], MODE.down).value).toBe(1n << 63n);
    expect(call("fadd64", [1n << 63n, 1n << 63n], MODE.up).value).toBe(1n << 63n);
  });

  it("overflow ends at infinity or at the greatest number", () => {
    const greatest = bitsOf(Number.MAX_VALUE);
    const flags = FLAG.overflow | FLAG.inexact;
    expect(call("fadd64", [greatest, greatest], MODE.nearestEven)).toEqual({
      value: bitsOf(Infinity),
      flags,
    });
    expect(call("fadd64", [greatest, greatest], MODE.down)).toEqual({ value: greatest, flags });
  });
});

describe("what an architecture chooses", () => {
  // (1 - 2^-27) times the least normal number and a bit more, 1 + 2^-27: below it by 2^-54, which 53 bits round up.
  it("tininess", () => {
    const almost = [0x3feffffffc000000n, 0x0010000002000000n];
    const before: FloatRules = { ...floatRules, tininess: "beforeRounding" };
    const [value, inexact] = [0x0010000000000000n, FLAG.inexact];
    expect(call("fmul64", almost)).toEqual({ value, flags: inexact });
    expect(call("fmul64", almost, 0n, before)).toEqual({ value, flags: inexact | FLAG.underflow });
  });

  it("NaNs that propagate, signalling ones first", () => {
    const rules: FloatRules = { ...floatRules, modeWidth: 5 };
    const [quiet, signalling] = [0xfff8000000000abcn, 0x7ff0000000000123n];
    expect(call("fadd64", [quiet, signalling]).value).toBe(0x7ff8000000000000n);
    expect(call("fadd64", [quiet, signalling], 0n, rules).value).toBe(0x7ff8000000000123n);
    expect(call("fadd64", [quiet, bitsOf(1)], 0n, rules)).toEqual({ value: quiet, flags: 0n });
    expect(call("fadd64", [quiet, bitsOf(1)], 16n, rules).value).toBe(0x7ff8000000000000n);
    expect(call("f64tof32", [0xfff8000020000abcn], 0n, rules).value).toBe(0xffc00001n);
  });

  it("flushing to zero", () => {
    const flags = { ...floatRules.flags, inputDenormal: 7 };
    const rules: FloatRules = { ...floatRules, modeWidth: 5, flags, flagsWidth: 8 };
    expect(call("fadd64", [1n, 1n], 8n, rules)).toEqual({ value: 0n, flags: 128n });
    expect(call("fmul64", [1n << 52n, bitsOf(-0.5)], 8n, rules)).toEqual({
      value: 1n << 63n,
      flags: FLAG.underflow,
    });
  });

  it("minimum of a number and a NaN", () => {
    const [quiet, signalling, one] = [0x7ff8000000000000n, 0x7ff0000000000001n, bitsOf(1)];
    const nan: FloatRules = { ...floatRules, signallingInMinNumber: "nan" };
    expect(call("fminnum64", [quiet, one])).toEqual({ value: one, flags: 0n });
    expect(call("fminnum64", [signalling, one])).toEqual({ value: one, flags: FLAG.invalid });
    expect(call("fminnum64", [signalling, one], 0n, nan)).toEqual({ value: quiet, flags: FLAG.invalid });
    expect(call("fmin64", [quiet, one]).value).toBe(quiet);
    expect(call("fmin64", [0n, 1n << 63n]).value).toBe(1n << 63n);
  });

  it("NaNs as integers", () => {
    const zero: FloatRules = { ...floatRules, nanToInteger: "zero" };
    expect(call("f64tos32", [bitsOf(NaN)])).toEqual({ value: 0x7fffffffn, flags: FLAG.invalid });
    expect(call("f64tos32", [bitsOf(NaN)], 0n, zero)).toEqual({ value: 0n, flags: FLAG.invalid });
  });
});

describe("edges", () => {
  it("infinity times zero is invalid even with a quiet NaN as addend", () => {
    const args = [bitsOf(Infinity), 0n, 0x7ff8000000000000n];
    expect(call("fma64", args)).toEqual({ value: 0x7ff8000000000000n, flags: FLAG.invalid });
  });

  it("a fused product keeps the bits that a separate one loses", () => {
    const a = 0x3ff0000000000001n; // 1 + 2^-52; its square has one bit that no double holds
    const square = call("fmul64", [a, a]).value;
    const rest = call("fma64", [a, a, square ^ (1n << 63n)]);
    expect(rest).toEqual({ value: bitsOf(2 ** -104), flags: 0n });
  });

  it("integers out of range saturate", () => {
    expect(call("f64tou32", [bitsOf(-0.75)], MODE.towardZero)).toEqual({ value: 0n, flags: FLAG.inexact });
    expect(call("f64tou32", [bitsOf(-1)])).toEqual({ value: 0n, flags: FLAG.invalid });
    expect(call("f64tos64", [bitsOf(2 ** 63)])).toEqual({ value: (1n << 63n) - 1n, flags: FLAG.invalid });
  });

  it("integers may have a fraction", () => {
    expect(call("s32tof64", [BigInt.asUintN(32, -3n), 1n]).value).toBe(bitsOf(-1.5));
    expect(call("f64tos32", [bitsOf(-1.75), 2n]).value).toBe(BigInt.asUintN(32, -7n));
  });

  it("the 16-bit format", () => {
    expect(call("f64tof16", [bitsOf(65520)])).toEqual({
      value: 0x7c00n,
      flags: FLAG.overflow | FLAG.inexact,
    });
    expect(call("f64tof16", [bitsOf(2 ** -24)])).toEqual({ value: 1n, flags: 0n });
    expect(call("f16tof32", [0x3555n]).value).toBe(0x3eaaa000n);
  });

  it("Newton's method", () => {
    const estimate = call("frecpe64", [bitsOf(3)]).value;
    expect(Math.abs(doubleOf(estimate) * 3 - 1)).toBeLessThan(2 ** -8);
    const step = doubleOf(call("frecps64", [bitsOf(3), estimate]).value);
    expect(step).toBe(2 - 3 * doubleOf(estimate));
    expect(Math.abs(doubleOf(estimate) * step * 3 - 1)).toBeLessThan(2 ** -15);
    const root = doubleOf(call("frsqrte64", [bitsOf(2)]).value);
    expect(Math.abs(root * root * 2 - 1)).toBeLessThan(2 ** -7);
    expect(call("frsqrts64", [bitsOf(Infinity), 0n]).value).toBe(bitsOf(1.5));
    expect(call("fmulx64", [bitsOf(-Infinity), 0n]).value).toBe(bitsOf(-2));
  });

  it("a comparison is one of four relations", () => {
    const [one, two, nan] = [bitsOf(1), bitsOf(2), bitsOf(NaN)];
    const relation = (a: bigint, b: bigint, name = "fcmp64"): Called => call(name, [a, b]);
    expect(relation(one, two).value).toBe(1n);
    expect(relation(0n, 1n << 63n).value).toBe(2n);
    expect(relation(two, one).value).toBe(4n);
    expect(relation(one, nan)).toEqual({ value: 8n, flags: 0n });
    expect(relation(one, nan, "fcmps64")).toEqual({ value: 8n, flags: FLAG.invalid });
  });
});
