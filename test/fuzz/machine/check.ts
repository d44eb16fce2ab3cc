// One seed of the fuzzer: makes the program, holds it to the oracles, and shrinks it if it fails.
// Relies on the other files of this folder. Anything thrown is a failure too.

import { createDisassembler } from "../../../runtime/isa/disassembler.ts";
import { boards } from "../../boards/support.ts";
import { randomProgram } from "./generate.ts";
import { CODE_AT } from "./layout.ts";
import { FuzzRun, lockstepDifference } from "./lockstep.ts";
import { fuzzIsas, type FuzzIsaName, type FuzzProgram } from "./program.ts";
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
const oracles: Readonly<Record<string, (program: FuzzProgram) => string | null>> = {
  executors: lockstepDifference,
};

/** Holds a program to every oracle: null, or the report of the first that fails. */
export function checkProgram(program: FuzzProgram): string | null {
  const failed = Object.keys(oracles).find((name) => reportOf(name, program) !== null);
  return failed === undefined ? null : `${failed}: ${String(reportOf(failed, program))}`;
}

/** Makes the program of `seed` and checks it; a failing one is shrunk in at most that many tries. */
export function findFailure(isa: FuzzIsaName, seed: number, tries: number): FuzzResult {
  const program = randomProgram(isa, seed);
  for (const name of Object.keys(oracles)) {
    const report = reportOf(name, program);
    if (report === null) continue;
    const small = shrinkProgram(program, (candidate) => reportOf(name, candidate) !== null, tries);
    const failure = { program: small, report: `${name}: ${reportOf(name, small) ?? report}` };
    return { instructions: 0n, failure };
  }
  const run = new FuzzRun(program, "fast");
  run.to(program.untilNs);
  return { instructions: run.machine.retired(), failure: null };
}

function reportOf(oracle: string, program: FuzzProgram): string | null {
  try {
    return oracles[oracle]?.(program) ?? null;
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
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
