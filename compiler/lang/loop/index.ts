// LoopLang: tree, text form, check, evaluator, liveness.

export * from "./ast.ts";
export { check, type LoopStage } from "./check.ts";
export { evaluator, type LoopEvalOptions } from "./eval.ts";
export { parse } from "./parse.ts";
export { print, printLines } from "./print.ts";
