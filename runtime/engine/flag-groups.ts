// Condition flags as what they were computed from: a comparison keeps its operands, and flags are made of them where
// they are read. Relies on effect-rewrite.ts and condition-folding.ts.
//
// A group is how one instruction sets flags, as expressions over at most two operands of that instruction. Code that
// sets flags then only copies the operands; a branch that follows compares them directly; and the flags themselves are
// computed on the ways out of a region. Guarantees: a group says all flags that are live after its instruction.

import type { Expr, Stmt } from "../../spec/isa/effect.ts";
import { forEachExpr, stmtExprs } from "../../spec/isa/effect.ts";
import type { CodeInstruction } from "./code-reader.ts";
import { foldCondition } from "./condition-folding.ts";
import { hasAccess } from "../../spec/isa/effect-folding.ts";
import { mapChildren, mapStmt } from "../../spec/isa/effect-rewrite.ts";
import type { FlagBits, LiveFlags } from "./flag-liveness.ts";

/** An operand that is kept: the instruction's name for it, and the name that expressions of the group use. */
export interface KeptOperand {
  readonly source: string;
  readonly name: string;
  readonly width: number;
}

export interface FlagGroup {
  /** Above 0; equal for groups with equal expressions. */
  readonly number: number;
  /** Flags by file, over kept operands. */
  readonly values: ReadonlyMap<string, Expr>;
}

/** How an instruction treats flags. */
export interface FlagUse {
  readonly reads: boolean;
  /** Sets them as a group says; the operands to keep. */
  readonly group: { readonly group: FlagGroup; readonly operands: readonly KeptOperand[] } | null;
  /** True if it writes flags, and if it writes all that somebody may see after it. */
  readonly writes: boolean;
  readonly writesAll: boolean;
}

const MAX_OPERANDS = 2;

/** Names of kept operands: values of up to 32 bits and wider ones have locals of their own. */
export function keptName(index: number, width: number): string {
  return `flag operand ${String(index)} ${width <= 32 ? "i32" : "i64"}`;
}

/** Finds and numbers the groups of one region. */
export class FlagGroups {
  readonly all: FlagGroup[] = [];
  private readonly flags: FlagBits;
  private readonly live: LiveFlags["after"];
  private readonly byText = new Map<string, FlagGroup>();
  private readonly uses = new Map<CodeInstruction, FlagUse>();

  constructor(flags: FlagBits, live: LiveFlags["after"]) {
    this.flags = flags;
    this.live = live;
  }

  /** What the instruction does with flags. */
  use(instruction: CodeInstruction): FlagUse {
    const known = this.uses.get(instruction);
    if (known !== undefined) return known;
    const made = this.find(instruction);
    this.uses.set(instruction, made);
    return made;
  }

  /** True for a statement that sets a flag. */
  isFlagWrite(s: Stmt): boolean {
    return s.kind === "setRegister" && this.flags.has(s.register.class.file);
  }

  /** `e` with the flags as `group` says them. */
  read(e: Expr, group: FlagGroup): Expr {
    const change = (node: Expr): Expr => {
      if (node.kind !== "register") return foldCondition(mapChildren(node, change));
      return group.values.get(node.register.class.file) ?? node;
    };
    return change(e);
  }

  /** The statements of an instruction with the flags as `group` says them. */
  readAll(body: readonly Stmt[], group: FlagGroup): readonly Stmt[] {
    return body.map((s) => mapStmt(s, (e) => this.read(e, group)));
  }

  private find(instruction: CodeInstruction): FlagUse {
    const { straight, flow } = instruction;
    let reads = flow.kind === "branch" && this.mentions(flow.cond);
    const [always, sometimes] = [new Set<string>(), new Set<string>()];
    const visit = (s: Stmt, into: Set<string>): void => {
      for (const e of stmtExprs(s)) reads ||= this.mentions(e);
      if (s.kind === "setRegister" && this.isFlagWrite(s)) into.add(s.register.class.file);
      if (s.kind === "if") for (const inner of [...s.then, ...s.else]) visit(inner, sometimes);
    };
    for (const s of straight) visit(s, always);
    const writes = always.size + sometimes.size > 0;
    let unwritten = this.live.get(instruction) ?? 0;
    for (const file of always) unwritten &= ~(this.flags.get(file) ?? 0);
    const writesAll = unwritten === 0;
    const canBeGroup = writes && writesAll && !reads && sometimes.size === 0;
    return { reads, writes, writesAll, group: canBeGroup ? this.groupOf(straight, always) : null };
  }

  private mentions(e: Expr): boolean {
    let found = false;
    forEachExpr(e, (node) => {
      if (node.kind === "register" && this.flags.has(node.register.class.file)) found = true;
    });
    return found;
  }

  private groupOf(straight: readonly Stmt[], writes: ReadonlySet<string>): FlagUse["group"] {
    const inliner = new Inliner(straight);
    const values = new Map<string, Expr>();
    for (const s of straight) {
      if (s.kind === "setRegister" && writes.has(s.register.class.file)) {
        values.set(s.register.class.file, simplify(inliner.inline(s.value)));
      }
    }
    if (inliner.operands.length > MAX_OPERANDS) return null;
    if ([...values.values()].some((e) => !isPure(e))) return null;
    return { group: this.numbered(values), operands: inliner.operands };
  }

  private numbered(values: ReadonlyMap<string, Expr>): FlagGroup {
    const text = JSON.stringify([...values], (_, v: unknown) =>
      typeof v === "bigint" ? `${String(v)}n` : v,
    );
    const known = this.byText.get(text);
    if (known !== undefined) return known;
    const group = { number: this.all.length + 1, values };
    this.byText.set(text, group);
    this.all.push(group);
    return group;
  }
}

function simplify(e: Expr): Expr {
  return foldCondition(mapChildren(e, simplify));
}

function isPure(e: Expr): boolean {
  let pure = e.width <= 64 && !hasAccess(e);
  forEachExpr(e, (node) => {
    if (node.kind === "register" || node.kind === "float" || node.width > 64) pure = false;
  });
  return pure;
}

// Replaces names by what they stand for as long as that is made of other names; what is left are the operands.
class Inliner {
  readonly operands: KeptOperand[] = [];
  private readonly lets = new Map<string, Expr>();

  constructor(straight: readonly Stmt[]) {
    for (const s of straight) if (s.kind === "let") this.lets.set(s.name, s.value);
  }

  inline(e: Expr): Expr {
    if (e.kind !== "local") return mapChildren(e, (child) => this.inline(child));
    const value = this.lets.get(e.name);
    if (value !== undefined && isPure(value)) return this.inline(value);
    return this.operand(e.name, e.width);
  }

  private operand(source: string, width: number): Expr {
    const known = this.operands.find((o) => o.source === source);
    const name = known?.name ?? keptName(this.operands.length, width);
    if (known === undefined) this.operands.push({ source, name, width });
    return { kind: "local", width, name };
  }
}
