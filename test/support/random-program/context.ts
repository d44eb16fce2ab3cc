// What the generator knows while it writes: declarations of the program, variables in scope, the budget of steps.

import type { Block, Exception, Global, Shape, ShapedName, Struct } from "../../../compiler/lang/pan/ast.ts";
import { sameShape, wordCounter } from "../../../compiler/lang/pan/shape.ts";
import type { Random } from "./prng.ts";

/**
 * What a local may hold. `data`: any words, never an address. `pointer`: an aligned address among the first 32 words
 * of the arena. `counter`: data that only its loop or recursion changes.
 */
export type Role = "data" | "pointer" | "counter";

export interface Local {
  readonly name: string;
  readonly shape: Shape;
  readonly role: Role;
}

/** A function that has been planned: its signature is known, its body may not be. */
export interface Plan {
  readonly name: string;
  readonly params: readonly Local[];
  readonly result: Shape;
  /** Exceptions that calls of it may let through. */
  readonly escapes: readonly string[];
  readonly inline: boolean;
  readonly exported: boolean;
  /** Has a first parameter that bounds its recursion. */
  readonly recursive: boolean;
  /** Steps of one call at most; set when the body is there. */
  cost: number;
}

export interface Declarations {
  readonly structs: readonly Struct[];
  readonly exceptions: readonly Exception[];
  readonly globals: Global[];
  /** Shapes to choose from; at most 8 words each but the last. */
  readonly shapes: readonly Shape[];
  readonly words: (shape: Shape) => number;
}

/** The function being written. */
export interface Context {
  readonly random: Random;
  readonly program: Declarations;
  readonly plan: Plan;
  /** Functions that may be called: their bodies are done. */
  readonly callable: readonly Plan[];
  /** Innermost last; a later one hides an earlier one of the same name. */
  readonly locals: Local[];
  /** Loops around the place, and how often it runs at most. */
  readonly loops: number;
  readonly times: number;
  /** Shared by the whole function. */
  readonly budget: Budget;
}

export interface Budget {
  /** Statements still to write. */
  statements: number;
  /** Steps that one run may still take. */
  steps: number;
  nextName: number;
  selfCalls: number;
}

/** The locals that a name can reach, newest first. */
export function visibleLocals(c: Context): readonly Local[] {
  const seen = new Set<string>();
  const visible: Local[] = [];
  for (const local of [...c.locals].reverse()) {
    if (!seen.has(local.name)) visible.push(local);
    seen.add(local.name);
  }
  return visible;
}

export function localsOf(shape: Shape, roles: readonly Role[], c: Context): readonly Local[] {
  return visibleLocals(c).filter((v) => roles.includes(v.role) && sameShape(v.shape, shape));
}

/** A name for a new local: mostly fresh, sometimes one that hides another. */
export function newName(c: Context, prefix = "v"): string {
  const hideable = visibleLocals(c).filter((v) => v.role === "data");
  if (hideable.length > 2 && c.random.chance(6)) return c.random.pick(hideable).name;
  c.budget.nextName += 1;
  return `${prefix}${String(c.budget.nextName)}`;
}

/** Runs `write` in a scope of its own. */
export function inScope(c: Context, write: (inner: Context) => Block): Block {
  return write({ ...c, locals: [...c.locals] });
}

export function wordsOf(structs: readonly Struct[]): (shape: Shape) => number {
  return wordCounter(new Map(structs.map((s) => [s.name, s.fields])));
}

/** The fields of a struct shape, with the names of named ones. */
export function fieldsOf(shape: Shape, program: Declarations): readonly (Shape | ShapedName)[] {
  if (shape.kind === "struct") return shape.fields;
  if (shape.kind === "word") return [];
  return program.structs.find((s) => s.name === shape.name)?.fields ?? [];
}
