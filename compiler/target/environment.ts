// What a program finds around it, by operating system: where `@base`, `@top`, globals and the stack limit are, and how
// foreign functions are reached. Prose: spec/abi/object.md. Relies on options.ts.
//
// Names with a dot are local to their file and cannot clash with names of users, which never have one.

import { bug } from "../source/bug.ts";
import type { CompileOptions, OsName } from "../options.ts";
import type { Place } from "../lang/stack/ast.ts";
import type { TrapReason } from "../lang/trap-reason.ts";

/** How a place's address is found. */
export type PlaceAddress =
  /** The address of `symbol`. */
  | { readonly kind: "symbol"; readonly symbol: string }
  /** The word at `symbol`, set by C before the program starts; `mask` rounds it down. */
  | { readonly kind: "pointer"; readonly symbol: string; readonly mask: bigint | null };

export interface Environment {
  readonly places: Readonly<Record<Place, PlaceAddress>>;
  /** Our symbol for a function of the program. */
  functionSymbol(name: string): string;
  /** Where a function goes that cannot go on, with its own place in the convention's scratch register. */
  trapSymbol(reason: TrapReason): string;
  /** The symbol that a foreign call of `@name` calls. */
  foreignSymbol(name: string): string;
  /** A global symbol for the program's entry; null if the environment reaches it in another way. */
  readonly entrySymbol: string | null;
  /** True: an exported function's symbol is the function itself. False: a stub made elsewhere has that name. */
  readonly exportsDirectly: boolean;
}

/** Symbols that our objects define or need. Those without a dot are for C and assembly. */
export const SYMBOLS = {
  /** The function that runs the initialisers and `main`, and returns main's value (C calling convention). */
  entry: "pancake_main",
  heap: "pancake_heap",
  heapEnd: "pancake_heap_end",
  /** One word: the lowest stack pointer that a function may establish. 0 means no limit. */
  stackLimit: "pancake_stack_limit",
  stack: "pancake_stack",
  /** The lowest stack pointer that start-up code allows. */
  stackFloor: "pancake_stack_floor",
  stackEnd: "pancake_stack_end",
  globals: "pancake.globals",
  start: "_start",
} as const;

/** `name` with every character that assembly text cannot hold written as `$` and its code in hexadecimal. */
export function symbolName(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9_.]/gu, (c) => `$${(c.codePointAt(0) ?? 0).toString(16)}`);
}

const symbol = (name: string): PlaceAddress => ({ kind: "symbol", symbol: name });

const direct: Environment = {
  places: {
    heapBase: symbol(SYMBOLS.heap),
    heapTop: symbol(SYMBOLS.heapEnd),
    globals: symbol(SYMBOLS.globals),
    stackLimit: symbol(SYMBOLS.stackLimit),
  },
  functionSymbol: (name) => `pancake.${symbolName(name)}`,
  trapSymbol: (reason) => `pancake_trap_${reason}`,
  foreignSymbol: (name) => `ffi${name}`,
  entrySymbol: SYMBOLS.entry,
  exportsDirectly: true,
};

// The link interface of `cake --pancake`: C provides memory through three pointers (reference-compiler.md, 4).
const cake: Environment = {
  places: {
    heapBase: { kind: "pointer", symbol: "cml_heap", mask: null },
    heapTop: { kind: "pointer", symbol: "cml_stack", mask: -8n },
    globals: symbol(SYMBOLS.globals),
    stackLimit: symbol("pancake.stack_limit"),
  },
  // `f_`: the text goes through the C preprocessor, where a macro may have the name of a function of ours.
  functionSymbol: (name) => `pancake.f_${symbolName(name)}`,
  trapSymbol: (reason) => `pancake.trap.${reason}`,
  foreignSymbol: (name) => `pancake.ffi_${name}`,
  entrySymbol: null,
  exportsDirectly: false,
};

const environments: Readonly<Partial<Record<OsName, Environment>>> = { linux: direct, none: direct, cake };

/** The environment of a compilation. */
export function environmentOf(options: Pick<CompileOptions, "os">): Environment {
  return environments[options.os] ?? bug(`no environment for --os ${options.os} yet`);
}
