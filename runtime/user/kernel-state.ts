// What the user-mode machine remembers in place of a Linux kernel, as plain data: a snapshot is a structured clone.
// Relies on nothing.

import type { StateHasher } from "../core/state-hash.ts";

/** What an open file descriptor is connected to. */
export type Descriptor = "stdin" | "stdout" | "stderr";

export interface KernelState {
  /** The heap of brk: `breakStart` is fixed, `breakEnd` is what the guest asked for. */
  breakStart: bigint;
  breakEnd: bigint;
  /** mmap places new regions below this address. */
  mapCeiling: bigint;
  readonly descriptors: Map<number, Descriptor>;
  /** State of the generator behind getrandom and AT_RANDOM; never 0. */
  random: bigint;
  /** What rt_sigaction set: the guest's `struct sigaction` by signal. */
  readonly signalActions: Map<number, Uint8Array>;
  /** Subjects of the warnings that were given. */
  readonly reported: Set<string>;
}

/** The state at the start of a program. */
export function initialKernelState(seed: bigint): KernelState {
  return {
    breakStart: 0n,
    breakEnd: 0n,
    mapCeiling: 0n,
    descriptors: new Map([
      [0, "stdin"],
      [1, "stdout"],
      [2, "stderr"],
    ]),
    random: BigInt.asUintN(64, seed * 0x9e3779b97f4a7c15n) | 1n,
    signalActions: new Map(),
    reported: new Set(),
  };
}

/** Replaces `state` by the contents of a copy of it. */
export function restoreKernelState(state: KernelState, from: KernelState): void {
  const copy = structuredClone(from);
  state.breakStart = copy.breakStart;
  state.breakEnd = copy.breakEnd;
  state.mapCeiling = copy.mapCeiling;
  state.random = copy.random;
  state.descriptors.clear();
  for (const [number, descriptor] of copy.descriptors) state.descriptors.set(number, descriptor);
  state.signalActions.clear();
  for (const [signal, action] of copy.signalActions) state.signalActions.set(signal, action);
  state.reported.clear();
  for (const subject of copy.reported) state.reported.add(subject);
}

/** The next `count` bytes of the seeded generator (xorshift64). */
export function randomBytes(state: KernelState, count: number): Uint8Array {
  const out = new Uint8Array(count);
  for (let i = 0; i < count; i += 1) {
    let x = state.random;
    x ^= BigInt.asUintN(64, x << 13n);
    x ^= x >> 7n;
    x ^= BigInt.asUintN(64, x << 17n);
    state.random = x;
    out[i] = Number((x >> 32n) & 0xffn);
  }
  return out;
}

/** Adds the state to a hash. */
export function hashKernelState(hasher: StateHasher, state: KernelState): void {
  for (const value of [state.breakStart, state.breakEnd, state.mapCeiling, state.random]) hasher.wide(value);
  for (const [number, descriptor] of state.descriptors) hasher.text(`${String(number)}=${descriptor}`);
  for (const [signal, action] of state.signalActions) hasher.text(`${String(signal)}:${action.join()}`);
}
