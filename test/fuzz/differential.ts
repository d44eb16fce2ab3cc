// One seed of the differential test: makes the program, runs it in every way, and shrinks a disagreement.

import {
  defaultRequest,
  disagreement,
  Rejected,
  runEverywhere,
  type Observation,
  type RunRequest,
} from "../../tools/differential/run-everywhere.ts";
import type { MachineTarget } from "../support/machine-targets.ts";
import { randomProgram, shrink } from "../support/random-program.ts";

const SHRINK_TRIES = 400;

/** Sizes vary with the seed: most programs are small, some fill pages. */
function sizeOf(seed: number): number {
  return [10, 20, 30, 40, 60, 100][seed % 6] ?? 20;
}

/** Executors and levels vary with the seed too, so that a short run covers all of them. */
export function requestFor(source: string, seed: number, target: MachineTarget): RunRequest {
  const extensions = target === "riscv64" && seed % 4 === 0 ? ["zba", "zbb", "zbs", "zicond"] : [];
  const executors = seed % 5 === 0 ? (["fast", "reference"] as const) : (["fast"] as const);
  return { ...defaultRequest, source, target, executors, extensions, levels: seed % 3 === 0 ? [0, 1] : [1] };
}

export interface Finding {
  readonly seed: number;
  readonly difference: string;
  /** The smallest program found that still disagrees. */
  readonly source: string;
}

/** More ways of running, for the long command. */
export type ExtraRuns = (request: RunRequest) => readonly Observation[];

/** What one seed is run on. */
export interface Setting {
  readonly target: MachineTarget;
  readonly extra?: ExtraRuns;
}

function differenceOf(source: string, seed: number, { target, extra }: Setting): string | null {
  try {
    const request = requestFor(source, seed, target);
    return disagreement([...runEverywhere(request), ...(extra?.(request) ?? [])]);
  } catch (error) {
    if (error instanceof Rejected) return `rejected: ${error.message}`;
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
}

/** Null if all ways of running the program of `seed` agree; otherwise the shrunk finding. */
export function findDisagreement(seed: number, setting: Setting): Finding | null {
  const { tree, source } = randomProgram(seed, sizeOf(seed));
  const first = differenceOf(source, seed, setting);
  if (first === null) return null;
  const kind = first.split(":")[0] ?? "";
  const small = shrink(
    tree,
    (candidate) => differenceOf(candidate.source, seed, setting)?.startsWith(kind) === true,
    {
      tries: SHRINK_TRIES,
    },
  );
  return { seed, difference: differenceOf(small.source, seed, setting) ?? first, source: small.source };
}
