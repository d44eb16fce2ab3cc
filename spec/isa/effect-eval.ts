// The normative meaning of the effect language, over BigInt: slow and obvious. Relies on effect.ts and its rules
// E1-E6. Used by the reference executor and by the compiler's evaluators; every faster reading of an effect is
// tested against this one. Values are unsigned, 0 <= v < 2^width.

import type {
  Access,
  BinaryOp,
  CompareOp,
  CsrView,
  Effect,
  Expr,
  RegisterRef,
  Stmt,
  UnaryOp,
} from "./effect.ts";
import { evaluateFloat } from "./float-operations.ts";
import { immediateValue } from "./immediate-codes.ts";
import type { OperandValues } from "./schema.ts";
import { tableError } from "./table-error.ts";

/** A synchronous exception: a name in `Isa.traps` and its value (faulting address, or 0). */
export interface Trap {
  readonly kind: "trap";
  readonly cause: string;
  readonly value: bigint;
}

/** How an access is to be made; the ordering bits of `Access` evaluated. */
export interface AccessRequest {
  readonly bytes: 1 | 2 | 4 | 8 | 16;
  /** True if an address that is not a multiple of `bytes` must trap; otherwise the machine decides. */
  readonly aligned: boolean;
  readonly acquire: boolean;
  readonly release: boolean;
  /** With the rights of a user program, whatever the privilege is. */
  readonly asUser: boolean;
}

/**
 * The state that an effect works on. Zero registers, narrow views, the pc and locals are handled here, not there.
 * A method that returns a Trap has changed nothing.
 */
export interface EffectMachine {
  readReg(file: string, index: number): bigint;
  writeReg(file: string, index: number, value: bigint): void;
  load(address: bigint, access: AccessRequest): bigint | Trap;
  store(address: bigint, value: bigint, access: AccessRequest): Trap | null;
  /** Indivisible read, `update`, write. Returns the old contents. */
  atomic(address: bigint, update: (old: bigint) => bigint, access: AccessRequest): bigint | Trap;
  /** Load and set the reservation. */
  reserve(address: bigint, access: AccessRequest): bigint | Trap;
  /** Store if the reservation holds, drop the reservation; true if stored. */
  conditional(address: bigint, value: bigint, access: AccessRequest): boolean | Trap;
  readCsr(number: number, view: CsrView): bigint | Trap;
  writeCsr(number: number, value: bigint): Trap | null;
  /** Performs a listed helper; null for one without a result. */
  helper(name: string, args: readonly bigint[]): bigint | Trap | null;
}

/** The instruction being executed: operand values by name, its address and its length in bytes. */
export interface EffectInput {
  readonly operands: OperandValues;
  readonly pc: bigint;
  readonly lengthBytes: number;
}

/** What happened: execution goes on at `pc`, or the instruction trapped and changed no register. */
export type EffectOutcome = { readonly kind: "next"; readonly pc: bigint } | Trap;

interface Frame {
  readonly input: EffectInput;
  readonly machine: EffectMachine;
  readonly locals: Map<string, bigint>;
  nextPc: bigint;
}

// Carries a trap out of nested expressions to evaluateEffect; never leaves this file. There is one of them, because
// making an Error takes longer than executing an instruction.
class TrapSignal extends Error {
  trap: Trap | null = null;
}

const signal = new TrapSignal();

function raise(trap: Trap): never {
  signal.trap = trap;
  throw signal;
}

/** Executes one instruction on `machine`. Guest faults are values; throws only for a wrong table. */
export function evaluateEffect(effect: Effect, input: EffectInput, machine: EffectMachine): EffectOutcome {
  const following = input.pc + BigInt(input.lengthBytes);
  const frame: Frame = { input, machine, locals: new Map(), nextPc: following };
  try {
    for (const s of effect.body) runStmt(s, frame);
    return { kind: "next", pc: BigInt.asUintN(64, frame.nextPc) };
  } catch (e) {
    if (e === signal && signal.trap !== null) return signal.trap;
    throw e;
  }
}

function orTrap<T>(result: T | Trap): T {
  if (typeof result === "object" && result !== null && "cause" in result) raise(result);
  return result;
}

