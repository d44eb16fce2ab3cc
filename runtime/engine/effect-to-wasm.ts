// Writes the statements of one instruction as WebAssembly. The only place that walks effects for speed.
//
// Relies on arithmetic.ts, guest-access.ts. Where operands, registers and the pc come from is the caller's business
// (`Surroundings`): locals and constants in regions, memory in the interpreter. Guarantees: the same meaning as
// spec/isa/effect-eval.ts for every effect that `canTranslate` accepts; an access that cannot be made leaves before
// anything of the instruction has changed (rule E4). Writes of the pc go to `onPc`.

import type { Access, Expr, RegisterRef, Stmt } from "../../spec/isa/effect.ts";
import { forEachExpr, forEachStmt, stmtExprs } from "../../spec/isa/effect.ts";
import { HART, type Hart } from "../core/hart.ts";
import * as arithmetic from "./arithmetic.ts";
import { emitConstant, emitCut, emitSignExtend, fillsType, typeOf } from "./arithmetic.ts";
import { emitProbe, LOADS, STORES } from "./guest-access.ts";
import { ScratchLocals } from "./scratch.ts";
import type { TlbPlace } from "./tlb.ts";
import { I32, OP, type FunctionWriter } from "./wasm-emitter.ts";

type Node<K extends Expr["kind"]> = Extract<Expr, { kind: K }>;

/** Values that are known or found outside of the effect. */
export type OutsideValue = Node<"imm" | "index" | "pc" | "nextPc">;

/** What the code has around it. */
export interface Surroundings {
  readonly fn: FunctionWriter;
  readonly tlb: TlbPlace;
  /** Where the reservation lives. */
  readonly hart: Hart;
  /** Leaves the 64-bit contents of the register's file entry on the stack. */
  readRegister(register: RegisterRef): void;
  /** Sets the file entry to what `value` leaves on the stack. */
  writeRegister(register: RegisterRef, value: () => void): void;
  /** Leaves an operand or address on the stack, in the type of its width. */
  outside(e: OutsideValue): void;
  /** Emits code that leaves at the current instruction, before it has changed anything. */
  leave(): void;
}

/** True if the statements can be translated; anything else is executed outside. */
export function canTranslate(body: readonly Stmt[]): boolean {
  let simple = true;
  forEachStmt(body, (s) => {
    if (s.kind === "setCsr" || s.kind === "trap" || s.kind === "helper") simple = false;
    if (s.kind === "setRegister" && s.register.class.width > 64) simple = false;
    if (s.kind === "store" && s.access.bytes > 8) simple = false;
    for (const e of stmtExprs(s)) forEachExpr(e, (node) => (simple &&= canTranslateNode(node)));
  });
  return simple;
}

function canTranslateNode(e: Expr): boolean {
  return e.width <= 64 && e.kind !== "csr" && e.kind !== "helper" && e.kind !== "float";
}

/** Translates instructions one after the other into one function. */
export class EffectWriter {
  private readonly around: Surroundings;
  private readonly fn: FunctionWriter;
  private readonly scratch: ScratchLocals;
  // Locals of the current instruction.
  private readonly named = new Map<string, number>();

  constructor(around: Surroundings) {
    this.around = around;
    this.fn = around.fn;
    this.scratch = new ScratchLocals(around.fn);
  }

  /** One instruction: all statements but `setPc`, which `onPc` gets. */
  instruction(body: readonly Stmt[], onPc: (value: Expr) => void): void {
    for (const s of body) this.statement(s, onPc);
  }

  /** Forgets the names of the instruction that ended. Its values must not be needed any more. */
  finish(): void {
    for (const local of this.named.values()) this.scratch.give(local);
    this.named.clear();
  }

