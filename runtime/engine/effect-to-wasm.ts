// Writes the statements of one instruction as WebAssembly. The only place that walks effects for speed.
//
// Relies on arithmetic.ts, memory-effects.ts, wide-values.ts. Where operands, registers and the pc come from is the caller's business
// (`Surroundings`): locals and constants in regions, memory in the interpreter. Guarantees: the same meaning as
// spec/isa/effect-eval.ts for every effect that `canTranslate` accepts; an access that cannot be made leaves before
// anything of the instruction has changed (rule E4). Writes of the pc go to `onPc`.

import type { Expr, RegisterRef, Stmt } from "../../spec/isa/effect.ts";
import { forEachExpr, forEachStmt, stmtExprs } from "../../spec/isa/effect.ts";
import type { Hart } from "../core/hart.ts";
import * as arithmetic from "./arithmetic.ts";
import { emitConstant, emitCut, emitSignExtend, fillsType } from "./arithmetic.ts";
import { canTranslateFloat, FloatWriter } from "./float-to-wasm.ts";
import { MemoryWriter } from "./memory-effects.ts";
import { ScratchLocals } from "./scratch.ts";
import type { TlbPlaces } from "./tlb.ts";
import {
  fileWidth,
  NARROW,
  typeOf,
  type Emit,
  type ExprWriter,
  type Half,
  type NamedValue,
  type Node,
  type Pair,
} from "./values.ts";
import { I64, OP, type FunctionWriter } from "./wasm-emitter.ts";
import { canTranslateWide, WideWriter } from "./wide-values.ts";

/** Values that are known or found outside of the effect. */
export type OutsideValue = Node<"imm" | "index" | "pc" | "nextPc" | "time">;

/** What the code has around it. */
export interface Surroundings {
  readonly fn: FunctionWriter;
  readonly tlbs: TlbPlaces;
  /** Where registers and the reservation live. */
  readonly hart: Hart;
  /** Leaves the contents of the register's file entry on the stack, in the type of the file's width; or a half of them. */
  readRegister(register: RegisterRef, half: Half): void;
  /** Sets the file entry to what `low` and `high` leave on the stack; `high` matters to files of more than 64 bits. */
  writeRegister(register: RegisterRef, low: Emit, high: Emit): void;
  /** Leaves an operand, address or the time on the stack, in the type of its width. */
  outside(e: OutsideValue): void;
  /** Emits code that leaves at the current instruction, before it has changed anything. */
  leave(): void;
  /** The same for an access that missed; which one it was is at `missedAt`. */
  leaveAtMiss(): void;
  readonly missedAt: number;
}

/** True if the statements can be translated; anything else is executed outside. */
export function canTranslate(body: readonly Stmt[]): boolean {
  const problems: (Stmt | Expr)[] = [];
  forEachStmt(body, (s) => {
    if (s.kind === "setCsr" || s.kind === "helper") problems.push(s);
    for (const e of stmtExprs(s)) {
      forEachExpr(e, (node) => {
        if (!canTranslateNode(node)) problems.push(node);
      });
    }
  });
  // What always traps is no code at all; a trap under a condition leaves.
  return problems.length === 0 && !body.some((s) => s.kind === "trap");
}

function canTranslateNode(e: Expr): boolean {
  if (e.kind === "csr" || e.kind === "helper") return false;
  if (e.kind === "float") return canTranslateFloat(e);
  if (e.width > NARROW) return canTranslateWide(e);
  if (e.kind === "reserve" || e.kind === "conditional" || e.kind === "atomic") return e.access.bytes <= 8;
  if (e.kind === "binary" && e.op.startsWith("mulh")) return e.width <= 32 || e.width === 64;
  return true;
}

/** Translates instructions one after the other into one function. */
export class EffectWriter implements ExprWriter {
  readonly around: Surroundings;
  readonly fn: FunctionWriter;
  readonly scratch: ScratchLocals;
  private readonly memory: MemoryWriter;
  private readonly pairs: WideWriter;
  private readonly floats: FloatWriter;
  // Values of the current instruction by name.
  private readonly names = new Map<string, NamedValue>();
  // Values that outlive their instruction.
  private readonly kept = new Map<string, number>();

