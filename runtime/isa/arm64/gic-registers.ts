// A GICv3's system registers as a hart reaches them: rights, traps, and the virtual registers that a guest meets.
//
// Relies on spec/devices/gicv3.ts for what there is and on the board for what it does. The order is that of
// register-access.ts.

import { gicv3SystemRegisters } from "../../../spec/devices/gicv3.ts";
import {
  GIC_CONTROL,
  isMeant,
  virtualRules,
  type TrapRule,
} from "../../../spec/isa/arm64/privileged-traps.ts";
import type { Level } from "../../../spec/isa/arm64/privileged.ts";
import type { Trap } from "../../../spec/isa/effect-eval.ts";
import type { DeviceRegisterAccess, DeviceRegisters, SystemHart } from "../system.ts";
import type { ProcessorState } from "./processor-state.ts";
import { rulesFor, trapOf, type Direction } from "./register-traps.ts";

interface Entry {
  readonly lowest: Level;
  readonly directions: readonly Direction[];
  readonly rules: readonly TrapRule[];
  /** Bits of HCR_EL2 of which any one puts the virtual register in its place at EL1. */
  readonly virtualised: bigint;
}

const directions = { ro: ["read"], wo: ["write"], rw: ["read", "write"] } as const;

const entries: ReadonlyMap<number, Entry> = new Map(
  gicv3SystemRegisters.map(({ name, number, access }) => [
    number,
    {
      lowest: name.endsWith("_el2") ? 2 : 1,
      directions: directions[access],
      rules: rulesFor(name),
      virtualised: virtualRules
        .filter(({ what }) => what.some((pattern) => isMeant(name, pattern)))
        .reduce((all, { mask }) => all | mask, 0n),
    },
  ]),
);

const controlNumber = gicv3SystemRegisters.find(({ name }) => name === GIC_CONTROL)?.number ?? 0;

export class GicRegisters {
  private readonly state: ProcessorState;
  private readonly hart: SystemHart;
  private readonly device: DeviceRegisters;

  constructor(state: ProcessorState, hart: SystemHart, device: DeviceRegisters) {
    this.state = state;
    this.hart = hart;
    this.device = device;
  }

  /** Null: there is no such register here. */
  read(number: number): bigint | Trap | null {
    const access = this.accessTo(number, "read");
    return access === null || "kind" in access ? access : this.device.read(number, access);
  }

  /** "done", or as `read`. */
  write(number: number, value: bigint): "done" | Trap | null {
    const access = this.accessTo(number, "write");
    if (access === null || "kind" in access) return access;
    return this.device.write(number, value, access) ? "done" : null;
  }

  private accessTo(number: number, direction: Direction): DeviceRegisterAccess | Trap | null {
    const { state, hart } = this;
    const entry = entries.get(number);
    if (entry === undefined || state.level < entry.lowest || !entry.directions.includes(direction))
      return null;
    const trap = trapOf(state, entry.rules, direction, (control) => this.ownControl(control));
    if (trap !== null) return trap;
    const isVirtual = state.level === 1 && (state.hypervisorControl() & entry.virtualised) !== 0n;
    return { hart, view: isVirtual ? "virtual" : "physical" };
  }

  private ownControl(control: string): bigint | null {
    return control === GIC_CONTROL
      ? this.device.read(controlNumber, { hart: this.hart, view: "physical" })
      : null;
  }
}
