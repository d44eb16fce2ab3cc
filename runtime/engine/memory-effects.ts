// Memory expressions and stores of the effect language in translated code: probe, then touch host memory.
//
// Relies on guest-access.ts for the probe and values.ts. Guarantees: an access that cannot be made leaves before
// anything of the instruction has changed; reservations live in the hart's area, where the reference executor has them.

import type { Access, Expr, Stmt } from "../../spec/isa/effect.ts";
import { HART } from "../core/hart.ts";
import { emitProbe, LOADS, STORES } from "./guest-access.ts";
import { typeOf, type ExprWriter, type Node } from "./values.ts";
import { I32, OP } from "./wasm-emitter.ts";

export class MemoryWriter {
  private readonly writer: ExprWriter;

  constructor(writer: ExprWriter) {
    this.writer = writer;
  }

  /** Leaves the host address of the access on the stack, or leaves translated code, if not by `leave` to try again. */
  probe(e: { readonly access: Access; readonly address: Expr }, forStore: boolean, leave?: () => void): void {
    const { fn, scratch, around } = this.writer;
    const tlb = e.access.asUser === true ? around.tlbs.user : around.tlbs.own;
    emitProbe(
      { fn, scratch, tlb, missedAt: around.missedAt, leave: leave ?? ((): void => around.leaveAtMiss()) },
      {
        address: () => this.writer.wide(e.address),
        bytes: e.access.bytes,
        forStore,
        aligned: e.access.aligned,
        asUser: e.access.asUser === true,
      },
    );
  }

  // A load comes before the store, and there may be no store: so a page is not brought in for that.
  private probeToChange(e: { readonly access: Access; readonly address: Expr }): void {
    this.probe(e, true, () => this.writer.around.leave());
  }

  /** Leaves the value of a memory expression of at most 64 bits on the stack. */
  narrow(e: Node<"load" | "reserve" | "conditional" | "atomic">): void {
    switch (e.kind) {
      case "load":
        this.probe(e, false);
        this.writer.fn.memory(loadOpcode(e.access), 0);
        return;
      case "reserve":
        this.reserve(e);
        return;
      case "conditional":
        this.conditional(e);
        return;
      case "atomic":
        this.atomic(e);
        return;
    }
  }

  /** A load of at most 64 bits extended to 64, in one instruction. */
  extendedLoad(e: Node<"load">, signed: boolean): void {
    this.probe(e, false);
    const opcodes = LOADS[smallBytes(e.access)];
    this.writer.fn.memory(signed ? opcodes.signed : opcodes.unsigned, 0);
  }

  store(s: Extract<Stmt, { kind: "store" }>): void {
    const { fn } = this.writer;
    if (s.access.bytes === 16) {
      this.storePair(s);
      return;
    }
    this.probe(s, true);
    this.writer.expr(s.value);
    fn.memory(storeOpcode(s.access, s.value.width), 0);
  }

  private storePair(s: Extract<Stmt, { kind: "store" }>): void {
    const { fn, scratch } = this.writer;
    const host = scratch.take(I32);
    this.probe(s, true);
    fn.set(host);
    this.writer.pair(s.value, ({ low, high }) => {
      fn.get(host);
      low();
      fn.memory(OP.i64Store, 0);
      fn.get(host);
      high();
      fn.memory(OP.i64Store, 8);
    });
    scratch.give(host);
  }

  private reserve(e: Node<"reserve">): void {
    const { fn, scratch } = this.writer;
    const value = scratch.take(typeOf(e.width));
    this.probe(e, false);
    fn.memory(loadOpcode(e.access), 0);
    fn.set(value);
    this.toHart(HART.reservedAddress, () => this.writer.wide(e.address));
    this.toHart(HART.reservedValue, () => this.getWide(value, e.width));
    this.toHart(HART.reservedBytes, () => fn.i64(BigInt(e.access.bytes)));
    fn.get(value);
    scratch.give(value);
  }

  private conditional(e: Node<"conditional">): void {
    const { fn, scratch } = this.writer;
    const { base } = this.writer.around.hart;
    const [host, holds] = [scratch.take(I32), scratch.take(I32)];
    const width = e.access.bytes * 8;
    this.probeToChange(e);
    fn.tee(host);
    fn.memory(loadOpcode(e.access), 0);
    if (width <= 32) fn.op(OP.i64ExtendI32U);
    const same = (offset: number, emit: () => void): void => {
      fn.i32(0);
      fn.memory(OP.i64Load, base + offset);
      emit();
      fn.op(OP.i64Eq);
    };
    fn.i32(0);
    fn.memory(OP.i64Load, base + HART.reservedValue);
    fn.op(OP.i64Eq);
    same(HART.reservedAddress, () => this.writer.wide(e.address));
    fn.op(OP.i32And);
    same(HART.reservedBytes, () => fn.i64(BigInt(e.access.bytes)));
    fn.op(OP.i32And);
    fn.tee(holds);
    fn.open(OP.if);
    fn.get(host);
    this.writer.expr(e.value);
    fn.memory(storeOpcode(e.access, e.value.width), 0);
    fn.end();
    this.toHart(HART.reservedBytes, () => fn.i64(0n));
    fn.get(holds);
    scratch.give(holds);
    scratch.give(host);
  }

  private atomic(e: Node<"atomic">): void {
    const { fn, scratch } = this.writer;
    const host = scratch.take(I32);
    this.probeToChange(e);
    fn.tee(host);
    fn.memory(loadOpcode(e.access), 0);
    const old = this.writer.named(e.old, e.width).low;
    fn.set(old);
    fn.get(host);
    this.writer.expr(e.update);
    fn.memory(storeOpcode(e.access, e.width), 0);
    fn.get(old);
    scratch.give(host);
  }

  private toHart(offset: number, emit: () => void): void {
    const { fn, around } = this.writer;
    fn.i32(0);
    emit();
    fn.memory(OP.i64Store, around.hart.base + offset);
  }

  private getWide(local: number, width: number): void {
    this.writer.fn.get(local);
    if (width <= 32) this.writer.fn.op(OP.i64ExtendI32U);
  }
}

function smallBytes(access: Access): 1 | 2 | 4 | 8 {
  if (access.bytes === 16) throw new Error("an access of 16 bytes has no single value");
  return access.bytes;
}

function loadOpcode(access: Access): number {
  const { i32, unsigned } = LOADS[smallBytes(access)];
  return i32 ?? unsigned;
}

// The value's type decides: a 64-bit value may be stored in part.
function storeOpcode(access: Access, valueWidth: number): number {
  const bytes = smallBytes(access);
  if (valueWidth <= 32) return STORES[bytes];
  return { 1: OP.i64Store8, 2: OP.i64Store16, 4: OP.i64Store32, 8: OP.i64Store }[bytes];
}