  constructor(around: Surroundings) {
    this.around = around;
    this.fn = around.fn;
    this.scratch = new ScratchLocals(around.fn);
    this.memory = new MemoryWriter(this);
    this.pairs = new WideWriter(this, this.memory);
    this.floats = new FloatWriter(this);
  }

  /** One instruction: all statements but `setPc`, which `onPc` gets. */
  instruction(body: readonly Stmt[], onPc: (value: Expr) => void): void {
    for (const s of body) this.statement(s, onPc);
  }

  /** Forgets the names of the instruction that ended. Its values must not be needed any more. */
  finish(): void {
    for (const { low, high } of this.names.values()) {
      this.scratch.give(low);
      if (high !== null) this.scratch.give(high);
    }
    this.names.clear();
  }

  /** From now on the name stands for that local, which the caller sets. */
  keep(name: string, local: number): void {
    this.kept.set(name, local);
  }

  private statement(s: Stmt, onPc: (value: Expr) => void): void {
    switch (s.kind) {
      case "let":
        this.bind(s.name, s.value);
        return;
      case "setRegister":
        this.setRegister(s.register, s.value);
        return;
      case "setPc":
        onPc(s.value);
        return;
      case "store":
        this.memory.store(s);
        return;
      case "if":
        this.expr(s.cond);
        this.fn.open(OP.if);
        this.instruction(s.then, onPc);
        this.fn.op(OP.else);
        this.instruction(s.else, onPc);
        this.fn.end();
        return;
      case "trap":
        this.around.leave();
        return;
      case "setCsr":
      case "helper":
        throw new Error(`${s.kind} cannot be translated`);
    }
  }

  /** Leaves the value of `e` on the stack: i32 for up to 32 bits, else i64. */
  expr(e: Expr): void {
    const { fn } = this;
    switch (e.kind) {
      case "const":
        emitConstant(fn, e.width, e.value);
        return;
      case "local":
        fn.get(this.names.get(e.name)?.low ?? this.kept.get(e.name) ?? unknownName(e.name));
        return;
      case "register":
        this.register(e);
        return;
      case "unary":
        arithmetic.emitUnary(fn, e.op, { width: e.width, arg: () => this.expr(e.arg) });
        return;
      case "binary":
        this.binary(e);
        return;
      case "compare":
        this.compare(e);
        return;
      case "extend":
        this.extend(e);
        return;
      case "extract":
        this.extract(e);
        return;
      case "concat":
        this.concat(e);
        return;
      case "choose":
        this.choose(e);
        return;
      case "load":
      case "reserve":
      case "conditional":
      case "atomic":
        this.memory.narrow(e);
        return;
      case "imm":
      case "index":
      case "pc":
      case "nextPc":
      case "time":
        this.around.outside(e);
        return;
      case "float":
        this.floats.value(e);
        return;
      case "csr":
      case "helper":
        throw new Error(`${e.kind} cannot be translated`);
    }
  }

  /** The value of `e` zero-extended to i64. */
  wide(e: Expr): void {
    this.expr(e);
    if (e.width <= 32) this.fn.op(OP.i64ExtendI32U);
  }

  pair(e: Expr, use: (pair: Pair) => void): void {
    this.pairs.pair(e, use);
  }

  named(name: string, width: number): NamedValue {
    const known = this.names.get(name);
    if (known !== undefined) return known;
    const low = this.scratch.take(typeOf(width));
    const made = { low, high: width > NARROW ? this.scratch.take(I64) : null };
    this.names.set(name, made);
    return made;
  }

  private bind(name: string, value: Expr): void {
    const { fn } = this;
    if (value.width <= NARROW) {
      this.expr(value);
      fn.set(this.named(name, value.width).low);
      return;
    }
    this.pair(value, (halves) => {
      const { low, high } = this.named(name, value.width);
      halves.low();
      fn.set(low);
      halves.high();
      fn.set(high ?? low);
    });
  }

