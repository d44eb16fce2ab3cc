// Names that occur in a program, and new names that clash with none of them.

import { operandsOf } from "./operands.ts";
import { blocksOf } from "../syntax/tree-walk.ts";
import type { Block, Declaration, Exp, Program } from "../syntax/tree.ts";

/**
 * Makes names `prefix_1`, `prefix_2`, ... that are not the name of any variable, function, struct, field, exception
 * or constant of `program`, whatever its scope. Looks at the program at the first call only.
 */
export function freshNames(program: Program): (prefix: string) => string {
  let taken: Set<string> | null = null;
  const next = new Map<string, number>();
  return (prefix) => {
    taken ??= declaredNames(program);
    for (let number = next.get(prefix) ?? 1; ; number++) {
      const name = `${prefix}_${String(number)}`;
      if (taken.has(name)) continue;
      next.set(prefix, number + 1);
      taken.add(name);
      return name;
    }
  };
}

/** Every name that a declaration, parameter, local or field of `program` introduces, and every word in its annotations. */
function declaredNames(program: Program): Set<string> {
  const names = new Set<string>();
  for (const declaration of program.declarations) addDeclaration(declaration, names);
  return names;
}

function addDeclaration(declaration: Declaration, names: Set<string>): void {
  switch (declaration.kind) {
    case "function":
      names.add(declaration.name.text);
      for (const { name } of declaration.parameters) names.add(name.text);
      addBlock(declaration.body, names);
      return;
    case "global":
      names.add(declaration.variable.name.text);
      return;
    case "struct":
      for (const { name } of declaration.fields) names.add(name.text);
      names.add(declaration.name.text);
      return;
    case "exception":
    case "const":
      names.add(declaration.name.text);
      return;
    case "annotation":
      addWords(declaration.text, names);
      return;
    case "import":
    case "error":
      return;
  }
}

/** Uses need no looking at: in a checked program every used name is declared somewhere. */
function addBlock(block: Block, names: Set<string>): void {
  for (const stmt of block.statements) {
    if (stmt.kind === "var") names.add(stmt.variable.name.text);
    if (stmt.kind === "annotation") addWords(stmt.text, names);
    for (const inner of blocksOf(stmt)) addBlock(inner, names);
  }
}

function addWords(text: string, names: Set<string>): void {
  for (const [word] of text.matchAll(/[A-Za-z_]\w*/g)) names.add(word);
}

/** True if variable `name` occurs in `exp`. */
export function mentions(exp: Exp, name: string): boolean {
  return exp.kind === "name" ? exp.name === name : operandsOf(exp).some((operand) => mentions(operand, name));
}
