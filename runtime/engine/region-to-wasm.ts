// Translates a region to the body of one WebAssembly function.
//
// Relies on region.ts, control-flow.ts, effect-to-wasm.ts. Guest registers are locals: loaded at the start, the written
// ones stored at the end. Control flow is structured by dominators (N. Ramsey, "Beyond Relooper", 2022): a loop header
// is a wasm loop, a merge point is the code after a wasm block; edges that do not fit leave the region.
//
// The function answers 0 after it has set the hart's pc, or the number of a site: the instruction there must be executed
// outside, and the site says where it is and how many instructions of its block are done. `remaining` counts down and is
// tested at loop headers, so a call retires at most MAX_REGION_INSTRUCTIONS more than were allowed.

import type { Expr, RegisterRef } from "../../spec/isa/effect.ts";
import { forEachExpr, forEachStmt, stmtExprs } from "../../spec/isa/effect.ts";
import { HART, type Hart } from "../core/hart.ts";
import { PAGE_SHIFT } from "../core/ram.ts";
import { CODE_PAGE, placeOf } from "./code-pages.ts";
import { pcOf, type CodeInstruction, type PcKey } from "./code-reader.ts";
import { flowShape, type FlowShape } from "./control-flow.ts";
import { EffectWriter } from "./effect-to-wasm.ts";
import { withoutDeadFlags, type FlagBits, type LiveFlags } from "./flag-liveness.ts";
import { FlagWriter } from "./flag-writer.ts";
import { NO_CHECKS, pagesToCheck, type PageChecks } from "./page-checks.ts";
import { successorsOf, type Region, type RegionBlock, type Target } from "./region.ts";
import type { TlbPlaces } from "./tlb.ts";
import { NARROW, typeOf } from "./values.ts";
import { emitTime } from "./virtual-time.ts";
import { FunctionWriter, I32, I64, OP, type ValueType } from "./wasm-emitter.ts";

/** What translated code needs to reach. */
export interface RegionTarget {
  readonly hart: Hart;
  readonly tlbs: TlbPlaces;
  /** Byte offset in the Ram of the i32 that counts instructions still allowed. */
  readonly remainingAt: number;
  /** See EngineTables. */
  readonly budgetAt: number;
  /** See PartsOfBoard. */
  readonly clockAt: number | null;
  /** See missed-access.ts. */
  readonly missedAt: number;
  /** How to ask whether code is still where it was; null: it always is. */
  readonly pages: CheckedPages | null;
  /** Gives a new site a number above 0. */
  newSite(site: Site): number;
}

/** A place where a region leaves. */
export interface Site {
  readonly key: PcKey;
  /** Instructions of the site's block that are done and not yet counted. */
  readonly retired: number;
  /**
   * outside: one instruction is to be executed outside; missed: an access of it found no page in the tables; page: the
   * page of the code is not known where it was.
   */
  readonly reason: "outside" | "missed" | "page";
}

/** The table of code pages (code-pages.ts), and the frames of the region's pages. */
export interface CheckedPages {
  readonly tableAt: number;
  readonly frameOf: (page: number) => number;
}

/** The function for `region`; it may call the float library. */
export function translateRegion(region: Region, target: RegionTarget): FunctionWriter {
  const { blocks, shape } = withoutIrreducibleEdges(region.blocks);
  const flags = flagBits(target.hart);
  const checks = target.pages === null ? NO_CHECKS : pagesToCheck(blocks);
  const leavesFirst = (i: number): boolean =>
    shape.isLoop[i] === true || (checks.atBlock[i]?.length ?? 0) > 0;
  const live = withoutDeadFlags(blocks, { flags, leavesFirst });
  return new RegionWriter(live, flags, shape, { ...target, checks }).write();
}

// Condition flags are the files of one bit.
function flagBits(hart: Hart): FlagBits {
  const files = [...hart.places.values()].filter(({ file }) => file.width === 1 && file.count === 1);
  return new Map(files.map(({ file }, i) => [file.name, 1 << i]));
}

interface Shaped {
  readonly blocks: readonly RegionBlock[];
  readonly shape: FlowShape;
}

