// All static rules on the surface tree: the entry of the stage.
//
// Never throws and never stops at the first mistake. Relies on the parser's promises: every `error` node has been
// reported, lists that the grammar wants are not empty, shapes have words, foreign calls have four arguments. If no error is among the diagnostics, lowering and translation to Pan cannot fail on the program.
// Cost: linear in the size of the program.

import type { Checked, Diagnostic } from "../source/diagnostic.ts";
import type { Declaration, FunctionDeclaration, Program } from "../syntax/tree.ts";
import type { Span } from "../source/span.ts";
import { complain, type BodyContext, type CheckContext, type Swallowed } from "./context.ts";
import { declareAll } from "./declarations.ts";
import { newDeclared, type FunctionInfo, type StaticInfo } from "./declared.ts";
import { MAX_NESTING, tooDeep } from "./nesting.ts";
import { checkFlow } from "./reachability.ts";
import { bind, newScope } from "./scope.ts";
import { UNKNOWN } from "./shapes.ts";
import { checkBlock } from "./statements.ts";
import { checkAddresses } from "./taint.ts";

const SUGGESTIONS = 200;

/**
 * Checks `program` against all rules of spec/lang/static.md.
 * The diagnostics are in source order; the value is complete only if none of them is an error.
 * `source` is the text that spans count in: with it, names whose declaration a syntax error swallowed are not reported.
 */
export function checkProgram(program: Program, source = ""): Checked<StaticInfo> {
  const diagnostics: Diagnostic[] = [];
  const ctx: CheckContext = {
    declared: newDeclared(),
    report: (diagnostic) => diagnostics.push(diagnostic),
    budget: { suggestions: SUGGESTIONS },
    reported: new Set(),
    swallowed: swallowedBy(program, source),
  };
  const declarations = program.declarations.map((declaration) => withinNesting(declaration, ctx));
  declareAll(declarations, ctx);
  for (const declaration of declarations) {
    if (declaration.kind === "function") checkFunction(declaration, ctx);
  }
  diagnostics.sort((a, b) => a.span.start - b.span.start || severityRank(a) - severityRank(b));
  return { value: ctx.declared, diagnostics };
}

function swallowedBy(program: Program, source: string): Swallowed {
  const wordsAt = ({ start, end }: Span): readonly string[] =>
    source.slice(start, end).match(/[A-Za-z_]\w*/g) ?? [];
  const broken = program.declarations.filter((declaration) => declaration.kind === "error");
  return { topLevel: new Set(broken.flatMap(({ span }) => wordsAt(span))), inBody: new Set(), wordsAt };
}

function severityRank(diagnostic: Diagnostic): number {
  return diagnostic.severity === "error" ? 0 : 1;
}

/** `declaration`, or an error node in its place if it is nested too deep for the walks that follow. */
function withinNesting(declaration: Declaration, ctx: CheckContext): Declaration {
  const span = tooDeep(declaration);
  if (span === null) return declaration;
  complain(ctx, "S0115", span, { with: { limit: MAX_NESTING } });
  if (declaration.kind !== "function") return { kind: "error", span: declaration.span };
  const error = { kind: "error", span: declaration.body.span } as const;
  return {
    ...declaration,
    parameters: declaration.parameters.map((parameter) => ({ ...parameter, shape: error })),
    result: error,
    body: { statements: [error], span: declaration.body.span },
  };
}

function checkFunction(fun: FunctionDeclaration, base: CheckContext): void {
  const ctx: BodyContext = {
    ...base,
    owner: ownerOf(fun, base),
    locals: newScope(),
    ended: new Map(),
    reported: new Set(),
    swallowed: { ...base.swallowed, inBody: new Set() },
  };
  const parameters = ctx.owner?.parameters ?? [];
  for (const parameter of parameters) bind(ctx.locals, parameter.name, parameter);
  checkBlock(fun.body, ctx);
  checkFlow(fun, ctx);
  checkAddresses(fun, ctx);
}

/** What is known of `fun`; a second function of the same name is checked with its own parameters, shapes unknown. */
function ownerOf(fun: FunctionDeclaration, ctx: CheckContext): FunctionInfo {
  const info = ctx.declared.functions.get(fun.name.text);
  if (info?.declaredAt === fun.name.span) return info;
  const parameters = fun.parameters.map(({ name }) => ({
    name: name.text,
    shape: UNKNOWN,
    declaredAt: name.span,
  }));
  return { name: fun.name.text, parameters, result: UNKNOWN, declaredAt: fun.name.span };
}
