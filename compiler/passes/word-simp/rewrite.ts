// Rewrites a function for word-simp: known constants first, then identities, block by block in dominance order.

import { compare, type Word } from "../../lang/machine-word.ts";
import type { Block, Edge, Function, Instr, Terminator, Value } from "../../lang/word/ast.ts";
import { wordGraph } from "../../lang/word/graph.ts";
import { forEachDef, mapEdges, mapEndUses, mapUses, noRoles } from "../../lang/word/operands.ts";
import { bug } from "../../source/bug.ts";
import type { Span } from "../../source/span.ts";
import { Replacements } from "../word-edit/replacements.ts";
import { useCountsOf } from "../word-edit/uses.ts";
import { simplifyCondition } from "./conditions.ts";
import type { KnownConstants } from "./constants.ts";
import { narrowStored, simplifyCompare, simplifyOperation } from "./identities.ts";
import type { Arg, Simplified, View } from "./view.ts";

/**
 * Definitions of known constants become `const`, parameters among them move into their block, branches that are
 * decided become jumps, unreachable blocks go. The same function object if nothing is new.
 */
export function applyConstants(f: Function, { constants, reachable }: KnownConstants): Function {
  const isNew = (instr: Instr): boolean => instr.kind !== "const" && constants.has(onlyDef(instr));
  const isDecided = ({ end }: Block): boolean =>
    end.kind === "branch" && constants.has(end.left) && constants.has(end.right);
  const changes = (block: Block): boolean =>
    !reachable.has(block.label) ||
    block.params.some((p) => constants.has(p)) ||
    block.body.some(isNew) ||
    isDecided(block);
  if (!f.blocks.some(changes)) return f;
  const params = new Map(f.blocks.map((b) => [b.label, b.params]));
  const edge = (e: Edge): Edge => {
    const own = params.get(e.label) ?? [];
    return { label: e.label, args: e.args.filter((_, i) => !constants.has(own[i] ?? -1)) };
  };
  const blocks = f.blocks.flatMap((block): Block[] => {
    if (!reachable.has(block.label)) return [];
    const moved = block.params.flatMap((p) => constantInstr(p, constants, block.end.span));
    const body = block.body.flatMap((instr) => knownInstr(instr, constants));
    const kept = block.params.filter((p) => !constants.has(p));
    return [
      {
        ...block,
        params: kept,
        body: [...moved, ...body],
        end: mapEdges(decide(block.end, constants), edge),
      },
    ];
  });
  return { ...f, blocks };
}

// The value that an instruction with one result defines, -1 for any other.
function onlyDef(instr: Instr): Value {
  return instr.kind === "op" || instr.kind === "compare" ? instr.dest : -1;
}

function constantInstr(dest: Value, constants: ReadonlyMap<Value, Word>, span: Span): Instr[] {
  const value = constants.get(dest);
  return value === undefined ? [] : [{ kind: "const", dest, value, span }];
}

function knownInstr(instr: Instr, constants: ReadonlyMap<Value, Word>): readonly Instr[] {
  if (instr.kind === "addCarry" && constants.has(instr.sum) && constants.has(instr.carry)) {
    return [instr.sum, instr.carry].flatMap((dest) => constantInstr(dest, constants, instr.span));
  }
  const made = constantInstr(onlyDef(instr), constants, instr.span);
  return made.length === 0 ? [instr] : made;
}

function decide(end: Terminator, constants: ReadonlyMap<Value, Word>): Terminator {
  if (end.kind !== "branch") return end;
  const left = constants.get(end.left);
  const right = constants.get(end.right);
  if (left === undefined || right === undefined) return end;
  return { kind: "jump", to: compare[end.op](left, right) ? end.then : end.else, span: end.span };
}

// The state of rewriting one function.
interface Rewriting extends View {
  readonly definitions: Map<Value, Instr>;
  readonly replacements: Replacements;
  readonly fresh: () => Value;
  /** Readers of each value before the rewriting, and those that it added. */
  readonly readers: Uint32Array;
  /** The block being made. */
  body: Instr[];
  changed: boolean;
}