  private setRegister(register: RegisterRef, value: Expr): void {
    const { around } = this;
    if (value.width > NARROW) {
      this.pair(value, ({ low, high }) => around.writeRegister(register, low, high));
      return;
    }
    const isSmall = fileWidth(around, register) <= 32;
    const low = (): void => (isSmall ? this.expr(value) : this.wide(value));
    around.writeRegister(register, low, () => this.fn.i64(0n));
  }

  private register(e: Node<"register">): void {
    const { around, fn } = this;
    const stored = fileWidth(around, e.register);
    around.readRegister(e.register, "low");
    if (stored > 32 && e.width <= 32) fn.op(OP.i32WrapI64);
    if (e.width < stored) emitCut(fn, e.width);
  }

  private binary(e: Node<"binary">): void {
    const { fn } = this;
    const { op, width } = e;
    if (arithmetic.isDivision(op)) {
      const divisor = e.right;
      const ones = BigInt.asUintN(width, -1n);
      const knownNonZero = divisor.kind === "const" && divisor.value !== 0n && divisor.value !== ones;
      this.repeatable([e.left, e.right], ([left, right]) => {
        arithmetic.emitDivision(fn, op, { width, left, right, knownNonZero });
      });
      return;
    }
    if (op === "mulhss" || op === "mulhuu" || op === "mulhsu") {
      this.highProduct(op, e);
      return;
    }
    const right = arithmetic.isShift(op)
      ? (): void => this.shiftAmount(e.right, width)
      : (): void => this.expr(e.right);
    if (arithmetic.emitSimple(fn, op, { width, left: () => this.expr(e.left), right })) return;
    // A rotation of a width that has no instruction.
    const wordWidth = BigInt(width);
    this.repeatable([e.left, e.right], ([value, amount]) => {
      const shift = (): void => {
        amount();
        if (typeOf(width) !== typeOf(e.right.width)) fn.op(OP.i64ExtendI32U);
      };
      arithmetic.emitSimple(fn, "shru", { width, left: value, right: shift });
      const rest = (): void => {
        emitConstant(fn, width, wordWidth);
        shift();
        fn.op(width <= 32 ? OP.i32Sub : OP.i64Sub);
      };
      arithmetic.emitSimple(fn, "shl", { width, left: value, right: rest });
      fn.op(width <= 32 ? OP.i32Or : OP.i64Or);
    });
  }

  // 64-bit products need parts; narrower ones fit into a 64-bit product.
  private highProduct(op: "mulhss" | "mulhuu" | "mulhsu", e: Node<"binary">): void {
    const { fn, scratch } = this;
    if (e.width === 64) {
      this.repeatable([e.left, e.right], ([left, right]) => {
        arithmetic.emitHighProduct(fn, op, { left, right, scratch });
      });
      return;
    }
    if (e.width > 32) throw new Error(`${op} of ${String(e.width)} bits cannot be translated`);
    this.asSigned64(e.left, op !== "mulhuu");
    this.asSigned64(e.right, op === "mulhss");
    fn.op(OP.i64Mul);
    fn.i64(BigInt(e.width));
    fn.op(OP.i64ShrU);
    fn.op(OP.i32WrapI64);
    emitCut(fn, e.width);
  }

  private asSigned64(e: Expr, signed: boolean): void {
    this.expr(e);
    if (signed) emitSignExtend(this.fn, e.width);
    this.fn.op(signed ? OP.i64ExtendI32S : OP.i64ExtendI32U);
  }

  // WebAssembly takes amounts modulo the type's width, so cutting them to log2(width) bits first is not needed.
  private shiftAmount(amount: Expr, width: number): void {
    const { fn } = this;
    if (amount.kind === "const") {
      emitConstant(fn, width, amount.value);
      return;
    }
    const source =
      amount.kind === "extract" && amount.low === 0 && amount.arg.width <= NARROW && fillsType(width)
        ? amount.arg
        : amount;
    this.expr(source);
    if (width > 32 && source.width <= 32) fn.op(OP.i64ExtendI32U);
    if (width <= 32 && source.width > 32) fn.op(OP.i32WrapI64);
  }

