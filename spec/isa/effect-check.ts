// Types an effect: names become operands, registers, locals or accesses, and every node gets its width (rule E1,
// E2 of effect.ts). Relies on effect-parse.ts; effect-rules.ts holds E3 to E6.
// Guarantees: an Effect in which widths agree everywhere, or an EffectError with the column.
//
// Widths flow both ways. Registers, loads, locals and bit ranges have a width of their own; literals, immediates,
// `index(r)` and the result of sextN/zextN take the width that stands around them (the word width if nothing does).

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
import { parseEffect } from "./effect-parse.ts";
import type { RawExpr, RawStmt } from "./effect-syntax.ts";
import { EffectError } from "./effect-syntax.ts";
import type { FloatFunction, FloatRules } from "./float-rules.ts";
import { floatFunction } from "./float-rules.ts";
import { immediateCodes } from "./immediate-codes.ts";
import type { HelperSpec, IsaTables, Operand, RegisterClass } from "./schema.ts";

/** What names in an effect may refer to. */
export interface EffectScope {
  readonly isa: IsaTables;
  readonly operands: readonly Operand[];
}

const arithmetic: Readonly<Record<string, BinaryOp>> = {
  "+": "add",
  "-": "sub",
  "*": "mul",
  "/s": "divs",
  "/u": "divu",
  "%s": "rems",
  "%u": "remu",
  "&": "and",
  "|": "or",
  "^": "xor",
};
const shifts: Readonly<Record<string, BinaryOp>> = { "<<": "shl", ">>u": "shru", ">>s": "shrs" };
const logical: Readonly<Record<string, BinaryOp>> = { "&&": "and", "||": "or" };
// The flag says that the operands change places.
const comparisons: Readonly<Record<string, readonly [CompareOp, boolean]>> = {
  "==": ["eq", false],
  "!=": ["ne", false],
  "<s": ["lts", false],
  "<u": ["ltu", false],
  "<=s": ["les", false],
  "<=u": ["leu", false],
  ">s": ["lts", true],
  ">u": ["ltu", true],
  ">=s": ["les", true],
  ">=u": ["leu", true],
};
const unaryFunctions: Readonly<Record<string, UnaryOp>> = {
  clz: "clz",
  ctz: "ctz",
  popcount: "popcount",
  reverseBytes: "reverseBytes",
};
const binaryFunctions: Readonly<Record<string, BinaryOp>> = {
  mulhss: "mulhss",
  mulhuu: "mulhuu",
  mulhsu: "mulhsu",
};
const widthFunction = /^(sext|zext|trunc)([0-9]+)(?:to([0-9]+))?$/;
const accessFunction = /^(load|store|atomic|reserve|conditional)(8|16|32|64|128)$/;
const accessBytes: Readonly<Record<string, Access["bytes"]>> = { 8: 1, 16: 2, 32: 4, 64: 8, 128: 16 };

// A function name taken apart: sext32to64 is { verb: "sext", width: 32, to: 64 }.
interface Verb {
  readonly verb: string;
  readonly width: number;
  readonly to: number | null;
  /** True for memory accesses. */
  readonly touches: boolean;
}

function verbOf(name: string): Verb | null {
  const access = accessFunction.exec(name);
  const match = access ?? widthFunction.exec(name);
  if (match?.[1] === undefined) return null;
  const to = match[3] === undefined ? null : Number(match[3]);
  return { verb: match[1], width: Number(match[2]), to, touches: access !== null };
}

class Elaborator {
  private readonly scope: EffectScope;
  private readonly locals = new Map<string, number>();

  constructor(scope: EffectScope) {
    this.scope = scope;
  }

  body(raw: readonly RawStmt[]): Stmt[] {
    return raw.map((s) => this.statement(s));
  }

  private statement(s: RawStmt): Stmt {
    switch (s.kind) {
      case "let": {
        const value = this.expr(s.value, this.natural(s.value) ?? this.word);
        this.declare(s.name, value.width, s.at);
        return { kind: "let", name: s.name, value };
      }
      case "assign":
        return this.assign(s.target, s.value);
      case "if":
        return { kind: "if", cond: this.expr(s.cond, 1), then: this.body(s.then), else: this.body(s.else) };
      case "trap":
        return this.trap(s.cause, s.value, s.at);
      case "call":
        return this.callStatement(s.name, s.args, s.at);
    }
  }

