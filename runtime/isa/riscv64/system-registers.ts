// Reads and writes of CSRs: rights, views, legal values, and what a write changes besides the value.
//
// Relies on the table in spec/isa/riscv64/privileged.ts, which says all of that; here is how. A refused access is the
// trap of an undefined instruction. Source: privileged manual 1.12, 2.1 (numbers say rights), chapters 3 and 4.

import type { CsrView } from "../../../spec/isa/effect.ts";
import type { Trap } from "../../../spec/isa/effect-eval.ts";
import {
  privilegedRegisters,
  type AccessRule,
  type ComputedRegister,
  type PrivilegedRegister,
  type StoredRegister,
  type WriteEffect,
} from "../../../spec/isa/riscv64/privileged.ts";
import { riscv64 } from "../../../spec/isa/riscv64/riscv64.ts";
import {
  COUNTER,
  INTERRUPT,
  PRIVILEGE,
  PROTECTION_ENTRIES,
  STATUS,
} from "../../../spec/isa/riscv64/status.ts";
import { fieldMask, readField, withField } from "../../core/bit-field.ts";
import { csrNumber } from "../binding.ts";
import { changeCounting, readCounter, writeCounter } from "./counters.ts";
import type { PrivilegedState } from "./privileged-state.ts";
import { isAddressLocked, isConfigurationLocked } from "./protection.ts";
import { readTrigger, writeTrigger } from "./triggers.ts";
import { riscv64Binding } from "./user.ts";

const illegal: Trap = { kind: "trap", cause: riscv64Binding.traps.undefinedInstruction, value: 0n };

const byNumber: ReadonlyMap<number, PrivilegedRegister> = new Map(
  privilegedRegisters.map((register) => [csrNumber(riscv64, register.name), register]),
);

/** The register of that number; null: there is none. */
export function registerOf(number: number): PrivilegedRegister | null {
  return byNumber.get(number) ?? null;
}

/** Hears of what writes change; "protection" for physical memory protection. */
export type WriteListener = (effect: WriteEffect | "protection") => void;

export class SystemRegisters {
  private readonly state: PrivilegedState;
  private readonly listener: WriteListener;
  private readonly unknown: (number: number) => void;

  /** `unknown` hears of numbers that are no register of this machine. */
  constructor(state: PrivilegedState, listener: WriteListener, unknown: (number: number) => void) {
    this.state = state;
    this.listener = listener;
    this.unknown = unknown;
  }

  read(number: number, view: CsrView): bigint | Trap {
    const register = this.find(number);
    return register === null ? illegal : this.valueOf(register, view);
  }

  write(number: number, value: bigint): Trap | null {
    const register = this.find(number);
    if (register === null || isReadOnly(number)) return illegal;
    this.change(register, value);
    return null;
  }

  /** The same whatever the privilege is; null if there is no such register. */
  inspect(number: number): bigint | null {
    const register = byNumber.get(number);
    return register === undefined ? null : this.valueOf(register, "shown");
  }

  /** Writes whatever the privilege is; false if there is no such register. */
  modify(number: number, value: bigint): boolean {
    const register = byNumber.get(number);
    if (register !== undefined) this.change(register, value);
    return register !== undefined;
  }

  private valueOf(register: PrivilegedRegister, view: CsrView): bigint {
    if (register.kind === "fixed") return register.value;
    return register.kind === "stored" ? readStored(this.state, register) : this.readComputed(register, view);
  }

  private change(register: PrivilegedRegister, value: bigint): void {
    if (register.kind === "stored") this.writeStored(register, value);
    if (register.kind === "computed") this.writeComputed(register, value);
  }

  // The register, if there is one and the present privilege may see it.
  private find(number: number): PrivilegedRegister | null {
    const register = byNumber.get(number);
    if (register === undefined) {
      this.unknown(number);
      return null;
    }
    if (this.state.privilege < lowestPrivilege(number)) return null;
    const rule = register.kind === "fixed" ? null : register.rule;
    return rule === null || isAllowed(this.state, rule) ? register : null;
  }

  private writeStored(register: StoredRegister, value: bigint): void {
    const { state } = this;
    const { file, index } = register;
    const legal = legalValue(register, value);
    if (legal === null) return;
    const writable = register.writable & throughMask(state, register.through);
    const old = state.hart.read(file, index);
    const next = (old & ~writable) | (legal & writable);
    const change = (): void => {
      state.hart.write(file, index, next);
    };
    if (register.effects.includes("counting")) changeCounting(state.hart, change);
    else change();
    for (const effect of register.effects) this.listener(effect);
  }

