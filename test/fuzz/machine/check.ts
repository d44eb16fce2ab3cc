// One seed of the fuzzer: makes the program, holds it to the oracles, and shrinks it if it fails.
// Relies on the other files of this folder. Anything thrown is a failure too.

import { createDisassembler } from "../../../runtime/isa/disassembler.ts";
import { boards } from "../../boards/support.ts";
import { randomProgram } from "./generate.ts";
import { CODE_AT } from "./layout.ts";
import { lockstepDifference } from "./lockstep.ts";
import { boundedRun, debuggedRun, restoredRun, slicedRun, type FuzzCase } from "./oracles.ts";
import { fuzzIsas, type FuzzIsaName, type FuzzProgram } from "./program.ts";
import { FuzzRun, recordedInput } from "./run.ts";
import { shrinkProgram } from "./shrink.ts";

/** A program that fails, as small as it was found. */
export interface FuzzFailure {
  readonly program: FuzzProgram;
  readonly report: string;
}

export interface FuzzResult {
  /** Retired by the program, once. */
  readonly instructions: bigint;
  readonly failure: FuzzFailure | null;
}

/** What must hold of every program: null, or what went wrong. */
const oracles: Readonly<Record<string, (one: FuzzCase) => string | null>> = {
  executors: lockstepDifference,
  bounds: boundedRun,
  slices: slicedRun,
  snapshots: restoredRun,
  debugger: debuggedRun,
};
/** Each program is held to these, and to one of the others: they cost as much again. */
const always: readonly string[] = ["executors", "bounds"];
const inTurn: readonly string[] = Object.keys(oracles).filter((name) => !always.includes(name));

function oraclesFor({ seed }: FuzzProgram): readonly string[] {
  return [...always, ...inTurn.slice(seed % inTurn.length).slice(0, 1)];
}

interface Verdict {
  readonly instructions: bigint;
  readonly failed: { readonly oracle: string; readonly report: string } | null;
}

// The first oracle of these that a program fails; one of another name is that nothing may be thrown.
function judge(program: FuzzProgram, names: readonly string[]): Verdict {
  let oracle = "first run";
  let instructions = 0n;
  try {
    const input = recordedInput(program);
    const end = new FuzzRun(program, "fast", input).to(program.untilNs);
    instructions = end.machine.retired();
    for (oracle of names) {
      const report = oracles[oracle]?.({ program, input, end }) ?? null;
      if (report !== null) return { instructions, failed: { oracle, report } };
    }
    return { instructions, failed: null };
  } catch (error) {
    const report = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { instructions, failed: { oracle, report } };
  }
}

/** Holds a program to every oracle: null, or the report of the first that fails. */
export function checkProgram(program: FuzzProgram): string | null {
  const { failed } = judge(program, oraclesFor(program));
  return failed === null ? null : `${failed.oracle}: ${failed.report}`;
}

/** Makes the program of `seed` and checks it; a failing one is shrunk in at most that many tries. */
export function findFailure(isa: FuzzIsaName, seed: number, tries: number): FuzzResult {
  const program = randomProgram(isa, seed);
  const { instructions, failed } = judge(program, oraclesFor(program));
  if (failed === null) return { instructions, failure: null };
  const { oracle } = failed;
  const names = Object.keys(oracles).filter((name) => name === oracle);
  const small = shrinkProgram(program, (one) => judge(one, names).failed?.oracle === oracle, tries);
  const report = judge(small, names).failed?.report ?? failed.report;
  return { instructions, failure: { program: small, report: `${oracle}: ${report}` } };
}

/** The program as text: its board, and its code. */
export function printProgram({ isa, seed, shape, untilNs, engine, steps }: FuzzProgram): string {
  const lines = [
    `${isa} seed ${String(seed)} ${JSON.stringify({ shape, engine, untilNs: String(untilNs) })}`,
  ];
  const disassembler = createDisassembler(fuzzIsas[isa].isa);
  let address = boards[isa].memory.address + BigInt(CODE_AT);
  for (const { bits, bytes } of steps.flat()) {
    lines.push(
      `  0x${address.toString(16)}  ${bits.toString(16).padStart(8, "0")}  ${disassembler.line(bits, address).text}`,
    );
    address += BigInt(bytes);
  }
  return lines.join("\n");
}
