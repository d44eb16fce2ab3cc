// Random WordLang programs after instruction selection, for the passes from Word to Lab.
//
// Functions in SSA form with joins, loops that end, early returns, calls with many words, tail calls, bounded
// recursion, foreign calls, local memory and globals; as many values alive as the profile asks for. One number seeds
// everything.

import type {
  Block,
  Edge,
  Function,
  Instr,
  Program,
  Terminator,
  Value,
} from "../../../compiler/lang/word/ast.ts";
import { NO_SPAN } from "../../../compiler/source/span.ts";
import type { MachineTarget } from "../../support/machine-targets.ts";
import { dialects, type Branch, type Dialect } from "./dialects.ts";

export interface Profile {
  readonly functions: number;
  /** Statements of a function, nested ones included. */
  readonly statements: number;
  /** How many of the newest values operands are chosen from. */
  readonly reach: number;
  /** Most words of arguments and of results. */
  readonly words: number;
}

/** Numbers below `n`, always the same for the same seed (mulberry32). */
export function randomNumbers(seed: number): (n: number) => number {
  let state = seed >>> 0;
  return (n) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % n;
  };
}

interface Signature {
  readonly name: string;
  readonly params: number;
  readonly results: number;
}

/** What a function is made of. */
interface Making {
  readonly random: (n: number) => number;
  readonly profile: Profile;
  readonly dialect: Dialect;
}

class FunctionMaker {
  private readonly random: (n: number) => number;
  private readonly profile: Profile;
  private readonly dialect: Dialect;
  private readonly callees: readonly Signature[];
  private readonly self: Signature;
  private readonly blocks: Block[] = [];
  private nextValue = 0;
  private nextLabel = 1;
  private budget: number;
  private open: { label: number; params: readonly Value[]; body: Instr[] };
  private scope: Value[] = [];

  constructor({ random, profile, dialect }: Making, signatures: readonly Signature[]) {
    this.random = random;
    this.profile = profile;
    this.dialect = dialect;
    const [self, ...callees] = signatures;
    if (self === undefined) throw new Error("a function needs a signature");
    this.self = self;
    this.callees = callees;
    this.budget = profile.statements;
    this.open = { label: 0, params: [], body: [] };
  }

  make(): Function {
    const params = Array.from({ length: this.self.params }, () => this.fresh());
    this.scope = [...params];
    if (this.scope.length === 0) this.constant();
    for (let n = this.random(4); n > 1; n -= 1) this.guard();
    while (this.budget > 0) this.statement(3);
    this.finish();
    return {
      name: this.self.name,
      exported: false,
      params,
      resultWords: this.self.results,
      returnsStatus: false,
      blocks: this.blocks,
      nextValue: this.nextValue,
      nextLabel: this.nextLabel,
      names: new Map(),
      span: NO_SPAN,
    };
  }

  private fresh(): Value {
    return this.nextValue++;
  }

  private label(): number {
    return this.nextLabel++;
  }

  private pick(): Value {
    const { scope } = this;
    const reach = Math.min(scope.length, this.profile.reach);
    return scope[scope.length - 1 - this.random(reach)] ?? 0;
  }

  private picks(count: number): Value[] {
    return Array.from({ length: count }, () => this.pick());
  }

  // A new value, made by what `make` says.
  private define(make: (dest: Value) => readonly Instr[] | Instr): Value {
    const dest = this.fresh();
    const made = make(dest);
    this.open.body.push(...(Array.isArray(made) ? (made as readonly Instr[]) : [made as Instr]));
    this.scope.push(dest);
    return dest;
  }

  private constant(): Value {
    const { dialect, random } = this;
    return random(4) === 0
      ? this.define((dest) => dialect.big(dest, random(1 << 20)))
      : this.define((dest) => dialect.small(dest, random(2048) - 1024));
  }

  private binary(): void {
    const { binary } = this.dialect;
    const make = binary[this.random(binary.length)];
    const [left, right] = [this.pick(), this.pick()];
    if (make !== undefined) this.define((dest) => make(dest, left, right, () => this.fresh()));
  }

  private xor(left: Value, right: Value): Value {
    return this.define((dest) => this.dialect.exclusiveOr(dest, left, right));
  }

  private increment(source: Value, by: number): Value {
    return this.define((dest) => this.dialect.increment(dest, source, by));
  }

  private close(end: Terminator): void {
    this.blocks.push({ ...this.open, end });
  }

  private begin(label: number, params: readonly Value[]): void {
    this.open = { label, params, body: [] };
    this.scope.push(...params);
  }

  private statement(depth: number): void {
    this.budget -= 1;
    const kind = this.random(depth > 0 ? 20 : 15);
    if (kind < 7) this.binary();
    else if (kind < 8) this.constant();
    else if (kind < 9) this.copy();
    else if (kind < 11) this.memory();
    else if (kind < 12) this.global();
    else if (kind < 14) this.call();
    else if (kind < 15) this.foreign();
    else if (kind < 18) this.conditional(depth);
    else this.loop(depth);
  }

  private copy(): void {
    const source = this.pick();
    this.define((dest) => this.dialect.copy(dest, source));
  }

  private memory(): void {
    const base = this.access("heapBase", 8 * this.random(8));
    if (this.random(3) === 0) this.xor(base, base);
  }

  private global(): void {
    this.access("globals", 8 * this.random(2));
  }

