// Sparse conditional constant propagation over a WordLang function (Wegman and Zadeck).
//
// Relies on W1, W2. Guarantees: a value in `constants` has that word whenever it is computed; a block that is not in
// `reachable` never runs. Operations that are Error (shift by 64 and more) have no constant result.

import { addWithCarry, arith, compare, shift, type Word } from "../../lang/machine-word.ts";
import type { Block, Edge, Function, Instr, Label, Value } from "../../lang/word/ast.ts";
import { edgesOf, forEachDef, forEachOwnEndUse, forEachUse, type Roles } from "../../lang/word/operands.ts";

export interface KnownConstants {
  readonly constants: ReadonlyMap<Value, Word>;
  readonly reachable: ReadonlySet<Label>;
}

// A value's fact: absent (nothing seen yet), a word, or VARYING.
const VARYING = null;
type Fact = Word | typeof VARYING;

interface Solving {
  readonly blocks: ReadonlyMap<Label, Block>;
  readonly roles: Roles;
  readonly facts: Map<Value, Fact>;
  readonly users: ReadonlyMap<Value, readonly User[]>;
  readonly reachable: Set<Label>;
  /** Edges that can be taken, by the block they leave and their position. */
  readonly taken: Map<Label, Set<number>>;
  readonly valueWork: Value[];
  readonly blockWork: Label[];
}

// A place that reads a value: an instruction, or the end of a block (null).
interface User {
  readonly block: Block;
  readonly instr: Instr | null;
}

export function knownConstants(f: Function, roles: Roles): KnownConstants {
  const s: Solving = {
    blocks: new Map(f.blocks.map((b) => [b.label, b])),
    roles,
    facts: new Map(f.params.map((p) => [p, VARYING])),
    users: usersOf(f, roles),
    reachable: new Set(),
    taken: new Map(),
    valueWork: [],
    blockWork: f.blocks.slice(0, 1).map((b) => b.label),
  };
  for (;;) {
    const label = s.blockWork.pop();
    if (label !== undefined) visitBlock(label, s);
    else {
      const value = s.valueWork.pop();
      if (value === undefined) break;
      for (const user of s.users.get(value) ?? []) {
        if (s.reachable.has(user.block.label)) visitUser(user, s);
      }
    }
  }
  const constants = new Map<Value, Word>();
  for (const [value, fact] of s.facts) if (fact !== VARYING) constants.set(value, fact);
  return { constants, reachable: s.reachable };
}

function usersOf(f: Function, roles: Roles): ReadonlyMap<Value, readonly User[]> {
  const users = new Map<Value, User[]>();
  for (const block of f.blocks) {
    const add = (value: Value, user: User): void => {
      const list = users.get(value);
      if (list === undefined) users.set(value, [user]);
      else list.push(user);
    };
    for (const instr of block.body) forEachUse(instr, roles, (value) => add(value, { block, instr }));
    const end = { block, instr: null };
    forEachOwnEndUse(block.end, (value) => add(value, end));
    for (const edge of edgesOf(block.end)) for (const arg of edge.args) add(arg, end);
  }
  return users;
}

function visitBlock(label: Label, s: Solving): void {
  const block = s.blocks.get(label);
  if (block === undefined || s.reachable.has(label)) return;
  s.reachable.add(label);
  for (const instr of block.body) visitInstr(instr, s);
  visitEnd(block, s);
}

function visitUser({ block, instr }: User, s: Solving): void {
  if (instr === null) visitEnd(block, s);
  else visitInstr(instr, s);
}

function setFact(value: Value, fact: Fact, s: Solving): void {
  const old = s.facts.get(value);
  if (old === fact || old === VARYING) return;
  s.facts.set(value, old === undefined ? fact : VARYING);
  s.valueWork.push(value);
}

function visitInstr(instr: Instr, s: Solving): void {
  switch (instr.kind) {
    case "const": {
      setFact(instr.dest, instr.value, s);
      return;
    }
    case "op":
    case "compare": {
      const left = s.facts.get(instr.left);
      const right = s.facts.get(instr.right);
      if (left === undefined || right === undefined) return;
      if (left === VARYING || right === VARYING) {
        setFact(instr.dest, VARYING, s);
        return;
      }
      setFact(instr.dest, foldBinary(instr, left, right), s);
      return;
    }
    case "addCarry": {
      const facts = [instr.left, instr.right, instr.carryIn].map((v) => s.facts.get(v));
      if (facts.includes(undefined)) return;
      const [left, right, carryIn] = facts;
      const known = typeof left === "bigint" && typeof right === "bigint" && typeof carryIn === "bigint";
      const result = known ? addWithCarry(left, right, carryIn) : { sum: VARYING, carry: VARYING };
      setFact(instr.sum, result.sum, s);
      setFact(instr.carry, result.carry, s);
      return;
    }
    case "address":
    case "load":
    case "store":
    case "getGlobal":
    case "setGlobal":
    case "sharedLoad":
    case "sharedStore":
    case "call":
    case "foreignCall":
    case "machine":
      forEachDef(instr, s.roles, (value) => setFact(value, VARYING, s));
  }
}

/** The operation on two words; null if it is Error. */
export function foldBinary(
  instr:
    | Pick<Extract<Instr, { kind: "op" }>, "kind" | "op">
    | Pick<Extract<Instr, { kind: "compare" }>, "kind" | "op">,
  left: Word,
  right: Word,
): Word | null {
  if (instr.kind === "compare") return compare[instr.op](left, right) ? 1n : 0n;
  switch (instr.op) {
    case "lsl":
    case "lsr":
    case "asr":
    case "ror":
      return right < 64n ? shift[instr.op](left, Number(right)) : null;
    case "add":
    case "sub":
    case "mul":
    case "and":
    case "or":
    case "xor":
      return arith[instr.op](left, right);
  }
}

function visitEnd(block: Block, s: Solving): void {
  const { end } = block;
  const edges = edgesOf(end);
  if (end.kind === "branch") {
    const left = s.facts.get(end.left);
    const right = s.facts.get(end.right);
    if (left === undefined || right === undefined) return;
    if (left !== VARYING && right !== VARYING) takeEdge(block, compare[end.op](left, right) ? 0 : 1, s);
    else edges.forEach((_, i) => takeEdge(block, i, s));
  } else edges.forEach((_, i) => takeEdge(block, i, s));
  for (const i of s.taken.get(block.label) ?? []) {
    const edge = edges[i];
    if (edge !== undefined) passArguments(edge, s);
  }
}

function takeEdge(block: Block, index: number, s: Solving): void {
  const taken = s.taken.get(block.label);
  if (taken === undefined) s.taken.set(block.label, new Set([index]));
  else taken.add(index);
  const edge = edgesOf(block.end)[index];
  if (edge !== undefined) s.blockWork.push(edge.label);
}

function passArguments(edge: Edge, s: Solving): void {
  s.blocks.get(edge.label)?.params.forEach((param, i) => {
    const fact = s.facts.get(edge.args[i] ?? -1);
    if (fact !== undefined) setFact(param, fact, s);
  });
}
