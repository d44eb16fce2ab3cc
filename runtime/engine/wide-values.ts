// Expressions of 65 to 128 bits as pairs of i64. Relies on values.ts; the meaning is spec/isa/effect-eval.ts.
//
// Guarantees: every expression that `canTranslateWide` accepts; each half that is handed out is cut to the width and
// may be emitted any number of times. What it does not accept is executed outside of translated code.

import type { BinaryOp, CompareOp, Expr } from "../../spec/isa/effect.ts";
import { LOADS } from "./guest-access.ts";
import type { MemoryWriter } from "./memory-effects.ts";
import { NARROW, type Emit, type ExprWriter, type Node, type Pair } from "./values.ts";
import { I32, I64, OP } from "./wasm-emitter.ts";

const bitwise: Partial<Readonly<Record<BinaryOp, number>>> = {
  and: OP.i64And,
  or: OP.i64Or,
  xor: OP.i64Xor,
};

const operators: ReadonlySet<BinaryOp> = new Set(["and", "or", "xor", "add", "sub", "shl", "shru", "shrs"]);

/** True if the node itself, of more than 64 bits, can be written as a pair. */
export function canTranslateWide(e: Expr): boolean {
  switch (e.kind) {
    case "const":
    case "local":
    case "register":
    case "load":
    case "concat":
    case "extend":
    case "extract":
    case "choose":
      return true;
    case "unary":
      return e.op === "not" || e.op === "neg";
    case "binary":
      return operators.has(e.op);
    default:
      return false;
  }
}

/** Writes wide expressions; narrow ones inside them go back to `writer`. */
export class WideWriter {
  private readonly writer: ExprWriter;
  private readonly memory: MemoryWriter;

  constructor(writer: ExprWriter, memory: MemoryWriter) {
    this.writer = writer;
    this.memory = memory;
  }

  /** Gives `use` the halves of `e`; its temporaries live until `use` returns. */
  pair(e: Expr, use: (pair: Pair) => void): void {
    const { fn, around } = this.writer;
    if (e.width <= NARROW) {
      this.narrow(e, use);
      return;
    }
    switch (e.kind) {
      case "const":
        use({ low: () => fn.i64(BigInt.asUintN(64, e.value)), high: () => fn.i64(e.value >> 64n) });
        return;
      case "local": {
        const { low, high } = this.writer.named(e.name, e.width);
        use({ low: () => fn.get(low), high: () => fn.get(high ?? low) });
        return;
      }
      case "register": {
        const { register } = e;
        const high = (): void => {
          around.readRegister(register, "high");
          this.cutHigh(e.width);
        };
        use({ low: () => around.readRegister(register, "low"), high });
        return;
      }
      case "load":
        this.load(e, use);
        return;
      case "concat":
        this.concat(e, use);
        return;
      case "extend":
        this.extend(e, use);
        return;
      case "extract":
        this.pair(e.arg, (arg) => this.compute(this.shiftedRight(arg, e.low, e.width), use));
        return;
      case "choose":
        this.choose(e, use);
        return;
      case "unary":
        this.unary(e, use);
        return;
      case "binary":
        this.binary(e, use);
        return;
      default:
        throw new Error(`${e.kind} of ${String(e.width)} bits cannot be translated`);
    }
  }

  /** Leaves bits `low + width - 1 .. low` of the wide `e.arg`, at most 64 of them, as i64; the caller narrows. */
  extractNarrow(e: Node<"extract">): void {
    this.pair(e.arg, (arg) => this.shiftedRight(arg, e.low, e.width).low());
  }

  /** A comparison of wide operands; leaves 0 or 1 as i32. */
  compare(e: Node<"compare">): void {
    this.pair(e.left, (left) => {
      this.pair(e.right, (right) => this.comparePairs(e.op, e.left.width, { left, right }));
    });
  }

