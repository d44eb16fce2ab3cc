// Symbols of compiled Pancake programs that debuggers and fault reports read. The back end and lib/ define them
// (compiler/target/environment.ts); test/runtime/program-symbols.test.ts holds the two together. Relies on nothing.

/** First and last address of areas that source text knows as `@base`..`@top`, and of the stack. */
export const AREA_SYMBOLS = [
  { start: "pancake_heap", end: "pancake_heap_end", name: "local memory (`@base`..`@top`)" },
  { start: "pancake_stack", end: "pancake_stack_end", name: "the Pancake stack" },
] as const;

/** Where programs stop on purpose, by reason. The register `scratch` of the calling convention holds the place. */
export const TRAP_SYMBOLS = {
  stackExhausted: "pancake_trap_stackExhausted",
  uncaughtException: "pancake_trap_uncaughtException",
  unreachable: "pancake_trap_unreachable",
} as const;

/** Our symbol of the Pancake function `f` is this followed by `f`. */
export const FUNCTION_PREFIX = "pancake.";
