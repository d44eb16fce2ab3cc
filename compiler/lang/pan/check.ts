// What a PanLang program must satisfy. A violation is a mistake of the toolchain: compiler/static told the user first.
//
// P1   Names are unique: structs, fields of a struct, exceptions, globals, functions, parameters of a function.
// P2   Shapes are well formed: structs have fields; named ones are declared, in struct fields before their use.
// P3   Variables are in scope: locals by block, globals everywhere (in initialisers: only earlier ones).
// P4   Every expression has the shape that its place wants: words for operands, addresses, conditions.
// P5   `add and or xor` have two or more arguments, `sub mul` exactly two; constants are words.
// P6   Components exist; a named literal gives each field of its struct once.
// P7   Calls: the callee exists, arguments and result have its shapes; a tail call returns the caller's result shape.
// P8   Results and payloads have at most 32 words.
// P9   `break` and `continue` stand in a loop.
// P10  Every path of a function leaves it: return, tail call or raise (a loop never counts).
// P11  The entry exists and has no parameters; exported functions have at most 4 parameters; all of these are words.
// P12  Foreign calls have four word arguments.
// P13  Exceptions are declared; payloads have their shape; a handler's variable is a local of that shape.
// P14  After pan-simp: no skip, no annotation.
// P15  After pan-structs: no structs, named shapes, named literals or named fields.
// P16  After pan-globals: initialisers are zeros; only plain assignments write globals.

import { duplicates, newReport, violate, type Report, type Violation } from "../violation.ts";
import type { Function, Program, Scope, Shape, ShapedName } from "./ast.ts";
import { checkExp } from "./check-exp.ts";
import { checkBody, type FunctionContext } from "./check-stmt.ts";
import { newScopes } from "./scope.ts";
import { MAX_TRANSFER_WORDS, wordCounter, type StructTable } from "./shape.ts";
import type { Span } from "../../source/span.ts";

/** Which rules of later stages hold as well. */
export interface PanStage {
  readonly simplified?: boolean;
  readonly raw?: boolean;
  readonly plainGlobals?: boolean;
}

/** All violations, in program order; empty for a well-formed program. */
export function check(program: Program, stage: PanStage = {}): readonly Violation[] {
  const report = newReport();
  checkUnique(program, report);
  const structs = checkStructs(program, stage, report);
  checkExceptions(program, structs, report);
  checkGlobals(program, structs, { stage, report });
  checkFunctions(program, structs, { stage, report });
  checkEntry(program, report);
  return report.violations;
}

interface CheckSettings {
  readonly stage: PanStage;
  readonly report: Report;
}

function checkUnique(program: Program, report: Report): void {
  const lists: readonly (readonly [string, readonly { readonly name: string; readonly span: Span }[]])[] = [
    ["struct", program.structs],
    ["exception", program.exceptions],
    ["global", program.globals],
    ["function", program.functions],
  ];
  for (const [what, items] of lists) {
    for (const name of duplicates(items.map((item) => item.name))) {
      const again = items.findLast((item) => item.name === name);
      if (again !== undefined) violate(report, "P1", `two ${what}s named ${name}`, again.span);
    }
  }
}

function checkNames(items: readonly ShapedName[], what: string, at: CheckPlace): void {
  for (const name of duplicates(items.map((item) => item.name))) {
    violate(at.report, "P1", `two ${what}s named ${name}`, at.span);
  }
}

interface CheckPlace {
  readonly report: Report;
  readonly span: Span;
}

/** The structs whose shapes are well formed. */
function checkStructs(program: Program, stage: PanStage, report: Report): StructTable {
  const earlier = new Map<string, readonly ShapedName[]>();
  for (const s of program.structs) {
    const at = { report, span: s.span };
    if (stage.raw === true) violate(report, "P15", `struct ${s.name} after pan-structs`, s.span);
    checkNames(s.fields, "field", at);
    if (s.fields.length === 0) violate(report, "P2", `struct ${s.name} has no fields`, s.span);
    const good = s.fields.map((field) => checkShape(field.shape, earlier, at));
    if (good.every((x) => x) && !earlier.has(s.name)) earlier.set(s.name, s.fields);
  }
  return earlier;
}

