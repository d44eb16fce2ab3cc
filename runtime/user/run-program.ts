// Runs a program from start to end: the one call behind `pancake run` and the tests.
// Relies on user-machine.ts and fault-report.ts.

import { hexAddress, problem, type Problem } from "../problem.ts";
import { reportFault, type FaultReport } from "./fault-report.ts";
import type { Ending } from "./system-calls/call.ts";
import { createUserMachine, type UserMachine, type UserOptions } from "./user-machine.ts";

export interface RunOptions extends UserOptions {
  /** Stop after that many instructions; default: never. */
  readonly maxInstructions?: number;
}

/** How a run ended. `rejected`: the file could not be loaded, nothing ran. */
export type RunResult =
  | { readonly kind: "rejected"; readonly problems: readonly Problem[] }
  | (RunStatistics & { readonly kind: "exit"; readonly exitCode: number })
  | (RunStatistics & { readonly kind: "fault"; readonly report: FaultReport; readonly machine: UserMachine })
  /** Ended by a signal to itself (R0108, R0115) or by the instruction limit (R0109). */
  | (RunStatistics & { readonly kind: "stopped"; readonly problem: Problem; readonly machine: UserMachine });

export interface RunStatistics {
  /** Instructions retired. */
  readonly instructions: bigint;
  /** Fingerprint of the final state: equal for equal runs on every host and executor. */
  readonly stateHash: string;
}

const SLICE = 2 ** 40;

/** Loads the static ELF program in `bytes` and runs it to its end. Synchronous; guest mistakes are results. */
export function runUserProgram(bytes: Uint8Array, options: RunOptions): RunResult {
  const created = createUserMachine(bytes, options);
  if (created.kind === "problems") return { kind: "rejected", problems: created.problems };
  const { machine } = created;
  const limit = options.maxInstructions ?? Infinity;
  let outcome = machine.step(Math.min(limit, SLICE));
  while (outcome.kind === "limit" && machine.hart.retired < limit) {
    outcome = machine.step(Math.min(limit - Number(machine.hart.retired), SLICE));
  }
  const statistics = { instructions: machine.hart.retired, stateHash: machine.stateHash() };
  switch (outcome.kind) {
    case "exit":
      return { kind: "exit", exitCode: outcome.code, ...statistics };
    case "fault":
      return { kind: "fault", report: reportFault(outcome, machine), machine, ...statistics };
    case "signal":
      return {
        kind: "stopped",
        problem: signalProblem(outcome),
        machine,
        ...statistics,
      };
    case "limit":
      return { kind: "stopped", problem: problem("R0109", { limit }), machine, ...statistics };
  }
}

function signalProblem({ signal, handler }: Extract<Ending, { kind: "signal" }>): Problem {
  return handler === null
    ? problem("R0108", { signal })
    : problem("R0115", { signal, handler: hexAddress(handler) });
}
