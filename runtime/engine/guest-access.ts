// A guest memory access in translated code: probe the translation table, touch host memory, or leave the region.
//
// Relies on tlb.ts for the tables' layout, missed-access.ts for what is said of an access that finds nothing there. An entry's tag is the page's guest address, so `address ^ tag` is the offset
// in the page if they match, and anything larger than the page if not; one unsigned comparison also rejects accesses
// that would cross the page's end. Guarantees: nothing was changed when the code leaves.

import { PAGE_BYTES } from "../core/ram.ts";
import type { Scratch } from "./arithmetic.ts";
import { codeOfMissed, MISSED } from "./missed-access.ts";
import { ENTRY_HOST, ENTRY_SHIFT, type TlbPlace } from "./tlb.ts";
import { I32, I64, OP, type FunctionWriter } from "./wasm-emitter.ts";

/** What a probe needs to know. */
export interface Probe {
  /** Leaves the guest address on the stack as i64. */
  address(): void;
  readonly bytes: number;
  readonly forStore: boolean;
  /** True if only multiples of `bytes` may go on. */
  readonly aligned: boolean;
  /** See Access. */
  readonly asUser: boolean;
}

export interface ProbeContext {
  readonly fn: FunctionWriter;
  readonly scratch: Scratch;
  readonly tlb: TlbPlace;
  /** Where to say which access missed (MISSED). */
  readonly missedAt: number;
  /** Emits code that leaves because of that. */
  leave(): void;
}

const PAGE_SHIFT_TO_ENTRY = 12 - ENTRY_SHIFT;

/** Leaves the host address on the stack as i32, or leaves the region. */
export function emitProbe(context: ProbeContext, probe: Probe): void {
  const { fn, scratch, tlb } = context;
  const table = probe.forStore ? tlb.writeTable : tlb.readTable;
  const [entry, offset] = [scratch.take(I32), scratch.take(I64)];
  const address = scratch.take(I64);
  probe.address();
  fn.tee(address);
  fn.i64(BigInt(PAGE_SHIFT_TO_ENTRY));
  fn.op(OP.i64ShrU);
  fn.op(OP.i32WrapI64);
  fn.i32((tlb.entries - 1) << ENTRY_SHIFT);
  fn.op(OP.i32And);
  fn.tee(entry);
  fn.memory(OP.i64Load, table);
  fn.get(address);
  fn.op(OP.i64Xor);
  fn.tee(offset);
  fn.i64(BigInt(PAGE_BYTES - probe.bytes));
  fn.op(OP.i64GtU);
  if (probe.aligned && probe.bytes > 1) {
    fn.get(address);
    fn.op(OP.i32WrapI64);
    fn.i32(probe.bytes - 1);
    fn.op(OP.i32And);
    fn.op(OP.i32Or);
  }
  fn.open(OP.if);
  fn.i32(0);
  fn.get(address);
  fn.memory(OP.i64Store, context.missedAt + MISSED.address);
  fn.i32(0);
  fn.i32(codeOfMissed(probe));
  fn.memory(OP.i32Store, context.missedAt + MISSED.code);
  context.leave();
  fn.end();
  fn.get(offset);
  fn.op(OP.i32WrapI64);
  fn.get(entry);
  fn.memory(OP.i32Load, table + ENTRY_HOST);
  fn.op(OP.i32Add);
  for (const local of [address, offset, entry]) scratch.give(local);
}

/** Load opcodes by size: as i32, as i64 unsigned, as i64 signed. */
export const LOADS = {
  1: { i32: OP.i32Load8U, unsigned: OP.i64Load8U, signed: OP.i64Load8S },
  2: { i32: OP.i32Load16U, unsigned: OP.i64Load16U, signed: OP.i64Load16S },
  4: { i32: OP.i32Load, unsigned: OP.i64Load32U, signed: OP.i64Load32S },
  8: { i32: null, unsigned: OP.i64Load, signed: OP.i64Load },
} as const;

/** Store opcodes by size, for the type that holds a value of that size. */
export const STORES = { 1: OP.i32Store8, 2: OP.i32Store16, 4: OP.i32Store, 8: OP.i64Store } as const;