  private narrow(e: Expr, use: (pair: Pair) => void): void {
    const { fn, scratch } = this.writer;
    const low = scratch.take(I64);
    this.writer.wide(e);
    fn.set(low);
    use({ low: () => fn.get(low), high: () => fn.i64(0n) });
    scratch.give(low);
  }

  // Both halves into fresh locals, low first.
  private compute(parts: Pair, use: (pair: Pair) => void): void {
    const { fn, scratch } = this.writer;
    const [low, high] = [scratch.take(I64), scratch.take(I64)];
    parts.low();
    fn.set(low);
    parts.high();
    fn.set(high);
    use({ low: () => fn.get(low), high: () => fn.get(high) });
    scratch.give(high);
    scratch.give(low);
  }

  private cutHigh(width: number): void {
    const { fn } = this.writer;
    if (width >= 128) return;
    fn.i64((1n << BigInt(width - 64)) - 1n);
    fn.op(OP.i64And);
  }

  private load(e: Node<"load">, use: (pair: Pair) => void): void {
    const { fn, scratch } = this.writer;
    const host = scratch.take(I32);
    this.memory.probe(e, false);
    fn.set(host);
    const half = (offset: number): void => {
      fn.get(host);
      fn.memory(LOADS[8].unsigned, offset);
    };
    this.compute({ low: () => half(0), high: () => half(8) }, use);
    scratch.give(host);
  }

  private concat(e: Node<"concat">, use: (pair: Pair) => void): void {
    const { fn } = this.writer;
    const shift = e.low.width;
    if (shift === NARROW) {
      this.compute({ low: () => this.writer.expr(e.low), high: () => this.writer.wide(e.high) }, use);
      return;
    }
    this.pair(e.high, (high) => {
      this.pair(e.low, (low) => {
        const moved = this.shiftedLeft(high, shift);
        const or =
          (a: Emit, b: Emit): Emit =>
          () => {
            a();
            b();
            fn.op(OP.i64Or);
          };
        this.compute({ low: or(low.low, moved.low), high: or(low.high, moved.high) }, use);
      });
    });
  }

  // By a constant; the result is not cut above 128 bits only.
  private shiftedLeft(value: Pair, amount: number): Pair {
    const { fn } = this.writer;
    const zero = (): void => fn.i64(0n);
    const moved = (emit: Emit, by: number, opcode: number): Emit =>
      by === 0 ? emit : () => this.shiftOne(emit, by, opcode);
    if (amount >= 64) return { low: zero, high: moved(value.low, amount - 64, OP.i64Shl) };
    if (amount === 0) return value;
    const high = (): void => {
      this.shiftOne(value.high, amount, OP.i64Shl);
      this.shiftOne(value.low, 64 - amount, OP.i64ShrU);
      fn.op(OP.i64Or);
    };
    return { low: moved(value.low, amount, OP.i64Shl), high };
  }

  // By a constant, zeros from above, cut to `width`.
  private shiftedRight(value: Pair, amount: number, width: number): Pair {
    const { fn } = this.writer;
    const zero = (): void => fn.i64(0n);
    const high =
      (by: number): Emit =>
      () => {
        if (by === 0) value.high();
        else this.shiftOne(value.high, by, OP.i64ShrU);
      };
    if (amount >= 64) return { low: high(amount - 64), high: zero };
    const low = (): void => {
      if (amount === 0) {
        value.low();
        return;
      }
      this.shiftOne(value.low, amount, OP.i64ShrU);
      if (amount + width <= 64) return;
      this.shiftOne(value.high, 64 - amount, OP.i64Shl);
      fn.op(OP.i64Or);
    };
    const cut = (): void => {
      high(amount)();
      this.cutHigh(width);
    };
    return { low, high: width <= NARROW ? zero : cut };
  }

  private shiftOne(emit: Emit, by: number, opcode: number): void {
    emit();
    this.writer.fn.i64(BigInt(by));
    this.writer.fn.op(opcode);
  }