  private get word(): number {
    return this.scope.isa.wordWidth;
  }

  private declare(name: string, width: number, at: number): void {
    if (this.locals.has(name)) throw new EffectError(`E6: \`${name}\` is bound twice`, at);
    if (this.isTaken(name)) throw new EffectError(`E6: \`${name}\` already means something else`, at);
    this.locals.set(name, width);
  }

  private isTaken(name: string): boolean {
    return name === "pc" || name === "next" || this.operand(name) !== null || this.file(name) !== null;
  }

  private operand(name: string): Operand | null {
    return this.scope.operands.find((o) => o.name === name) ?? null;
  }

  private file(name: string): RegisterClass | null {
    return this.scope.isa.classes.find((c) => c.name === name) ?? null;
  }

  private assign(target: RawExpr, value: RawExpr): Stmt {
    if (target.kind === "name" && target.name === "pc")
      return { kind: "setPc", value: this.expr(value, this.word) };
    if (
      (target.kind === "element" && target.name === "csr") ||
      (target.kind === "bits" && isCsr(target.arg))
    ) {
      return { kind: "setCsr", number: this.csrNumber(target), value: this.expr(value, this.word) };
    }
    const register = this.registerRef(target);
    if (register === null) throw new EffectError("this cannot be assigned", target.at);
    return { kind: "setRegister", register, value: this.expr(value, register.class.width) };
  }

  private trap(cause: string, value: RawExpr | null, at: number): Stmt {
    if (!this.scope.isa.traps.some((t) => t.name === cause))
      throw new EffectError(`unknown trap \`${cause}\``, at);
    return { kind: "trap", cause, value: value === null ? null : this.expr(value, this.word) };
  }

  private callStatement(name: string, args: readonly RawExpr[], at: number): Stmt {
    const verb = verbOf(name);
    if (verb?.verb === "store") {
      const [address, value, ...order] = args;
      if (address === undefined || value === undefined)
        throw new EffectError(`\`${name}\` takes (address, value)`, at);
      const access = this.access(verb, order, at);
      return {
        kind: "store",
        access,
        address: this.expr(address, this.word),
        value: this.expr(value, verb.width),
      };
    }
    const helper = this.helper(name, at);
    if (helper.result !== null) throw new EffectError(`the result of \`${name}\` is not used`, at);
    return { kind: "helper", name, args: this.helperArgs(helper, args, at) };
  }

  private helper(name: string, at: number): HelperSpec {
    const helper = this.scope.isa.helpers.find((h) => h.name === name);
    if (helper === undefined) throw new EffectError(`unknown function or helper \`${name}\``, at);
    return helper;
  }

  private helperArgs(helper: HelperSpec, args: readonly RawExpr[], at: number): Expr[] {
    const widths = helper.params;
    if (widths.length !== args.length)
      throw new EffectError(`\`${helper.name}\` takes ${String(widths.length)}`, at);
    return args.map((arg, i) => this.expr(arg, widths[i] ?? this.word));
  }

  private access(verb: Verb, order: readonly RawExpr[], at: number): Access {
    const bytes = accessBytes[verb.width];
    if (bytes === undefined) throw new EffectError(`no access of ${String(verb.width)} bits`, at);
    const [acquire, release] = order;
    const aligned = acquire !== undefined || (verb.verb !== "load" && verb.verb !== "store");
    if (acquire === undefined || release === undefined) {
      if (order.length !== 0) throw new EffectError("ordering takes two bits: acquire, release", at);
      return { bytes, aligned, order: null };
    }
    return { bytes, aligned, order: { acquire: this.expr(acquire, 1), release: this.expr(release, 1) } };
  }

  // The width that `e` has by itself, null if it takes the width around it.
  private natural(e: RawExpr): number | null {
    switch (e.kind) {
      case "number":
        return null;
      case "name":
        return this.nameWidth(e.name, e.at);
      case "prefix":
        return e.op === "!" ? 1 : this.natural(e.arg);
      case "infix":
        if (comparisons[e.op] !== undefined || logical[e.op] !== undefined) return 1;
        return this.natural(e.left) ?? (shifts[e.op] === undefined ? this.natural(e.right) : null);
      case "choose":
        return this.natural(e.then) ?? this.natural(e.else);
      case "call":
        return this.callWidth(e);
      case "bits":
        return this.registerRef(e)?.class.width ?? (isCsr(e.arg) ? this.word : e.high - e.low + 1);
      case "element":
        return this.word;
      case "arrow":
        throw new EffectError("an arrow stands only in an atomic access", e.at);
    }
  }

