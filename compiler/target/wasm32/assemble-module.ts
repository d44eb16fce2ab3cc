// From a module's text to its bytes, by binaryen: reading, validation, optimisation, names and source map.
//
// Relies on binaryen 132, which is 15 MB and half a second to load: whoever compiles for WebAssembly loads it, nobody
// else. Its settings are global, so every call sets all that it relies on.

import type binaryenModule from "binaryen";
import type { CompileOptions } from "../../options.ts";
import { SOURCE_MAP_SECTION } from "../../../spec/abi/wasm32.ts";
import { bug } from "../../source/bug.ts";
import { SHARED_ACCESS_PREFIX } from "./function-names.ts";
import { withoutLastSection } from "./module-sections.ts";

export type Binaryen = typeof binaryenModule;

/** Loads binaryen, once in a process. */
export async function loadBinaryen(): Promise<Binaryen> {
  return (await import("binaryen")).default;
}

/** A function that has code; parameters are locals too. */
export interface AssembledFunction {
  readonly name: string;
  readonly locals: number;
}

/** The bytes, and a version 3 source map from offsets in them (columns of line 1) to Pancake. */
export interface ModuleBinary {
  readonly bytes: Uint8Array;
  readonly sourceMap: string;
}

export interface AssembledModule {
  /** In the order of the code. */
  readonly functions: readonly AssembledFunction[];
  /** Made at the first call. */
  readonly binary: () => ModuleBinary;
  readonly text: () => string;
}

// Shared accesses stay in functions of their own: inlined, their code would have no source lines.
const NO_INLINE = "no-inline";
const sharedAccessNames = `${SHARED_ACCESS_PREFIX}*`;

/**
 * binaryen's `coalesce-locals` takes time that grows with the square of a function's locals: about a second at this
 * many, more than a minute at twice as many. A module with such a function is left as our own passes made it.
 */
const MOST_OPTIMISED_LOCALS = 15_000;

/** Reads `text`, optimises it, and calls `use` with the result, which ends with the call. */
export function assembleModule<R>(
  text: string,
  settings: { readonly binaryen: Binaryen; readonly optimise: CompileOptions["optimise"] },
  use: (module: AssembledModule) => R,
): R {
  const { binaryen, optimise } = settings;
  configure(binaryen, optimise);
  const module = parsed(text, binaryen);
  try {
    module.setFeatures(features(binaryen));
    if (module.validate() !== 1) return bug("binaryen holds the module to be wrong");
    if (optimise > 0 && definedFunctions(module, binaryen).every((f) => f.locals <= MOST_OPTIMISED_LOCALS)) {
      module.runPasses([NO_INLINE]);
      module.optimize();
    }
    return use(assembled(module, binaryen));
  } finally {
    module.dispose();
  }
}

function parsed(text: string, binaryen: Binaryen): binaryenModule.Module {
  try {
    return binaryen.parseText(text);
  } catch (error) {
    // binaryen throws objects of its own.
    const message = error instanceof Object && "message" in error ? String(error.message) : String(error);
    return bug(`binaryen cannot read the module: ${message}`);
  }
}

function configure(binaryen: Binaryen, optimise: CompileOptions["optimise"]): void {
  binaryen.setOptimizeLevel(optimise);
  binaryen.setShrinkLevel(0);
  binaryen.setDebugInfo(true);
  // A trap is how a program that fails ends: it must stay.
  binaryen.setTrapsNeverHappen(false);
  binaryen.setZeroFilledMemory(false);
  binaryen.setLowMemoryUnused(false);
  binaryen.clearPassArguments();
  binaryen.setPassArgument(NO_INLINE, sharedAccessNames);
}

/** What Node 20 and current browsers have without flags, and programs of ours use. */
function features({ Features }: Binaryen): binaryenModule.Features {
  return (
    Features.MutableGlobals |
    Features.SignExt |
    Features.BulkMemory |
    Features.Multivalue |
    Features.TailCall |
    Features.Atomics
  );
}

function assembled(module: binaryenModule.Module, binaryen: Binaryen): AssembledModule {
  let made: ModuleBinary | null = null;
  return {
    functions: definedFunctions(module, binaryen),
    binary: () => (made ??= emittedBinary(module)),
    text: () => module.emitText(),
  };
}

function emittedBinary(module: binaryenModule.Module): ModuleBinary {
  const { binary, sourceMap } = module.emitBinary(SOURCE_MAP_SECTION);
  if (sourceMap === null) return bug("binaryen made no source map");
  // binaryen's section is the last one and holds what it was given; whoever writes the file knows where the map is.
  return { bytes: withoutLastSection(binary), sourceMap };
}

function definedFunctions(module: binaryenModule.Module, binaryen: Binaryen): readonly AssembledFunction[] {
  const functions: AssembledFunction[] = [];
  for (let i = 0; i < module.getNumFunctions(); i++) {
    const info = binaryen.getFunctionInfo(module.getFunctionByIndex(i));
    const locals = binaryen.expandType(info.params).length + info.vars.length;
    if (info.base === "") functions.push({ name: info.name, locals });
  }
  return functions;
}
