// Versions of local memory and of the globals: two reads at one version of the same place read the same.
//
// Every write makes a version; a block where several versions meet has its own. A version remembers the write that made
// it, so that a read can look past writes to other places: another global, or the same base at another offset.
// Relies on callEffects for calls; shared accesses change neither (they are another memory).

import { toSigned } from "../../lang/machine-word.ts";
import type { Instr, Label, Value } from "../../lang/word/ast.ts";
import type { WordGraph } from "../../lang/word/graph.ts";
import { bug } from "../../source/bug.ts";
import type { CallEffects } from "./word-effects.ts";

/** A place: a global, or bytes at a constant distance from a value. */
export interface Access {
  readonly key: string;
  readonly base: Value | "globals";
  readonly offset: bigint;
  readonly bytes: number;
}

/** A version's number. */
export type Version = number;

export interface Versions {
  readonly local: Version;
  readonly globals: Version;
}

export interface MemoryVersions {
  atStart(label: Label): Versions;
  atEnd(label: Label): Versions;
  /** Versions after an instruction of the graph that the versions were made for. */
  after(instr: Instr, versions: Versions): Versions;
  /** The first answer of `known` for a version at which the access reads the same as at `start`. */
  lookUp<T>(access: Access, start: Version, known: (version: Version) => T | undefined): T | undefined;
}

/** How far a read looks past writes. */
const MAX_STEPS = 16;

type Accessing = Extract<Instr, { kind: "load" | "store" | "getGlobal" | "setGlobal" }>;

/** The place of an access, with sums of a value and a constant taken apart. */
export function accessOf(instr: Accessing, definitions: ReadonlyMap<Value, Instr>): Access {
  if (instr.kind === "getGlobal" || instr.kind === "setGlobal") return globalAccess(instr.index);
  let base = instr.address;
  let { offset } = instr;
  const sum = definitions.get(base);
  if (sum?.kind === "op" && sum.op === "add") {
    const constant = definitions.get(sum.right);
    if (constant?.kind === "const") {
      base = sum.left;
      offset = BigInt.asIntN(64, offset + toSigned(constant.value));
    }
  }
  const key = `local ${String(base)} ${String(offset)} ${String(instr.bytes)}`;
  return { key, base, offset, bytes: instr.bytes };
}

function globalAccess(index: number): Access {
  return { key: `global ${String(index)}`, base: "globals", offset: BigInt(index * 8), bytes: 8 };
}

function areDisjoint(a: Access, b: Access): boolean {
  if (a.base !== b.base) return false;
  return a.offset + BigInt(a.bytes) <= b.offset || b.offset + BigInt(b.bytes) <= a.offset;
}

/** A version that a write makes, and what may differ from the version before; null: anything. */
interface Write {
  readonly version: Version;
  readonly written: readonly Access[] | null;
}

// What an instruction writes, by memory; absent: nothing there.
interface Writes {
  readonly local?: Write;
  readonly globals?: Write;
}

interface Origin {
  readonly before: Version;
  readonly written: readonly Access[] | null;
}

/** Finds the versions of a function's blocks: optimistically the same on all edges, until nothing changes. */
export function memoryVersions(graph: WordGraph, effects: ReadonlyMap<string, CallEffects>): MemoryVersions {
  let next = 0;
  const newVersion = (): Version => next++;
  const writes = numberWrites(graph, effects, newVersion);
  const after = (instr: Instr, versions: Versions): Versions => {
    const write = writes.get(instr);
    if (write === undefined) return versions;
    return {
      local: write.local?.version ?? versions.local,
      globals: write.globals?.version ?? versions.globals,
    };
  };
  const { starts, ends } = blockVersions(graph, after, newVersion);
  const atStart = (label: Label): Versions => starts.get(label) ?? bug(`b${String(label)} has no versions`);
  const atEnd = (label: Label): Versions => ends.get(label) ?? bug(`b${String(label)} has no versions`);
  const origins = originsOf(graph, { writes, after, atStart });
  return {
    atStart,
    atEnd,
    after,
    lookUp: (access, start, known) => {
      let version = start;
      for (let step = 0; step < MAX_STEPS; step++) {
        const found = known(version);
        if (found !== undefined) return found;
        const origin = origins.get(version);
        if (origin?.written?.every((written) => areDisjoint(written, access)) !== true) return undefined;
        version = origin.before;
      }
      return undefined;
    },
  };
}

