// Functions that translated float code calls: exact products and fused multiply-add from the host's float operations.
//
// Relies on wasm-emitter.ts. Sources: T. J. Dekker, "A floating-point technique for extending the available precision",
// 1971 (product); S. Boldo and G. Melquiond, "Emulation of a FMA and correctly rounded sums: proved algorithms using
// rounding to odd", 2008. Guarantees: a result that is not a NaN is right to the last bit under rounding to nearest even.

import { buildLibrary, F32, F64, FunctionWriter, I32, I64, OP, type FunctionType } from "./wasm-emitter.ts";

const triple = (type: typeof F32 | typeof F64, result: FunctionType["result"]): FunctionType => ({
  params: [type, type, type],
  result,
});

/**
 * The functions by number. productError: a * b minus the rounded product, NaN where that is not sure to be a number of
 * the format. fma: NaN where it cannot tell. fmaIsExact: 1 if that `fma` rounds nothing away.
 */
export const FLOAT_LIBRARY = [
  { name: "productError", type: { params: [F64, F64], result: F64 } },
  { name: "fma64", type: triple(F64, F64) },
  { name: "fmaIsExact64", type: triple(F64, I32) },
  { name: "fma32", type: triple(F32, F32) },
  { name: "fmaIsExact32", type: triple(F32, I32) },
] as const satisfies readonly { readonly name: string; readonly type: FunctionType }[];

export type LibraryFunction = (typeof FLOAT_LIBRARY)[number]["name"];

/** The number that code calls the function by. */
export function libraryNumber(name: LibraryFunction): number {
  return FLOAT_LIBRARY.findIndex((f) => f.name === name);
}

let instance: WebAssembly.Exports | null = null;

/** The compiled functions; one instance serves all machines, because they depend on their arguments alone. */
export function floatLibrary(): WebAssembly.Exports {
  if (instance !== null) return instance;
  const bodies: Readonly<Record<LibraryFunction, Uint8Array>> = {
    productError: productError(),
    fma64: fused64("value"),
    fmaIsExact64: fused64("isExact"),
    fma32: fused32("value"),
    fmaIsExact32: fused32("isExact"),
  };
  const functions = FLOAT_LIBRARY.map(({ name, type }) => ({ name, type, body: bodies[name] }));
  instance = new WebAssembly.Instance(new WebAssembly.Module(buildLibrary(functions))).exports;
  return instance;
}

// 2^27 + 1: splits a significand of 53 bits into two of 26.
const SPLITTER = 134217729;
// Below this a product's error may have bits under the smallest number.
const SMALLEST_PRODUCT = 2 ** -900;
// Exponents of factors between -450 and 480, of the addend between -900 and 900: no intermediate result is lost.
const EXPONENT_BIAS = 1023;
const FACTOR_EXPONENTS = { first: EXPONENT_BIAS - 450, count: 930 };
const ADDEND_EXPONENTS = { first: EXPONENT_BIAS - 900, count: 1800 };

type Term = () => void;

/** Writes one function over doubles as terms and assignments. */
class FloatCode {
  readonly fn: FunctionWriter;

  constructor(params: FunctionType["params"]) {
    this.fn = new FunctionWriter(params);
  }

  get(local: number): Term {
    return () => this.fn.get(local);
  }

  number(value: number): Term {
    return () => this.fn.f64(value);
  }

  two(opcode: number, a: Term, b: Term): Term {
    return () => {
      a();
      b();
      this.fn.op(opcode);
    };
  }

  add = (a: Term, b: Term): Term => this.two(OP.f64Add, a, b);
  sub = (a: Term, b: Term): Term => this.two(OP.f64Sub, a, b);
  mul = (a: Term, b: Term): Term => this.two(OP.f64Mul, a, b);

  /** A new local that holds the term's value. */
  let(value: Term): Term {
    const local = this.fn.local(F64);
    value();
    this.fn.set(local);
    return this.get(local);
  }

  returnIf(condition: Term, value: Term): void {
    condition();
    this.fn.open(OP.if);
    value();
    this.fn.op(OP.return);
    this.fn.end();
  }

  /** a + b minus `sum`, its rounded value: exact for all numbers (Knuth). */
  sumError(a: Term, b: Term, sum: Term): Term {
    const part = this.let(this.sub(sum, a));
    return this.let(this.add(this.sub(a, this.sub(sum, part)), this.sub(b, part)));
  }

  isZero(a: Term): Term {
    return this.two(OP.f64Eq, a, this.number(0));
  }

  or(a: Term, b: Term): Term {
    return this.two(OP.i32Or, a, b);
  }

  and(a: Term, b: Term): Term {
    return this.two(OP.i32And, a, b);
  }

  /** 1 if the exponent field is outside of the range. */
  isOutside(a: Term, range: { readonly first: number; readonly count: number }): Term {
    const { fn } = this;
    return () => {
      a();
      fn.op(OP.i64ReinterpretF64);
      fn.i64(52n);
      fn.op(OP.i64ShrU);
      fn.op(OP.i32WrapI64);
      fn.i32(0x7ff);
      fn.op(OP.i32And);
      fn.i32(range.first);
      fn.op(OP.i32Sub);
      fn.i32(range.count);
      fn.op(OP.i32GtU);
    };
  }