  private extend(e: Node<"extend">, use: (pair: Pair) => void): void {
    const { fn } = this.writer;
    const { arg, signed, width } = e;
    this.pair(arg, (value) => {
      if (!signed) {
        use(value);
        return;
      }
      // The half that holds the sign is spread over the rest.
      const signBits = arg.width <= NARROW ? arg.width : arg.width - 64;
      const spread = (emit: Emit): void => {
        this.shiftOne(emit, 64 - signBits, OP.i64Shl);
        this.writer.fn.i64(BigInt(64 - signBits));
        fn.op(OP.i64ShrS);
      };
      const low = (): void => (arg.width <= NARROW ? spread(value.low) : value.low());
      const high = (): void => {
        if (arg.width <= NARROW) this.shiftOne(() => spread(value.low), 63, OP.i64ShrS);
        else spread(value.high);
        this.cutHigh(width);
      };
      this.compute({ low, high }, use);
    });
  }

  private choose(e: Node<"choose">, use: (pair: Pair) => void): void {
    const { fn, scratch } = this.writer;
    const cond = scratch.take(I32);
    this.writer.expr(e.cond);
    fn.set(cond);
    this.pair(e.then, (yes) => {
      this.pair(e.else, (no) => {
        const select =
          (a: Emit, b: Emit): Emit =>
          () => {
            a();
            b();
            fn.get(cond);
            fn.op(OP.select);
          };
        this.compute({ low: select(yes.low, no.low), high: select(yes.high, no.high) }, use);
      });
    });
    scratch.give(cond);
  }

  private unary(e: Node<"unary">, use: (pair: Pair) => void): void {
    if (e.op === "neg") {
      const zero: Expr = { kind: "const", width: e.width, value: 0n };
      this.binary({ kind: "binary", width: e.width, op: "sub", left: zero, right: e.arg }, use);
      return;
    }
    const ones: Expr = { kind: "const", width: e.width, value: (1n << BigInt(e.width)) - 1n };
    this.binary({ kind: "binary", width: e.width, op: "xor", left: e.arg, right: ones }, use);
  }

  private binary(e: Node<"binary">, use: (pair: Pair) => void): void {
    const { op, width } = e;
    this.pair(e.left, (left) => {
      if (op === "shl" || op === "shru" || op === "shrs") {
        this.shift(e, left, use);
        return;
      }
      this.pair(e.right, (right) => {
        const opcode = bitwise[op];
        if (opcode !== undefined) {
          const both =
            (a: Emit, b: Emit): Emit =>
            () =>
              this.two(a, b, opcode);
          this.compute({ low: both(left.low, right.low), high: both(left.high, right.high) }, use);
        } else this.sum(op === "add", width, { left, right }, use);
      });
    });
  }

  private two(a: Emit, b: Emit, opcode: number): void {
    a();
    b();
    this.writer.fn.op(opcode);
  }

  // The low halves first; their carry or borrow goes into the high ones.
  private sum(isAdd: boolean, width: number, operands: Sides, use: (pair: Pair) => void): void {
    const { fn, scratch } = this.writer;
    const { left, right } = operands;
    const opcode = isAdd ? OP.i64Add : OP.i64Sub;
    const low = scratch.take(I64);
    const emitLow = (): void => {
      this.two(left.low, right.low, opcode);
      fn.tee(low);
    };
    const emitHigh = (): void => {
      this.two(left.high, right.high, opcode);
      if (isAdd) this.two(() => fn.get(low), left.low, OP.i64LtU);
      else this.two(left.low, right.low, OP.i64LtU);
      fn.op(OP.i64ExtendI32U);
      fn.op(opcode);
      this.cutHigh(width);
    };
    this.compute({ low: emitLow, high: emitHigh }, use);
    scratch.give(low);
  }