  private nameWidth(name: string, at: number): number | null {
    if (name === "pc" || name === "next") return this.word;
    const local = this.locals.get(name);
    if (local !== undefined) return local;
    const register = this.namedRegister(name);
    if (register !== null) return register.class.width;
    if (this.operand(name) === null) throw new EffectError(`unknown name \`${name}\``, at);
    return null;
  }

  private callWidth(e: Extract<RawExpr, { kind: "call" }>): number | null {
    const verb = verbOf(e.name);
    if (verb?.verb === "sext" || verb?.verb === "zext") return verb.to;
    if (verb?.verb === "conditional") return 1;
    if (verb !== null) return verb.width;
    const float = floatFunction(e.name);
    if (float !== null) return this.floatRules(e.at).flagsWidth + float.valueWidth;
    if (e.name === "index") return null;
    if (e.name === "concat") return e.args.reduce((sum, arg) => sum + (this.natural(arg) ?? 0), 0);
    const [first, second] = e.args;
    if (unaryFunctions[e.name] !== undefined || e.name === "ror")
      return first === undefined ? null : this.natural(first);
    if (binaryFunctions[e.name] === undefined) return this.helper(e.name, e.at).result;
    return (first && this.natural(first)) ?? (second && this.natural(second)) ?? null;
  }

  /** Types `e` at `width`. */
  private expr(e: RawExpr, width: number): Expr {
    const natural = this.natural(e);
    if (natural !== null && natural !== width) {
      throw new EffectError(`E1: expected ${String(width)} bits, found ${String(natural)}`, e.at);
    }
    if (width < 1 || width > 128) throw new EffectError(`no value of ${String(width)} bits`, e.at);
    switch (e.kind) {
      case "number":
        return { kind: "const", width, value: BigInt.asUintN(width, e.value) };
      case "name":
        return this.nameExpr(e.name, width, e.at);
      case "prefix":
        return this.prefix(e.op, e.arg, width);
      case "infix":
        return this.infix(e, width);
      case "choose":
        return {
          kind: "choose",
          width,
          cond: this.expr(e.cond, 1),
          then: this.expr(e.then, width),
          else: this.expr(e.else, width),
        };
      case "call":
        return this.call(e, width);
      case "bits":
        return this.bits(e, width);
      case "element":
        return { kind: "csr", width, number: this.csrNumber(e), view: this.csrView(e) };
      case "arrow":
        throw new EffectError("an arrow stands only in an atomic access", e.at);
    }
  }

  private nameExpr(name: string, width: number, at: number): Expr {
    if (name === "pc") return { kind: "pc", width };
    if (name === "next") return { kind: "nextPc", width };
    if (this.locals.has(name)) return { kind: "local", width, name };
    const register = this.namedRegister(name);
    if (register !== null) return { kind: "register", width, register };
    const operand = this.operand(name);
    if (operand === null) throw new EffectError(`unknown name \`${name}\``, at);
    const needed = immediateWidth(operand);
    if (needed > width) {
      throw new EffectError(`\`${name}\` has ${String(needed)} bits, expected ${String(width)} or fewer`, at);
    }
    return { kind: "imm", width, name, code: operand.kind.kind === "code" ? operand.kind.code : null };
  }

  // A register operand, or a file with one entry (a flag) by its class name.
  private namedRegister(name: string): RegisterRef | null {
    const operand = this.operand(name);
    if (operand !== null) {
      if (operand.kind.kind !== "register") return null;
      const className = operand.kind.class;
      const found = this.file(className);
      return found === null ? null : { class: found, index: { kind: "operand", name } };
    }
    const single = this.file(name);
    return single?.count === 1 ? { class: single, index: { kind: "fixed", index: single.first } } : null;
  }

  // `rd`, a flag, or `x[2]`.
  private registerRef(e: RawExpr): RegisterRef | null {
    if (e.kind === "name") return this.namedRegister(e.name);
    if (e.kind !== "bits" || e.arg.kind !== "name" || e.high !== e.low) return null;
    if (this.locals.has(e.arg.name) || this.operand(e.arg.name) !== null) return null;
    const found = this.file(e.arg.name);
    if (found === null || found.count === 1) return null;
    if (e.low < found.first || e.low >= found.first + found.count) {
      throw new EffectError(`class \`${found.name}\` has no register ${String(e.low)}`, e.at);
    }
    return { class: found, index: { kind: "fixed", index: e.low } };
  }

