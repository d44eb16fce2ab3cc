// Accesses of LoopLang to memory; part of loop-to-wasm.
//
// A Pancake address has 64 bits, WebAssembly's memory 32. One comparison with the bounds of local memory covers both:
// what it lets through fits, and what it stops is a fault with the address. WebAssembly's own check costs nothing
// then (engines do it with guard pages), but it could not see the upper half, nor the page below `@base`.

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
  store,
  unreachable,
  wrap,
} from "../../target/wasm32/instructions.ts";
import { assign, emit, operand, operands, type Translation } from "./translation.ts";

type Access = Extract<Stmt, { readonly kind: "load" | "store" | "sharedLoad" | "sharedStore" }>;

const loadFaults = { 1: "load8", 4: "load32", 8: "load64" } as const;
const storeFaults = { 1: "store8", 4: "store32", 8: "store64" } as const;

export function translateAccess(stmt: Access, t: Translation): void {
  const { span } = stmt;
  switch (stmt.kind) {
    case "load": {
      const address = checked(stmt.address, { bytes: stmt.bytes, fault: loadFaults[stmt.bytes], span }, t);
      assign(stmt.dest, load(stmt.bytes, address), t, span);
      return;
    }
    case "store": {
      const address = checked(stmt.address, { bytes: stmt.bytes, fault: storeFaults[stmt.bytes], span }, t);
      emit(t, span, store(stmt.bytes, address, operand(stmt.value, t)));
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

/** Emits the check of a local access; answers its address as an `i32`. */
function checked(address: Operand, { bytes, fault, span }: LocalAccess, t: Translation): Instr {
  const report = t.draft.fault(fault, { usedIn: t.f.name, span });
  const then = [call(report, [operand(address, t)]), unreachable()];
  emit(t, span, choose(isOutside(operand(address, t), bytes, t), { then, else: [] }, span));
  return wrap(operand(address, t));
}

function isOutside(address: Instr, bytes: number, t: Translation): Instr {
  const last = t.draft.heapBytes - BigInt(bytes);
  if (last < 0n) return i32Const(1);
  return greater(arithmetic("sub", address, i64Const(WASM_HEAP_BASE)), i64Const(last));
}
