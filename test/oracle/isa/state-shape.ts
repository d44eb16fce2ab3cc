// What an instruction does to the world around it, and register states in which its accesses and jumps go where a test
// wants them. Relies on spec/isa. Guarantees: `aim` changes only the register that the address starts from.

import { evaluateEffect, type Trap } from "../../../spec/isa/effect-eval.ts";
import type { Expr, RegisterRef } from "../../../spec/isa/effect.ts";
import { forEachExpr, forEachStmt, stmtExprs } from "../../../spec/isa/effect.ts";
import { effectOf } from "../../../spec/isa/isa.ts";
import { PlainMachine } from "../../../spec/isa/plain-machine.ts";
import type { Instruction, Isa, OperandValues } from "../../../spec/isa/schema.ts";

/** A register that an instruction reads or writes, and where a record has it. */
export interface Slot {
  readonly file: string;
  readonly index: number;
  readonly width: number;
  readonly offset: number;
  readonly bytes: 8 | 16;
}

/** All expressions of an instruction's effect. */
export function exprsOf(isa: Isa, instruction: Instruction): Expr[] {
  const list: Expr[] = [];
  forEachStmt(effectOf(isa, instruction).body, (s) => {
    for (const e of stmtExprs(s)) forEachExpr(e, (node) => list.push(node));
  });
  return list;
}

function referencesOf(isa: Isa, instruction: Instruction): RegisterRef[] {
  const list = exprsOf(isa, instruction).flatMap((e) => (e.kind === "register" ? [e.register] : []));
  forEachStmt(effectOf(isa, instruction).body, (s) => {
    if (s.kind === "setRegister") list.push(s.register);
  });
  return list;
}

// The entry of a file that a reference means; null for a register that reads as zero.
function entryOf(ref: RegisterRef, values: OperandValues): { file: string; index: number } | null {
  const index = ref.index.kind === "fixed" ? ref.index.index : (values[ref.index.name] ?? 0);
  if (ref.class.special?.index !== index) return { file: ref.class.file, index };
  return ref.class.special.file === null ? null : { file: ref.class.special.file, index: 0 };
}

/** The registers that the instruction names, each once. */
export function slotsOf(isa: Isa, instruction: Instruction, values: OperandValues): Slot[] {
  const slots = new Map<string, Slot>();
  let offset = 0;
  for (const ref of referencesOf(isa, instruction)) {
    const entry = entryOf(ref, values);
    if (entry === null || slots.has(`${entry.file}${String(entry.index)}`)) continue;
    const width = isa.files.find((f) => f.name === entry.file)?.width ?? 64;
    const bytes = width > 64 ? 16 : 8;
    slots.set(`${entry.file}${String(entry.index)}`, { ...entry, width, offset, bytes });
    offset += bytes;
  }
  return [...slots.values()];
}

/** True if two operands name one register that the instruction writes: Arm64 leaves open which value stays. */
export function writesTwice(isa: Isa, instruction: Instruction, values: OperandValues): boolean {
  const written: string[] = [];
  forEachStmt(effectOf(isa, instruction).body, (s) => {
    if (s.kind !== "setRegister" || s.register.index.kind === "fixed") return;
    const entry = entryOf(s.register, values);
    if (entry !== null) written.push(`${entry.file} ${String(entry.index)} ${s.register.index.name}`);
  });
  const names = new Set(written);
  return new Set([...names].map((name) => name.split(" ", 2).join(" "))).size < names.size;
}

/** What an instruction does besides computing. */
export interface Shape {
  /** The register that the address of its accesses starts from; null if it has none. */
  readonly base: RegisterRef | null;
  /** The register that its jump's target starts from. */
  readonly target: RegisterRef | null;
  /** The operand that is a distance from the instruction and must be chosen; null without one. */
  readonly distance: string | null;
  readonly jumps: boolean;
  /** True if what it does depends on where it stands. */
  readonly notesPc: boolean;
  readonly loadsLiteral: boolean;
  /** Bytes of an access that demands alignment; 0 for others. */
  readonly aligned: number;
  readonly conditionalBytes: number;
}

type Access = Extract<Expr, { kind: "load" | "atomic" | "reserve" | "conditional" }>;

function isAccess(e: Expr): e is Access {
  return e.kind === "load" || e.kind === "atomic" || e.kind === "reserve" || e.kind === "conditional";
}

