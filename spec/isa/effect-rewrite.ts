// Effects with expressions replaced: one walk for everything that changes effects before they are written.
// Relies on effect-folding.ts: what becomes constant on the way is folded.

import type { Expr, Stmt } from "./effect.ts";
import { foldBinary, foldCompare, foldConcat, foldExtend, foldExtract } from "./effect-folding.ts";

type Change = (e: Expr) => Expr;

/** `e` with `change` applied to its direct children. */
export function mapChildren(e: Expr, change: Change): Expr {
  switch (e.kind) {
    case "const":
    case "imm":
    case "index":
    case "register":
    case "local":
    case "pc":
    case "nextPc":
    case "time":
      return e;
    case "unary":
      return { ...e, arg: change(e.arg) };
    case "extend":
      return foldExtend({ ...e, arg: change(e.arg) });
    case "extract":
      return foldExtract({ ...e, arg: change(e.arg) });
    case "binary":
      return foldBinary({ ...e, left: change(e.left), right: change(e.right) });
    case "compare":
      return foldCompare({ ...e, left: change(e.left), right: change(e.right) });
    case "concat":
      return foldConcat({ ...e, high: change(e.high), low: change(e.low) });
    case "float":
      return { ...e, args: e.args.map(change), mode: change(e.mode), flags: change(e.flags) };
    case "choose":
      return { ...e, cond: change(e.cond), then: change(e.then), else: change(e.else) };
    case "load":
    case "reserve":
      return { ...e, address: change(e.address) };
    case "conditional":
      return { ...e, address: change(e.address), value: change(e.value) };
    case "atomic":
      return { ...e, address: change(e.address), update: change(e.update) };
    case "csr":
      return { ...e, number: change(e.number) };
    case "helper":
      return { ...e, args: e.args.map(change) };
  }
}

/** `s` with `change` applied to its expressions, in the arms of an `if` too. */
export function mapStmt(s: Stmt, change: Change): Stmt {
  switch (s.kind) {
    case "let":
    case "setRegister":
    case "setPc":
      return { ...s, value: change(s.value) };
    case "setCsr":
      return { ...s, number: change(s.number), value: change(s.value) };
    case "store":
      return { ...s, address: change(s.address), value: change(s.value) };
    case "if": {
      const arm = (body: readonly Stmt[]): Stmt[] => body.map((inner) => mapStmt(inner, change));
      return { ...s, cond: change(s.cond), then: arm(s.then), else: arm(s.else) };
    }
    case "trap":
      return { ...s, value: s.value === null ? null : change(s.value) };
    case "helper":
      return { ...s, args: s.args.map(change) };
  }
}
