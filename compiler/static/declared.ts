// What a program declares at top level, and StaticInfo: the part of it that later stages use.
//
// Structs, functions, exceptions and variables (globals and constants) are separate name spaces. While checking runs
// the maps grow (a global's initial value sees only earlier globals); afterwards they are complete.

import type { Span } from "../source/span.ts";
import type { Word } from "../lang/machine-word.ts";
import type { Shape } from "./shapes.ts";

export interface FieldInfo {
  readonly name: string;
  readonly shape: Shape;
  readonly declaredAt: Span;
}

export interface StructInfo {
  readonly name: string;
  /** In declaration order. */
  readonly fields: readonly FieldInfo[];
  readonly field: ReadonlyMap<string, FieldInfo>;
  readonly words: number;
  readonly declaredAt: Span;
}

export interface ParameterInfo {
  readonly name: string;
  readonly shape: Shape;
  readonly declaredAt: Span;
}

export interface FunctionInfo {
  readonly name: string;
  readonly parameters: readonly ParameterInfo[];
  readonly result: Shape;
  /** The name in the declaration. */
  readonly declaredAt: Span;
}

export interface GlobalInfo {
  readonly name: string;
  readonly shape: Shape;
  readonly declaredAt: Span;
}

export interface ExceptionInfo {
  readonly name: string;
  readonly shape: Shape;
  readonly declaredAt: Span;
}

export interface ConstantInfo {
  readonly name: string;
  /** null: its declaration is wrong and has been reported. */
  readonly value: Word | null;
  readonly declaredAt: Span;
}

/**
 * The declarations of a program by name. Of a name declared twice, `globals` holds the last declaration (what function
 * bodies see) and the others the first. In a program without errors every shape is known and every constant has a value.
 * Locals are not listed: a walk with scope.ts finds them (innermost local, else constant or global).
 */
export interface StaticInfo {
  readonly structs: ReadonlyMap<string, StructInfo>;
  readonly functions: ReadonlyMap<string, FunctionInfo>;
  readonly exceptions: ReadonlyMap<string, ExceptionInfo>;
  readonly globals: ReadonlyMap<string, GlobalInfo>;
  readonly constants: ReadonlyMap<string, ConstantInfo>;
}

/** StaticInfo while it is being built. */
export interface Declared extends StaticInfo {
  readonly structs: Map<string, StructInfo>;
  readonly functions: Map<string, FunctionInfo>;
  readonly exceptions: Map<string, ExceptionInfo>;
  readonly globals: Map<string, GlobalInfo>;
  readonly constants: Map<string, ConstantInfo>;
  /** Every struct and global of the file, also those not reached yet: name → where its declaration stands. */
  readonly structPlaces: Map<string, Span>;
  readonly globalPlaces: Map<string, Span>;
}

export function newDeclared(): Declared {
  return {
    structs: new Map(),
    functions: new Map(),
    exceptions: new Map(),
    globals: new Map(),
    constants: new Map(),
    structPlaces: new Map(),
    globalPlaces: new Map(),
  };
}
