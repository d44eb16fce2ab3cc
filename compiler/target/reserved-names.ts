// Names that exported functions cannot have, because the environment gives them to something else.
// Relies on environment.ts; the words for owners are those of diagnostic L0206.

import type * as lab from "../lang/lab/ast.ts";
import type { CompileOptions } from "../options.ts";
import { diagnose, type Diagnostic } from "../source/diagnostic.ts";
import { environmentOf, SYMBOLS } from "./environment.ts";

const cakeNames = [
  "cml_main",
  "cml_heap",
  "cml_stack",
  "cml_stackend",
  "cml_exit",
  "cml_err",
  "cake_bitmaps_buffer_begin",
  "cake_bitmaps_buffer_end",
  "cake_codebuffer_begin",
  "cake_codebuffer_end",
];

/** The taken names with the words for who has them. */
export function reservedNames(program: lab.Program, options: CompileOptions): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const own = options.os === "cake" ? cakeNames : Object.values(SYMBOLS);
  for (const name of own) names.set(name, "the link interface");
  for (const reason of ["uncaughtException", "stackExhausted", "unreachable"] as const) {
    names.set(environmentOf(options).trapSymbol(reason), "the start-up code");
  }
  for (const name of foreignNames(program)) names.set(`ffi${name}`, `the foreign function \`@${name}\``);
  return names;
}

/** Foreign functions that the program calls, in the order of first use. */
export function foreignNames(program: lab.Program): readonly string[] {
  const names = new Set<string>();
  for (const section of program.sections) {
    for (const line of section.lines) if (line.kind === "foreignCall") names.add(line.name);
  }
  return [...names];
}

/** One diagnostic for each exported function with a taken name. */
export function takenNames(program: lab.Program, options: CompileOptions): readonly Diagnostic[] {
  const names = reservedNames(program, options);
  return program.sections.flatMap((section) => {
    const owner = section.exported ? names.get(section.name) : undefined;
    return owner === undefined ? [] : [diagnose("L0206", section.span, { name: section.name, owner })];
  });
}
