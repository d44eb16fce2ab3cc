/**
 * loop-to-wasm: LoopLang → WebAssembly.  No upstream counterpart.
 *
 * Words become `i64` locals, structured control stays what it is. Globals are WebAssembly globals, so that no address
 * reaches them; results of several words are multi-value results; tail calls are `return_call`. Exceptions are a
 * status in front of the results, as in loop-to-word: measured against WebAssembly's own in spec/abi/wasm32.md.
 *
 * Needs:       L1 to L10.
 * Establishes: a module that validates, within the limits of engines as far as target/wasm32/module-problems.ts has checked.
 * Keeps:       order of accesses, calls and events; spans; names of functions and variables.
 * Cost:        linear in the program, plus sorting each function's variables.
 */

import { WORD_BYTES } from "../../spec/abi/internal-calls.ts";
import { WASM_EXPORTS, WASM_HEAP_BASE, WASM_MAX_PAGES, WASM_PAGE_BYTES } from "../../spec/abi/wasm32.ts";
import type * as loop from "../lang/loop/ast.ts";
import type * as wasm from "../lang/wasm/ast.ts";
import { bug } from "../source/bug.ts";
import { leaves, unreachable } from "../target/wasm32/instructions.ts";
import { conventions, type Convention } from "./analysis/exception-conventions.ts";
import { ModuleDraft } from "./loop-to-wasm/module-draft.ts";
import { globalName, translateBlock } from "./loop-to-wasm/statements.ts";
import { emit, newTranslation, variableName, type ProgramContext } from "./loop-to-wasm/translation.ts";
import type { PassContext } from "./pass.ts";

export function loopToWasm(program: loop.Program, { options }: PassContext): wasm.Module {
  const heapBytes = BigInt(Math.ceil(options.heapBytes / WORD_BYTES) * WORD_BYTES);
  const draft = new ModuleDraft(heapBytes);
  const table = conventions(program);
  const functions = new Map(program.functions.map((f) => [f.name, f]));
  const isOptimised = options.optimise > 0;
  const context: ProgramContext = { program, conventions: table, functions, draft, isOptimised };
  const translated = program.functions.flatMap((f) =>
    translateFunction(f, table.get(f.name) ?? bug(`no convention for ${f.name}`), context),
  );
  const pages = Number((WASM_HEAP_BASE + heapBytes + BigInt(WASM_PAGE_BYTES - 1)) / BigInt(WASM_PAGE_BYTES));
  return {
    imports: draft.imports,
    memory: { exported: WASM_EXPORTS.memory, pages, maxPages: WASM_MAX_PAGES },
    globals: [...places(heapBytes), ...programGlobals(program), ...draft.payloadGlobals],
    functions: [...translated, ...draft.functions],
    entry: program.entry,
  };
}

function places(heapBytes: bigint): readonly wasm.Global[] {
  return [
    { name: WASM_EXPORTS.heap, value: WASM_HEAP_BASE },
    { name: WASM_EXPORTS.heapEnd, value: WASM_HEAP_BASE + heapBytes },
  ].map((place) => ({ ...place, mutable: false, exported: place.name }));
}

function programGlobals(program: loop.Program): readonly wasm.Global[] {
  return Array.from({ length: program.globalWords }, (_, i) => ({
    name: globalName(i),
    mutable: true,
    value: 0n,
    exported: null,
  }));
}

function translateFunction(
  f: loop.Function,
  convention: Convention,
  context: ProgramContext,
): readonly wasm.Function[] {
  if (convention.kind !== "wrapped") return [translateOne(f, convention, context)];
  const { escapes, inner } = convention;
  const args = f.params.map((v) => ({ kind: "var", var: v }) as const);
  const face: loop.Function = { ...f, body: [{ kind: "tailCall", callee: f.name, args, span: f.span }] };
  return [
    translateOne(face, { kind: "trap", escapes }, context),
    translateOne({ ...f, name: inner, exported: false }, { kind: "status", escapes }, context),
  ];
}

function translateOne(f: loop.Function, convention: Convention, context: ProgramContext): wasm.Function {
  const t = newTranslation(f, convention, context);
  translateBlock(f.body, t);
  // Only a loop that never ends gets here (rule of LoopLang: every path leaves the function).
  if (!leaves(t.out.at(-1))) emit(t, f.span, unreachable());
  const params = f.params.map((v) => variableName(v, f));
  const isParam = new Set(params);
  const words = f.resultWords + (convention.kind === "status" ? 1 : 0);
  return {
    name: f.name,
    exports: [
      ...(f.name === context.program.entry ? [WASM_EXPORTS.entry] : []),
      ...(f.exported ? [f.name] : []),
    ],
    params: params.map((name) => ({ name, type: "i64" })),
    results: Array.from({ length: words }, () => "i64"),
    locals: [...t.locals].filter((name) => !isParam.has(name)).map((name) => ({ name, type: "i64" })),
    body: t.out,
    span: f.span,
  };
}