function checkShape(shape: Shape, structs: StructTable, at: CheckPlace): boolean {
  switch (shape.kind) {
    case "word":
      return true;
    case "named":
      if (structs.has(shape.name)) return true;
      violate(at.report, "P2", `struct ${shape.name} is not declared`, at.span);
      return false;
    case "struct":
      if (shape.fields.length > 0) return shape.fields.map((f) => checkShape(f, structs, at)).every((x) => x);
      violate(at.report, "P2", "a struct shape without components", at.span);
      return false;
  }
}

/** P2 and P8 of a result or payload. */
function checkTransfer(shape: Shape, structs: StructTable, at: CheckPlace): void {
  if (!checkShape(shape, structs, at)) return;
  const words = wordCounter(structs)(shape);
  if (words > MAX_TRANSFER_WORDS) violate(at.report, "P8", `${String(words)} words, at most 32`, at.span);
}

function checkExceptions(program: Program, structs: StructTable, report: Report): void {
  for (const e of program.exceptions) checkTransfer(e.shape, structs, { report, span: e.span });
}

function checkGlobals(program: Program, structs: StructTable, { stage, report }: CheckSettings): void {
  const earlier = new Map<string, Shape>();
  for (const g of program.globals) {
    checkShape(g.shape, structs, { report, span: g.span });
    const variable = (scope: Scope, name: string): Shape | undefined =>
      scope === "global" ? earlier.get(name) : undefined;
    checkExp(g.value, g.shape, { report, structs, variable, raw: stage.raw === true });
    if (stage.plainGlobals === true && !isZero(g.value)) {
      violate(report, "P16", `initialiser of ${g.name} after pan-globals`, g.span);
    }
    earlier.set(g.name, g.shape);
  }
}

function isZero(e: Program["globals"][number]["value"]): boolean {
  if (e.kind === "rawStruct") return e.fields.every(isZero);
  if (e.kind === "namedStruct") return e.fields.every((f) => isZero(f.value));
  return e.kind === "const" && e.value === 0n;
}

function checkFunctions(program: Program, structs: StructTable, { stage, report }: CheckSettings): void {
  const functions = new Map(program.functions.map((f) => [f.name, f]));
  const exceptions = new Map(program.exceptions.map((e) => [e.name, e.shape]));
  const globals = new Map(program.globals.map((g) => [g.name, g.shape]));
  for (const f of program.functions) {
    report.function = f.name;
    const at = { report, span: f.span };
    checkNames(f.params, "parameter", at);
    checkTransfer(f.result, structs, at);
    const locals = newScopes<Shape>();
    for (const p of f.params) if (checkShape(p.shape, structs, at)) locals.declare(p.name, p.shape);
    if (f.exported) checkExported(f, report);
    const variable = (scope: Scope, name: string): Shape | undefined =>
      scope === "global" ? globals.get(name) : locals.lookup(name);
    const exps = { report, structs, variable, raw: stage.raw === true };
    const shape = (s: Shape, span: Span): boolean => checkShape(s, structs, { report, span });
    const context: FunctionContext = {
      function: f,
      functions,
      exceptions,
      locals,
      exps,
      shape,
      stage,
      report,
    };
    if (!checkBody(f.body, context)) violate(report, "P10", "a path does not leave the function", f.span);
  }
  report.function = null;
}

function checkExported(f: Function, report: Report): void {
  if (f.params.length > 4) violate(report, "P11", "an exported function has more than 4 parameters", f.span);
  if (f.params.some((p) => p.shape.kind !== "word") || f.result.kind !== "word") {
    violate(report, "P11", "an exported function takes or returns a struct", f.span);
  }
}

function checkEntry(program: Program, report: Report): void {
  const entry = program.functions.find((f) => f.name === program.entry);
  if (entry === undefined) {
    violate(report, "P11", `entry ${program.entry} does not exist`, { start: 0, end: 0 });
  } else if (entry.params.length > 0 || entry.result.kind !== "word") {
    violate(report, "P11", `entry ${entry.name} has parameters or returns a struct`, entry.span);
  }
}
