// The syntax of Pancake: text to surface tree and back.

export { parseUnit, type InputFile, type ParsedUnit, type ParseOptions } from "./parse-unit.ts";
export type { FileReader } from "./preprocessor/include-path.ts";
export { printDeclaration, printProgram, printStmt } from "./print.ts";
export { printExp, printShape } from "./print-exp.ts";
export { strictViolations } from "./strict.ts";
export { childrenOf, forEachExp, type Visitor } from "./tree-walk.ts";
export type * from "./tree.ts";