  private csrNumber(e: RawExpr): Expr {
    const width = this.scope.isa.csrWidth;
    if (e.kind === "bits") return { kind: "const", width, value: BigInt(e.low) };
    if (e.kind !== "element") throw new EffectError("this is no CSR", e.at);
    return this.expr(e.index, width);
  }

  private csrView({ name, at }: Extract<RawExpr, { kind: "element" }>): CsrView {
    const view = csrViews[name];
    if (view === undefined) throw new EffectError("only `csr` and `written` have computed elements", at);
    return view;
  }

  private prefix(op: string, arg: RawExpr, width: number): Expr {
    const inner = this.expr(arg, width);
    if (inner.kind === "const") {
      const value = op === "-" ? -inner.value : ~inner.value;
      return { kind: "const", width, value: BigInt.asUintN(width, value) };
    }
    return { kind: "unary", width, op: op === "-" ? "neg" : "not", arg: inner };
  }

  private infix(e: Extract<RawExpr, { kind: "infix" }>, width: number): Expr {
    const shift = shifts[e.op];
    if (shift !== undefined) return this.shift(shift, e.left, e.right, width);
    const comparison = comparisons[e.op];
    if (comparison === undefined) {
      const op = arithmetic[e.op] ?? logical[e.op];
      if (op === undefined) throw new EffectError(`unknown operator \`${e.op}\``, e.at);
      return { kind: "binary", width, op, left: this.expr(e.left, width), right: this.expr(e.right, width) };
    }
    const inner = this.natural(e.left) ?? this.natural(e.right) ?? this.word;
    const [op, swapped] = comparison;
    const [left, right] = swapped ? [e.right, e.left] : [e.left, e.right];
    return { kind: "compare", width: 1, op, left: this.expr(left, inner), right: this.expr(right, inner) };
  }

  // Rule E2: the amount has exactly log2(width) bits.
  private shift(op: BinaryOp, left: RawExpr, right: RawExpr, width: number): Expr {
    const amountWidth = Math.log2(width);
    if (!Number.isInteger(amountWidth))
      throw new EffectError(`E2: no shift of ${String(width)} bits`, left.at);
    const amount = this.expr(right, amountWidth);
    return { kind: "binary", width, op, left: this.expr(left, width), right: amount };
  }

  private bits(e: Extract<RawExpr, { kind: "bits" }>, width: number): Expr {
    const register = this.registerRef(e);
    if (register !== null) return { kind: "register", width, register };
    if (isCsr(e.arg)) return { kind: "csr", width, number: this.csrNumber(e), view: "shown" };
    return this.extract(e.arg, this.natural(e.arg) ?? this.word, { low: e.low, width });
  }

  private extract(arg: RawExpr, argWidth: number, range: { low: number; width: number }): Expr {
    if (range.low + range.width > argWidth) {
      throw new EffectError(`bits above ${String(argWidth - 1)} of a ${String(argWidth)}-bit value`, arg.at);
    }
    const inner = this.expr(arg, argWidth);
    if (range.width === argWidth) return inner;
    return { kind: "extract", width: range.width, low: range.low, arg: inner };
  }

  private call(e: Extract<RawExpr, { kind: "call" }>, width: number): Expr {
    const verb = verbOf(e.name);
    if (verb !== null) return verb.touches ? this.accessCall(verb, e) : this.widthCall(verb, e, width);
    const float = floatFunction(e.name);
    if (float !== null) return this.floatCall(float, e, width);
    const [first, second] = e.args;
    if (first === undefined) return this.helperCall(e, width);
    if (e.name === "index") return this.indexOf(first, width);
    const unaryOp = unaryFunctions[e.name];
    if (unaryOp !== undefined) return { kind: "unary", width, op: unaryOp, arg: this.expr(first, width) };
    if (second === undefined) return this.helperCall(e, width);
    if (e.name === "ror") return this.shift("ror", first, second, width);
    if (e.name === "concat") return this.concat(first, second, width);
    const op = binaryFunctions[e.name];
    if (op === undefined) return this.helperCall(e, width);
    return { kind: "binary", width, op, left: this.expr(first, width), right: this.expr(second, width) };
  }

