// The functions through which programs do shared accesses, one a width and direction.
//
// A shared access is an event: exactly once, in program order. In the module's own memory it is an atomic access,
// which no optimiser touches; an access elsewhere, or one that is not aligned, is the host's to answer.

import { WASM_HEAP_BASE, WASM_PAGE_BYTES } from "../../../spec/abi/wasm32.ts";
import type { Function, Instr, Signature } from "../../lang/wasm/ast.ts";
import {
  arithmetic,
  atomicLoad,
  atomicStore,
  both,
  call,
  choose,
  compare,
  extend,
  i64Const,
  isZero,
  localGet,
  memorySize,
  notGreater,
  returnValues,
  shift,
  wrap,
} from "../../target/wasm32/instructions.ts";

export interface SharedAccess {
  readonly name: string;
  /** The import for everything that is not an aligned access to the memory. */
  readonly outside: string;
  readonly kind: "load" | "store";
  readonly bytes: 1 | 2 | 4 | 8;
  readonly signature: Signature;
}

const PAGE_SHIFT = BigInt(Math.log2(WASM_PAGE_BYTES));
const ADDRESS = "address";
const VALUE = "value";

export function sharedAccessFunction(access: SharedAccess): Function {
  const { name, outside, kind, bytes, signature } = access;
  const names = kind === "load" ? [ADDRESS] : [ADDRESS, VALUE];
  const address = wrap(localGet(ADDRESS));
  const inside =
    kind === "load"
      ? [returnValues([atomicLoad(bytes, address)])]
      : [atomicStore(bytes, address, localGet(VALUE)), returnValues([])];
  const elsewhere = call(outside, names.map(localGet));
  return {
    name,
    exports: [],
    params: names.map((local) => ({ name: local, type: "i64" })),
    results: signature.results,
    locals: [],
    body: [
      choose(isInside(bytes), { then: inside, else: [] }, null),
      ...(kind === "load" ? [returnValues([elsewhere])] : [elsewhere]),
    ],
    span: null,
  };
}

function isInside(bytes: number): Instr {
  const address = localGet(ADDRESS);
  const size = shift("lsl", extend(memorySize()), i64Const(PAGE_SHIFT));
  const last = arithmetic("sub", size, i64Const(BigInt(bytes)));
  const inMemory = both(compare("notLower", address, i64Const(WASM_HEAP_BASE)), notGreater(address, last));
  const aligned = isZero(arithmetic("and", address, i64Const(BigInt(bytes - 1))));
  return bytes === 1 ? inMemory : both(inMemory, aligned);
}