  /** The sum rounded to odd: if `error` is not zero, the neighbour on its side or `sum`, whichever has an odd last bit. */
  toOdd(sum: Term, error: Term): Term {
    const { fn } = this;
    const bits = fn.local(I64);
    sum();
    fn.op(OP.i64ReinterpretF64);
    fn.set(bits);
    this.two(OP.f64Ne, error, this.number(0))();
    fn.get(bits);
    fn.op(OP.i32WrapI64);
    fn.i32(1);
    fn.op(OP.i32And);
    fn.op(OP.i32Eqz);
    fn.op(OP.i32And);
    fn.open(OP.if);
    fn.get(bits);
    fn.i64(1n);
    fn.i64(-1n);
    this.two(OP.i32Eq, this.isPositive(error), this.isPositive(sum))();
    fn.op(OP.select);
    fn.op(OP.i64Add);
    fn.set(bits);
    fn.end();
    return this.let(() => {
      fn.get(bits);
      fn.op(OP.f64ReinterpretI64);
    });
  }

  private isPositive(a: Term): Term {
    return this.two(OP.f64Gt, a, this.number(0));
  }
}

function productError(): Uint8Array {
  const code = new FloatCode([F64, F64]);
  const { fn } = code;
  const [a, b] = [code.get(0), code.get(1)];
  const product = code.let(code.mul(a, b));
  const magnitudeIsSmall = (): void => {
    product();
    fn.op(OP.f64Abs);
    fn.f64(SMALLEST_PRODUCT);
    fn.op(OP.f64Lt);
  };
  code.returnIf(code.or(code.isZero(a), code.isZero(b)), code.number(0));
  code.returnIf(magnitudeIsSmall, code.number(NaN));
  const high = (value: Term): Term => {
    const scaled = code.let(code.mul(value, code.number(SPLITTER)));
    return code.let(code.sub(scaled, code.sub(scaled, value)));
  };
  const [aHigh, bHigh] = [high(a), high(b)];
  const [aLow, bLow] = [code.let(code.sub(a, aHigh)), code.let(code.sub(b, bHigh))];
  const first = code.sub(code.mul(aHigh, bHigh), product);
  const middle = code.add(code.add(first, code.mul(aHigh, bLow)), code.mul(aLow, bHigh));
  code.add(middle, code.mul(aLow, bLow))();
  return fn.body();
}

// Product and addend as exact sums of two numbers; all that is lost is gathered in one number that is rounded to odd.
function fused64(what: "value" | "isExact"): Uint8Array {
  const code = new FloatCode([F64, F64, F64]);
  const { fn } = code;
  const [a, b, c] = [code.get(0), code.get(1), code.get(2)];
  const product = code.let(code.mul(a, b));
  const unsure: Term = what === "value" ? code.number(NaN) : () => fn.i32(0);
  const sure: Term = what === "value" ? code.add(product, c) : () => fn.i32(1);
  code.returnIf(code.or(code.isZero(a), code.isZero(b)), sure);
  const factors = code.or(code.isOutside(a, FACTOR_EXPONENTS), code.isOutside(b, FACTOR_EXPONENTS));
  const addend = code.and(code.isOutside(c, ADDEND_EXPONENTS), code.two(OP.f64Ne, c, code.number(0)));
  code.returnIf(code.or(factors, addend), unsure);
  const low = code.let(() => {
    a();
    b();
    fn.call(libraryNumber("productError"));
  });
  const top = code.let(code.add(c, low));
  const topError = code.sumError(c, low, top);
  const sum = code.let(code.add(product, top));
  const sumError = code.sumError(product, top, sum);
  const rest = code.let(code.add(topError, sumError));
  const restError = code.sumError(topError, sumError, rest);
  if (what === "value") code.add(sum, code.toOdd(rest, restError))();
  else {
    const result = code.let(code.add(sum, rest));
    code.and(code.isZero(restError), code.isZero(code.sumError(sum, rest, result)))();
  }
  return fn.body();
}

// A product of two singles is a double; the sum is rounded to odd there and then once more.
function fused32(what: "value" | "isExact"): Uint8Array {
  const code = new FloatCode([F32, F32, F32]);
  const { fn } = code;
  const promoted = (param: number): Term =>
    code.let(() => {
      fn.get(param);
      fn.op(OP.f64PromoteF32);
    });
  const [a, b, c] = [promoted(0), promoted(1), promoted(2)];
  const product = code.let(code.mul(a, b));
  const sum = code.let(code.add(product, c));
  const error = code.sumError(product, c, sum);
  const odd = code.toOdd(sum, error);
  const result = (): void => {
    odd();
    fn.op(OP.f32DemoteF64);
  };
  const again = code.let(() => {
    result();
    fn.op(OP.f64PromoteF32);
  });
  if (what === "isExact") code.and(code.isZero(error), code.two(OP.f64Eq, again, sum))();
  else {
    const isLost = code.and(code.isZero(again), code.two(OP.f64Ne, sum, code.number(0)));
    code.returnIf(isLost, () => fn.f32(NaN));
    result();
  }
  return fn.body();
}
