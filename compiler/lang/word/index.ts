// WordLang in one import: types, text form, rules and meaning.

export * from "./ast.ts";
export { check } from "./check.ts";
export { evaluator } from "./eval.ts";
export { parse } from "./parse.ts";
export { print, printLines } from "./print.ts";
