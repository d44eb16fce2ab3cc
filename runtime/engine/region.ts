// A region: blocks of guest code that are translated together, found from one entry by following constant jumps.
//
// Relies on code-reader.ts. Small callees are copied into the region: a context says whose copy a block is and where it
// returns to, so a return becomes one comparison. Anything else leaves: every block start is a complete guest state.
// Guarantees: block 0 is the entry; every instruction stands in exactly one block of its context; limits are kept.

import { keyOf, pageOf, type CodeInstruction, type CodeReader, type PcKey } from "./code-reader.ts";

/** Where an edge leads: into a block, or out of the region to an address. */
export type Target =
  { readonly kind: "block"; readonly block: number } | { readonly kind: "leave"; readonly key: PcKey };

/** jump, branch: to constants. indirect: to a computed address, compared with `expected` first. outside: see Flow. */
export type BlockEnd =
  | { readonly kind: "jump"; readonly to: Target }
  | { readonly kind: "branch"; readonly taken: Target; readonly otherwise: Target }
  | { readonly kind: "indirect"; readonly expected: readonly ExpectedTarget[] }
  | { readonly kind: "outside"; readonly key: PcKey };

export interface ExpectedTarget {
  readonly key: PcKey;
  readonly to: Target;
}

export interface RegionBlock {
  readonly key: PcKey;
  /** All that are executed inside; a branch or indirect jump is the last. */
  readonly instructions: readonly CodeInstruction[];
  readonly end: BlockEnd;
}

export interface Region {
  readonly key: PcKey;
  readonly blocks: readonly RegionBlock[];
  readonly instructionCount: number;
}

/** Where control may go from the block. */
export function successorsOf({ end }: RegionBlock): readonly Target[] {
  switch (end.kind) {
    case "jump":
      return [end.to];
    case "branch":
      return [end.taken, end.otherwise];
    case "indirect":
      return end.expected.map((e) => e.to);
    case "outside":
      return [];
  }
}

/** No region holds more instructions; so no path without a loop is longer. */
export const MAX_REGION_INSTRUCTIONS = 1500;
const MAX_INLINE_INSTRUCTIONS = 64;
const MAX_INLINE_DEPTH = 3;

// Whose copy of the code; `parent` and `returnKey` are null for the region's own function.
interface Context {
  readonly depth: number;
  readonly parent: Context | null;
  readonly returnKey: PcKey | null;
  readonly code: Map<PcKey, CodeInstruction>;
  readonly leaders: Set<PcKey>;
  /** Contexts of the calls that were copied in, by the call's address. */
  readonly inlined: Map<PcKey, Context>;
}

interface Work {
  readonly context: Context;
  readonly key: PcKey;
}

function newContext(parent: Context | null, returnKey: PcKey | null): Context {
  const depth = parent === null ? 0 : parent.depth + 1;
  return { depth, parent, returnKey, code: new Map(), leaders: new Set(), inlined: new Map() };
}

/** Finds the region at `entry`; null if its first instruction cannot be translated. */
export function findRegion(entry: PcKey, reader: CodeReader, options: RegionOptions): Region | null {
  const finder = new RegionFinder(reader, options);
  finder.explore(entry);
  return finder.region(entry);
}

/** How regions are formed. */
export interface RegionOptions {
  /** Blocks end before an instruction of which a byte is in another page than what came before. */
  readonly endsBlocksAtPages: boolean;
}

class RegionFinder {
  private readonly reader: CodeReader;
  private readonly options: RegionOptions;
  private readonly root = newContext(null, null);
  private readonly contexts: Context[] = [this.root];
  private readonly work: Work[] = [];
  private readonly functionSizes = new Map<PcKey, boolean>();
  private count = 0;

  constructor(reader: CodeReader, options: RegionOptions) {
    this.reader = reader;
    this.options = options;
  }

  explore(entry: PcKey): void {
    this.work.push({ context: this.root, key: entry });
    for (let next = this.work.shift(); next !== undefined; next = this.work.shift()) {
      next.context.leaders.add(next.key);
      this.walk(next.context, next.key);
    }
  }

  // Straight on from `start` until control goes elsewhere or known code follows.
  private walk(context: Context, start: PcKey): void {
    let page = pageOf(start);
    for (let key = start; ;) {
      if (context.code.has(key)) {
        context.leaders.add(key);
        return;
      }
      const instruction = this.count < MAX_REGION_INSTRUCTIONS ? this.reader.read(key) : null;
      if (instruction === null) return;
      const last = pageOf(instruction.next - 1);
      if (last !== page && this.options.endsBlocksAtPages) context.leaders.add(key);
      page = last;
      context.code.set(key, instruction);
      this.count += 1;
      if (instruction.flow.kind !== "next") {
        this.follow(context, instruction);
        return;
      }
      key = instruction.next;
    }
  }

