// Both executors run a program and must be in the same state at every stop; where they are not, the first instruction
// (or trap) after which they differ is found by halving, with the machines run anew each time.
//
// Relies on program.ts. Guarantees: a difference names the instant, the hart, the instruction and what differs.

import type { Machine } from "../../../runtime/boards/machine.ts";
import { createDisassembler } from "../../../runtime/isa/disassembler.ts";
import type { ExecutorName } from "../../../runtime/isa/executor.ts";
import { newRandom } from "../../support/random-program/prng.ts";
import type { FuzzCase } from "./oracles.ts";
import { fuzzIsas, type FuzzProgram } from "./program.ts";
import { FuzzRun } from "./run.ts";

const STOPS = 6;

/** Random instants in order, the last one the end of the program. */
export function stopsOf({ seed, untilNs }: FuzzProgram): readonly bigint[] {
  const random = newRandom(seed + 2);
  const span = Number(untilNs);
  const stops = Array.from({ length: STOPS }, () =>
    BigInt(random.below(random.chance(30) ? Math.min(span, 2000) : span)),
  );
  return [...stops, untilNs].sort((a, b) => Number(a - b));
}

/** Null if both executors agree at all stops; otherwise a report of the first difference. */
export function lockstepDifference({ program, input }: FuzzCase): string | null {
  const stops = stopsOf(program);
  const [reference, fast] = [new FuzzRun(program, "reference", input), new FuzzRun(program, "fast", input)];
  for (const [index, stop] of stops.entries()) {
    reference.to(stop);
    fast.to(stop);
    if (reference.state() !== fast.state())
      return firstDifference({ program, input }, stops.slice(0, index), stop);
  }
  return null;
}

// The machines agree at the last of `stops`, and no more at `bad`.
function firstDifference(
  { program, input }: Pick<FuzzCase, "program" | "input">,
  stops: readonly bigint[],
  bad: bigint,
): string {
  const at = (ns: bigint, executor: ExecutorName): FuzzRun => {
    const run = new FuzzRun(program, executor, input);
    for (const stop of stops) run.to(stop);
    return run.to(ns);
  };
  let [good, end] = [stops.at(-1) ?? 0n, bad];
  while (end - good > 1n) {
    const middle = (good + end) / 2n;
    if (at(middle, "reference").state() === at(middle, "fast").state()) good = middle;
    else end = middle;
  }
  const before = at(good, "reference").machine;
  const [reference, fast] = [at(end, "reference"), at(end, "fast")];
  return [
    `${program.isa}, seed ${String(program.seed)}: the executors differ after ${String(before.retired())} instructions, at ${String(good)} ns`,
    `reference: ${reference.state()}`,
    `fast:      ${fast.state()}`,
    ...before.harts.map(
      (_, hart) =>
        `hart ${String(hart)}${hart === before.activeHart ? " (its turn)" : ""}: ${placeOf(program, before, hart)}`,
    ),
    ...differences(reference.machine, fast.machine).slice(0, 20),
  ].join("\n");
}

/** The hart's mode, pc and the instruction there. */
export function placeOf({ isa }: FuzzProgram, machine: Machine, hart: number): string {
  const system = machine.harts[hart];
  if (system === undefined) return "none";
  const { pc } = system.hart;
  const physical = system.inspector.physicalAddress(pc);
  const word = physical === null ? null : machine.quiet.load(physical & ~1n, 4);
  const { text } = createDisassembler(fuzzIsas[isa].isa).line(
    typeof word === "bigint" ? Number(word) : 0,
    pc,
  );
  const state = system.isOn ? (system.isWaiting ? " waiting" : "") : " off";
  return `${system.mode().name}${state} pc 0x${pc.toString(16)}: ${typeof word === "bigint" ? text : "not mapped"}`;
}

function differences(first: Machine, second: Machine): string[] {
  const found: string[] = [];
  for (const [index, { hart }] of first.harts.entries()) {
    const other = second.harts[index]?.hart;
    if (other === undefined) continue;
    const tell = (what: string, a: bigint, b: bigint): void => {
      if (a !== b) found.push(`hart ${String(index)} ${what}: 0x${a.toString(16)}, fast 0x${b.toString(16)}`);
    };
    tell("pc", hart.pc, other.pc);
    tell("retired", hart.retired, other.retired);
    for (const { file } of hart.places.values()) {
      for (let i = 0; i < file.count; i += 1)
        tell(`${file.name}[${String(i)}]`, hart.read(file.name, i), other.read(file.name, i));
    }
  }
  const devices = new Map(second.bus.devices().map(({ device }) => [device.name, text(device.saveState())]));
  for (const { device } of first.bus.devices()) {
    const [a, b] = [text(device.saveState()), devices.get(device.name)];
    if (a !== b) found.push(`${device.name}: ${a.slice(0, 300)}, fast ${String(b).slice(0, 300)}`);
  }
  return [...found, ...memoryDifferences(first, second)];
}

function text(state: unknown): string {
  return JSON.stringify(state, (_, value: unknown) =>
    typeof value === "bigint" ? String(value) : value instanceof Map ? [...value] : value,
  );
}

function memoryDifferences(first: Machine, second: Machine): string[] {
  const found: string[] = [];
  const numbers = [first, second].flatMap(({ memory }) =>
    [...memory.touchedPages()].map(([number]) => number),
  );
  for (const number of new Set(numbers)) {
    for (let offset = 0; offset < 4096; offset += 8) {
      const address = BigInt(number) * 4096n + BigInt(offset);
      const [a, b] = [first.quiet.load(address, 8), second.quiet.load(address, 8)];
      if (typeof a === "bigint" && typeof b === "bigint" && a !== b)
        found.push(`memory 0x${address.toString(16)}: 0x${a.toString(16)}, fast 0x${b.toString(16)}`);
    }
  }
  return found;
}
