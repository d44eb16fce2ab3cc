// Symbols of compiled Pancake programs that debuggers and fault reports read. The back end and lib/ define them
// (compiler/target/environment.ts); test/runtime/program-symbols.test.ts holds the two together. Relies on nothing.

/** First and last address of areas that source text knows as `@base`..`@top`, and of the stack. */
export const AREA_SYMBOLS = [
  { start: "pancake_heap", end: "pancake_heap_end", name: "local memory (`@base`..`@top`)" },
  { start: "pancake_stack", end: "pancake_stack_end", name: "the Pancake stack" },
] as const;

/** Why programs stop on purpose. */
export const TRAP_REASONS = ["stackExhausted", "uncaughtException", "unreachable"] as const;
export type TrapReasonName = (typeof TRAP_REASONS)[number];

/**
 * A label where programs stop is one of these followed by the reason: our own start-up code, the `cake` interface.
 * The register `scratch` of the calling convention holds the place that went there.
 */
export const TRAP_PREFIXES = ["pancake_trap_", "pancake.trap."] as const;

/** The symbol of a Pancake function is one of these followed by its name; the longer one is tried first. */
export const FUNCTION_PREFIXES = ["pancake.f_", "pancake."] as const;