  private readComputed({ what, index, through }: ComputedRegister, view: CsrView): bigint {
    const { state } = this;
    const values: Readonly<Record<ComputedRegister["what"], () => bigint>> = {
      counter: () => readCounter(state.hart, index),
      time: () => state.time(),
      hart: () => BigInt(state.index),
      pending: () => (view === "shown" ? state.pending() : state.get("mip")) & throughMask(state, through),
      protection: () => readConfigurations(state, index),
      protectionAddress: () => state.hart.read("pmpaddr", index),
      trigger: () => readTrigger(state, index),
    };
    return values[what]();
  }

  private writeComputed({ what, index, writable, through }: ComputedRegister, value: bigint): void {
    const { state } = this;
    const writers: Readonly<Record<ComputedRegister["what"], () => void>> = {
      counter: () => {
        writeCounter(state.hart, index, value);
      },
      time: () => undefined,
      hart: () => undefined,
      pending: () => {
        writePending(state, value, writable & throughMask(state, through));
        this.listener("interrupts");
      },
      protection: () => {
        writeConfigurations(state, index, value);
        this.listener("protection");
      },
      protectionAddress: () => {
        if (!isAddressLocked(state, index)) state.hart.write("pmpaddr", index, value);
        this.listener("protection");
      },
      trigger: () => {
        writeTrigger(state, index, value);
        this.listener("triggers");
      },
    };
    writers[what]();
  }
}

/** Of a CSR, by its number. */
export function lowestPrivilege(number: number): bigint {
  return BigInt((number >> 8) & 3);
}

/** By its number. */
export function isReadOnly(number: number): boolean {
  return number >> 10 === 3;
}

function isAllowed(state: PrivilegedState, rule: AccessRule): boolean {
  const { privilege } = state;
  const { supervisor, machine } = PRIVILEGE;
  if (privilege === machine) return true;
  const enabled = (file: string, counter: number): boolean =>
    ((state.get(file) >> BigInt(counter)) & 1n) === 1n;
  switch (rule.kind) {
    case "counter":
      return (
        enabled("mcounteren", rule.counter) &&
        (privilege === supervisor || enabled("scounteren", rule.counter))
      );
    case "translation":
      return state.status(STATUS.TVM) === 0n;
    case "timer":
      return state.hasSupervisorTimer() && enabled("mcounteren", COUNTER.time);
  }
}

function throughMask(state: PrivilegedState, file: string | null): bigint {
  return file === null ? -1n : state.get(file);
}

function readStored(state: PrivilegedState, register: StoredRegister): bigint {
  const { summary } = register;
  const all = state.hart.read(register.file, register.index);
  const shown = all & register.visible & throughMask(state, register.through);
  const isSet = summary !== null && readField(all, summary.field) === summary.value;
  return isSet ? shown | fieldMask(summary.bit) : shown;
}

// Null: the register keeps what it has.
function legalValue({ legal }: StoredRegister, value: bigint): bigint | null {
  let result = value;
  for (const { field, values, otherwise } of legal) {
    if (values.includes(readField(value, field))) continue;
    if (otherwise === "keep register") return null;
    result = withField(result, field, otherwise);
  }
  return result;
}

const SUPERVISOR_TIMER = 1n << BigInt(INTERRUPT.STI);

// Software's own bits, which are shown together with those of the wires (3.1.9).
function writePending(state: PrivilegedState, value: bigint, writable: bigint): void {
  const driven = state.hasSupervisorTimer() ? SUPERVISOR_TIMER : 0n;
  const changed = writable & ~driven;
  state.set("mip", (state.get("mip") & ~changed) | (value & changed));
}

function readConfigurations({ hart }: PrivilegedState, first: number): bigint {
  let value = 0n;
  for (let i = PROTECTION_ENTRIES.perRegister - 1; i >= 0; i -= 1) {
    value = (value << 8n) | hart.read("pmpcfg", first + i);
  }
  return value;
}

// Bits 5 and 6 of an entry are reserved and stay zero.
const CONFIGURATION_BITS = 0x9fn;

function writeConfigurations(state: PrivilegedState, first: number, value: bigint): void {
  for (let i = 0; i < PROTECTION_ENTRIES.perRegister; i += 1) {
    if (isConfigurationLocked(state, first + i)) continue;
    state.hart.write("pmpcfg", first + i, (value >> BigInt(8 * i)) & CONFIGURATION_BITS);
  }
}