  private access(place: "heapBase" | "globals", offset: number): Value {
    const base = this.fresh();
    const memory = place === "globals" ? "global" : "local";
    this.open.body.push({ kind: "address", dest: base, place, span: NO_SPAN });
    if (this.random(2) === 0) this.open.body.push(this.dialect.store(this.pick(), base, offset, memory));
    else this.define((dest) => this.dialect.load(dest, base, offset, memory));
    return base;
  }

  private call(): void {
    const callee = this.callees[this.random(this.callees.length || 1)];
    if (callee === undefined) return;
    const args = this.picks(callee.params);
    const dests = Array.from({ length: callee.results }, () => this.fresh());
    this.open.body.push({ kind: "call", dests, callee: callee.name, args, span: NO_SPAN });
    this.scope.push(...dests);
  }

  private foreign(): void {
    this.open.body.push({ kind: "foreignCall", name: "out", args: this.picks(4), span: NO_SPAN });
  }

  private branch(then: Edge, otherwise: Edge): Terminator {
    const { branches } = this.dialect;
    const make = branches[this.random(branches.length)] ?? branches[0];
    if (make === undefined) throw new Error("a dialect needs branches");
    return this.branchBy(make(this.pick(), this.pick()), then, otherwise);
  }

  private branchBy({ before, ins, operands }: Branch, then: Edge, otherwise: Edge): Terminator {
    this.open.body.push(...before);
    return { kind: "machineBranch", ins, operands, then, else: otherwise, span: NO_SPAN };
  }

  private conditional(depth: number): void {
    const join = this.label();
    const joined = Array.from({ length: this.random(5) }, () => this.fresh());
    const outer = [...this.scope];
    const arm = this.label();
    const hasElse = this.random(2) === 0;
    const other = hasElse ? this.label() : join;
    this.close(
      this.branch({ label: arm, args: [] }, { label: other, args: hasElse ? [] : this.picks(joined.length) }),
    );
    for (const label of hasElse ? [arm, other] : [arm]) {
      this.scope = [...outer];
      this.begin(label, []);
      for (let n = this.random(5); n > 0 && this.budget > 0; n -= 1) this.statement(depth - 1);
      if (label === arm && this.random(6) === 0) this.leave();
      else this.close({ kind: "jump", to: { label: join, args: this.picks(joined.length) }, span: NO_SPAN });
    }
    // If an arm left the function and there is no other way in, the join is still reached by the other arm.
    this.scope = [...outer];
    this.begin(join, joined);
  }

  // A test at the start that leaves the function or goes on; sometimes the way out is shared.
  private guard(): void {
    for (let n = this.random(3); n > 0; n -= 1) this.increment(this.pick(), this.random(9));
    const [out, on] = [this.label(), this.label()];
    const ends = { label: out, args: [] };
    const goes = { label: on, args: [] };
    this.close(this.random(2) === 0 ? this.branch(ends, goes) : this.branch(goes, ends));
    const outer = [...this.scope];
    this.begin(out, []);
    if (this.random(3) === 0) this.xor(this.pick(), this.pick());
    this.leave();
    this.scope = outer;
    this.begin(on, []);
  }

  private loop(depth: number): void {
    const [header, exit] = [this.label(), this.label()];
    const carried = Array.from({ length: 1 + this.random(4) }, () => this.fresh());
    const results = Array.from({ length: this.random(3) }, () => this.fresh());
    const counter = this.fresh();
    const times = 1 + this.random(3);
    const count = this.define((dest) => this.dialect.small(dest, times));
    const initial = this.picks(carried.length);
    this.close({ kind: "jump", to: { label: header, args: [count, ...initial] }, span: NO_SPAN });
    this.begin(header, [counter, ...carried]);
    const outer = [...this.scope];
    for (let n = 1 + this.random(5); n > 0 && this.budget > 0; n -= 1) this.statement(depth - 1);
    const less = this.increment(counter, -1);
    const again: Edge = { label: header, args: [less, ...this.picks(carried.length)] };
    const leave: Edge = { label: exit, args: this.picks(results.length) };
    this.close(this.branchBy(this.dialect.notZero(less), again, leave));
    this.scope = this.random(2) === 0 ? outer : this.scope;
    this.begin(exit, results);
  }

  private leave(): void {
    const tail = this.callees.find((c) => c.results === this.self.results);
    if (tail !== undefined && this.random(2) === 0) {
      this.close({ kind: "tailCall", callee: tail.name, args: this.picks(tail.params), span: NO_SPAN });
    } else this.close({ kind: "return", values: this.picks(this.self.results), span: NO_SPAN });
  }

  // Makes one word of everything in scope, so that all of it lives to the end.
  private finish(): void {
    let sum = this.pick();
    for (const v of this.scope.slice(-this.profile.reach)) sum = this.xor(sum, v);
    const values = this.picks(this.self.results);
    if (values.length > 0) values[0] = sum;
    if (this.random(4) === 0) this.leave();
    else this.close({ kind: "return", values, span: NO_SPAN });
  }
}

/** A program whose entry `main` takes no words and returns one; functions call later ones only. */
export function randomProgram(seed: number, profile: Profile, target: MachineTarget): Program {
  const dialect = dialects[target];
  const random = randomNumbers(seed);
  const signatures = Array.from({ length: profile.functions }, (_, i): Signature => {
    if (i === 0) return { name: "main", params: 0, results: 1 };
    return { name: `f${String(i)}`, params: random(profile.words + 1), results: random(profile.words + 1) };
  });
  const functions = signatures.map((_, i) =>
    new FunctionMaker({ random, profile, dialect }, signatures.slice(i)).make(),
  );
  return { isa: target, functions, exceptions: [], globalWords: 2, entry: "main" };
}