function runStmt(s: Stmt, frame: Frame): void {
  switch (s.kind) {
    case "let":
      frame.locals.set(s.name, evaluate(s.value, frame));
      return;
    case "setRegister":
      writeRegister(s.register, evaluate(s.value, frame), frame);
      return;
    case "setPc":
      frame.nextPc = evaluate(s.value, frame);
      return;
    case "setCsr": {
      const number = Number(evaluate(s.number, frame));
      orTrap(frame.machine.writeCsr(number, evaluate(s.value, frame)));
      return;
    }
    case "store": {
      const address = evaluate(s.address, frame);
      orTrap(frame.machine.store(address, evaluate(s.value, frame), request(s.access, frame)));
      return;
    }
    case "if":
      for (const inner of evaluate(s.cond, frame) === 1n ? s.then : s.else) runStmt(inner, frame);
      return;
    case "trap":
      raise({ kind: "trap", cause: s.cause, value: s.value === null ? 0n : evaluate(s.value, frame) });
      break;
    case "helper":
      orTrap(frame.machine.helper(s.name, evaluateAll(s.args, frame)));
  }
}

/** Value of `e` in 0 .. 2^width - 1. */
function evaluate(e: Expr, frame: Frame): bigint {
  switch (e.kind) {
    case "const":
      return e.value;
    case "imm":
      return immediateValue(e.code, frame.input.operands[e.name] ?? missing(e.name), e.width);
    case "index":
      return BigInt.asUintN(e.width, BigInt(frame.input.operands[e.name] ?? missing(e.name)));
    case "register":
      return readRegister(e.register, frame);
    case "local":
      return frame.locals.get(e.name) ?? missing(e.name);
    case "pc":
      return frame.input.pc;
    case "nextPc":
      return BigInt.asUintN(e.width, frame.input.pc + BigInt(frame.input.lengthBytes));
    case "time":
      return tableError("no effect of a table reads the time");
    case "unary":
      return evaluateUnary(e.op, evaluate(e.arg, frame), e.width);
    case "binary":
      return evaluateBinary(e.op, evaluate(e.left, frame), evaluate(e.right, frame), e.width);
    case "compare":
      return evaluateCompare(e.op, evaluate(e.left, frame), evaluate(e.right, frame), e.left.width) ? 1n : 0n;
    case "extend": {
      const arg = evaluate(e.arg, frame);
      return e.signed ? BigInt.asUintN(e.width, BigInt.asIntN(e.arg.width, arg)) : arg;
    }
    case "extract":
      return BigInt.asUintN(e.width, evaluate(e.arg, frame) >> BigInt(e.low));
    case "concat":
      return (evaluate(e.high, frame) << BigInt(e.low.width)) | evaluate(e.low, frame);
    case "float":
      return evaluateFloatNode(e, frame);
    case "choose":
      return evaluate(evaluate(e.cond, frame) === 1n ? e.then : e.else, frame);
    case "load":
    case "atomic":
    case "reserve":
    case "conditional":
      return evaluateMemory(e, frame);
    case "csr":
      return orTrap(frame.machine.readCsr(Number(evaluate(e.number, frame)), e.view));
    case "helper":
      return orTrap(frame.machine.helper(e.name, evaluateAll(e.args, frame))) ?? missing(e.name);
  }
}

function evaluateFloatNode(e: Extract<Expr, { kind: "float" }>, frame: Frame): bigint {
  const args = evaluateAll(e.args, frame);
  const call = {
    op: e.op,
    width: e.args[0]?.width ?? missing(e.op),
    valueWidth: e.valueWidth,
    rules: e.rules,
  };
  return evaluateFloat(call, args, { mode: evaluate(e.mode, frame), flags: evaluate(e.flags, frame) });
}

type MemoryExpr = Extract<Expr, { kind: "load" | "atomic" | "reserve" | "conditional" }>;

function evaluateMemory(e: MemoryExpr, frame: Frame): bigint {
  const address = evaluate(e.address, frame);
  const access = request(e.access, frame);
  switch (e.kind) {
    case "load":
      return orTrap(frame.machine.load(address, access));
    case "reserve":
      return orTrap(frame.machine.reserve(address, access));
    case "conditional":
      return orTrap(frame.machine.conditional(address, evaluate(e.value, frame), access)) ? 1n : 0n;
    case "atomic": {
      const update = (old: bigint): bigint => {
        frame.locals.set(e.old, old);
        return evaluate(e.update, frame);
      };
      return orTrap(frame.machine.atomic(address, update, access));
    }
  }
}

