// The trace of a driver under C (c/harness.h), and its replay by an evaluator: the evaluator must ask for the same
// events in the same order with the same values, and gets the answers that the machine code got.
//
// Lines: `B base words` local memory; `W address value` C wrote a word; `I` initialisation; `C name args` a call;
// `R value` its result; `L bytes address value`, `S bytes address value` shared accesses; `F name a b c d` a foreign
// call; `H address value` a word at the end; `X ...` a failed check of the C side. Numbers are hexadecimal.

import { expect } from "vitest";
import type { Evaluator, World } from "../../../compiler/lang/world.ts";

export interface TraceLine {
  readonly kind: string;
  /** `name` for calls, otherwise empty. */
  readonly name: string;
  readonly values: readonly bigint[];
  readonly text: string;
}

export function parseTrace(text: string): readonly TraceLine[] {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => {
      const [kind = "", ...words] = line.split(" ");
      const named = kind === "C" || kind === "F";
      const values = kind === "X" ? [] : words.slice(named ? 1 : 0).map((word) => BigInt(`0x${word}`));
      return { kind, name: named ? (words[0] ?? "") : "", values, text: line };
    });
}

/** What the C side found wrong. */
export function complaints(trace: readonly TraceLine[]): readonly string[] {
  return trace.filter((line) => line.kind === "X").map((line) => line.text);
}

const mark = (index: number): bigint => 0x5a5a_0000_0000_0000n + BigInt(index);
const FUEL = 1_000_000;

/** A program that can be evaluated, at any stage. */
export interface Evaluated {
  readonly entry: string;
  readonly make: (world: World) => Evaluator;
}

/** Replays `trace`; fails at the first event that differs. */
export function replay(trace: readonly TraceLine[], evaluated: Evaluated): void {
  const events = trace.filter((line) => "BWICRLSF".includes(line.kind));
  const tape = new Tape(events);
  const world = replayWorld(tape);
  const evaluator = evaluated.make(world);
  for (;;) {
    tape.applyWrites(world);
    const line = tape.take();
    if (line === null) break;
    if (line.kind === "I") {
      const outcome = evaluator.call(evaluated.entry, [], FUEL);
      expect(outcome.kind, tape.where()).toBe("returned");
    } else {
      expect(line.kind, tape.where()).toBe("C");
      const outcome = evaluator.call(line.name, line.values, FUEL);
      tape.expectLine("R", "", outcome.kind === "returned" ? outcome.values.slice(0, 1) : [-1n]);
    }
  }
  expect(changedWords(world), "local memory at the end").toEqual(
    trace.filter((line) => line.kind === "H").map((line) => line.text),
  );
}

class Tape {
  readonly #lines: readonly TraceLine[];
  #at = 0;

  constructor(lines: readonly TraceLine[]) {
    this.#lines = lines;
  }

  take(): TraceLine | null {
    return this.#lines[this.#at++] ?? null;
  }

  where(): string {
    return `event ${String(this.#at)} after\n${this.#lines
      .slice(Math.max(this.#at - 9, 0), Math.max(this.#at - 1, 0))
      .map((line) => line.text)
      .join("\n")}`;
  }

  /** The next line must be this; a load's last value is answered, not compared. */
  expectLine(kind: string, name: string, values: readonly bigint[]): TraceLine {
    const line = this.take();
    const show = (words: readonly bigint[]): string =>
      [kind, ...(name === "" ? [] : [name]), ...words.map((word) => word.toString(16))].join(" ");
    const wanted = line === null ? "the end" : kind === "L" ? line.text.replace(/ \w+$/, "") : line.text;
    expect(show(values), this.where()).toBe(wanted);
    return line ?? { kind, name, values, text: "" };
  }

  applyWrites(world: World): void {
    const view = new DataView(world.memory.buffer);
    for (let line = this.#lines[this.#at]; line?.kind === "W"; line = this.#lines[++this.#at]) {
      const [address = 0n, value = 0n] = line.values;
      view.setBigUint64(Number(address - world.base), value, true);
    }
  }
}

function replayWorld(tape: Tape): World {
  const start = tape.take();
  const [base = 0n, words = 0n] = start?.kind === "B" ? start.values : [];
  const memory = new Uint8Array(Number(words) * 8);
  const view = new DataView(memory.buffer);
  for (let i = 0; i < Number(words); i++) view.setBigUint64(8 * i, mark(i), true);
  const world: World = {
    base,
    memory,
    foreignCall: (name, args) => {
      tape.expectLine("F", name, args);
      tape.applyWrites(world);
      return null;
    },
    sharedLoad: (bytes, address) => tape.expectLine("L", "", [BigInt(bytes), address]).values[2] ?? null,
    sharedStore: (bytes, address, value) => {
      tape.expectLine("S", "", [BigInt(bytes), address, value]);
      return true;
    },
  };
  return world;
}

function changedWords(world: World): readonly string[] {
  const view = new DataView(world.memory.buffer);
  return Array.from({ length: world.memory.length / 8 }, (_, i) => i).flatMap((i) => {
    const value = view.getBigUint64(8 * i, true);
    if (value === mark(i)) return [];
    return [`H ${(world.base + BigInt(8 * i)).toString(16)} ${value.toString(16)}`];
  });
}
