// Memory as a debugger reads and writes it: by a hart's addresses, with no effect but the writing.
// Relies on core/quiet-memory.ts and isa/system.ts. What is not RAM or ROM cannot be read: a device would notice.

import type { Machine } from "../boards/machine.ts";
import { PAGE_BYTES } from "../core/ram.ts";

const PAGE = BigInt(PAGE_BYTES);

/** As many of `length` bytes at the hart's `address` as there are without a gap. */
export function readGuest(machine: Machine, hart: number, address: bigint, length: number): Uint8Array {
  const out = new Uint8Array(length);
  let done = 0;
  for (const { physical, count } of pieces(machine, hart, address, length)) {
    const part = physical === null ? new Uint8Array(0) : machine.quiet.read(physical, count);
    out.set(part, done);
    done += part.length;
    if (part.length < count) break;
  }
  return out.subarray(0, done);
}

/** False, and nothing changed, if part of it is not memory. */
export function writeGuest(machine: Machine, hart: number, address: bigint, bytes: Uint8Array): boolean {
  const all = pieces(machine, hart, address, bytes.length);
  const isThere = all.every(
    ({ physical, count }) => physical !== null && machine.memory.isMapped(physical, physical + BigInt(count)),
  );
  if (!isThere) return false;
  let done = 0;
  for (const { physical, count } of all) {
    if (physical !== null) machine.quiet.write(physical, bytes.subarray(done, done + count));
    done += count;
  }
  return true;
}

interface Piece {
  readonly physical: bigint | null;
  readonly count: number;
}

// Page by page.
function pieces(machine: Machine, hart: number, address: bigint, length: number): Piece[] {
  const inspector = machine.harts[hart]?.inspector;
  const list: Piece[] = [];
  for (let done = 0; done < length;) {
    const at = BigInt.asUintN(64, address + BigInt(done));
    const count = Math.min(length - done, PAGE_BYTES - Number(at % PAGE));
    list.push({ physical: inspector?.physicalAddress(at) ?? null, count });
    done += count;
  }
  return list;
}
