// WebAssembly modules of Pancake programs: names of imports and exports, memory layout, limits of engines.
// Relies on nothing. Prose: wasm32.md. The host shim lib/wasm32/pancake-host.mjs answers to these names;
// test/wasm32/host-shim.test.ts holds the two together.

/** Modules that a program imports from. Foreign calls keep their names: `@putchar` is `putchar` of `foreign`. */
export const WASM_IMPORTS = {
  /** Foreign functions: four `i64`, no result. */
  foreign: "pancake",
  /** What a program that cannot go on calls last; see WASM_FAULTS. */
  faults: "pancake.fault",
  /** Shared accesses outside of the module's memory; see WASM_SHARED. */
  shared: "pancake.shared",
} as const;

/** What a program exports besides its exported functions, which keep their names. */
export const WASM_EXPORTS = {
  /** Runs the initialisers and `main`; no parameters, main's value as an `i64`. */
  entry: "pancake_main",
  memory: "memory",
  /** Immutable `i64` globals: `@base` and `@top`. */
  heap: "pancake_heap",
  heapEnd: "pancake_heap_end",
} as const;

export type WasmFault =
  "load8" | "load32" | "load64" | "store8" | "store32" | "store64" | "uncaughtException";

interface FaultEntry {
  readonly name: WasmFault;
  /** Bytes of the local access that left local memory; the import takes its address (`i64`). Null: takes nothing. */
  readonly bytes: 1 | 4 | 8 | null;
}

/** Functions of `WASM_IMPORTS.faults`. They do not return. */
// prettier-ignore
export const WASM_FAULTS: readonly FaultEntry[] = [
  { name: "load8",   bytes: 1 },
  { name: "load32",  bytes: 4 },
  { name: "load64",  bytes: 8 },
  { name: "store8",  bytes: 1 },
  { name: "store32", bytes: 4 },
  { name: "store64", bytes: 8 },
  { name: "uncaughtException", bytes: null },
];

/** Functions of `WASM_IMPORTS.shared`: `load` takes an address, `store` an address and a value; all are `i64`. */
export const WASM_SHARED = {
  load: { 1: "load8", 2: "load16", 4: "load32", 8: "load64" },
  store: { 1: "store8", 2: "store16", 4: "store32", 8: "store64" },
} as const;

/** The custom section that says where the source map is. */
export const SOURCE_MAP_SECTION = "sourceMappingURL";

export const WASM_PAGE_BYTES = 1 << 16;

/** `@base`. The page below it is never local memory, so that null pointers and their neighbours trap. */
export const WASM_HEAP_BASE = BigInt(WASM_PAGE_BYTES);

/** Pages that a 32-bit memory can have. */
export const WASM_MAX_PAGES = 1 << 16;

/** What every engine accepts (WebAssembly JavaScript interface, "Implementation-defined limits"). */
export const WASM_LIMITS = {
  functionBytes: 7_654_321,
  locals: 50_000,
  parameters: 1_000,
  results: 1_000,
} as const;