  private statement(s: Stmt, onPc: (value: Expr) => void): void {
    switch (s.kind) {
      case "let":
        this.expr(s.value);
        this.fn.set(this.nameLocal(s.name, s.value.width));
        return;
      case "setRegister":
        this.around.writeRegister(s.register, () => this.wide(s.value));
        return;
      case "setPc":
        onPc(s.value);
        return;
      case "store":
        this.probe(s, true);
        this.expr(s.value);
        this.fn.memory(storeOpcode(s.access, s.value.width), 0);
        return;
      case "if":
        this.expr(s.cond);
        this.fn.open(OP.if);
        this.instruction(s.then, onPc);
        this.fn.op(OP.else);
        this.instruction(s.else, onPc);
        this.fn.end();
        return;
      case "setCsr":
      case "trap":
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
        fn.get(this.named.get(e.name) ?? unknownName(e.name));
        return;
      case "register":
        this.around.readRegister(e.register);
        if (e.width <= 32) fn.op(OP.i32WrapI64);
        emitCut(fn, e.width);
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
        this.memory(e);
        return;
      case "imm":
      case "index":
      case "pc":
      case "nextPc":
        this.around.outside(e);
        return;
      case "float":
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

  private memory(e: Node<"load" | "reserve" | "conditional" | "atomic">): void {
    switch (e.kind) {
      case "load":
        this.probe(e, false);
        this.fn.memory(loadOpcode(e.access), 0);
        return;
      case "reserve":
        this.reserve(e);
        return;
      case "conditional":
        this.conditional(e);
        return;
      case "atomic":
        this.atomic(e);
        return;
    }
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
    const source = amount.kind === "extract" && amount.low === 0 && fillsType(width) ? amount.arg : amount;
    this.expr(source);
    if (width > 32 && source.width <= 32) fn.op(OP.i64ExtendI32U);
    if (width <= 32 && source.width > 32) fn.op(OP.i32WrapI64);
  }

  private compare(e: Node<"compare">): void {
    const { fn } = this;
    const { left, right, op } = e;
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
      this.probe(arg, false);
      const opcodes = LOADS[smallBytes(arg.access)];
      fn.memory(signed ? opcodes.signed : opcodes.unsigned, 0);
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
    this.expr(arg);
    if (low > 0) {
      emitConstant(fn, arg.width, BigInt(low));
      fn.op(arg.width <= 32 ? OP.i32ShrU : OP.i64ShrU);
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

  private probe(e: { readonly access: Access; readonly address: Expr }, forStore: boolean): void {
    const { fn, scratch } = this;
    const { tlb } = this.around;
    emitProbe(
      { fn, scratch, tlb, leave: () => this.around.leave() },
      { address: () => this.wide(e.address), bytes: e.access.bytes, forStore, aligned: e.access.aligned },
    );
  }

  private reserve(e: Node<"reserve">): void {
    const { fn, scratch } = this;
    const value = scratch.take(typeOf(e.width));
    this.probe(e, false);
    fn.memory(loadOpcode(e.access), 0);
    fn.set(value);
    this.toHart(HART.reservedAddress, () => this.wide(e.address));
    this.toHart(HART.reservedValue, () => this.getWide(value, e.width));
    this.toHart(HART.reservedBytes, () => fn.i64(BigInt(e.access.bytes)));
    fn.get(value);
    scratch.give(value);
  }

  private conditional(e: Node<"conditional">): void {
    const { fn, scratch } = this;
    const { base } = this.around.hart;
    const [host, holds] = [scratch.take(I32), scratch.take(I32)];
    const width = e.access.bytes * 8;
    this.probe(e, true);
    fn.tee(host);
    fn.memory(loadOpcode(e.access), 0);
    if (width <= 32) fn.op(OP.i64ExtendI32U);
    const same = (offset: number, emit: () => void): void => {
      fn.i32(0);
      fn.memory(OP.i64Load, base + offset);
      emit();
      fn.op(OP.i64Eq);
    };
    fn.i32(0);
    fn.memory(OP.i64Load, base + HART.reservedValue);
    fn.op(OP.i64Eq);
    same(HART.reservedAddress, () => this.wide(e.address));
    fn.op(OP.i32And);
    same(HART.reservedBytes, () => fn.i64(BigInt(e.access.bytes)));
    fn.op(OP.i32And);
    fn.tee(holds);
    fn.open(OP.if);
    fn.get(host);
    this.expr(e.value);
    fn.memory(storeOpcode(e.access, e.value.width), 0);
    fn.end();
    this.toHart(HART.reservedBytes, () => fn.i64(0n));
    fn.get(holds);
    scratch.give(holds);
    scratch.give(host);
  }

  private atomic(e: Node<"atomic">): void {
    const { fn, scratch } = this;
    const host = scratch.take(I32);
    this.probe(e, true);
    fn.tee(host);
    fn.memory(loadOpcode(e.access), 0);
    const old = this.nameLocal(e.old, e.width);
    fn.set(old);
    fn.get(host);
    this.expr(e.update);
    fn.memory(storeOpcode(e.access, e.width), 0);
    fn.get(old);
    scratch.give(host);
  }

  private toHart(offset: number, emit: () => void): void {
    this.fn.i32(0);
    emit();
    this.fn.memory(OP.i64Store, this.around.hart.base + offset);
  }

  private getWide(local: number, width: number): void {
    this.fn.get(local);
    if (width <= 32) this.fn.op(OP.i64ExtendI32U);
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

  private nameLocal(name: string, width: number): number {
    const known = this.named.get(name);
    if (known !== undefined) return known;
    const local = this.scratch.take(typeOf(width));
    this.named.set(name, local);
    return local;
  }
}

type Emit = () => void;

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

function smallBytes(access: Access): 1 | 2 | 4 | 8 {
  if (access.bytes === 16) throw new Error("an access of 16 bytes cannot be translated");
  return access.bytes;
}

function loadOpcode(access: Access): number {
  const { i32, unsigned } = LOADS[smallBytes(access)];
  return i32 ?? unsigned;
}

// The value's type decides: a 64-bit value may be stored in part.
function storeOpcode(access: Access, valueWidth: number): number {
  const bytes = smallBytes(access);
  if (valueWidth <= 32) return STORES[bytes];
  return { 1: OP.i64Store8, 2: OP.i64Store16, 4: OP.i64Store32, 8: OP.i64Store }[bytes];
}

function unknownName(name: string): never {
  throw new Error(`effect uses ${name} before it is bound`);
}
