// Accesses of LoopLang to memory; part of loop-to-wasm.
//
// A Pancake address has 64 bits, WebAssembly's memory 32. One comparison with the bounds of local memory covers both:
// what it lets through fits, and what it stops is a fault with the address. WebAssembly's own check costs nothing
// then (engines do it with guard pages), but it could not see the upper half, nor the page below `@base`.
// Compared and accessed is the distance from `@base`: subtracting it cancels against the `@base +` of most addresses.

import { WASM_HEAP_BASE, type WasmFault } from "../../../spec/abi/wasm32.ts";
import type { Operand, Stmt } from "../../lang/loop/ast.ts";
import type { Instr } from "../../lang/wasm/ast.ts";
import type { Span } from "../../source/span.ts";
import {
  arithmetic,
  call,
  choose,
  greater,
  i32Const,
  i64Const,
  load,
  localGet,
  localSet,
  store,
  unreachable,
  wrap,
  type MemoryPlace,
} from "../../target/wasm32/instructions.ts";
import { assign, emit, operand, operands, scratch, type Translation } from "./translation.ts";

type Access = Extract<Stmt, { readonly kind: "load" | "store" | "sharedLoad" | "sharedStore" }>;

const loadFaults = { 1: "load8", 4: "load32", 8: "load64" } as const;
const storeFaults = { 1: "store8", 4: "store32", 8: "store64" } as const;

export function translateAccess(stmt: Access, t: Translation): void {
  const { span } = stmt;
  switch (stmt.kind) {
    case "load": {
      const place = checked(stmt.address, { bytes: stmt.bytes, fault: loadFaults[stmt.bytes], span }, t);
      assign(stmt.dest, load(stmt.bytes, place), t, span);
      return;
    }
    case "store": {
      const place = checked(stmt.address, { bytes: stmt.bytes, fault: storeFaults[stmt.bytes], span }, t);
      emit(t, span, store(stmt.bytes, place, operand(stmt.value, t)));
      return;
    }
    case "sharedLoad": {
      const name = t.draft.sharedAccess("load", stmt.bytes, { usedIn: t.f.name, span });
      assign(stmt.dest, call(name, [operand(stmt.address, t)]), t, span);
      return;
    }
    case "sharedStore": {
      const name = t.draft.sharedAccess("store", stmt.bytes, { usedIn: t.f.name, span });
      emit(t, span, call(name, operands([stmt.address, stmt.value], t)));
      return;
    }
  }
}

interface LocalAccess {
  readonly bytes: 1 | 4 | 8;
  readonly fault: WasmFault;
  readonly span: Span;
}

/** Emits the check of a local access; answers its place. */
function checked(address: Operand, { bytes, fault, span }: LocalAccess, t: Translation): MemoryPlace {
  const report = t.draft.fault(fault, { usedIn: t.f.name, span });
  const base = i64Const(WASM_HEAP_BASE);
  const distance = localGet(scratch("distance", t));
  emit(t, span, localSet("distance", arithmetic("sub", operand(address, t), base)));
  const then = [call(report, [arithmetic("add", distance, base)]), unreachable()];
  emit(t, span, choose(isOutside(distance, bytes, t), { then, else: [] }, span));
  return { index: wrap(distance), offset: WASM_HEAP_BASE };
}

function isOutside(distance: Instr, bytes: number, t: Translation): Instr {
  const last = t.draft.heapBytes - BigInt(bytes);
  return last < 0n ? i32Const(1) : greater(distance, i64Const(last));
}