// Cutting edges changes dominators, so this repeats until nothing is left to cut.
function withoutIrreducibleEdges(start: readonly RegionBlock[]): Shaped {
  let blocks = start;
  for (;;) {
    const shape = flowShape(
      blocks.map((b) => successorsOf(b).flatMap((t) => (t.kind === "block" ? [t.block] : []))),
    );
    if (shape.irreducible.length === 0) return { blocks, shape };
    const cut = new Set(shape.irreducible.map((e) => `${String(e.from)}>${String(e.to)}`));
    blocks = blocks.map((block, from) => {
      const leaveIfCut = (to: Target): Target => {
        if (to.kind === "leave" || !cut.has(`${String(from)}>${String(to.block)}`)) return to;
        return { kind: "leave", key: blocks[to.block]?.key ?? 0 };
      };
      return mapTargets(block, leaveIfCut);
    });
  }
}

function mapTargets(block: RegionBlock, change: (to: Target) => Target): RegionBlock {
  const { end } = block;
  switch (end.kind) {
    case "jump":
      return { ...block, end: { ...end, to: change(end.to) } };
    case "branch":
      return { ...block, end: { ...end, taken: change(end.taken), otherwise: change(end.otherwise) } };
    case "indirect":
      return { ...block, end: { ...end, expected: end.expected.map((e) => ({ ...e, to: change(e.to) })) } };
    case "outside":
      return block;
  }
}

// The one register of a flag's file.
function flagRegister(file: string): RegisterRef {
  const none = { name: file, file, width: 1, first: 0, count: 1, special: null, names: [], aliases: {} };
  return { class: none, index: { kind: "fixed", index: 0 } };
}

interface UsedRegister {
  readonly type: ValueType;
  readonly low: number;
  /** Bits above 64 of a wide file's entry. */
  readonly high: number | null;
  readonly offset: number;
  written: boolean;
}

interface WriterTarget extends RegionTarget {
  readonly checks: PageChecks;
}

class RegionWriter {
  private readonly blocks: readonly RegionBlock[];
  private readonly shape: FlowShape;
  private readonly target: WriterTarget;
  private readonly fn = new FunctionWriter();
  private readonly registers = new Map<string, UsedRegister>();
  private readonly effects: EffectWriter;
  private readonly flags: FlagWriter;
  private readonly pc: number;
  private readonly site: number;
  private readonly remaining: number;
  // Labels of open loops and of blocks that end where a merge point starts.
  private readonly labels = new Map<number, number>();
  private exit = 0;
  // The instruction being written: its address and how many of its block came before it.
  private here = { key: 0, before: 0 };

  constructor(live: LiveFlags, flags: FlagBits, shape: FlowShape, target: WriterTarget) {
    this.blocks = live.blocks;
    this.shape = shape;
    this.target = target;
    const { fn } = this;
    this.pc = fn.local(I64);
    this.site = fn.local(I32);
    this.remaining = fn.local(I32);
    const { tlbs, hart } = target;
    this.effects = new EffectWriter({
      fn,
      tlbs,
      hart,
      readRegister: (ref, half) => {
        const { low, high } = this.registerOf(ref);
        fn.get(half === "low" ? low : (high ?? low));
      },
      writeRegister: (ref, low, high) => {
        const register = this.registerOf(ref);
        low();
        if (register.high !== null) high();
        if (register.high !== null) fn.set(register.high);
        fn.set(register.low);
      },
      outside: (e) => {
        if (e.kind !== "time") throw new Error(`${e.kind} was not specialised`);
        this.time();
      },
      leave: () => {
        this.leaveAt({ key: this.here.key, retired: this.here.before, reason: "outside" });
      },
      leaveAtMiss: () => {
        this.leaveAt({ key: this.here.key, retired: this.here.before, reason: "missed" });
      },
      missedAt: target.missedAt,
    });
    const flagLocal = (file: string): number => this.registerOf(flagRegister(file)).low;
    this.flags = new FlagWriter(live, flags, shape, { fn, effects: this.effects, flagLocal });
  }

  write(): FunctionWriter {
    const { fn } = this;
    this.collectRegisters();
    this.loadState();
    this.exit = fn.open(OP.block);
    for (const page of this.target.checks.atEntry) this.checkPage(page, this.block(0).key);
    this.tree(0);
    fn.op(OP.unreachable);
    fn.end();
    this.flags.storeAtExit();
    this.storeState();
    fn.get(this.site);
    return fn;
  }

