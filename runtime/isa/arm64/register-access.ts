// System registers as a privileged Arm64 hart answers them: rights, traps, then what they do.
//
// Relies on spec/isa/arm64 for registers, operations and traps. The order is the architecture's: what does not exist at
// this level is undefined, then traps to EL1 and EL2, then the access. Everything here is executed by the reference
// executor alone.

import { arm64 } from "../../../spec/isa/arm64/arm64.ts";
import { unnamedCsrs } from "../../../spec/isa/arm64/csrs.ts";
import { isReservedIdentification } from "../../../spec/isa/arm64/privileged-identification.ts";
import type { TrapRule } from "../../../spec/isa/arm64/privileged-traps.ts";
import { systemRegisters, type Level, type SystemRegister } from "../../../spec/isa/arm64/privileged.ts";
import type { Trap } from "../../../spec/isa/effect-eval.ts";
import type { DeviceRegisters, SystemHart } from "../system.ts";
import { GicRegisters } from "./gic-registers.ts";
import type { ProcessorState } from "./processor-state.ts";
import { behaviours, type Behaviour, type RegisterWorld } from "./register-behaviours.ts";
import { rulesFor, trapOf, undefinedHere, type Direction } from "./register-traps.ts";

/** A register with what it does and what may forbid it. */
export interface Entry {
  readonly register: SystemRegister;
  readonly behaviour: Behaviour;
  readonly rules: readonly TrapRule[];
}

const numbers = new Map(arm64.csrs.map(({ name, number }) => [name, number]));
const names = new Map(arm64.csrs.map(({ name, number }) => [number, name]));

function numberOf(name: string): number {
  const number = numbers.get(name) ?? unnamedCsrs.parse(name);
  if (number === null) throw new Error(`no system register ${name}`);
  return number;
}

const entries: ReadonlyMap<number, Entry> = new Map(
  systemRegisters.map((register) => [
    numberOf(register.name),
    { register, behaviour: behaviours[register.name] ?? {}, rules: rulesFor(register.name) },
  ]),
);

/** The register of that number among those of the table; null: there is none. */
export function entryOf(csr: number): Entry | null {
  return entries.get(csr) ?? null;
}

/** The timer's frequency is for the highest level to set. */
export const FREQUENCY = "cntfrq_el0";
/** Reads and writes system registers of one hart. */
export class RegisterAccess {
  private readonly world: RegisterWorld;
  private readonly devices: GicRegisters | null;
  private readonly unimplemented: (what: string) => void;

  constructor(
    hart: SystemHart,
    world: RegisterWorld,
    board: { readonly deviceRegisters: DeviceRegisters | null; unimplemented(what: string): void },
  ) {
    this.world = world;
    const { deviceRegisters } = board;
    this.devices = deviceRegisters && new GicRegisters(world.state, hart, deviceRegisters);
    this.unimplemented = (what) => {
      board.unimplemented(what);
    };
  }

  read(number: number): bigint | Trap {
    const entry = entries.get(number);
    if (entry === undefined) return this.readUnlisted(number);
    const trap = this.check(entry, "read");
    if (trap !== null) return trap;
    return this.valueOf(entry);
  }

  write(number: number, value: bigint): Trap | null {
    const entry = entries.get(number);
    if (entry === undefined) return this.writeUnlisted(number, value);
    const trap = this.check(entry, "write");
    if (trap !== null) return trap;
    this.change(entry, value);
    return null;
  }

  /** What software may read at some level, without rights and traps; null if there is no such register. */
  inspect(number: number): bigint | null {
    const entry = entries.get(number);
    return entry !== undefined && this.isThere(entry) && entry.register.read !== null
      ? this.valueOf(entry)
      : null;
  }

  /** Writes what software may write at some level; false if there is no such register. */
  modify(number: number, value: bigint): boolean {
    const entry = entries.get(number);
    if (entry === undefined || !this.isThere(entry)) return false;
    if (entry.register.write !== null) this.change(entry, value);
    return true;
  }

  private valueOf({ register, behaviour }: Entry): bigint {
    if (behaviour.read !== undefined) return behaviour.read(this.world);
    return register.writable === 0n ? register.reset : this.world.state.get(register.name);
  }

  private change({ register, behaviour }: Entry, value: bigint): void {
    const keep = (wanted: bigint): void => {
      keepWritable(this.world.state, register, wanted);
    };
    if (behaviour.write === undefined) keep(value);
    else behaviour.write(this.world, value, keep);
  }

  private isThere({ register, behaviour }: Entry): boolean {
    const { hasEl2 } = this.world.state;
    const isHere = register.el2 === "any" || (register.el2 === "needed") === hasEl2;
    return isHere && behaviour.exists?.(this.world) !== false;
  }

  private check(entry: Entry, direction: Direction): Trap | null {
    const { state } = this.world;
    const { register, rules } = entry;
    const lowest = register[direction];
    if (!this.isThere(entry) || lowest === null || state.level < lowest) return undefinedHere;
    const highest: Level = state.hasEl2 ? 2 : 1;
    if (register.name === FREQUENCY && direction === "write" && state.level < highest) return undefinedHere;
    return trapOf(state, rules, direction);
  }

  private readUnlisted(number: number): bigint | Trap {
    const { state } = this.world;
    if (isReservedIdentification(number)) {
      return state.level === 0 ? undefinedHere : (trapOf(state, reservedRules, "read") ?? 0n);
    }
    return this.devices?.read(number) ?? this.unknown(number);
  }

  private writeUnlisted(number: number, value: bigint): Trap | null {
    const result = this.devices?.write(number, value) ?? this.unknown(number);
    return result === "done" ? null : result;
  }

  private unknown(number: number): Trap {
    if (this.world.state.level > 0) {
      this.unimplemented(`system register ${names.get(number) ?? unnamedCsrs.print(number)}`);
    }
    return undefinedHere;
  }
}

const reservedRules = rulesFor("id_reserved");

function keepWritable(state: ProcessorState, { name, writable, reset }: SystemRegister, value: bigint): void {
  if (writable !== 0n) state.set(name, (value & writable) | (reset & ~writable));
}
