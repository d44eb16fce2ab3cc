// Counters: cycles and instructions retired, which are one here, and the counters that software programs.
//
// Relies on privileged-state.ts. A counter that counts is kept as its distance from the hart's retired count, so nothing
// is done per instruction. Source: privileged manual 1.12, 3.1.10 to 3.1.12; events as on QEMU.

import { COUNTED_EVENTS, COUNTER } from "../../../spec/isa/riscv64/status.ts";
import type { Hart } from "../../core/hart.ts";

/** The counter's value, before the instruction that reads it counts. */
export function readCounter(hart: Hart, counter: number): bigint {
  const kept = hart.read("counters", counter);
  return isCounting(hart, counter) ? BigInt.asUintN(64, kept + hart.retired) : kept;
}

/** The next instruction sees `value`: the one that writes does not count. */
export function writeCounter(hart: Hart, counter: number, value: bigint): void {
  hart.write("counters", counter, isCounting(hart, counter) ? value - hart.retired - 1n : value);
}

/** Does `change`, which may start and stop counters; those that it stops keep their value. */
export function changeCounting(hart: Hart, change: () => void): void {
  const counters = Array.from({ length: hart.places.get("counters")?.file.count ?? 0 }, (_, i) => i);
  const before = counters.map((i) => ({ value: readCounter(hart, i), was: isCounting(hart, i) }));
  change();
  before.forEach(({ value, was }, i) => {
    const now = isCounting(hart, i);
    if (was !== now) hart.write("counters", i, now ? value - hart.retired - 1n : value);
  });
}

function isCounting(hart: Hart, counter: number): boolean {
  if (((hart.read("mcountinhibit", 0) >> BigInt(counter)) & 1n) === 1n) return false;
  if (counter === COUNTER.cycle || counter === COUNTER.instret) return true;
  const isProgrammed = counter >= COUNTER.firstEvent;
  return isProgrammed && COUNTED_EVENTS.includes(hart.read("mhpmevent", counter - COUNTER.firstEvent));
}
