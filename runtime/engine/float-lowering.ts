// Takes float functions apart for translation: where the host's operation can be used, the accrued flags do not change.
//
// Relies on effect.ts. A float node gives concat(new flags, value). Here it becomes a node of the value's width alone
// (`isValueNode`), which translated code computes or leaves, beside the old flags. So flags that are read and written
// back are no code at all. Guarantees: the same meaning wherever the value nodes do not leave.

import type { Expr, Stmt } from "../../spec/isa/effect.ts";
import { forEachExpr, forEachStmt, stmtExprs } from "../../spec/isa/effect.ts";
import { foldConcat, foldExtract, hasAccess } from "./effect-folding.ts";
import type { Node } from "./values.ts";

/** True for a float node that stands for its value alone. */
export function isValueNode(e: Node<"float">): boolean {
  return e.width === e.valueWidth;
}

/** The statements with float functions taken apart; itself if there are none. */
export function lowerFloat(body: readonly Stmt[]): readonly Stmt[] {
  return hasFloat(body) ? new FloatLowering().body(body) : body;
}

function hasFloat(body: readonly Stmt[]): boolean {
  let found = false;
  forEachStmt(body, (s) => {
    for (const e of stmtExprs(s)) forEachExpr(e, (node) => (found ||= node.kind === "float"));
  });
  return found;
}

/** The statements without helpers that do nothing. */
export function withoutIdle(body: readonly Stmt[], idle: ReadonlySet<string>): readonly Stmt[] {
  const isIdle = (s: Stmt): boolean => s.kind === "helper" && idle.has(s.name) && !s.args.some(hasAccess);
  return body.some(isIdle) ? body.filter((s) => !isIdle(s)) : body;
}

class FloatLowering {
  // What names stand for whose value was split: the flags beside a local of the value.
  private readonly split = new Map<string, Expr>();

  body(body: readonly Stmt[]): Stmt[] {
    return body.flatMap((s) => this.statement(s));
  }

  private statement(s: Stmt): Stmt[] {
    switch (s.kind) {
      case "let":
        return [this.bind(s)];
      case "setRegister": {
        const value = this.expr(s.value);
        return isItself(s, value) ? [] : [{ ...s, value }];
      }
      case "setPc":
        return [{ ...s, value: this.expr(s.value) }];
      case "setCsr":
        return [{ ...s, number: this.expr(s.number), value: this.expr(s.value) }];
      case "store":
        return [{ ...s, address: this.expr(s.address), value: this.expr(s.value) }];
      case "if":
        return [{ ...s, cond: this.expr(s.cond), then: this.body(s.then), else: this.body(s.else) }];
      case "trap":
        return [{ ...s, value: s.value === null ? null : this.expr(s.value) }];
      case "helper":
        return [{ ...s, args: s.args.map((arg) => this.expr(arg)) }];
    }
  }

  private bind(s: Extract<Stmt, { kind: "let" }>): Stmt {
    const value = this.expr(s.value);
    if (value.kind !== "concat" || value.low.kind !== "float") return { ...s, value };
    const local: Expr = { kind: "local", width: value.low.width, name: s.name };
    this.split.set(s.name, { ...value, low: local });
    return { ...s, value: value.low };
  }

  private expr(e: Expr): Expr {
    switch (e.kind) {
      case "local":
        return this.split.get(e.name) ?? e;
      case "float": {
        const args = e.args.map((arg) => this.expr(arg));
        const flags = this.expr(e.flags);
        const value: Expr = { ...e, width: e.valueWidth, args, flags, mode: this.expr(e.mode) };
        return { kind: "concat", width: e.width, high: flags, low: value };
      }
      case "unary":
      case "extend":
        return { ...e, arg: this.expr(e.arg) };
      case "binary":
      case "compare":
        return { ...e, left: this.expr(e.left), right: this.expr(e.right) };
      case "extract":
        return foldExtract({ ...e, arg: this.expr(e.arg) });
      case "concat":
        return foldConcat({ ...e, high: this.expr(e.high), low: this.expr(e.low) });
      case "choose":
        return { ...e, cond: this.expr(e.cond), then: this.expr(e.then), else: this.expr(e.else) };
      case "load":
      case "reserve":
        return { ...e, address: this.expr(e.address) };
      case "conditional":
        return { ...e, address: this.expr(e.address), value: this.expr(e.value) };
      case "atomic":
        return { ...e, address: this.expr(e.address), update: this.expr(e.update) };
      case "csr":
        return { ...e, number: this.expr(e.number) };
      case "helper":
        return { ...e, args: e.args.map((arg) => this.expr(arg)) };
      default:
        return e;
    }
  }
}

// A register that gets its own contents.
function isItself({ register }: Extract<Stmt, { kind: "setRegister" }>, value: Expr): boolean {
  if (value.kind !== "register" || value.register.class !== register.class) return false;
  const [to, from] = [register.index, value.register.index];
  return to.kind === "fixed" ? from.kind === "fixed" && from.index === to.index : false;
}