  // Only values of exactly 128 bits are shifted (rule E2).
  private shift(e: Node<"binary">, value: Pair, use: (pair: Pair) => void): void {
    const { op, right, width } = e;
    if (right.kind !== "const" || op === "shrs") {
      this.shiftByAny(e, value, use);
      return;
    }
    const amount = Number(right.value);
    const moved = op === "shl" ? this.shiftedLeft(value, amount) : this.shiftedRight(value, amount, width);
    this.compute(moved, use);
  }

  // Both sides of 64 are computed and one is chosen; WebAssembly takes amounts modulo 64.
  private shiftByAny(e: Node<"binary">, value: Pair, use: (pair: Pair) => void): void {
    const { fn, scratch } = this.writer;
    const { op } = e;
    const amount = scratch.take(I64);
    this.writer.wide(e.right);
    fn.set(amount);
    const { high } = value;
    const fill: Emit = op === "shrs" ? () => this.shiftOne(high, 63, OP.i64ShrS) : () => fn.i64(0n);
    const right = op === "shrs" ? OP.i64ShrS : OP.i64ShrU;
    const parts =
      op === "shl"
        ? this.eitherShift(amount, {
            far: { low: fill, high: () => this.byAmount(value.low, amount, OP.i64Shl) },
            near: {
              low: () => this.byAmount(value.low, amount, OP.i64Shl),
              high: () => this.joined(high, value.low, { amount, first: OP.i64Shl, second: OP.i64ShrU }),
            },
          })
        : this.eitherShift(amount, {
            far: { low: () => this.byAmount(high, amount, right), high: fill },
            near: {
              low: () => this.joined(value.low, high, { amount, first: OP.i64ShrU, second: OP.i64Shl }),
              high: () => this.byAmount(high, amount, right),
            },
          });
    this.compute(parts, use);
    scratch.give(amount);
  }

  private byAmount(emit: Emit, amount: number, opcode: number): void {
    this.two(emit, () => this.writer.fn.get(amount), opcode);
  }

  // (main `first` amount) | (other `second` (64 - amount)), right for amounts from 0 to 63.
  private joined(main: Emit, other: Emit, how: { amount: number; first: number; second: number }): void {
    const { fn } = this.writer;
    this.byAmount(main, how.amount, how.first);
    this.shiftOne(other, 1, how.second);
    fn.i64(63n);
    fn.get(how.amount);
    fn.op(OP.i64Sub);
    fn.op(how.second);
    fn.op(OP.i64Or);
  }

  private eitherShift(amount: number, sides: { readonly far: Pair; readonly near: Pair }): Pair {
    const { fn } = this.writer;
    const select =
      (far: Emit, near: Emit): Emit =>
      () => {
        far();
        near();
        fn.get(amount);
        fn.i64(63n);
        fn.op(OP.i64GtU);
        fn.op(OP.select);
      };
    const { far, near } = sides;
    return { low: select(far.low, near.low), high: select(far.high, near.high) };
  }

  private comparePairs(op: CompareOp, width: number, { left, right }: Sides): void {
    const { fn } = this.writer;
    if (op === "eq" || op === "ne") {
      this.two(left.low, right.low, OP.i64Xor);
      this.two(left.high, right.high, OP.i64Xor);
      fn.op(OP.i64Or);
      fn.op(OP.i64Eqz);
      if (op === "ne") fn.op(OP.i32Eqz);
      return;
    }
    // high < high, or equal and low < low; signs count in the high half only.
    const signed = op === "lts" || op === "les";
    const side = (emit: Emit): void => {
      emit();
      if (!signed || width === 128) return;
      fn.i64(BigInt(128 - width));
      fn.op(OP.i64Shl);
    };
    const highs = (opcode: number): void => {
      side(left.high);
      side(right.high);
      fn.op(opcode);
    };
    this.two(left.low, right.low, op === "ltu" || op === "lts" ? OP.i64LtU : OP.i64LeU);
    highs(signed ? OP.i64LtS : OP.i64LtU);
    highs(OP.i64Eq);
    fn.op(OP.select);
  }
}

interface Sides {
  readonly left: Pair;
  readonly right: Pair;
}