// Not `map(evaluate)`: order of evaluation is left to right and visible.
function evaluateAll(args: readonly Expr[], frame: Frame): bigint[] {
  return args.map((arg) => evaluate(arg, frame));
}

function request(access: Access, frame: Frame): AccessRequest {
  const { bytes, aligned, order, asUser = false } = access;
  if (order === null) return { bytes, aligned, acquire: false, release: false, asUser };
  const acquire = evaluate(order.acquire, frame) === 1n;
  return { bytes, aligned, acquire, release: evaluate(order.release, frame) === 1n, asUser };
}

// The file and entry that a reference means; null for a register that reads as zero.
function locate(ref: RegisterRef, operands: OperandValues): { file: string; index: number } | null {
  const index = ref.index.kind === "fixed" ? ref.index.index : operands[ref.index.name];
  if (index === undefined) return missing(ref.index.kind === "operand" ? ref.index.name : "");
  const special = ref.class.special;
  if (special === null || special.index !== index) return { file: ref.class.file, index };
  return special.file === null ? null : { file: special.file, index: 0 };
}

function readRegister(ref: RegisterRef, frame: Frame): bigint {
  const place = locate(ref, frame.input.operands);
  return place === null
    ? 0n
    : BigInt.asUintN(ref.class.width, frame.machine.readReg(place.file, place.index));
}

function writeRegister(ref: RegisterRef, value: bigint, frame: Frame): void {
  const place = locate(ref, frame.input.operands);
  if (place !== null) frame.machine.writeReg(place.file, place.index, value);
}

function missing(name: string): never {
  return tableError(`effect evaluation: nothing is known about \`${name}\``);
}

const unary: Readonly<Record<UnaryOp, (a: bigint, width: number) => bigint>> = {
  not: (a) => ~a,
  neg: (a) => -a,
  clz: (a, w) => BigInt(w - (a === 0n ? 0 : a.toString(2).length)),
  ctz: (a, w) => BigInt(a === 0n ? w : (a & -a).toString(2).length - 1),
  popcount: (a) => BigInt(a.toString(2).replaceAll("0", "").length),
  reverseBytes: (a, w) => {
    let out = 0n;
    for (let bit = 0; bit < w; bit += 8) out = (out << 8n) | ((a >> BigInt(bit)) & 0xffn);
    return out;
  },
};

const signed = (a: bigint, width: number): bigint => BigInt.asIntN(width, a);

const binary: Readonly<Record<BinaryOp, (a: bigint, b: bigint, width: number) => bigint>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  mulhss: (a, b, w) => (signed(a, w) * signed(b, w)) >> BigInt(w),
  mulhuu: (a, b, w) => (a * b) >> BigInt(w),
  mulhsu: (a, b, w) => (signed(a, w) * b) >> BigInt(w),
  divu: (a, b) => (b === 0n ? 0n : a / b),
  divs: (a, b, w) => (b === 0n ? 0n : signed(a, w) / signed(b, w)),
  remu: (a, b) => (b === 0n ? a : a % b),
  rems: (a, b, w) => (b === 0n ? a : signed(a, w) % signed(b, w)),
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
  shl: (a, b) => a << b,
  shru: (a, b) => a >> b,
  shrs: (a, b, w) => signed(a, w) >> b,
  ror: (a, b, w) => (a >> b) | (a << (BigInt(w) - b)),
};

const compare: Readonly<Record<CompareOp, (a: bigint, b: bigint, width: number) => boolean>> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  ltu: (a, b) => a < b,
  lts: (a, b, w) => signed(a, w) < signed(b, w),
  leu: (a, b) => a <= b,
  les: (a, b, w) => signed(a, w) <= signed(b, w),
};

/** One-operand operators on unsigned values of `width` bits. */
export function evaluateUnary(op: UnaryOp, a: bigint, width: number): bigint {
  return BigInt.asUintN(width, unary[op](a, width));
}

/** Two-operand operators on unsigned values of `width` bits (a shift amount may be of fewer bits). */
export function evaluateBinary(op: BinaryOp, a: bigint, b: bigint, width: number): bigint {
  return BigInt.asUintN(width, binary[op](a, b, width));
}

/** Comparison of two unsigned values of `width` bits. */
export function evaluateCompare(op: CompareOp, a: bigint, b: bigint, width: number): boolean {
  return compare[op](a, b, width);
}
