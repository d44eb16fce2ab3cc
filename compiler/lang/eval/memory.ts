// Closures for memory, shared and local, and for the words of the globals, that Pan, Crep and Loop share.

import type { Span } from "../../source/span.ts";
import {
  loadMemory,
  loadShared,
  NORMAL,
  storeMemory,
  storeShared,
  type Exec,
  type Get,
  type Machine,
} from "./machine.ts";

/** A load or store as every language's tree has it. */
interface Access<Bytes> {
  readonly bytes: Bytes;
  readonly span: Span;
}

/** Zero-extended; Error outside of local memory or unaligned. */
export function localLoad(machine: Machine, address: Get, { bytes, span }: Access<1 | 4 | 8>): Get {
  return (frame) => loadMemory(machine, address(frame), bytes, span);
}

/** Zero-extended, from the world. */
export function sharedLoad(machine: Machine, address: Get, { bytes, span }: Access<1 | 2 | 4 | 8>): Get {
  return (frame) => loadShared(machine, bytes, address(frame), span);
}

/** The low bytes of a word to local memory. */
export function localStore(machine: Machine, address: Get, value: Get, store: Access<1 | 4 | 8>): Exec {
  return (frame) => {
    storeMemory(machine, address(frame), value(frame), store);
    return NORMAL;
  };
}

/** The low bytes of a word to the world. */
export function sharedStore(machine: Machine, address: Get, value: Get, store: Access<1 | 2 | 4 | 8>): Exec {
  return (frame) => {
    storeShared(machine, address(frame), value(frame), store);
    return NORMAL;
  };
}

/** Reads one word of the globals. */
export function globalWord({ globals }: Machine, index: number): Get {
  return () => globals[index] ?? 0n;
}

/** Writes one word of the globals. */
export function setGlobalWord({ globals }: Machine, index: number, value: Get): Exec {
  return (frame) => {
    globals[index] = value(frame);
    return NORMAL;
  };
}

/** Assigns one slot of the frame. */
export function setSlot(slot: number, value: Get): Exec {
  return (frame) => {
    frame[slot] = value(frame);
    return NORMAL;
  };
}
