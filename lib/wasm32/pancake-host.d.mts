// Types of pancake-host.mjs.

/** What a program is connected to; what is left out is not there. */
export interface ProgramHost {
  /** Up to `maxBytes` of standard input, at least one byte unless it has ended. */
  readonly readInput?: (maxBytes: number) => Uint8Array;
  readonly writeOutput?: (stream: "stdout" | "stderr", bytes: Uint8Array) => unknown;
  /** Foreign functions by name without the `@`; they get the four words and the memory. */
  readonly foreign?: Readonly<Record<string, (words: readonly bigint[], memory: WebAssembly.Memory) => void>>;
  /** Shared accesses outside of the memory, or not aligned. Null and false: there is nothing. */
  readonly sharedLoad?: (bytes: 1 | 2 | 4 | 8, address: bigint) => bigint | null;
  readonly sharedStore?: (bytes: 1 | 2 | 4 | 8, address: bigint, value: bigint) => boolean;
}

export interface SourcePlace {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** The function that was written there. */
  readonly function: string | null;
}

export interface ProgramFrame {
  /** The function as it was written. */
  readonly function: string;
  /** The function of the module whose code it has become part of; null: it has code of its own. */
  readonly inlinedInto: string | null;
  /** In the module's bytes. */
  readonly offset: number;
  readonly place: SourcePlace | null;
}

export type FaultName =
  | "load"
  | "store"
  | "sharedLoad"
  | "sharedStore"
  | "uncaughtException"
  | "stackExhausted"
  /** Any other trap of WebAssembly. */
  | "trap";

export interface ProgramFaultEnding {
  readonly kind: "fault";
  readonly fault: FaultName;
  readonly address: bigint | null;
  readonly bytes: 1 | 2 | 4 | 8 | null;
  readonly message: string;
  /** Innermost first. */
  readonly frames: readonly ProgramFrame[];
}

export type ProgramEnding = { readonly kind: "exit"; readonly code: number } | ProgramFaultEnding;

export interface Program {
  readonly instance: WebAssembly.Instance;
  readonly memory: WebAssembly.Memory;
  /** Runs the initialisers and `main`; the code is main's result, or that of `@exit`, modulo 256. */
  readonly run: () => ProgramEnding;
  /** Calls an exported function; after `run`. */
  readonly call: (
    name: string,
    args: readonly bigint[],
  ) => ProgramEnding | { readonly kind: "returned"; readonly value: bigint };
}

export class PancakeFault extends Error {
  readonly fault: FaultName;
  readonly address: bigint | null;
  readonly bytes: 1 | 2 | 4 | 8 | null;
  constructor(fault: FaultName, address?: bigint | null, bytes?: 1 | 2 | 4 | 8 | null);
}

/** Compiles and instantiates a module from its bytes; throws WebAssembly's errors for what is no module of ours. */
export function loadProgram(bytes: Uint8Array, host?: ProgramHost): Promise<Program>;
export function loadProgramSync(bytes: Uint8Array, host?: ProgramHost): Program;

/** From offsets in a module to places in its source. */
export function sourcePlaces(module: WebAssembly.Module): (offset: number) => SourcePlace | null;
