// Rewrites an effect for an instruction that expands to another: operands become that instruction's own operands,
// fixed registers or constants. Relies on effect.ts. Guarantees: widths and rules E1 to E6 stay as they were.

import type { Access, Effect, Expr, RegisterRef, Stmt } from "./effect.ts";
import type { RawExpr } from "./effect-syntax.ts";
import { immediateValue } from "./immediate-codes.ts";
import { tableError } from "./table-error.ts";

/** What stands for an operand of the base instruction. */
export type Binding =
  | { readonly kind: "operand"; readonly name: string }
  | { readonly kind: "fixed"; readonly value: number }
  /** From own operands, by operand-arithmetic.ts. Only in aliases: an effect cannot be rewritten with it. */
  | { readonly kind: "computed"; readonly value: RawExpr };

export type Bindings = ReadonlyMap<string, Binding>;

/** `effect` with every operand replaced by its binding. */
export function substituteEffect(effect: Effect, bindings: Bindings): Effect {
  return { body: substituteBody(effect.body, bindings) };
}

function bindingOf(name: string, bindings: Bindings): Exclude<Binding, { kind: "computed" }> {
  const binding = bindings.get(name) ?? tableError(`expansion: operand \`${name}\` is not given`);
  return binding.kind === "computed" ? tableError(`expansion: \`${name}\` is computed`) : binding;
}

function substituteBody(body: readonly Stmt[], b: Bindings): Stmt[] {
  return body.map((s) => substituteStmt(s, b));
}

function substituteStmt(s: Stmt, b: Bindings): Stmt {
  switch (s.kind) {
    case "let":
    case "setPc":
      return { ...s, value: substitute(s.value, b) };
    case "setRegister":
      return { ...s, register: substituteRegister(s.register, b), value: substitute(s.value, b) };
    case "setCsr":
      return { ...s, number: substitute(s.number, b), value: substitute(s.value, b) };
    case "store":
      return { ...s, ...substituteMemory(s, b), value: substitute(s.value, b) };
    case "if":
      return {
        ...s,
        cond: substitute(s.cond, b),
        then: substituteBody(s.then, b),
        else: substituteBody(s.else, b),
      };
    case "trap":
      return { ...s, value: s.value === null ? null : substitute(s.value, b) };
    case "helper":
      return { ...s, args: s.args.map((arg) => substitute(arg, b)) };
  }
}

function substituteRegister(ref: RegisterRef, b: Bindings): RegisterRef {
  if (ref.index.kind === "fixed") return ref;
  const binding = bindingOf(ref.index.name, b);
  if (binding.kind === "operand") return { class: ref.class, index: binding };
  return { class: ref.class, index: { kind: "fixed", index: binding.value } };
}

function substituteMemory(
  e: { access: Access; address: Expr },
  b: Bindings,
): { access: Access; address: Expr } {
  const { order } = e.access;
  const address = substitute(e.address, b);
  if (order === null) return { access: e.access, address };
  const acquire = substitute(order.acquire, b);
  return { access: { ...e.access, order: { acquire, release: substitute(order.release, b) } }, address };
}

function substitute(e: Expr, b: Bindings): Expr {
  switch (e.kind) {
    case "const":
    case "local":
    case "pc":
    case "nextPc":
    case "time":
      return e;
    case "imm":
    case "index": {
      const binding = bindingOf(e.name, b);
      if (binding.kind === "operand") return { ...e, name: binding.name };
      const code = e.kind === "imm" ? e.code : null;
      return { kind: "const", width: e.width, value: immediateValue(code, binding.value, e.width) };
    }
    case "register":
      return { ...e, register: substituteRegister(e.register, b) };
    case "unary":
    case "extend":
    case "extract":
      return { ...e, arg: substitute(e.arg, b) };
    case "binary":
    case "compare":
      return { ...e, left: substitute(e.left, b), right: substitute(e.right, b) };
    case "concat":
      return { ...e, high: substitute(e.high, b), low: substitute(e.low, b) };
    case "float": {
      const args = e.args.map((arg) => substitute(arg, b));
      return { ...e, args, mode: substitute(e.mode, b), flags: substitute(e.flags, b) };
    }
    case "choose":
      return { ...e, cond: substitute(e.cond, b), then: substitute(e.then, b), else: substitute(e.else, b) };
    case "load":
    case "reserve":
      return { ...e, ...substituteMemory(e, b) };
    case "atomic":
      return { ...e, ...substituteMemory(e, b), update: substitute(e.update, b) };
    case "conditional":
      return { ...e, ...substituteMemory(e, b), value: substitute(e.value, b) };
    case "csr":
      return { ...e, number: substitute(e.number, b) };
    case "helper":
      return { ...e, args: e.args.map((arg) => substitute(arg, b)) };
  }
}
