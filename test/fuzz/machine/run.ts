// A fuzzed machine with its session: run up to instants, whatever the guest does to its board, with input from the host.
//
// Relies on program.ts and runtime/boards. The first run of a program is given random input, which its seed decides; what
// entered, and when, is what all other runs are given. Guarantees: runs of one program with the same input are one run.

import { Session, type InputEvent } from "../../../runtime/boards/session.ts";
import type { Machine, MachineSnapshot } from "../../../runtime/boards/machine.ts";
import type { ExecutorName } from "../../../runtime/isa/executor.ts";
import { newRandom } from "../../support/random-program/prng.ts";
import { fuzzBoard, type FuzzProgram } from "./program.ts";

/** How often a program may switch the board off or reset it; then its run is over. */
const MAX_POWER_REQUESTS = 3;
const MAX_INPUTS = 8;
const MAX_INPUT_BYTES = 200;

type Input = InputEvent;

function inputsOf({ seed, untilNs }: FuzzProgram): readonly Input[] {
  const random = newRandom(seed + 3);
  const inputs = Array.from({ length: random.below(MAX_INPUTS) }, () => ({
    atNs: BigInt(random.below(Number(untilNs))),
    source: random.pick(["serial", "network", "console"]),
    bytes: Uint8Array.from({ length: 1 + random.below(MAX_INPUT_BYTES) }, () => random.below(256)),
  }));
  return inputs.sort((a, b) => Number(a.atNs - b.atNs));
}

/** A run in the middle of itself, as plain data. */
export interface FuzzState {
  readonly snapshot: MachineSnapshot;
  readonly powerRequests: number;
  /** How much of the input has entered. */
  readonly entered: number;
}

export class FuzzRun {
  readonly machine: Machine;
  readonly session: Session;
  private readonly program: FuzzProgram;
  private powerRequests = 0;
  private entered = 0;

  /** `input`: what enters, at exactly these instants. */
  constructor(program: FuzzProgram, executor: ExecutorName, input: readonly InputEvent[], from?: FuzzState) {
    const { machine, sinks } = fuzzBoard(program, executor);
    this.program = program;
    this.machine = machine;
    this.session = new Session({ machine, sinks, replay: input.slice(from?.entered ?? 0) });
    this.session.observer = () => {
      this.entered += 1;
    };
    if (from === undefined) return;
    machine.restore(from.snapshot);
    this.powerRequests = from.powerRequests;
    this.entered = from.entered;
  }

  /** True when nothing will happen any more. */
  get isOver(): boolean {
    return this.powerRequests > MAX_POWER_REQUESTS;
  }

  /** Until then, or until the program is over; a board that is switched off is switched on again. */
  to(ns: bigint): this {
    runSession(this.session, ns, () => {
      this.powerRequests += 1;
      return !this.isOver;
    });
    return this;
  }

  /** To the end, stopping at these instants. */
  through(stops: readonly bigint[]): this {
    for (const stop of stops) this.to(stop);
    return this.to(this.program.untilNs);
  }

  save(): FuzzState {
    const { machine, powerRequests, entered } = this;
    return { snapshot: machine.snapshot(), powerRequests, entered };
  }

  /** The state in a line. */
  state(): string {
    const { machine } = this;
    return `${machine.stateHash()} at ${String(machine.now())} ns, ${String(machine.retired())} retired`;
  }
}

// `restarts`: the guest asked for power off or reset; false ends the run.
function runSession(session: Session, ns: bigint, restarts: () => boolean): void {
  const { machine } = session;
  while (machine.now() < ns) {
    const { kind } = session.run(ns, true);
    if (kind === "idle") session.passIdle(ns);
    if (kind !== "power") continue;
    if (!restarts()) return;
    machine.restart();
  }
}

/** What enters a program's machine, and when: as a first run of it takes its random input. */
export function recordedInput(program: FuzzProgram): readonly InputEvent[] {
  const { machine, sinks } = fuzzBoard(program, "fast");
  const events: InputEvent[] = [];
  const session = new Session({ machine, sinks, onInput: (event) => void events.push(event) });
  let powerRequests = 0;
  const restarts = (): boolean => {
    powerRequests += 1;
    return powerRequests <= MAX_POWER_REQUESTS;
  };
  for (const { atNs, source, bytes } of inputsOf(program)) {
    runSession(session, atNs, restarts);
    session.offer(source, bytes);
  }
  runSession(session, program.untilNs, restarts);
  return events;
}
