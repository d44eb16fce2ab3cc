// PanLang: tree, text form, check, evaluator, and the form of `cake --explore`.

export * from "./ast.ts";
export { check, type PanStage } from "./check.ts";
export { evaluator } from "./eval.ts";
export { parse } from "./parse.ts";
export { print, printLines } from "./print.ts";
export { printExplore } from "./print-explore.ts";
