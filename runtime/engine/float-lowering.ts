// Takes float functions apart for translation: where the host's operation can be used, the accrued flags do not change.
//
// Relies on effect.ts. A float node gives concat(new flags, value). Here it becomes a node of the value's width alone
// (`isValueNode`), which translated code computes or leaves, beside the old flags. So flags that are read and written
// back are no code at all. Guarantees: the same meaning wherever the value nodes do not leave.

import type { Expr, Stmt } from "../../spec/isa/effect.ts";
import { forEachExpr, forEachStmt, stmtExprs } from "../../spec/isa/effect.ts";
import { hasAccess } from "../../spec/isa/effect-folding.ts";
import { mapChildren, mapStmt } from "../../spec/isa/effect-rewrite.ts";
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
  // Names of registers' contents and of modes that are put together; no register is written before they are used.
  private readonly plain = new Map<string, Expr>();

  body(body: readonly Stmt[]): Stmt[] {
    return body.flatMap((s) => this.statement(s));
  }

  private statement(s: Stmt): Stmt[] {
    if (s.kind === "let") return [this.bind(s)];
    if (s.kind === "if")
      return [{ ...s, cond: this.expr(s.cond), then: this.body(s.then), else: this.body(s.else) }];
    const lowered = mapStmt(s, (e) => this.expr(e));
    return lowered.kind === "setRegister" && this.isItself(lowered) ? [] : [lowered];
  }

  private bind(s: Extract<Stmt, { kind: "let" }>): Stmt {
    const value = this.expr(s.value);
    if (value.kind === "register" || value.kind === "concat") this.plain.set(s.name, value);
    if (value.kind !== "concat" || value.low.kind !== "float") return { ...s, value };
    const local: Expr = { kind: "local", width: value.low.width, name: s.name };
    this.split.set(s.name, { ...value, low: local });
    return { ...s, value: value.low };
  }

  private expr(e: Expr): Expr {
    if (e.kind === "local") return this.split.get(e.name) ?? e;
    const lowered = mapChildren(e, (child) => this.expr(child));
    if (lowered.kind !== "float") return lowered;
    const { mode } = lowered;
    const known = mode.kind === "local" ? this.plain.get(mode.name) : undefined;
    const value: Expr = { ...lowered, width: lowered.valueWidth, mode: known ?? mode };
    return { kind: "concat", width: lowered.width, high: lowered.flags, low: value };
  }

  // A register that gets its own contents.
  private isItself({ register, value }: Extract<Stmt, { kind: "setRegister" }>): boolean {
    const read = value.kind === "local" ? this.plain.get(value.name) : value;
    if (read?.kind !== "register" || read.register.class.name !== register.class.name) return false;
    const [to, from] = [register.index, read.register.index];
    return to.kind === "fixed" && from.kind === "fixed" && from.index === to.index;
  }
}
