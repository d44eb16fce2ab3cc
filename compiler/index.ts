// The compiler's public API: analyse source, compile it, print what was found.

export {
  analyse,
  compileProgram,
  compileToAssembly,
  compileToCake,
  compileToLab,
  compileToLinkable,
  type Analysis,
  type ProgramRequest,
} from "./compile.ts";
export { defaultOptions, type CompileOptions, type OsName, type TargetName } from "./options.ts";
export { languages, makeStage, order, pipeline, type Language, type Stage } from "./pipeline.ts";
export { activePasses, checkStage, printStage, printStageLines, runPipeline } from "./run-pipeline.ts";
export { renderJson, renderText, type Palette } from "./source/render.ts";
