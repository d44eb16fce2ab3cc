// The registers of the performance monitors as software reads and writes them (Arm DDI 0487, D17.5).
//
// Relies on performance-monitors.ts for what counts. Counters that a hypervisor keeps to itself read as zero below it.

import {
  CYCLE_COUNTER,
  EVENT_COUNTERS,
  MONITOR_CONTROL,
} from "../../../spec/isa/arm64/privileged-monitors.ts";
import type { Behaviour, RegisterWorld } from "./register-behaviours.ts";

type Change = (before: bigint, value: bigint) => bigint;

// A register of which writes set bits of another one, or clear them.
function changesBits(of: string, change: Change): Behaviour {
  return {
    read: ({ state, monitors }) =>
      (of === OVERFLOWS ? monitors.overflows() : state.get(of)) & monitors.visible(),
    write: ({ state, monitors }, value) => {
      const bits = value & monitors.visible();
      monitors.change(() => {
        state.set(of, change(state.get(of), bits));
      });
    },
  };
}
const OVERFLOWS = "pmovsset_el0";
const set: Change = (before, value) => before | value;
const clear: Change = (before, value) => before & ~value;

// Changes the register and with it what counts.
const changesCounting: Behaviour = {
  write: ({ monitors }, value, keep) => {
    monitors.change(() => {
      keep(value);
    });
  },
};

function isVisible({ monitors }: RegisterWorld, counter: number): boolean {
  return ((monitors.visible() >> BigInt(counter)) & 1n) === 1n;
}

function readType(world: RegisterWorld, counter: number): bigint {
  return isVisible(world, counter) ? world.state.get(`pmevtyper${String(counter)}_el0`) : 0n;
}

function counterPair(counter: number): Record<string, Behaviour> {
  const number = String(counter);
  return {
    [`pmevcntr${number}_el0`]: {
      read: (world) => (isVisible(world, counter) ? world.monitors.read(counter) : 0n),
      write: (world, value) => {
        if (isVisible(world, counter)) world.monitors.write(counter, value);
      },
    },
    [`pmevtyper${number}_el0`]: {
      read: (world) => readType(world, counter),
      write: (world, value, keep) => {
        if (!isVisible(world, counter)) return;
        world.monitors.change(() => {
          keep(value);
        });
      },
    },
  };
}

const pairs = Object.assign(
  {},
  ...Array.from({ length: EVENT_COUNTERS }, (_, counter) => counterPair(counter)),
) as Record<string, Behaviour>;

// The register of the counter that PMSELR_EL0 selects; nothing, if there is none.
function selected(kind: "cntr" | "typer", ofCycles: string | null): Behaviour {
  const nameOf = ({ state }: RegisterWorld): string | null => {
    const counter = Number(state.get("pmselr_el0"));
    if (counter === CYCLE_COUNTER) return ofCycles;
    return counter < EVENT_COUNTERS ? `pmev${kind}${String(counter)}_el0` : null;
  };
  return {
    read: (world) => {
      const name = nameOf(world);
      if (name === null) return 0n;
      return pairs[name]?.read?.(world) ?? world.state.get(name);
    },
    write: (world, value) => {
      const name = nameOf(world);
      if (name !== null) world.writeRegister(name, value);
    },
  };
}

/** By register name. */
export const monitorBehaviours: Readonly<Record<string, Behaviour>> = {
  pmcr_el0: {
    read: ({ state, monitors }) => {
      const [low, width] = MONITOR_CONTROL.count;
      const others = state.get("pmcr_el0") & ~(((1n << BigInt(width)) - 1n) << BigInt(low));
      return others | (BigInt(monitors.visibleCount()) << BigInt(low));
    },
    write: ({ monitors }, value, keep) => {
      monitors.writeControl(value, keep);
    },
  },
  pmccntr_el0: {
    read: ({ monitors }) => monitors.read(CYCLE_COUNTER),
    write: ({ monitors }, value) => {
      monitors.write(CYCLE_COUNTER, value);
    },
  },
  pmswinc_el0: {
    write: ({ monitors }, value) => {
      monitors.increment(value & monitors.visible());
    },
  },
  pmccfiltr_el0: changesCounting,
  pmcntenset_el0: changesBits("pmcntenset_el0", set),
  pmcntenclr_el0: changesBits("pmcntenset_el0", clear),
  pmovsset_el0: changesBits(OVERFLOWS, set),
  pmovsclr_el0: changesBits(OVERFLOWS, clear),
  pmintenset_el1: changesBits("pmintenset_el1", set),
  pmintenclr_el1: changesBits("pmintenset_el1", clear),
  pmxevtyper_el0: selected("typer", "pmccfiltr_el0"),
  pmxevcntr_el0: selected("cntr", null),
  ...pairs,
};
