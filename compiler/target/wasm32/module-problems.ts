// What can be wrong with a program only because it becomes a WebAssembly module: limits of memory and engines, names
// that the interface has taken, foreign functions that nobody provides. Facts: spec/abi/wasm32.ts.

import { HOST_CALLS } from "../../../spec/abi/host-calls.ts";
import {
  WASM_EXPORTS,
  WASM_HEAP_BASE,
  WASM_IMPORTS,
  WASM_LIMITS,
  WASM_MAX_PAGES,
  WASM_PAGE_BYTES,
} from "../../../spec/abi/wasm32.ts";
import type { Function, Module } from "../../lang/wasm/ast.ts";
import type { CompileOptions } from "../../options.ts";
import { diagnose, type Diagnostic } from "../../source/diagnostic.ts";
import { nearest } from "../../source/near-miss.ts";
import { NO_SPAN } from "../../source/span.ts";
import type { AssembledModule } from "./assemble-module.ts";
import { functionSizes } from "./module-sections.ts";

/** What the options alone show. */
export function memoryProblems(options: CompileOptions): readonly Diagnostic[] {
  const limit = WASM_MAX_PAGES * WASM_PAGE_BYTES - Number(WASM_HEAP_BASE);
  if (options.heapBytes <= limit) return [];
  return [diagnose("L0301", NO_SPAN, { heap: options.heapBytes, limit })];
}

export interface ModuleFacts {
  /** Foreign functions may come from anywhere, so that none is unknown. */
  readonly open: boolean;
  /** How messages call the program: the first source file's name. */
  readonly name: string;
}

/** What the translated program shows. */
export function moduleProblems(module: Module, { open, name }: ModuleFacts): readonly Diagnostic[] {
  return [
    ...takenNames(module),
    ...(open ? [] : unknownForeignFunctions(module, name)),
    ...module.functions.flatMap((f) => [
      ...tooMany(f, "parameters", f.params.length, WASM_LIMITS.parameters),
      ...tooMany(f, "results", f.results.length, WASM_LIMITS.results),
    ]),
  ];
}

/** What only the optimised code shows. Bytes are not made of functions that have too many locals. */
export function codeProblems(module: Module, assembled: AssembledModule): readonly Diagnostic[] {
  const named = new Map(module.functions.map((f) => [f.name, f]));
  const check = (name: string, what: string, found: number, limit: number): readonly Diagnostic[] => {
    const f = named.get(name);
    return f === undefined ? [] : tooMany(f, what, found, limit);
  };
  const { functions } = assembled;
  const locals = functions.flatMap((f) => check(f.name, "local variables", f.locals, WASM_LIMITS.locals));
  if (locals.length > 0) return locals;
  const sizes = functionSizes(assembled.binary().bytes);
  return functions.flatMap(({ name }, i) =>
    check(name, "bytes of code", sizes[i] ?? 0, WASM_LIMITS.functionBytes),
  );
}

function tooMany(f: Function, what: string, found: number, limit: number): readonly Diagnostic[] {
  if (found <= limit) return [];
  return [diagnose("L0302", f.span ?? NO_SPAN, { name: f.name, what, found, limit })];
}

function takenNames(module: Module): readonly Diagnostic[] {
  const taken = new Set<string>(Object.values(WASM_EXPORTS));
  return module.functions.flatMap((f) =>
    f.exports
      .filter((name) => taken.has(name) && !(name === WASM_EXPORTS.entry && f.name === module.entry))
      .map((name) => diagnose("L0206", f.span ?? NO_SPAN, { name, owner: "the module's interface" })),
  );
}

function unknownForeignFunctions(module: Module, program: string): readonly Diagnostic[] {
  const known = HOST_CALLS.map((call) => call.name);
  return module.imports.flatMap(({ from, usedIn, span }) => {
    if (from.module !== WASM_IMPORTS.foreign || known.includes(from.field)) return [];
    const near = nearest(from.field, new Set(known));
    const help =
      near === null
        ? "host calls are listed in spec/abi/host-calls.md; a module made with `-c` imports any function"
        : `did you mean \`@${near}\`?`;
    const parameters = { name: from.field, where: `\`${usedIn}\` of ${program}`, symbol: from.field };
    return [diagnose("L0201", span ?? NO_SPAN, parameters, { help })];
  });
}