function numberWrites(
  graph: WordGraph,
  effects: ReadonlyMap<string, CallEffects>,
  newVersion: () => Version,
): ReadonlyMap<Instr, Writes> {
  const definitions = new Map<Value, Instr>();
  const writes = new Map<Instr, Writes>();
  const write = (written: Write["written"]): Write => ({ version: newVersion(), written });
  for (const label of graph.order) {
    for (const instr of graph.block(label).body) {
      if (instr.kind === "op" || instr.kind === "const") definitions.set(instr.dest, instr);
      if (instr.kind === "store") writes.set(instr, { local: write([accessOf(instr, definitions)]) });
      else if (instr.kind === "setGlobal")
        writes.set(instr, { globals: write([accessOf(instr, definitions)]) });
      else if (instr.kind === "foreignCall") writes.set(instr, { local: write(null) });
      else if (instr.kind === "call") writes.set(instr, callWrites(effects.get(instr.callee), write));
    }
  }
  return writes;
}

function callWrites(effects: CallEffects | undefined, write: (written: Write["written"]) => Write): Writes {
  if (effects === undefined) return { local: write(null), globals: write(null) };
  const globals = [...effects.writesGlobals].map(globalAccess);
  return {
    ...(effects.writesLocal ? { local: write(null) } : {}),
    ...(globals.length > 0 ? { globals: write(globals) } : {}),
  };
}

function blockVersions(
  graph: WordGraph,
  after: MemoryVersions["after"],
  newVersion: () => Version,
): { readonly starts: ReadonlyMap<Label, Versions>; readonly ends: ReadonlyMap<Label, Versions> } {
  const meets = new Map(graph.order.map((label) => [label, { local: newVersion(), globals: newVersion() }]));
  const starts = new Map<Label, Versions>();
  const ends = new Map<Label, Versions>();
  for (let changed = true; changed;) {
    changed = false;
    for (const label of graph.order) {
      const own = meets.get(label) ?? bug("a block without a number");
      const before = graph.predecessors(label).flatMap((p) => ends.get(p) ?? []);
      const start =
        label === graph.entry
          ? own
          : { local: meet("local", before, own), globals: meet("globals", before, own) };
      const old = starts.get(label);
      if (old?.local === start.local && old.globals === start.globals) continue;
      changed = true;
      starts.set(label, start);
      ends.set(
        label,
        graph.block(label).body.reduce((versions, instr) => after(instr, versions), start),
      );
    }
  }
  return { starts, ends };
}

// The version that all predecessors seen so far agree on, else the block's own.
function meet(memory: keyof Versions, before: readonly Versions[], own: Versions): Version {
  const [first] = before;
  const same = first !== undefined && before.every((versions) => versions[memory] === first[memory]);
  return same ? first[memory] : own[memory];
}

function originsOf(
  graph: WordGraph,
  {
    writes,
    after,
    atStart,
  }: Pick<MemoryVersions, "after" | "atStart"> & { readonly writes: ReadonlyMap<Instr, Writes> },
): ReadonlyMap<Version, Origin> {
  const origins = new Map<Version, Origin>();
  for (const label of graph.order) {
    let versions = atStart(label);
    for (const instr of graph.block(label).body) {
      const { local, globals } = writes.get(instr) ?? {};
      if (local !== undefined) origins.set(local.version, { before: versions.local, written: local.written });
      if (globals !== undefined) {
        origins.set(globals.version, { before: versions.globals, written: globals.written });
      }
      versions = after(instr, versions);
    }
  }
  return origins;
}
