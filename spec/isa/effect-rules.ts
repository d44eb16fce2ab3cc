// Rules E3 to E6 of effect.ts over a typed effect, and the roles of its operands. Relies on effect.ts.
// Guarantees: `effectProblems` is empty if and only if the effect may be read by an executor or a translator.

import type { Effect, Expr, RegisterRef, Stmt } from "./effect.ts";
import { forEachExpr, forEachStmt, isAccess, stmtExprs } from "./effect.ts";
import type { HelperSpec, Isa, OperandRole } from "./schema.ts";

// What has happened on the way to a statement, along any path.
interface Progress {
  readonly wroteState: boolean;
  readonly wroteRegister: boolean;
  readonly bound: ReadonlySet<string>;
}

/** All broken rules, as sentences that name the rule; empty for a correct effect. */
export function effectProblems(effect: Effect, isa: Isa): string[] {
  const problems: string[] = [];
  const walker = new RuleWalker(isa.helpers, problems);
  walker.body(effect.body, { wroteState: false, wroteRegister: false, bound: new Set() });
  return problems;
}

class RuleWalker {
  private readonly helpers: readonly HelperSpec[];
  private readonly problems: string[];

  constructor(helpers: readonly HelperSpec[], problems: string[]) {
    this.helpers = helpers;
    this.problems = problems;
  }

  body(body: readonly Stmt[], start: Progress): Progress {
    let progress = start;
    for (const s of body) progress = this.statement(s, progress);
    return progress;
  }

  private statement(s: Stmt, before: Progress): Progress {
    const exprs = stmtExprs(s);
    for (const e of exprs) this.expression(e, before);
    this.countAccesses(s, exprs);
    if (before.wroteState && this.mayTrap(s, exprs))
      this.problems.push(`E4: a trap after a write (${s.kind})`);
    if (s.kind === "if") return this.join(this.body(s.then, before), this.body(s.else, before), before);
    if (s.kind === "let") return { ...before, bound: new Set([...before.bound, s.name]) };
    if (s.kind === "setRegister") return { ...before, wroteState: true, wroteRegister: true };
    return s.kind === "setPc" ? { ...before, wroteState: true } : before;
  }

  private join(a: Progress, b: Progress, before: Progress): Progress {
    return {
      wroteState: a.wroteState || b.wroteState,
      wroteRegister: a.wroteRegister || b.wroteRegister,
      bound: before.bound,
    };
  }

  private expression(e: Expr, before: Progress): void {
    const atomicNames = new Set<string>();
    forEachExpr(e, (node) => {
      if (node.kind === "atomic") atomicNames.add(node.old);
      if (node.kind === "register" && before.wroteRegister)
        this.problems.push("E5: a register read after a write");
      if (node.kind === "local" && !before.bound.has(node.name) && !atomicNames.has(node.name)) {
        this.problems.push(`E6: \`${node.name}\` is not bound on every path`);
      }
      if (node.kind === "choose") this.noAccess([node.then, node.else]);
    });
  }

  private noAccess(arms: readonly Expr[]): void {
    const accesses = arms.reduce((sum, arm) => sum + accessCount(arm), 0);
    if (accesses > 0) this.problems.push("E3: an access in an arm of a choice");
  }

  private countAccesses(s: Stmt, exprs: readonly Expr[]): void {
    const own = s.kind === "store" || s.kind === "setCsr" || s.kind === "helper" ? 1 : 0;
    const total = exprs.reduce((sum, e) => sum + accessCount(e), own);
    if (total > 1) this.problems.push(`E3: ${String(total)} accesses in one statement`);
  }

  private mayTrap(s: Stmt, exprs: readonly Expr[]): boolean {
    if (s.kind === "trap" || s.kind === "store" || s.kind === "setCsr") return true;
    if (s.kind === "helper" && this.helperTraps(s.name)) return true;
    return exprs.some((e) => this.exprMayTrap(e));
  }

  private exprMayTrap(e: Expr): boolean {
    let traps = false;
    forEachExpr(e, (node) => {
      if (isAccess(node) && (node.kind !== "helper" || this.helperTraps(node.name))) traps = true;
    });
    return traps;
  }

  private helperTraps(name: string): boolean {
    return this.helpers.some((h) => h.name === name && h.traps);
  }
}

function accessCount(e: Expr): number {
  let count = 0;
  forEachExpr(e, (node) => {
    if (isAccess(node)) count += 1;
  });
  return count;
}

/** Which operands an effect mentions, reads and writes; `always` are written on every path. */
export interface OperandUse {
  readonly mentioned: ReadonlySet<string>;
  readonly read: ReadonlySet<string>;
  readonly written: ReadonlySet<string>;
  readonly always: ReadonlySet<string>;
}

/** Collects how `effect` uses operands by name. */
export function operandUse(effect: Effect): OperandUse {
  const [mentioned, read, written] = [new Set<string>(), new Set<string>(), new Set<string>()];
  const visit = (e: Expr): void => {
    if (e.kind === "imm" || e.kind === "index") mentioned.add(e.name);
    if (e.kind === "register") noteRegister(e.register, read);
  };
  forEachStmt(effect.body, (s) => {
    for (const e of stmtExprs(s)) forEachExpr(e, visit);
    if (s.kind === "setRegister") noteRegister(s.register, written);
  });
  for (const name of [...read, ...written]) mentioned.add(name);
  return { mentioned, read, written, always: writtenAlways(effect.body) };
}

function noteRegister(ref: RegisterRef, into: Set<string>): void {
  if (ref.index.kind === "operand") into.add(ref.index.name);
}

function writtenAlways(body: readonly Stmt[]): Set<string> {
  const always = new Set<string>();
  for (const s of body) {
    if (s.kind === "setRegister") noteRegister(s.register, always);
    if (s.kind !== "if") continue;
    const other = writtenAlways(s.else);
    for (const name of writtenAlways(s.then)) if (other.has(name)) always.add(name);
  }
  return always;
}

/** The role of one operand, from its use; `imm` for everything that is not a register. */
export function roleOf(name: string, use: OperandUse): OperandRole {
  const isRead = use.read.has(name);
  if (!use.written.has(name)) return isRead ? "use" : "imm";
  return isRead || !use.always.has(name) ? "both" : "def";
}