/** Applies the identities. The same function object if none applies. All blocks are reachable. */
export function rewriteFunction(f: Function): Function {
  let nextValue = f.nextValue;
  const definitions = new Map<Value, Instr>();
  const readers = useCountsOf(f, noRoles);
  const r: Rewriting = {
    definitions,
    definition: (value) => definitions.get(value),
    isReadOnce: (value) => (readers[value] ?? 1) === 1,
    readers,
    replacements: new Replacements(),
    fresh: () => nextValue++,
    body: [],
    changed: false,
  };
  const graph = wordGraph(f);
  const done = new Map(graph.order.map((label) => [label, rewriteBlock(graph.block(label), r)]));
  if (!r.changed) return f;
  const blocks = f.blocks.flatMap((b) => done.get(b.label) ?? []);
  // Arguments of edges backwards were read before their values were replaced.
  return { ...f, blocks: blocks.map((b) => r.replacements.applyTo(b, noRoles)), nextValue };
}

function rewriteBlock(block: Block, r: Rewriting): Block {
  r.body = [];
  for (const instr of block.body)
    rewriteInstr(
      mapUses(instr, noRoles, (v) => r.replacements.find(v)),
      r,
    );
  const end = rewriteEnd(
    mapEndUses(block.end, (v) => r.replacements.find(v)),
    r,
  );
  return { ...block, body: r.body, end };
}

function push(instr: Instr, r: Rewriting): void {
  forEachDef(instr, noRoles, (value) => r.definitions.set(value, instr));
  r.body.push(instr);
}

// The value of an argument; a word becomes a constant in front.
function valueOf(arg: Arg, span: Span, r: Rewriting): Value {
  if (typeof arg === "number") {
    r.readers[arg] = (r.readers[arg] ?? 0) + 1;
    return arg;
  }
  const dest = r.fresh();
  push({ kind: "const", dest, value: arg, span }, r);
  return dest;
}

function rewriteInstr(start: Instr, r: Rewriting): void {
  let instr = start;
  // Every identity makes the operation smaller or moves a constant to the right, so this ends.
  for (;;) {
    const better = improve(instr, r);
    if (better === null) {
      push(instr, r);
      return;
    }
    r.changed = true;
    const next = apply(better, instr, r);
    if (next === null) return;
    instr = next;
  }
}

function improve(instr: Instr, r: Rewriting): Simplified | null {
  switch (instr.kind) {
    case "op":
      return simplifyOperation(instr, r);
    case "compare":
      return simplifyCompare(instr, r);
    case "store":
    case "sharedStore": {
      const arg = narrowStored(instr.value, instr.bytes, r);
      return arg === null ? null : { kind: "arg", arg };
    }
    case "const":
    case "addCarry":
    case "address":
    case "load":
    case "getGlobal":
    case "setGlobal":
    case "sharedLoad":
    case "call":
    case "foreignCall":
    case "machine":
      return null;
  }
}

// The instruction that takes the place of `instr`; null if its result is another value now.
function apply(better: Simplified, instr: Instr, r: Rewriting): Instr | null {
  const { span } = instr;
  if (instr.kind === "store" || instr.kind === "sharedStore") {
    return better.kind === "arg"
      ? { ...instr, value: valueOf(better.arg, span, r) }
      : bug("a store is a store");
  }
  if (instr.kind !== "op" && instr.kind !== "compare") return bug(`no identity for ${instr.kind}`);
  const { dest } = instr;
  if (better.kind === "arg") {
    if (typeof better.arg === "bigint") push({ kind: "const", dest, value: better.arg, span }, r);
    else r.replacements.replace(dest, better.arg);
    return null;
  }
  const sides = { left: valueOf(better.left, span, r), right: valueOf(better.right, span, r) };
  if (better.kind === "opPlus") {
    const part = r.fresh();
    rewriteInstr({ kind: "op", dest: part, op: better.op, ...sides, span }, r);
    const left = r.replacements.find(part);
    return { kind: "op", dest, op: "add", left, right: valueOf(better.constant, span, r), span };
  }
  if (better.kind === "compare") return { kind: "compare", dest, op: better.op, ...sides, span };
  return { kind: "op", dest, op: better.op, ...sides, span };
}

function rewriteEnd(end: Terminator, r: Rewriting): Terminator {
  if (end.kind !== "branch") return end;
  const condition = simplifyCondition(end, r);
  const { span } = end;
  if (typeof condition === "boolean") {
    r.changed = true;
    return { kind: "jump", to: condition ? end.then : end.else, span };
  }
  const { op, left, right } = condition;
  if (op === end.op && left === end.left && right === end.right) return end;
  r.changed = true;
  return { ...end, op, left: valueOf(left, span, r), right: valueOf(right, span, r) };
}
