// An effect at one place of the guest's code: operands, pc and next pc become constants, and constants are folded. Or
// an effect with some of its operands: those that are not given stay operands, and so does the pc.
//
// Relies on spec/isa's effect language and its evaluator (for folding). Guarantees: the result has no `imm`, `index`,
// `pc` or `nextPc` nodes (but for what was not given), registers are fixed numbers, zero registers are constants and are never written; its meaning
// at that place is the effect's (accesses stay, in order, even if their value is not used).

import { evaluateUnary } from "../../spec/isa/effect-eval.ts";
import type { Access, Effect, Expr, RegisterRef, Stmt } from "../../spec/isa/effect.ts";
import { immediateValue } from "../../spec/isa/immediate-codes.ts";
import type { OperandValues } from "../../spec/isa/schema.ts";
import {
  constant,
  foldBinary,
  foldCompare,
  foldConcat,
  foldExtend,
  foldExtract,
  hasAccess,
} from "../../spec/isa/effect-folding.ts";

/** Where an effect is specialised. */
export interface CodePlace {
  readonly operands: OperandValues;
  readonly pc: bigint;
  readonly lengthBytes: number;
}

/** Operands that are known wherever the instruction is. */
export interface KnownOperands {
  readonly operands: OperandValues;
  readonly pc: null;
}

/** The statements of `effect` at `place`, or with the operands that are known. */
export function specialise(effect: Effect, place: CodePlace | KnownOperands): Stmt[] {
  return new Specialiser(place).body(effect.body);
}

class Specialiser {
  private readonly place: CodePlace | KnownOperands;
  // Locals that turned out to be constants, registers or other cheap values are put in where they are used.
  private readonly known = new Map<string, Expr>();

  constructor(place: CodePlace | KnownOperands) {
    this.place = place;
  }

  body(body: readonly Stmt[]): Stmt[] {
    return body.flatMap((s) => this.statement(s));
  }

  private statement(s: Stmt): Stmt[] {
    switch (s.kind) {
      case "let": {
        const value = this.expr(s.value);
        if (value.kind !== "const") return [{ ...s, value }];
        this.known.set(s.name, value);
        return [];
      }
      case "setRegister":
        return this.setRegister(s.register, this.expr(s.value));
      case "setPc":
        return [{ ...s, value: this.expr(s.value) }];
      case "setCsr":
        return [{ ...s, number: this.expr(s.number), value: this.expr(s.value) }];
      case "store":
        return [{ ...s, ...this.memory(s), value: this.expr(s.value) }];
      case "if": {
        const cond = this.expr(s.cond);
        if (cond.kind === "const") return this.body(cond.value === 1n ? s.then : s.else);
        return [{ ...s, cond, then: this.body(s.then), else: this.body(s.else) }];
      }
      case "trap":
        return [{ ...s, value: s.value === null ? null : this.expr(s.value) }];
      case "helper":
        return [{ ...s, args: s.args.map((arg) => this.expr(arg)) }];
    }
  }

  // A write that the register ignores keeps its accesses: they may trap.
  private setRegister(register: RegisterRef, value: Expr): Stmt[] {
    const fixed = this.fix(register);
    if (fixed !== null) return [{ kind: "setRegister", register: fixed, value }];
    return hasAccess(value) ? [{ kind: "let", name: "ignored value", value }] : [];
  }

  // The register with a fixed number, its special number resolved; null for one that reads as zero.
  private fix(ref: RegisterRef): RegisterRef | null {
    const index = ref.index.kind === "fixed" ? ref.index.index : this.place.operands[ref.index.name];
    if (index === undefined) return ref;
    const { special } = ref.class;
    if (special?.index !== index) return { class: ref.class, index: { kind: "fixed", index } };
    if (special.file === null) return null;
    const entry = { ...ref.class, file: special.file, special: null };
    return { class: entry, index: { kind: "fixed", index: 0 } };
  }

  private memory(e: { readonly access: Access; readonly address: Expr }): { access: Access; address: Expr } {
    const { order } = e.access;
    const address = this.expr(e.address);
    if (order === null) return { access: e.access, address };
    const ordered = { acquire: this.expr(order.acquire), release: this.expr(order.release) };
    return { access: { ...e.access, order: ordered }, address };
  }

  private operand(e: Extract<Expr, { readonly kind: "imm" | "index" }>): Expr {
    const value = this.place.operands[e.name];
    if (value === undefined) return e;
    return constant(e.width, e.kind === "index" ? BigInt(value) : immediateValue(e.code, value, e.width));
  }

  private expr(e: Expr): Expr {
    const { place } = this;
    switch (e.kind) {
      case "const":
      case "time":
        return e;
      case "imm":
      case "index":
        return this.operand(e);
      case "pc":
        return place.pc === null ? e : constant(e.width, place.pc);
      case "nextPc":
        return place.pc === null ? e : constant(e.width, place.pc + BigInt(place.lengthBytes));
      case "local":
        return this.known.get(e.name) ?? e;
      case "register": {
        const register = this.fix(e.register);
        return register === null ? constant(e.width, 0n) : { ...e, register };
      }
      case "unary": {
        const arg = this.expr(e.arg);
        return arg.kind === "const"
          ? constant(e.width, evaluateUnary(e.op, arg.value, e.width))
          : { ...e, arg };
      }
      case "binary":
        return foldBinary({ ...e, left: this.expr(e.left), right: this.expr(e.right) });
      case "compare":
        return foldCompare({ ...e, left: this.expr(e.left), right: this.expr(e.right) });
      case "extend":
        return foldExtend({ ...e, arg: this.expr(e.arg) });
      case "extract":
        return foldExtract({ ...e, arg: this.expr(e.arg) });
      case "concat":
        return foldConcat({ ...e, high: this.expr(e.high), low: this.expr(e.low) });
      case "float": {
        const args = e.args.map((arg) => this.expr(arg));
        return { ...e, args, mode: this.expr(e.mode), flags: this.expr(e.flags) };
      }
      case "choose": {
        const cond = this.expr(e.cond);
        if (cond.kind === "const") return this.expr(cond.value === 1n ? e.then : e.else);
        return { ...e, cond, then: this.expr(e.then), else: this.expr(e.else) };
      }
      case "load":
      case "reserve":
        return { ...e, ...this.memory(e) };
      case "conditional":
        return { ...e, ...this.memory(e), value: this.expr(e.value) };
      case "atomic":
        return { ...e, ...this.memory(e), update: this.expr(e.update) };
      case "csr":
        return { ...e, number: this.expr(e.number) };
      case "helper":
        return { ...e, args: e.args.map((arg) => this.expr(arg)) };
    }
  }
}
