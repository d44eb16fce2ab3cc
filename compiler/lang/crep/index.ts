// CrepLang: tree, text form, check, evaluator.

export * from "./ast.ts";
export { check } from "./check.ts";
export { evaluator } from "./eval.ts";
export { parse } from "./parse.ts";
export { print, printLines } from "./print.ts";
