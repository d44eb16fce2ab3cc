// Writes what a region does with condition flags: keeps operands of comparisons, makes flags of them where they are read.
//
// Relies on flag-groups.ts and flag-liveness.ts. A local says which group the flags are in at run time, 0 for flags in
// their own locals; where the group is known at translation, reads become comparisons of the kept operands.
// Guarantees: after `store` the flags are in their locals, whichever way led there.

import type { Expr, Stmt } from "../../spec/isa/effect.ts";
import type { CodeInstruction } from "./code-reader.ts";
import type { FlowShape } from "./control-flow.ts";
import type { EffectWriter } from "./effect-to-wasm.ts";
import { FlagGroups, keptName, type FlagGroup } from "./flag-groups.ts";
import type { FlagBits, LiveFlags } from "./flag-liveness.ts";
import type { RegionBlock } from "./region.ts";
import { typeOf } from "./values.ts";
import { I32, OP, type FunctionWriter } from "./wasm-emitter.ts";

/** What is known about the flags at a place: their group, that they are in their locals, or nothing. */
type Known = FlagGroup | "stored" | "unknown";

/** What the writer of a region lends. */
export interface FlagTarget {
  readonly fn: FunctionWriter;
  readonly effects: EffectWriter;
  /** The local of a flag. */
  readonly flagLocal: (file: string) => number;
}

export class FlagWriter {
  private readonly target: FlagTarget;
  private readonly groups: FlagGroups;
  private readonly atStart: readonly Known[];
  private readonly current: number;
  private readonly kept = new Map<string, number>();
  private known: Known = "stored";

  constructor(live: LiveFlags, flags: FlagBits, shape: FlowShape, target: FlagTarget) {
    this.target = target;
    this.groups = new FlagGroups(flags, live.after);
    this.atStart = knownAtStart(live.blocks, shape, this.groups);
    this.current = target.fn.local(I32);
  }

  /** Block `index` is written next. */
  startBlock(index: number): void {
    this.known = this.atStart[index] ?? "unknown";
  }

  /** What to write for the instruction; flags that it reads are in their locals or replaced. */
  statements(instruction: CodeInstruction): readonly Stmt[] {
    const use = this.groups.use(instruction);
    if (!use.reads && !use.writes) return instruction.straight;
    const needsStored = (use.reads && this.known === "unknown") || (use.writes && !use.writesAll);
    if (needsStored && this.known !== "stored") this.store();
    const { straight } = instruction;
    const read =
      use.reads && typeof this.known === "object" ? this.groups.readAll(straight, this.known) : straight;
    return use.group === null ? read : read.filter((s) => !this.groups.isFlagWrite(s));
  }

  /** The condition of a branch, for its instruction, whose statements have been written. */
  condition(cond: Expr): Expr {
    return typeof this.known === "object" ? this.groups.read(cond, this.known) : cond;
  }

  /** The instruction's statements stand, its names are still there. */
  finishInstruction(instruction: CodeInstruction): void {
    const { fn, effects } = this.target;
    const { group, writes } = this.groups.use(instruction);
    if (group === null) {
      if (!writes || this.known === "stored") return;
      this.setCurrent(0);
      this.known = "stored";
      return;
    }
    for (const { source, name, width } of group.operands) {
      effects.expr({ kind: "local", width, name: source });
      fn.set(this.keep(name, width));
    }
    this.setCurrent(group.group.number);
    this.known = group.group;
  }

  /** Puts the flags into their locals. */
  store(): void {
    const { fn } = this.target;
    if (typeof this.known === "object") this.storeGroup(this.known);
    else {
      for (const group of this.groups.all) {
        fn.get(this.current);
        fn.i32(group.number);
        fn.op(OP.i32Eq);
        fn.open(OP.if);
        this.storeGroup(group);
        fn.end();
      }
    }
    this.setCurrent(0);
    this.known = "stored";
  }

  /** The same where nothing is known, at the end of all ways. */
  storeAtExit(): void {
    if (this.groups.all.length === 0) return;
    this.known = "unknown";
    this.store();
  }

  private storeGroup(group: FlagGroup): void {
    const { fn, effects, flagLocal } = this.target;
    for (const index of [0, 1]) {
      for (const width of [32, 64]) this.keep(keptName(index, width), width);
    }
    for (const [file, value] of group.values) {
      effects.expr(value);
      fn.set(flagLocal(file));
    }
  }

  private setCurrent(number: number): void {
    this.target.fn.i32(number);
    this.target.fn.set(this.current);
  }

  private keep(name: string, width: number): number {
    const { fn, effects } = this.target;
    const known = this.kept.get(name);
    if (known !== undefined) return known;
    const local = fn.local(typeOf(width));
    this.kept.set(name, local);
    effects.keep(name, local);
    return local;
  }
}

// What all ways to a block agree on. A block that is not reached is "unknown".
function knownAtStart(
  blocks: readonly RegionBlock[],
  shape: FlowShape,
  groups: FlagGroups,
): readonly Known[] {
  const start: (Known | null)[] = blocks.map(() => null);
  start[0] = "stored";
  const order = blocks
    .map((_, i) => i)
    .filter((i) => (shape.order[i] ?? -1) >= 0)
    .sort((a, b) => (shape.order[a] ?? 0) - (shape.order[b] ?? 0));
  for (let changed = true; changed;) {
    changed = false;
    for (const index of order) {
      const before = start[index] ?? null;
      const block = blocks[index];
      if (before === null || block === undefined) continue;
      const after = knownAfter(block, before, groups);
      for (const next of shape.successors[index] ?? []) {
        const old = start[next] ?? null;
        const met = old === null || old === after ? after : "unknown";
        if (met === old) continue;
        start[next] = met;
        changed = true;
      }
    }
  }
  return start.map((known) => known ?? "unknown");
}

function knownAfter(block: RegionBlock, before: Known, groups: FlagGroups): Known {
  let known = before;
  for (const instruction of block.instructions) {
    const { group, writes } = groups.use(instruction);
    if (group !== null) known = group.group;
    else if (writes) known = "stored";
  }
  return known;
}
