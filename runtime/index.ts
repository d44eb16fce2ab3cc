// The machine's public API. node-host.ts is not here, so that browsers can load this file; tools import it themselves.

export type { UserHost } from "./host/host.ts";
export type { EngineSettings, EngineStatistics } from "./engine/fast-executor.ts";
export type { ExecutorName } from "./isa/executor.ts";
export { memoryHost, type MemoryHost } from "./host/memory-host.ts";
export { listObject, type Listing, type ListingLine, type ListingOptions } from "./debug/list-object.ts";
export type { Clock, NetworkBackend } from "./network/backend.ts";
export { parseNetWords, type NetPlan, type ParsedNet } from "./network/net-words.ts";
export { plugIn, type NetworkFiles, type NetworkHost } from "./network/plug-in.ts";
export { hexAddress, type Problem, type ProblemCode } from "./problem.ts";
export {
  renderFaultReport,
  renderRegisters,
  reportFault,
  type FaultReport,
  type ReportFrame,
} from "./user/fault-report.ts";
export { programSymbols, type ProgramSymbols } from "./user/program-symbols.ts";
export { runUserProgram, type RunOptions, type RunResult, type RunStatistics } from "./user/run-program.ts";
export {
  createUserMachine,
  type Created,
  type GuestFault,
  type Outcome,
  type UserMachine,
  type UserOptions,
  type UserSnapshot,
} from "./user/user-machine.ts";
export { isModule, runModule, type ModuleResult } from "./wasm32/run-module.ts";
