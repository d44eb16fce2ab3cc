// What the functions of a module turn out to need while they are translated: imports, functions of our own, globals
// that hand payloads over. Each is made at its first use, so that a module has nothing that it does not use.

import { FOREIGN_WORDS } from "../../../spec/abi/internal-calls.ts";
import { WASM_FAULTS, WASM_IMPORTS, WASM_SHARED, type WasmFault } from "../../../spec/abi/wasm32.ts";
import type { Function, Global, Import, Signature, ValueType } from "../../lang/wasm/ast.ts";
import type { Span } from "../../source/span.ts";
import { SHARED_ACCESS_PREFIX } from "../../target/wasm32/function-names.ts";
import { sharedAccessFunction } from "./shared-access.ts";

/** Who asks for something: for messages about imports that nobody provides. */
export interface Use {
  readonly usedIn: string;
  readonly span: Span;
}

export class ModuleDraft {
  /** Bytes from `@base` to `@top`. */
  readonly heapBytes: bigint;
  private readonly importsByName = new Map<string, Import>();
  private readonly sharedAccesses = new Map<string, Function>();
  private payloadCount = 0;

  constructor(heapBytes: bigint) {
    this.heapBytes = heapBytes;
  }

  get imports(): readonly Import[] {
    return [...this.importsByName.values()];
  }

  /** Functions that no source text stands for. */
  get functions(): readonly Function[] {
    return [...this.sharedAccesses.values()];
  }

  get payloadGlobals(): readonly Global[] {
    return Array.from({ length: this.payloadCount }, (_, i) => ({
      name: payloadName(i),
      mutable: true,
      value: 0n,
      exported: null,
    }));
  }

  /** The name of the import of a foreign function. */
  foreign(field: string, use: Use): string {
    const signature = { params: words(FOREIGN_WORDS), results: [] };
    return this.import(`@${field}`, { module: WASM_IMPORTS.foreign, field }, signature, use);
  }

  /** The name of the import that reports `fault`. */
  fault(fault: WasmFault, use: Use): string {
    const takesAddress = WASM_FAULTS.find((entry) => entry.name === fault)?.bytes !== null;
    const signature = { params: words(takesAddress ? 1 : 0), results: [] };
    return this.import(`fault.${fault}`, { module: WASM_IMPORTS.faults, field: fault }, signature, use);
  }

  /** The name of the function that does a shared access. */
  sharedAccess(kind: "load" | "store", bytes: 1 | 2 | 4 | 8, use: Use): string {
    const field = WASM_SHARED[kind][bytes];
    const name = SHARED_ACCESS_PREFIX + field;
    if (this.sharedAccesses.has(name)) return name;
    const outside = `outside.${field}`;
    const signature = { params: words(kind === "load" ? 1 : 2), results: words(kind === "load" ? 1 : 0) };
    this.import(outside, { module: WASM_IMPORTS.shared, field }, signature, use);
    this.sharedAccesses.set(name, sharedAccessFunction({ name, outside, kind, bytes, signature }));
    return name;
  }

  /** The global that word `index` of a payload travels in. */
  payload(index: number): string {
    this.payloadCount = Math.max(this.payloadCount, index + 1);
    return payloadName(index);
  }

  private import(name: string, from: Import["from"], signature: Signature, use: Use): string {
    if (!this.importsByName.has(name)) this.importsByName.set(name, { name, from, signature, ...use });
    return name;
  }
}

function payloadName(index: number): string {
  return `payload.${String(index)}`;
}

function words(count: number): readonly ValueType[] {
  return Array.from({ length: count }, () => "i64" as const);
}
