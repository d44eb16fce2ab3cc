// A device model from its description: spec/devices says which registers there are, handlers say what they do.
//
// Relies on spec/devices/schema.ts and core/bus.ts. Guarantees: handlers see whole registers; an access that covers
// several is split, lowest address first; a narrower store is merged with what a load gives; access rights of the
// description hold; offsets without a register read as zero, ignore stores, and are told to `onUnknown`.

import type { DeviceRegister, DeviceSpec } from "../../spec/devices/schema.ts";
import type { BusDevice, DeviceBytes } from "../core/bus.ts";

/** What one register does. `index` counts registers of one kind. A missing handler: reads its reset value, ignores. */
export interface RegisterHandlers {
  readonly read?: (index: number) => bigint;
  readonly write?: (value: bigint, index: number) => void;
}

/** Handlers by register name; every name must be one of the description's. */
export type RegisterModel = Readonly<Record<string, RegisterHandlers>>;

/** An access that no register answers. */
export type UnknownAccess = (offset: number, kind: "load" | "store") => void;

/** The state of a device, which its handlers change in place: plain data. */
export interface ModelOptions<State extends object> {
  readonly name: string;
  readonly spec: DeviceSpec;
  readonly initialState: () => State;
  readonly model: (state: () => State) => RegisterModel;
  /** Called after `reset` and `restoreState`: drive the lines as the state says. */
  readonly onRestored?: () => void;
  readonly onUnknown?: UnknownAccess;
}

interface Slot {
  readonly register: DeviceRegister;
  readonly index: number;
  readonly offset: number;
  readonly handlers: RegisterHandlers;
}

/** A bus device whose registers are those of `options.spec`. */
export class RegisterDevice<State extends object> implements BusDevice {
  readonly name: string;
  readonly bytes: number;
  private state: State;
  private readonly options: ModelOptions<State>;
  private readonly readable = new Map<number, Slot>();
  private readonly writable = new Map<number, Slot>();

  constructor(options: ModelOptions<State>) {
    const { name, spec, initialState, model } = options;
    this.name = name;
    this.bytes = spec.bytes;
    this.options = options;
    this.state = initialState();
    const handlers = model(() => this.state);
    for (const known of Object.keys(handlers)) {
      if (!spec.registers.some((r) => r.name === known)) throw new Error(`${spec.name} has no ${known}`);
    }
    for (const register of spec.registers) this.place(register, handlers[register.name] ?? {});
  }

  load(offset: number, bytes: DeviceBytes): bigint {
    let value = 0n;
    for (let done = 0; done < bytes;) {
      const slot = slotAt(this.readable, offset + done);
      if (slot === null) {
        this.options.onUnknown?.(offset + done, "load");
        done += 1;
        continue;
      }
      const skip = offset + done - slot.offset;
      const count = Math.min(slot.register.bytes - skip, bytes - done);
      const part = BigInt.asUintN(8 * count, this.readSlot(slot) >> BigInt(8 * skip));
      value |= part << BigInt(8 * done);
      done += count;
    }
    return value;
  }

  store(offset: number, value: bigint, bytes: DeviceBytes): void {
    for (let done = 0; done < bytes;) {
      const slot = slotAt(this.writable, offset + done);
      if (slot === null) {
        this.options.onUnknown?.(offset + done, "store");
        done += 1;
        continue;
      }
      const skip = offset + done - slot.offset;
      const count = Math.min(slot.register.bytes - skip, bytes - done);
      const part = BigInt.asUintN(8 * count, value >> BigInt(8 * done));
      slot.handlers.write?.(this.merged(slot, part, { skip, count }), slot.index);
      done += count;
    }
  }

  reset(): void {
    this.state = this.options.initialState();
    this.options.onRestored?.();
  }

  saveState(): State {
    return structuredClone(this.state);
  }

  restoreState(state: unknown): void {
    // What saveState of the same kind of device gave: the machine keeps states by device name.
    this.state = structuredClone(state) as State;
    this.options.onRestored?.();
  }

  private place(register: DeviceRegister, handlers: RegisterHandlers): void {
    for (let index = 0; index < register.count; index += 1) {
      const offset = register.offset + index * register.stride;
      const slot = { register, index, offset, handlers };
      for (let at = offset; at < offset + register.bytes; at += 1) {
        if (register.access !== "wo") this.readable.set(at, slot);
        if (register.access !== "ro") this.writable.set(at, slot);
      }
    }
  }

  private readSlot({ handlers, register, index }: Slot): bigint {
    return handlers.read === undefined ? register.reset : handlers.read(index);
  }

  private merged(slot: Slot, part: bigint, { skip, count }: { skip: number; count: number }): bigint {
    const { bytes, access } = slot.register;
    if (count === bytes) return part;
    const old = access === "rw" ? this.readSlot(slot) : 0n;
    const mask = ((1n << BigInt(8 * count)) - 1n) << BigInt(8 * skip);
    return (old & ~mask) | (part << BigInt(8 * skip));
  }
}

function slotAt(slots: ReadonlyMap<number, Slot>, offset: number): Slot | null {
  return slots.get(offset) ?? null;
}
