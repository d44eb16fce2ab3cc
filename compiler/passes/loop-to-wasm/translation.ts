// The state of translating one LoopLang function to WebAssembly, and its smallest steps.

import type * as loop from "../../lang/loop/ast.ts";
import type { Instr } from "../../lang/wasm/ast.ts";
import { bug } from "../../source/bug.ts";
import type { Span } from "../../source/span.ts";
import { at, i64Const, localGet, localSet } from "../../target/wasm32/instructions.ts";
import type { Convention } from "../analysis/exception-conventions.ts";
import type { ModuleDraft } from "./module-draft.ts";
import { sharedLocals } from "./shared-locals.ts";

/** An enclosing `loop` or `block`: the labels that `break` and `continue` go to. */
export interface Scope {
  readonly after: string;
  readonly head: string | null;
}

/** What all functions of a program share. */
export interface ProgramContext {
  readonly program: loop.Program;
  readonly conventions: ReadonlyMap<string, Convention>;
  readonly functions: ReadonlyMap<string, loop.Function>;
  readonly draft: ModuleDraft;
  /** An optimiser of WebAssembly follows. */
  readonly isOptimised: boolean;
}

export interface Translation extends ProgramContext {
  readonly f: loop.Function;
  readonly convention: Convention;
  /** Numbers of the locals that several variables may have. */
  readonly sharedLocals: ReadonlyMap<loop.Var, number>;
  /** Innermost last. */
  readonly scopes: Scope[];
  /** Names in the order of first use, parameters too if they are used; all are `i64`. */
  readonly locals: Set<string>;
  /** Instructions of the block that is open. */
  out: Instr[];
  labels: number;
}

export function newTranslation(
  f: loop.Function,
  convention: Convention,
  context: ProgramContext,
): Translation {
  return {
    ...context,
    f,
    convention,
    sharedLocals: sharedLocals(f, context.isOptimised),
    scopes: [],
    locals: new Set(),
    out: [],
    labels: 0,
  };
}

export function emit(t: Translation, span: Span, instr: Instr): void {
  t.out.push(at(span, instr));
}

/** The instructions that `make` emits. */
export function nested(t: Translation, make: () => void): readonly Instr[] {
  const outer = t.out;
  const inner: Instr[] = [];
  t.out = inner;
  make();
  t.out = outer;
  return inner;
}

/** As LoopLang's text form writes it. */
export function variableName(v: loop.Var, f: loop.Function): string {
  return `${f.names.get(v) ?? ""}%${String(v)}`;
}

/** The local of a variable. */
export function variable(v: loop.Var, t: Translation): string {
  const number = t.sharedLocals.get(v);
  return scratch(number === undefined ? variableName(v, t.f) : `shared.${String(number)}`, t);
}

/** A local for values of our own; without `%`, so that it is no variable's. */
export function scratch(name: string, t: Translation): string {
  t.locals.add(name);
  return name;
}

export function operand(o: loop.Operand, t: Translation): Instr {
  return o.kind === "const" ? i64Const(o.value) : localGet(variable(o.var, t));
}

export function operands(list: readonly loop.Operand[], t: Translation): readonly Instr[] {
  return list.map((o) => operand(o, t));
}

export function assign(dest: loop.Var, value: Instr, t: Translation, span: Span): void {
  emit(t, span, localSet(variable(dest, t), value));
}

export function newLabel(word: string, t: Translation): string {
  return `${word}.${String(t.labels++)}`;
}

/** The scope that a `break` or `continue` names. */
export function scopeAt(depth: number, t: Translation): Scope {
  return t.scopes.at(-1 - depth) ?? bug(`no scope at depth ${String(depth)} in ${t.f.name}`);
}
