// What must hold of every program besides what lockstep.ts compares: where a run stops, is saved or is looked at by a
// debugger changes nothing, and the machine stays within its bounds.
//
// Relies on run.ts and runtime/debug. Each oracle answers null, or what went wrong.

import { deserialize, serialize } from "node:v8";
import type { InputEvent } from "../../../runtime/boards/session.ts";
import type { AccessStop } from "../../../runtime/core/access-stops.ts";
import { Debugger } from "../../../runtime/debug/debugger.ts";
import { newRandom, type Random } from "../../support/random-program/prng.ts";
import { boards } from "../../boards/support.ts";
import { CODE_AT, MEMORY_BYTES, memoryOffset, PAGE } from "./layout.ts";
import { codeBytes, type FuzzProgram } from "./program.ts";
import { FuzzRun, type FuzzState } from "./run.ts";

/** A program with all that its runs depend on, and how the plainest of them ended. */
export interface FuzzCase {
  readonly program: FuzzProgram;
  readonly input: readonly InputEvent[];
  readonly end: FuzzRun;
}

const SLICES = 60;
const SNAPSHOTS = 2;
const DEBUGGER_ACTIONS = 12;
/** A debugger's steps are slow: it sees the beginning of a program. */
const DEBUGGED_NS = 30_000n;
/** What a machine of 4 MiB may take from its host: frames, tables of each mode of each hart, predecoded code. */
const MAX_HOST_BYTES = 1 << 29;
const MAX_STATE_BYTES = 64 << 20;

/** Runs in random slices, most of them short, end as one run does. */
export function slicedRun({ program, input, end }: FuzzCase): string | null {
  const random = newRandom(program.seed + 4);
  let at = 0n;
  const stops = Array.from({ length: SLICES }, () => {
    at += BigInt(1 + random.below(random.chance(60) ? 60 : Math.ceil(Number(program.untilNs) / 40)));
    return at;
  });
  const run = new FuzzRun(program, "fast", input).through(stops.filter((stop) => stop < program.untilNs));
  return sameEnd(`sliced at ${stops.slice(0, 8).join(", ")}`, run, end);
}

/** A snapshot, as bytes and back, goes on in another machine as it would have here. */
export function restoredRun({ program, input, end }: FuzzCase): string | null {
  const random = newRandom(program.seed + 5);
  const stops = Array.from({ length: SNAPSHOTS }, () => BigInt(random.below(Number(program.untilNs))));
  let run = new FuzzRun(program, "fast", input);
  for (const stop of stops.sort((a, b) => Number(a - b))) {
    const saved = run.to(stop).save();
    // Written by this function from that type.
    const copy = deserialize(serialize(saved)) as FuzzState;
    const next = new FuzzRun(program, random.chance(80) ? "fast" : "reference", input, copy);
    if (next.state() !== run.state())
      return `restored at ${String(stop)}: ${next.state()}, not ${run.state()}`;
    run = next;
  }
  return sameEnd(`restored at ${stops.join(", ")}`, run.to(program.untilNs), end);
}

function sameEnd(how: string, run: FuzzRun, end: FuzzRun): string | null {
  return run.state() === end.state() ? null : `${how}: ${run.state()}, not ${end.state()}`;
}

/** Break- and watchpoints, steps and steps back change nothing. */
export function debuggedRun({ program, input }: FuzzCase): string | null {
  const short = { ...program, untilNs: program.untilNs < DEBUGGED_NS ? program.untilNs : DEBUGGED_NS };
  const plain = new FuzzRun(short, "fast", input).to(short.untilNs);
  if (plain.isOver) return null;
  const random = newRandom(program.seed + 6);
  const run = new FuzzRun(short, "fast", input);
  const { machine, session } = run;
  const harness = new Debugger(session, true);
  const on = (): void => {
    if (harness.run(short.untilNs, true).kind === "power") harness.restart();
  };
  for (let action = 0; action < DEBUGGER_ACTIONS; action += 1) {
    if (random.chance(50)) harness.stopAt(someStops(random, program));
    const kind = random.chance(50) ? "step" : "continue";
    harness.resume({ kind, hart: random.below(machine.harts.length), isBackwards: random.chance(40) });
    for (let turns = 0; turns < 20 && !harness.isHalted && machine.now() < short.untilNs; turns += 1) on();
    if (!harness.isHalted) harness.interrupt();
  }
  harness.stopAt([]);
  harness.resume({ kind: "continue", hart: 0, isBackwards: false });
  while (machine.now() < short.untilNs) {
    const before = machine.now();
    const { kind } = harness.run(short.untilNs, true);
    if (kind === "power") harness.restart();
    else if (kind === "idle") session.passIdle(short.untilNs);
    else if (kind === "limit" && machine.now() === before && harness.isHalted) return "halted without a stop";
  }
  return sameEnd("debugged", run, plain);
}

function someStops(random: Random, program: FuzzProgram): readonly AccessStop[] {
  const memory = boards[program.isa].memory.address;
  return Array.from({ length: random.below(4) }, () => {
    const access = random.pick(["fetch", "fetch", "load", "store", "both"] as const);
    const offset = access === "fetch" ? CODE_AT + 2 * random.below(codeBytes(program) / 2) : memoryOffset(random, codeBytes(program)); // prettier-ignore
    return { address: memory + BigInt(offset), bytes: access === "fetch" ? 1 : 1 + random.below(64), access };
  });
}

/** The machine has taken no more of its host than it may, and has touched no memory but its own. */
export function boundedRun({ program, end }: FuzzCase): string | null {
  const { memory, bus } = end.machine;
  const start = Number(boards[program.isa].memory.address) / PAGE;
  const regions = [...memory.regions()];
  for (const [number] of memory.touchedPages()) {
    const isRam = number >= start && number < start + MEMORY_BYTES / PAGE;
    const address = BigInt(number) * BigInt(PAGE);
    if (!isRam && !regions.some((r) => r.start <= address && address < r.end)) return `page ${String(number)} is not the guest's`; // prettier-ignore
  }
  const { byteLength } = memory.ram.memory.buffer;
  if (byteLength > MAX_HOST_BYTES) return `${String(byteLength)} bytes of host memory`;
  for (const { device } of bus.devices()) {
    const { length } = serialize(device.saveState());
    if (length > MAX_STATE_BYTES) return `${device.name} has ${String(length)} bytes of state`;
  }
  return null;
}