  private follow(context: Context, instruction: CodeInstruction): void {
    const { flow } = instruction;
    switch (flow.kind) {
      case "jump":
        if (!flow.isCall) this.work.push({ context, key: keyOf(flow.target) });
        else this.followCall(context, instruction, keyOf(flow.target));
        return;
      case "branch":
        this.work.push({ context, key: keyOf(flow.otherwise) }, { context, key: keyOf(flow.taken) });
        return;
      case "indirect":
        if (!flow.isCall && context.parent !== null && context.returnKey !== null) {
          this.work.push({ context: context.parent, key: context.returnKey });
        }
        return;
      case "next":
      case "outside":
        return;
    }
  }

  private followCall(context: Context, call: CodeInstruction, callee: PcKey): void {
    if (context.depth >= MAX_INLINE_DEPTH || !this.isSmall(callee)) return;
    const inner = newContext(context, call.next);
    context.inlined.set(call.key, inner);
    this.contexts.push(inner);
    this.work.push({ context: inner, key: callee });
  }

  // True if everything reachable from `entry` without calls is at most MAX_INLINE_INSTRUCTIONS.
  private isSmall(entry: PcKey): boolean {
    const known = this.functionSizes.get(entry);
    if (known !== undefined) return known;
    const seen = new Set<PcKey>();
    const open: PcKey[] = [entry];
    for (let key = open.pop(); key !== undefined && seen.size <= MAX_INLINE_INSTRUCTIONS; key = open.pop()) {
      if (seen.has(key)) continue;
      const instruction = this.reader.read(key);
      if (instruction === null) continue;
      seen.add(key);
      open.push(...successorsWithin(instruction));
    }
    const small = seen.size <= MAX_INLINE_INSTRUCTIONS;
    this.functionSizes.set(entry, small);
    return small;
  }

  region(entry: PcKey): Region | null {
    const first = this.root.code.get(entry);
    if (first === undefined || first.flow.kind === "outside") return null;
    const numbers = new Map<Context, Map<PcKey, number>>();
    const starts: Work[] = [];
    const number = (context: Context, key: PcKey): void => {
      if (!context.code.has(key)) return;
      const own = numbers.get(context) ?? new Map<PcKey, number>();
      numbers.set(context, own.set(key, starts.length));
      starts.push({ context, key });
    };
    number(this.root, entry);
    for (const context of this.contexts) {
      for (const key of context.leaders) if (context !== this.root || key !== entry) number(context, key);
    }
    const target = (context: Context, key: PcKey): Target => {
      const block = numbers.get(context)?.get(key);
      return block === undefined ? { kind: "leave", key } : { kind: "block", block };
    };
    const blocks = starts.map(({ context, key }) => formBlock(context, key, target));
    return { key: entry, blocks, instructionCount: this.count };
  }
}

function successorsWithin(instruction: CodeInstruction): PcKey[] {
  const { flow, next } = instruction;
  switch (flow.kind) {
    case "next":
    case "outside":
      return [next];
    case "jump":
      return flow.isCall ? [next] : [keyOf(flow.target)];
    case "branch":
      return [keyOf(flow.taken), keyOf(flow.otherwise)];
    case "indirect":
      return flow.isCall ? [next] : [];
  }
}

type Resolve = (context: Context, key: PcKey) => Target;

function formBlock(context: Context, start: PcKey, target: Resolve): RegionBlock {
  const instructions: CodeInstruction[] = [];
  for (let key = start; ;) {
    const instruction = context.code.get(key);
    const follows = key !== start && context.leaders.has(key);
    if (instruction === undefined || follows) {
      return { key: start, instructions, end: { kind: "jump", to: target(context, key) } };
    }
    if (instruction.flow.kind === "outside") {
      return { key: start, instructions, end: { kind: "outside", key } };
    }
    instructions.push(instruction);
    if (instruction.flow.kind !== "next") {
      return { key: start, instructions, end: endOf(context, instruction, target) };
    }
    key = instruction.next;
  }
}

function endOf(context: Context, instruction: CodeInstruction, target: Resolve): BlockEnd {
  const { flow } = instruction;
  switch (flow.kind) {
    case "jump": {
      const key = keyOf(flow.target);
      const inlined = flow.isCall ? context.inlined.get(instruction.key) : context;
      return { kind: "jump", to: inlined === undefined ? { kind: "leave", key } : target(inlined, key) };
    }
    case "branch": {
      const taken = target(context, keyOf(flow.taken));
      return { kind: "branch", taken, otherwise: target(context, keyOf(flow.otherwise)) };
    }
    case "indirect": {
      const { parent, returnKey } = context;
      if (flow.isCall || parent === null || returnKey === null) return { kind: "indirect", expected: [] };
      return { kind: "indirect", expected: [{ key: returnKey, to: target(parent, returnKey) }] };
    }
    case "next":
    case "outside":
      return { kind: "outside", key: instruction.key };
  }
}
