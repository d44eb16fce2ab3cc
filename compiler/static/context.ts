// What the checks of one program and of one body share: where mistakes go, and which names are visible.

import { diagnose, type Diagnostic, type DiagnosticDetails } from "../source/diagnostic.ts";
import type { Span } from "../source/span.ts";
import type { Name } from "../syntax/tree.ts";
import type { ConstantInfo, Declared, FunctionInfo, GlobalInfo } from "./declared.ts";
import { nearest } from "../source/near-miss.ts";
import { lookUp, type Scope } from "./scope.ts";
import { UNKNOWN, type Shape } from "./shapes.ts";

/** Collects diagnostics; a walk that only wants shapes uses a context that drops them. */
export interface CheckContext {
  readonly declared: Declared;
  readonly report: (diagnostic: Diagnostic) => void;
  /** Near-miss searches still allowed; bounds the cost of a file with thousands of unknown names. */
  readonly budget: { suggestions: number };
  /** Undeclared names already reported in this body or among the declarations; later uses are silent. */
  readonly reported: Set<string>;
  /** What syntax errors may have swallowed. */
  readonly swallowed: Swallowed;
}

/** Names that a broken declaration may have declared: at top level, and earlier in this body. */
export interface Swallowed {
  readonly topLevel: ReadonlySet<string>;
  readonly inBody: Set<string>;
  /** The words of the source at a place; none if the source is not at hand. */
  readonly wordsAt: (span: Span) => Iterable<string>;
}

export interface LocalVariable {
  readonly name: string;
  readonly shape: Shape;
  readonly declaredAt: Span;
}

/** The checks of one function body, or of one global's initial value (`owner` null). */
export interface BodyContext extends CheckContext {
  readonly owner: FunctionInfo | null;
  readonly locals: Scope<LocalVariable>;
  /** Locals whose blocks have ended: name → the last declaration. */
  readonly ended: Map<string, Span>;
}

export type Meaning =
  | { readonly kind: "local"; readonly shape: Shape; readonly declaredAt: Span }
  | { readonly kind: "global"; readonly shape: Shape; readonly declaredAt: Span; readonly info: GlobalInfo }
  | { readonly kind: "constant"; readonly declaredAt: Span; readonly info: ConstantInfo };

/** What variable name `name` means here: innermost local, else constant or global; null if nothing. */
export function meaningOf(name: string, ctx: BodyContext): Meaning | null {
  const local = lookUp(ctx.locals, name);
  if (local !== undefined) return { kind: "local", shape: local.shape, declaredAt: local.declaredAt };
  const constant = ctx.declared.constants.get(name);
  if (constant !== undefined) return { kind: "constant", declaredAt: constant.declaredAt, info: constant };
  const global = ctx.declared.globals.get(name);
  return global === undefined
    ? null
    : { kind: "global", shape: global.shape, declaredAt: global.declaredAt, info: global };
}

/** The parameters of a message and the details beside it. */
export interface Complaint extends DiagnosticDetails {
  readonly with?: Readonly<Record<string, string | number>>;
}

/** Makes diagnostic `code` and reports it. */
export function complain(ctx: CheckContext, code: string, span: Span, complaint: Complaint = {}): void {
  ctx.report(diagnose(code, span, complaint.with ?? {}, complaint));
}

/** True the first time that undeclared `what name` is met; later uses of it stay silent. */
export function isFirstReport(ctx: CheckContext, what: string, name: string): boolean {
  const key = `${what} ${name}`;
  if (ctx.reported.has(key)) return false;
  ctx.reported.add(key);
  return true;
}

/** `did you mean` details for `name`, or `otherwise` if nothing declared is near. */
export function didYouMean(
  ctx: CheckContext,
  name: string,
  candidates: Iterable<string>,
  otherwise: DiagnosticDetails = {},
): DiagnosticDetails {
  if (ctx.budget.suggestions <= 0) return otherwise;
  ctx.budget.suggestions--;
  const near = nearest(name, candidates);
  return near === null ? otherwise : { ...otherwise, help: `did you mean \`${near}\`?` };
}

/** True if a syntax error that has been reported may have swallowed the declaration of `name`. */
export function mayBeSwallowed(ctx: CheckContext, name: string): boolean {
  return ctx.swallowed.topLevel.has(name) || ctx.swallowed.inBody.has(name);
}

/** Reports an undeclared variable, once per name and body. */
export function reportUndeclared(name: string, span: Span, ctx: BodyContext): void {
  if (mayBeSwallowed(ctx, name) || !isFirstReport(ctx, "variable", name)) return;
  const later = ctx.owner === null ? ctx.declared.globalPlaces.get(name) : undefined;
  if (later !== undefined) {
    const related = [{ span: later, text: `\`${name}\` is declared here` }];
    complain(ctx, "S0016", span, { with: { name }, related });
    return;
  }
  const details = undeclaredHelp(name, ctx);
  complain(ctx, "S0001", span, { with: { name }, label: "not found in this scope", ...details });
}

function undeclaredHelp(name: string, ctx: BodyContext): DiagnosticDetails {
  const { declared, locals } = ctx;
  const fun = declared.functions.get(name);
  if (fun !== undefined) {
    const related = [{ span: fun.declaredAt, text: `\`${name}\` is a function` }];
    return { help: `call it: \`${name}(...)\`; functions are not values`, related };
  }
  const ended = ctx.ended.get(name);
  if (ended !== undefined) {
    const related = [{ span: ended, text: `a local \`${name}\` is declared here, but its block has ended` }];
    return { help: `move \`var ${name}\` in front of the block that declares it`, related };
  }
  return didYouMean(ctx, name, [
    ...locals.bindings.keys(),
    ...declared.constants.keys(),
    ...declared.globals.keys(),
  ]);
}

/** The struct `name`; `unknown` after reporting one that is not declared (yet). */
export function structNamed(name: string, span: Span, ctx: CheckContext): Shape {
  const info = ctx.declared.structs.get(name);
  if (info !== undefined) return { kind: "named", name, words: info.words };
  if (mayBeSwallowed(ctx, name) || !isFirstReport(ctx, "struct", name)) return UNKNOWN;
  const later = ctx.declared.structPlaces.get(name);
  if (later === undefined) {
    const hint = didYouMean(ctx, name, ctx.declared.structPlaces.keys());
    complain(ctx, "S0003", span, { with: { name }, ...hint });
  } else {
    const related = [{ span: later, text: `\`${name}\` is declared here` }];
    complain(ctx, "S0004", span, { with: { name }, related });
  }
  return UNKNOWN;
}

/** The function that `callee` names; null after reporting one that is not declared. */
export function functionNamed(callee: Name, ctx: BodyContext): FunctionInfo | null {
  const name = callee.text;
  const info = ctx.declared.functions.get(name);
  if (info !== undefined) return info;
  if (mayBeSwallowed(ctx, name) || !isFirstReport(ctx, "function", name)) return null;
  const variable = meaningOf(name, ctx);
  const details =
    variable === null
      ? didYouMean(ctx, name, ctx.declared.functions.keys())
      : {
          related: [{ span: variable.declaredAt, text: `\`${name}\` is a variable` }],
          help: "Pancake has no function pointers: call a function by its name",
        };
  complain(ctx, "S0002", callee.span, { with: { name }, label: "no function of this name", ...details });
  return null;
}
