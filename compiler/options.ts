// What a compilation is asked for: the options that passes and back ends may look at. Defaults are said here once.

export type TargetName = "riscv64" | "arm64" | "wasm32";

/** `machine`: an instruction set, registers, object files. `structured`: control flow stays structured to the end. */
export type TargetForm = "machine" | "structured";

export const targetForms: Readonly<Record<TargetName, TargetForm>> = {
  riscv64: "machine",
  arm64: "machine",
  wasm32: "structured",
};
export type OsName = "linux" | "none" | "microkit" | "cake";

export interface CompileOptions {
  readonly target: TargetName;
  /** Extensions beyond the base (`--march`): names of spec/isa groups, lower case, e.g. `zba`. */
  readonly extensions: readonly string[];
  /** Where the program runs; `cake` is the link interface of `cake --pancake` (reference-compiler.md, 4). */
  readonly os: OsName;
  /** -O0, -O1, -O2. */
  readonly optimise: 0 | 1 | 2;
  /** Bytes of local memory (`@base` .. `@top`) and of the stack where we provide them. */
  readonly heapBytes: number;
  readonly stackBytes: number;
  /** `cake` only: `cml_main` returns to C instead of ending in `cml_exit`. */
  readonly mainReturn: boolean;
}

export const defaultOptions: CompileOptions = {
  target: "riscv64",
  extensions: [],
  os: "linux",
  optimise: 1,
  heapBytes: 1 << 20,
  stackBytes: 1 << 20,
  mainReturn: false,
};