/** Reads it from the effect. */
export function shapeOf(isa: Isa, instruction: Instruction): Shape {
  const locals = new Map<string, Expr>();
  const accesses: Pick<Access, "address" | "access">[] = exprsOf(isa, instruction).filter(isAccess);
  const targets: Expr[] = [];
  forEachStmt(effectOf(isa, instruction).body, (s) => {
    if (s.kind === "let") locals.set(s.name, s.value);
    if (s.kind === "store") accesses.push(s);
    if (s.kind === "setPc") targets.push(s.value);
  });
  const [first] = accesses;
  const nodes = exprsOf(isa, instruction);
  const base = first === undefined ? null : firstRegister(first.address, locals);
  const target = targets.at(-1) ?? null;
  const jumps = target !== null;
  const loadsLiteral = first !== undefined && base === null;
  const distance = instruction.operands.find((o) => o.kind.kind === "target" && o.kind.unit === 1);
  return {
    base,
    target: target === null ? null : firstRegister(target, locals),
    distance: (jumps || loadsLiteral) && distance !== undefined ? distance.name : null,
    jumps,
    notesPc: jumps || loadsLiteral || nodes.some((e) => e.kind === "pc" || e.kind === "nextPc"),
    loadsLiteral,
    aligned: first?.access.aligned === true ? first.access.bytes : 0,
    conditionalBytes: nodes.reduce((n, e) => (e.kind === "conditional" ? e.access.bytes : n), 0),
  };
}

function firstRegister(e: Expr, locals: ReadonlyMap<string, Expr>): RegisterRef | null {
  let found: RegisterRef | null = null;
  forEachExpr(e, (node) => {
    const local = node.kind === "local" ? locals.get(node.name) : undefined;
    if (local !== undefined) found ??= firstRegister(local, locals);
    if (node.kind === "register") found ??= node.register;
  });
  return found;
}

// Stops at the first access and says where it went.
class Probe extends PlainMachine {
  address: bigint | null = null;

  private note(address: bigint): Trap {
    this.address ??= address;
    return { kind: "trap", cause: "loadAccess", value: address };
  }

  override load(address: bigint): Trap {
    return this.note(address);
  }

  override store(address: bigint): Trap {
    return this.note(address);
  }

  override atomic(address: bigint): Trap {
    return this.note(address);
  }

  override reserve(address: bigint): Trap {
    return this.note(address);
  }

  override conditional(address: bigint): Trap {
    return this.note(address);
  }
}

/** An instruction with fixed operands. */
export interface Aimed {
  readonly instruction: Instruction;
  readonly values: OperandValues;
  readonly slots: readonly Slot[];
  readonly shape: Shape;
}

/** Where the instruction accesses memory, or jumps to, in a state. */
export function probe(isa: Isa, kernel: Aimed, state: readonly bigint[]): bigint {
  const machine = new Probe(isa.csrs);
  kernel.slots.forEach((s, i) => machine.writeReg(s.file, s.index, state[i] ?? 0n));
  const lengthBytes = kernel.instruction.encoding.bits / 8;
  const outcome = evaluateEffect(
    effectOf(isa, kernel.instruction),
    { operands: kernel.values, pc: 0n, lengthBytes },
    machine,
  );
  return machine.address ?? (outcome.kind === "next" ? outcome.pc : 0n);
}

/** The slot that a register reference means, -1 for a register that reads as zero. */
export function slotAt(kernel: Aimed, ref: RegisterRef): number {
  const entry = entryOf(ref, kernel.values);
  return kernel.slots.findIndex((s) => s.file === entry?.file && s.index === entry.index);
}

/**
 * Sets the base register so that the access goes to `wanted`; false if it cannot. Jumps by register are aimed by the
 * program itself, which knows where it is.
 */
export function aim(isa: Isa, kernel: Aimed, state: bigint[], wanted: bigint): boolean {
  const { base, target } = kernel.shape;
  if (target !== null) return slotAt(kernel, target) >= 0;
  if (base === null) return true;
  const slot = slotAt(kernel, base);
  if (slot < 0) return false;
  state[slot] = BigInt.asUintN(64, (state[slot] ?? 0n) + wanted - probe(isa, kernel, state));
  return probe(isa, kernel, state) === wanted;
}
