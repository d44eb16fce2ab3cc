// A machine and what the host types, sends and plugs into it: input enters between runs, at instants that can be
// recorded, so a run can be repeated.
//
// Relies on machine.ts. Guarantees: input for one source keeps its order; what the guest has no room for waits here;
// with the same machine and the same recording, every state and every byte of output is the same.

import { StateHasher } from "../core/state-hash.ts";
import type { Machine, MachineOutcome } from "./machine.ts";

/** What the host gave to a source at an instant of virtual time. */
export interface InputEvent {
  readonly atNs: bigint;
  /** `serial`, or the name of the device that takes it. */
  readonly source: string;
  readonly bytes: Uint8Array;
}

/** Which input has entered since power-on. */
export interface InputHistory {
  readonly count: number;
  /** Fingerprint of all of it, in order. */
  readonly hash: string;
}

/** What belongs to a snapshot besides the machine: plain data. */
export interface SessionState {
  readonly entered: InputHistory;
  /** Input that the guest had no room for. */
  readonly waiting: readonly { readonly source: string; readonly bytes: Uint8Array }[];
}

export const NO_INPUT: InputHistory = { count: 0, hash: "" };

/** What has entered once `event` has, too. */
export function afterInput({ count, hash }: InputHistory, { atNs, source, bytes }: InputEvent): InputHistory {
  const hasher = new StateHasher();
  hasher.text(hash);
  hasher.wide(atNs);
  hasher.text(source);
  hasher.word(bytes.length);
  for (const byte of bytes) hasher.word(byte);
  return { count: count + 1, hash: hasher.digest() };
}

/** Takes bytes for the guest; answers how many it had room for. */
export type InputSink = (bytes: Uint8Array) => number;

export interface SessionOptions {
  readonly machine: Machine;
  /** Who takes input, by source. */
  readonly sinks: ReadonlyMap<string, InputSink>;
  /** Hears of everything that entered: for recordings. */
  readonly onInput?: (event: InputEvent) => void;
  /** Input of an earlier run, in its order: then the host's is refused. */
  readonly replay?: readonly InputEvent[];
  /** The machine goes on from a snapshot: what its session was then. What waited waits again, unless this is a replay. */
  readonly from?: SessionState;
}

/** How much input may wait for the guest, over all sources. */
const MAX_WAITING_BYTES = 1 << 22;

export class Session {
  readonly machine: Machine;
  private readonly options: SessionOptions;
  private readonly waiting: { readonly source: string; bytes: Uint8Array }[] = [];
  private waitingBytes = 0;
  private replayed = 0;
  private entered: InputHistory;
  /** Hears of input that entered, recorded or replayed; a debugger's history. */
  observer: ((event: InputEvent) => void) | null = null;

  constructor(options: SessionOptions) {
    this.options = options;
    this.machine = options.machine;
    this.entered = options.from?.entered ?? NO_INPUT;
    for (const { source, bytes } of options.from?.waiting ?? []) this.offer(source, bytes);
  }

  /** For a snapshot, with the machine's. */
  saveState(): SessionState {
    return { entered: this.entered, waiting: this.waiting.map((input) => ({ ...input })) };
  }

  /** Input from the host, to enter at the next turn; false if too much waits already, or if this is a replay. */
  offer(source: string, bytes: Uint8Array): boolean {
    const isRefused =
      this.options.replay !== undefined || this.waitingBytes + bytes.length > MAX_WAITING_BYTES;
    if (isRefused || bytes.length === 0) return !isRefused;
    this.waiting.push({ source, bytes });
    this.waitingBytes += bytes.length;
    return true;
  }

  /** True if input waits that the guest may have room for now. */
  get hasInput(): boolean {
    return this.waiting.length > 0;
  }

  /** Lets input in, then runs as `Machine.run` does; a replay stops wherever something enters. */
  run(untilNs: bigint, skipIdle: boolean): MachineOutcome {
    this.enter();
    for (;;) {
      const next = this.options.replay?.[this.replayed] ?? null;
      const stop = next !== null && next.atNs < untilNs ? next.atNs : untilNs;
      // Idle time was skipped or slept through the first time: it passes all the same.
      const outcome = this.machine.run(stop, skipIdle || next !== null);
      if (outcome.kind === "idle" && next !== null && next.atNs <= untilNs)
        this.machine.sleepUntil(next.atNs);
      else if (outcome.kind !== "limit" || next === null || next.atNs > untilNs) return outcome;
      this.replayDue();
      if (this.machine.now() >= untilNs) return { kind: "limit" };
    }
  }

  /** Idle time that the host slept through, or that ends with an input. */
  passIdle(untilNs: bigint): void {
    this.machine.sleepUntil(untilNs);
  }

  /** Gives the guest what it was given before. */
  enterAgain({ source, bytes }: InputEvent): void {
    this.options.sinks.get(source)?.(bytes);
  }

  // What waits goes to its sink in order; a source that has no room keeps the rest of its own.
  private enter(): void {
    const full = new Set<string>();
    const kept: { source: string; bytes: Uint8Array }[] = [];
    for (const input of this.waiting.splice(0)) {
      const count = full.has(input.source) ? 0 : this.give(input.source, input.bytes);
      if (count === input.bytes.length) continue;
      full.add(input.source);
      kept.push({ source: input.source, bytes: input.bytes.subarray(count) });
    }
    this.waiting.push(...kept);
    this.waitingBytes = kept.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  private give(source: string, bytes: Uint8Array): number {
    const sink = this.options.sinks.get(source);
    // Nobody takes it: it is gone.
    if (sink === undefined) return bytes.length;
    const count = sink(bytes);
    if (count > 0) {
      const event = { atNs: this.machine.now(), source, bytes: bytes.slice(0, count) };
      this.entered = afterInput(this.entered, event);
      this.options.onInput?.(event);
      this.observer?.(event);
    }
    return count;
  }

  private replayDue(): void {
    const { replay = [] } = this.options;
    for (let next = replay[this.replayed]; next !== undefined; next = replay[this.replayed]) {
      if (next.atNs > this.machine.now()) return;
      this.enterAgain(next);
      this.entered = afterInput(this.entered, next);
      this.observer?.(next);
      this.replayed += 1;
    }
  }
}
