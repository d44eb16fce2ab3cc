// What `pancake cake` writes: a program as assembly for the link interface of `cake --pancake`.
//
// The text is the program's functions, then stubs made from the pieces in lib/cake/<isa> (README.md there).
// Interface: reference-compiler.md section 4, spec/abi/border.md. Relies on the `cake` environment.
// Guarantees: no symbol of ours that C sees but those of the interface; harmless to the C preprocessor.

import { STACK_ALIGN_BYTES } from "../../spec/abi/internal-calls.ts";
import type * as lab from "../lang/lab/ast.ts";
import type { CompileOptions } from "../options.ts";
import type { Checked } from "../source/diagnostic.ts";
import { environmentOf, type Environment } from "../target/environment.ts";
import { cakeStubs } from "../target/gen/start-up-code.ts";
import { printAssembly, type AssemblyContext } from "../target/print-assembly.ts";
import { foreignNames, takenNames } from "../target/reserved-names.ts";
import { bug } from "../source/bug.ts";
import { overflowingFunctions } from "./overflow.ts";

/** Assembles the text; `context.options.os` must be `cake`. Diagnostics: exported functions with taken names. */
export function cakeAssembly(program: lab.Program, context: AssemblyContext): Checked<string> {
  const diagnostics = takenNames(program, context.options);
  const { text } = printAssembly(program, context);
  return { value: text + stubs(program, context.options), diagnostics };
}

interface StubContext {
  readonly program: lab.Program;
  readonly options: CompileOptions;
  readonly environment: Environment;
  /** Functions under which the stack may run out while they run. */
  readonly overflowing: ReadonlySet<string>;
}

function stubs(program: lab.Program, options: CompileOptions): string {
  const context: StubContext = {
    program,
    options,
    environment: environmentOf(options),
    overflowing: overflowingFunctions(program),
  };
  const exported = options.mainReturn ? program.sections.filter((s) => s.exported) : [];
  return [
    textOf("lib/cake/data.s"),
    mainStub(context),
    ...exported.map((section) => exportStub(context, section.name)),
    ...foreignNames(program).map((name) => piece(options, "foreign", { name })),
    ...trapStubs(context),
  ].join("");
}

function textOf(path: string): string {
  return cakeStubs[path] ?? bug(`there is no ${path}`);
}

function piece(options: CompileOptions, name: string, values: Readonly<Record<string, string>> = {}): string {
  const path = `lib/cake/${options.target}/${name}.s`;
  return textOf(path).replaceAll(/\n?\{(\w+)\}/g, (whole, key: string) => {
    const value = values[key] ?? bug(`${path} needs {${key}}`);
    // A value of whole lines replaces the line that its name stands on.
    if (!whole.startsWith("\n")) return value;
    return value === "" ? "" : `\n${value.replace(/\n$/, "")}`;
  });
}

/** Bytes of the two frames (save-small.s, save-full.s). */
const FRAME_BYTES = { small: 16, full: 112 } as const;

// The frame on the C stack. `resume`: may C enter again after an overflow?
function frame(
  context: StubContext,
  name: string,
  resume: boolean,
): { readonly save: string; readonly restore: string; readonly frame: string } {
  const size = context.options.mainReturn && context.overflowing.has(name) ? "full" : "small";
  const { options } = context;
  return {
    save: piece(options, `save-${size}`, { resume: resume ? "1" : "0" }),
    restore: piece(options, `restore-${size}`),
    frame: String(FRAME_BYTES[size]),
  };
}

// With the word at the top of the stack, which keeps the alignment.
function need(context: StubContext, name: string): string {
  return String((context.program.stackNeed.get(name) ?? 0) + STACK_ALIGN_BYTES);
}

function mainStub(context: StubContext): string {
  const { program, options, environment } = context;
  const name = program.entry;
  const { save, restore, ...rest } = frame(context, name, false);
  const stop = piece(options, "stop");
  return piece(options, "main", {
    ...rest,
    save,
    need: need(context, name),
    function: environment.functionSymbol(name),
    finish: options.mainReturn
      ? piece(options, "finish-return", { restore })
      : piece(options, "finish-exit", { stop }),
    overflow: options.mainReturn ? piece(options, "overflow-main", { restore }) : stop,
  });
}

function exportStub(context: StubContext, name: string): string {
  const callee = context.environment.functionSymbol(name);
  return piece(context.options, "export", {
    ...frame(context, name, true),
    name,
    need: need(context, name),
    function: callee,
  });
}

function trapStubs(context: StubContext): readonly string[] {
  const { program, options } = context;
  const reasons = new Set(
    program.sections.flatMap((s) => s.lines.flatMap((line) => (line.kind === "trap" ? [line.reason] : []))),
  );
  return [...reasons].map((reason) => {
    if (reason !== "stackExhausted") return piece(options, "trap", { reason });
    const restore = piece(options, "restore-full");
    const overflow = options.mainReturn
      ? piece(options, "overflow-deep", { restore })
      : piece(options, "stop");
    return piece(options, "exhausted", { overflow });
  });
}