  private time(): void {
    const { fn, target, remaining, here } = this;
    const { clockAt } = target;
    if (clockAt === null) this.leaveAt({ key: here.key, retired: here.before, reason: "outside" });
    else emitTime(fn, { ...target, clockAt }, { remaining, before: here.before });
  }

  private registerOf({ class: { file }, index: which }: RegisterRef): UsedRegister {
    if (which.kind !== "fixed") throw new Error(`register operand ${which.name} was not specialised`);
    const { index } = which;
    const name = `${file}${String(index)}`;
    const known = this.registers.get(name);
    if (known !== undefined) return known;
    const place = this.target.hart.places.get(file);
    if (place === undefined) throw new Error(`no register file ${file}`);
    const offset = this.target.hart.base + place.at + index * place.stride;
    const type = typeOf(place.file.width);
    const high = place.file.width > NARROW ? this.fn.local(I64) : null;
    const used = { type, low: this.fn.local(type), high, offset, written: false };
    this.registers.set(name, used);
    return used;
  }

  private collectRegisters(): void {
    const read = (e: Expr): void => {
      if (e.kind === "register") this.registerOf(e.register);
    };
    const visit = ({ straight, flow }: CodeInstruction): void => {
      forEachStmt(straight, (s) => {
        for (const e of stmtExprs(s)) forEachExpr(e, read);
        if (s.kind === "setRegister") this.registerOf(s.register).written = true;
      });
      if (flow.kind === "branch") forEachExpr(flow.cond, read);
    };
    this.blocks.forEach((block, i) => {
      if ((this.shape.order[i] ?? -1) >= 0) block.instructions.forEach(visit);
    });
  }

  private loadState(): void {
    const { fn } = this;
    const load = (opcode: number, local: number, offset: number): void => {
      fn.i32(0);
      fn.memory(opcode, offset);
      fn.set(local);
    };
    for (const { type, low, high, offset } of this.registers.values()) {
      load(type === I32 ? OP.i32Load : OP.i64Load, low, offset);
      if (high !== null) load(OP.i64Load, high, offset + 8);
    }
    load(OP.i32Load, this.remaining, this.target.remainingAt);
  }

  private storeState(): void {
    const { fn } = this;
    const store = (opcode: number, local: number, offset: number): void => {
      fn.i32(0);
      fn.get(local);
      fn.memory(opcode, offset);
    };
    for (const { type, low, high, offset, written } of this.registers.values()) {
      if (!written) continue;
      store(type === I32 ? OP.i32Store : OP.i64Store, low, offset);
      if (high !== null) store(OP.i64Store, high, offset + 8);
    }
    store(OP.i64Store, this.pc, this.target.hart.base + HART.pc);
    store(OP.i32Store, this.remaining, this.target.remainingAt);
  }

  // The node, everything it dominates behind it: inside a loop if it is a header, inside one block per merge point.
  private tree(node: number): void {
    const { fn, shape } = this;
    const merges = shape.mergesUnder[node] ?? [];
    const isLoop = shape.isLoop[node] === true;
    if (isLoop) {
      this.labels.set(node, fn.open(OP.loop));
      this.testBudget(this.block(node).key);
    }
    for (const page of this.target.checks.atBlock[node] ?? []) this.checkPage(page, this.block(node).key);
    for (const merge of merges) this.labels.set(merge, fn.open(OP.block));
    this.flags.startBlock(node);
    this.code(this.block(node));
    for (const merge of [...merges].reverse()) {
      fn.end();
      this.labels.delete(merge);
      this.tree(merge);
    }
    if (isLoop) {
      fn.op(OP.unreachable);
      fn.end();
      this.labels.delete(node);
    }
  }

  private block(node: number): RegionBlock {
    const block = this.blocks[node];
    if (block === undefined) throw new Error(`region has no block ${String(node)}`);
    return block;
  }

  private testBudget(key: PcKey): void {
    const { fn } = this;
    fn.get(this.remaining);
    fn.i32(0);
    fn.op(OP.i32LeS);
    fn.open(OP.if);
    this.leaveTo(key);
    fn.end();
  }

