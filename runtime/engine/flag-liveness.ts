// Removes writes of condition flags that nobody sees: overwritten before any read, and before any way out of the region.
//
// Relies on region.ts. Flags are the register files of one bit. Guarantees: wherever the region may be left (also by an
// access that cannot be made, or for another budget), all flags are exact; names that only such writes used are gone too.

import type { Expr, Stmt } from "../../spec/isa/effect.ts";
import { forEachExpr, isAccess, stmtExprs } from "../../spec/isa/effect.ts";
import type { CodeInstruction } from "./code-reader.ts";
import { hasAccess } from "../../spec/isa/effect-folding.ts";
import type { RegionBlock, Target } from "./region.ts";

/** Flags by the name of their file, each with a bit of its own. */
export type FlagBits = ReadonlyMap<string, number>;

/** A set of flags as bits. */
export type FlagSet = number;

/** What the analysis needs beside the blocks. */
export interface FlagContext {
  readonly flags: FlagBits;
  /** True for blocks that may be left before their first instruction. */
  readonly leavesFirst: (block: number) => boolean;
}

/** All flags. */
export function allFlags(flags: FlagBits): FlagSet {
  let all = 0;
  for (const bit of flags.values()) all |= bit;
  return all;
}

/** Blocks, and which flags somebody may see after an instruction that sets some. */
export interface LiveFlags {
  readonly blocks: readonly RegionBlock[];
  readonly after: ReadonlyMap<CodeInstruction, FlagSet>;
}

/** The blocks without writes of flags that nobody sees. */
export function withoutDeadFlags(blocks: readonly RegionBlock[], context: FlagContext): LiveFlags {
  const after = new Map<CodeInstruction, FlagSet>();
  if (context.flags.size === 0) return { blocks, after };
  const liveIn = blocks.map((_, i) => (context.leavesFirst(i) ? allFlags(context.flags) : 0));
  for (let changed = true; changed;) {
    changed = false;
    for (let i = blocks.length - 1; i >= 0; i -= 1) {
      const live = sweepBlock(blocks, i, { ...context, liveIn }).live | (liveIn[i] ?? 0);
      if (live === liveIn[i]) continue;
      liveIn[i] = live;
      changed = true;
    }
  }
  const swept = blocks.map((_, i) => sweepBlock(blocks, i, { ...context, liveIn }, after).block);
  return { blocks: swept, after };
}

interface BlockContext extends FlagContext {
  readonly liveIn: readonly FlagSet[];
}

function sweepBlock(
  blocks: readonly RegionBlock[],
  index: number,
  context: BlockContext,
  after: Map<CodeInstruction, FlagSet> | null = null,
): { readonly block: RegionBlock; readonly live: FlagSet } {
  const block = blocks[index];
  if (block === undefined) throw new Error(`region has no block ${String(index)}`);
  const sweep = new Sweep(context.flags, liveAfter(block, context));
  const instructions = [...block.instructions].reverse().map((instruction) => {
    const { live } = sweep;
    const swept = sweep.instruction(instruction);
    after?.set(swept, live);
    return swept;
  });
  return { block: { ...block, instructions: instructions.reverse() }, live: sweep.live };
}

function liveAfter(block: RegionBlock, context: BlockContext): FlagSet {
  const all = allFlags(context.flags);
  const at = (to: Target): FlagSet => (to.kind === "leave" ? all : (context.liveIn[to.block] ?? all));
  const { end } = block;
  if (end.kind === "jump") return at(end.to);
  return end.kind === "branch" ? at(end.taken) | at(end.otherwise) : all;
}

// Goes backward over statements.
class Sweep {
  live: FlagSet;
  private readonly flags: FlagBits;
  private readonly all: FlagSet;
  private used = new Set<string>();
  private leaves = false;

  constructor(flags: FlagBits, live: FlagSet) {
    this.flags = flags;
    this.all = allFlags(flags);
    this.live = live;
  }

  instruction(instruction: CodeInstruction): CodeInstruction {
    this.used = new Set();
    this.leaves = false;
    if (instruction.flow.kind === "branch") this.read(instruction.flow.cond);
    const straight = this.body(instruction.straight);
    // A way out of the middle shows the state before the instruction.
    this.live |= this.mustShow();
    return { ...instruction, straight };
  }

  private mustShow(): FlagSet {
    return this.leaves ? this.all : 0;
  }

  private body(body: readonly Stmt[]): Stmt[] {
    return [...body]
      .reverse()
      .flatMap((s) => this.statement(s))
      .reverse();
  }

  private statement(s: Stmt): Stmt[] {
    if (s.kind === "if") return [this.branches(s)];
    const flag = s.kind === "setRegister" ? (this.flags.get(s.register.class.file) ?? 0) : 0;
    const isDead = flag !== 0 ? (this.live & flag) === 0 : s.kind === "let" && !this.used.has(s.name);
    if (isDead && !stmtExprs(s).some((e) => hasAccess(e) || mayLeave(e))) return [];
    this.live &= ~flag;
    if (s.kind === "store" || s.kind === "trap") this.leaves = true;
    for (const e of stmtExprs(s)) this.read(e);
    return [s];
  }

  private branches(s: Extract<Stmt, { kind: "if" }>): Stmt {
    const after = this.live;
    const then = this.body(s.then);
    const afterThen = this.live;
    this.live = after;
    const other = this.body(s.else);
    this.live |= afterThen;
    this.read(s.cond);
    return { ...s, then, else: other };
  }

  private read(e: Expr): void {
    forEachExpr(e, (node) => {
      if (node.kind === "register") this.live |= this.flags.get(node.register.class.file) ?? 0;
      if (node.kind === "local") this.used.add(node.name);
      if (isAccess(node) || mayLeave(node)) this.leaves = true;
    });
  }
}

function mayLeave(e: Expr): boolean {
  return e.kind === "float";
}