  private floatRules(at: number): FloatRules {
    const { float } = this.scope.isa;
    if (float === null) throw new EffectError("the architecture has no floating point", at);
    return float;
  }

  // Operands, then mode and flags.
  private floatCall(float: FloatFunction, e: Extract<RawExpr, { kind: "call" }>, width: number): Expr {
    const rules = this.floatRules(e.at);
    const { op, params, optional, valueWidth } = float;
    const [mode, flags] = e.args.slice(-2);
    const args = e.args.slice(0, -2);
    const fits = args.length <= params.length && args.length >= params.length - optional;
    if (mode === undefined || flags === undefined || !fits)
      throw new EffectError(`\`${e.name}\` takes ${String(params.length)}, a mode and flags`, e.at);
    return {
      kind: "float",
      width,
      op,
      valueWidth,
      args: args.map((arg, i) => this.expr(arg, params[i] ?? this.word)),
      mode: this.expr(mode, rules.modeWidth),
      flags: this.expr(flags, rules.flagsWidth),
      rules,
    };
  }

  private helperCall(e: Extract<RawExpr, { kind: "call" }>, width: number): Expr {
    const helper = this.helper(e.name, e.at);
    return { kind: "helper", width, name: e.name, args: this.helperArgs(helper, e.args, e.at) };
  }

  private indexOf(arg: RawExpr, width: number): Expr {
    const operand = arg.kind === "name" ? this.operand(arg.name) : null;
    if (operand?.kind.kind !== "register") throw new EffectError("`index` takes a register operand", arg.at);
    return { kind: "index", width, name: operand.name };
  }

  private concat(high: RawExpr, low: RawExpr, width: number): Expr {
    const [highWidth, lowWidth] = [this.natural(high), this.natural(low)];
    if (highWidth === null || lowWidth === null)
      throw new EffectError("`concat` needs parts of known width", high.at);
    return { kind: "concat", width, high: this.expr(high, highWidth), low: this.expr(low, lowWidth) };
  }

  // sextN, zextN: the low N bits extended to `width`; truncN: the low N bits.
  private widthCall(verb: Verb, e: Extract<RawExpr, { kind: "call" }>, width: number): Expr {
    const [arg, more] = e.args;
    if (arg === undefined || more !== undefined) throw new EffectError(`\`${e.name}\` takes one value`, e.at);
    const narrow = this.extract(arg, this.natural(arg) ?? this.word, { low: 0, width: verb.width });
    if (verb.verb === "trunc" || narrow.width === width) return narrow;
    if (narrow.width > width) throw new EffectError(`\`${e.name}\` to ${String(width)} bits`, e.at);
    return { kind: "extend", width, signed: verb.verb === "sext", arg: narrow };
  }

  private accessCall(verb: Verb, e: Extract<RawExpr, { kind: "call" }>): Expr {
    const [first, ...rest] = e.args;
    if (first === undefined) throw new EffectError(`\`${e.name}\` needs an address`, e.at);
    const address = this.expr(first, this.word);
    const { verb: kind, width } = verb;
    if (kind === "load" || kind === "reserve")
      return { kind, width, access: this.access(verb, rest, e.at), address };
    const [second, ...order] = rest;
    if (second === undefined) throw new EffectError(`\`${e.name}\` needs a value`, e.at);
    const access = this.access(verb, order, e.at);
    if (kind === "conditional") return { kind, width: 1, access, address, value: this.expr(second, width) };
    if (kind !== "atomic") throw new EffectError("a store has no value", e.at);
    if (second.kind !== "arrow") throw new EffectError("an atomic access takes `old -> new`", second.at);
    this.declare(second.name, width, second.at);
    return {
      kind: "atomic",
      width,
      access,
      address,
      old: second.name,
      update: this.expr(second.body, width),
    };
  }
}

// Bits of an immediate operand's value.
function immediateWidth({ kind, field }: Operand): number {
  if (kind.kind === "code") return immediateCodes[kind.code].width;
  return (kind.kind === "immediate" ? kind.wrapBits : null) ?? field.width;
}

const csrViews: Readonly<Record<string, CsrView>> = { csr: "shown", written: "written" };

function isCsr(e: RawExpr): boolean {
  return e.kind === "name" && e.name === "csr";
}

/** The typed effect for a text; throws an EffectError for a text that does not parse or type. */
export function elaborateEffect(text: string, scope: EffectScope): Effect {
  return { body: new Elaborator(scope).body(parseEffect(text)) };
}