  // Leaves at `key` unless code of the page is where it was.
  private checkPage(page: number, key: PcKey): void {
    const { fn, target } = this;
    if (target.pages === null) return;
    const at = target.pages.tableAt + placeOf(page) * CODE_PAGE.bytes;
    fn.i32(0);
    fn.memory(OP.i64Load, at + CODE_PAGE.tag);
    fn.i64(BigInt.asUintN(64, BigInt(page) << BigInt(PAGE_SHIFT)));
    fn.op(OP.i64Ne);
    fn.i32(0);
    fn.memory(OP.i32Load, at + CODE_PAGE.frame);
    fn.i32(target.pages.frameOf(page));
    fn.op(OP.i32Ne);
    fn.op(OP.i32Or);
    fn.open(OP.if);
    this.leaveAt({ key, retired: 0, reason: "page" });
    fn.end();
  }

  private code(block: RegionBlock): void {
    const { effects } = this;
    const last = block.instructions.at(-1);
    block.instructions.forEach((instruction, before) => {
      this.here = { key: instruction.key, before };
      effects.instruction(this.flags.statements(instruction), (value) => {
        effects.wide(value);
        this.fn.set(this.pc);
      });
      this.flags.finishInstruction(instruction);
      if (instruction !== last || instruction.flow.kind !== "branch") effects.finish();
    });
    this.end(block, last ?? null);
  }

  private end(block: RegionBlock, last: CodeInstruction | null): void {
    const { end } = block;
    const count = block.instructions.length;
    switch (end.kind) {
      case "jump":
        this.retire(count);
        this.go(end.to);
        return;
      case "branch":
        this.retire(count);
        if (last?.flow.kind === "branch") this.branch(last.flow.cond, end);
        this.effects.finish();
        return;
      case "indirect":
        this.retire(count);
        for (const expected of end.expected) this.goIfExpected(expected);
        this.fn.branch(OP.br, this.exit);
        return;
      case "outside":
        this.leaveAt({ key: end.key, retired: count, reason: "outside" });
    }
  }

  private branch(cond: Expr, end: { readonly taken: Target; readonly otherwise: Target }): void {
    const { fn } = this;
    const { taken, otherwise } = end;
    this.effects.expr(this.flags.condition(cond));
    const direct = this.labelFor(taken);
    if (direct !== null) {
      fn.branch(OP.brIf, direct);
      this.go(otherwise);
      return;
    }
    const other = this.labelFor(otherwise);
    if (other !== null) {
      fn.op(OP.i32Eqz);
      fn.branch(OP.brIf, other);
      this.go(taken);
      return;
    }
    fn.open(OP.if);
    this.go(taken);
    fn.op(OP.else);
    this.go(otherwise);
    fn.end();
    fn.op(OP.unreachable);
  }

  private goIfExpected(expected: { readonly key: PcKey; readonly to: Target }): void {
    const { fn } = this;
    if (expected.to.kind === "leave") return;
    fn.get(this.pc);
    fn.i64(pcOf(expected.key));
    fn.op(OP.i64Eq);
    const label = this.labelFor(expected.to);
    if (label !== null) {
      fn.branch(OP.brIf, label);
      return;
    }
    fn.open(OP.if);
    this.go(expected.to);
    fn.end();
  }

  // The label that a branch to `to` can use; null if the target's code stands in place of the branch, or outside.
  private labelFor(to: Target): number | null {
    return to.kind === "block" ? (this.labels.get(to.block) ?? null) : null;
  }

  private go(to: Target): void {
    if (to.kind === "leave") {
      this.leaveTo(to.key);
      return;
    }
    const label = this.labelFor(to);
    if (label !== null) this.fn.branch(OP.br, label);
    else this.tree(to.block);
  }

  private retire(count: number): void {
    const { fn } = this;
    if (count === 0) return;
    fn.get(this.remaining);
    fn.i32(count);
    fn.op(OP.i32Sub);
    fn.set(this.remaining);
  }

  private leaveTo(key: PcKey): void {
    const { fn } = this;
    fn.i64(pcOf(key));
    fn.set(this.pc);
    fn.branch(OP.br, this.exit);
  }

  private leaveAt(site: Site): void {
    const { fn } = this;
    fn.i32(this.target.newSite(site));
    fn.set(this.site);
    fn.branch(OP.br, this.exit);
  }
}