  private compare(e: Node<"compare">): void {
    const { fn } = this;
    const { left, right, op } = e;
    if (left.width > NARROW) {
      this.pairs.compare(e);
      return;
    }
    if (op === "eq" && right.kind === "const" && right.value === 0n) {
      this.expr(left);
      fn.op(left.width <= 32 ? OP.i32Eqz : OP.i64Eqz);
      return;
    }
    const operands = { width: left.width, left: () => this.expr(left), right: () => this.expr(right) };
    arithmetic.emitCompare(fn, op, operands);
  }

  private extend(e: Node<"extend">): void {
    const { fn } = this;
    const { arg, signed, width } = e;
    if (width === 64 && arg.kind === "load" && arg.access.bytes * 8 === arg.width) {
      this.memory.extendedLoad(arg, signed);
      return;
    }
    if (width === 64 && signed && this.extendInPlace(arg)) return;
    this.expr(arg);
    if (signed) emitSignExtend(fn, arg.width);
    if (width > 32 && arg.width <= 32) fn.op(signed ? OP.i64ExtendI32S : OP.i64ExtendI32U);
    if (signed) emitCut(fn, width);
  }

  // sext(low bits of a 64-bit value): one instruction and no change of type.
  private extendInPlace(arg: Expr): boolean {
    if (arg.kind !== "extract" || arg.low !== 0 || arg.arg.width !== 64) return false;
    const opcode = extendOpcodes.get(arg.width);
    if (opcode === undefined) return false;
    this.expr(arg.arg);
    this.fn.op(opcode);
    return true;
  }

  private extract(e: Node<"extract">): void {
    const { fn } = this;
    const { arg, low, width } = e;
    if (arg.width > NARROW) this.pairs.extractNarrow(e);
    else {
      this.expr(arg);
      if (low > 0) {
        emitConstant(fn, arg.width, BigInt(low));
        fn.op(arg.width <= 32 ? OP.i32ShrU : OP.i64ShrU);
      }
    }
    if (arg.width > 32 && width <= 32) fn.op(OP.i32WrapI64);
    if (low + width < arg.width) emitCut(fn, width);
  }

  private concat(e: Node<"concat">): void {
    const { fn } = this;
    const wide = e.width > 32;
    for (const part of [e.high, e.low]) {
      this.expr(part);
      if (wide && part.width <= 32) fn.op(OP.i64ExtendI32U);
      if (part !== e.high) continue;
      emitConstant(fn, e.width, BigInt(e.low.width));
      fn.op(wide ? OP.i64Shl : OP.i32Shl);
    }
    fn.op(wide ? OP.i64Or : OP.i32Or);
  }

  // Arms that divide are worth a jump; others are cheaper when both are evaluated.
  private choose(e: Node<"choose">): void {
    const { fn } = this;
    if (divides(e.then) || divides(e.else)) {
      this.expr(e.cond);
      fn.open(OP.if, typeOf(e.width));
      this.expr(e.then);
      fn.op(OP.else);
      this.expr(e.else);
      fn.end();
      return;
    }
    this.expr(e.then);
    this.expr(e.else);
    this.expr(e.cond);
    fn.op(OP.select);
  }

  // Operands that can be emitted again and again: leaves as they are, others through a temporary.
  private repeatable(operands: readonly [Expr, Expr], use: (emit: readonly [Emit, Emit]) => void): void {
    const { fn, scratch } = this;
    const taken: number[] = [];
    const prepare = (e: Expr): Emit => {
      if (e.kind === "const" || e.kind === "local" || e.kind === "register") return () => this.expr(e);
      const local = scratch.take(typeOf(e.width));
      taken.push(local);
      this.expr(e);
      fn.set(local);
      return () => fn.get(local);
    };
    const [left, right] = operands;
    use([prepare(left), prepare(right)]);
    for (const local of taken.reverse()) scratch.give(local);
  }
}

const extendOpcodes: ReadonlyMap<number, number> = new Map<number, number>([
  [8, OP.i64Extend8S],
  [16, OP.i64Extend16S],
  [32, OP.i64Extend32S],
]);

function divides(e: Expr): boolean {
  let found = false;
  forEachExpr(e, (node) => {
    if (node.kind === "binary" && arithmetic.isDivision(node.op)) found = true;
  });
  return found;
}

function unknownName(name: string): never {
  throw new Error(`effect uses ${name} before it is bound`);
}
