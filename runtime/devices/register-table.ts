// A device model from its description: spec/devices says which registers there are, handlers say what they do.
//
// Relies on spec/devices/schema.ts and core/bus.ts. Guarantees: handlers see whole registers, and loads give no more
// bits than the access has; an access that covers several registers is split, lowest address first; access rights of
// the description hold; widths that the description does not list and offsets without a register read as zero, ignore
// stores, and are told to `onUnknown`, the first byte of each such stretch.

import type { DeviceRegister, DeviceSpec } from "../../spec/devices/schema.ts";
import type { BusDevice, DeviceBytes } from "../core/bus.ts";

/** What one register does. `index` counts registers of one kind. A missing handler: reads its reset value, ignores. */
export interface RegisterHandlers {
  readonly read?: (index: number) => bigint;
  readonly write?: (value: bigint, index: number) => void;
  /** Default: the device's. */
  readonly narrowStores?: NarrowStores;
}

/**
 * What a store does that is narrower than its register. `merge`: the other bytes keep what a load gives. `extend`: they
 * are zero, and nothing is loaded: for registers whose loads have effects or whose stores set or clear bits.
 */
export type NarrowStores = "merge" | "extend";

/** Handlers by register name; every name must be one of the description's. */
export type RegisterModel = Readonly<Record<string, RegisterHandlers>>;

/** An access that no register answers. */
export type UnknownAccess = (offset: number, kind: "load" | "store") => void;

/** What every model's constructor takes. */
export interface DeviceOptions {
  /** Unique on the board. */
  readonly name: string;
  readonly onUnknown?: UnknownAccess;
}

/** What a model tells the table. */
export interface TableOptions<State extends object> {
  readonly device: DeviceOptions;
  readonly spec: DeviceSpec;
  /** The state after power-on: plain data, which handlers change in place. */
  readonly initialState: () => State;
  /** Default: `merge`. */
  readonly narrowStores?: NarrowStores;
  /** True: an access that is wider than the first register that it meets is one to that register alone. */
  readonly firstRegisterOnly?: boolean;
}

/** A register that is a 32-bit (or smaller) number of the state: keeps the bits of `mask`, then calls `changed`. */
export function variable<Key extends string>(
  state: () => Record<Key, number>,
  key: Key,
  options: { readonly mask?: number; readonly changed?: () => void } = {},
): RegisterHandlers {
  return {
    read: () => BigInt(state()[key] >>> 0),
    write: (value) => {
      state()[key] = (Number(value) & (options.mask ?? -1)) >>> 0;
      options.changed?.();
    },
  };
}

interface Slot {
  readonly register: DeviceRegister;
  readonly index: number;
  readonly offset: number;
  readonly handlers: RegisterHandlers;
}

interface Access {
  readonly offset: number;
  readonly bytes: DeviceBytes;
  readonly kind: "load" | "store";
}

/** Where an access meets a register: `count` bytes from its byte `skip` on, after `done` bytes of the access. */
interface Part {
  readonly slot: Slot;
  readonly skip: number;
  readonly count: number;
  readonly done: number;
}

/**
 * A bus device whose registers are those of its description. A model's constructor calls `define` once; it reads
 * `this.state` anew in each handler, since `reset` and `restoreState` replace it.
 */
export abstract class RegisterDevice<State extends object> implements BusDevice {
  readonly name: string;
  readonly bytes: number;
  /** Its registers, with the names that traces show. */
  readonly spec: DeviceSpec;
  protected state: State;
  private readonly table: TableOptions<State>;
  private readonly readable = new Map<number, Slot>();
  private readonly writable = new Map<number, Slot>();

  protected constructor(options: TableOptions<State>) {
    this.name = options.device.name;
    this.spec = options.spec;
    this.bytes = options.spec.bytes;
    this.table = options;
    this.state = options.initialState();
  }

  load(offset: number, bytes: DeviceBytes): bigint {
    let value = 0n;
    this.forEachPart({ offset, bytes, kind: "load" }, ({ slot, skip, count, done }) => {
      const part = BigInt.asUintN(8 * count, this.readSlot(slot) >> BigInt(8 * skip));
      value |= part << BigInt(8 * done);
    });
    return value;
  }

  store(offset: number, value: bigint, bytes: DeviceBytes): void {
    this.forEachPart({ offset, bytes, kind: "store" }, ({ slot, skip, count, done }) => {
      const part = BigInt.asUintN(8 * count, value >> BigInt(8 * done));
      slot.handlers.write?.(this.wholeValue(slot, part, { skip, count }), slot.index);
    });
  }

  reset(): void {
    this.state = this.table.initialState();
    this.driveLines();
  }

  saveState(): State {
    return structuredClone(this.state);
  }

  restoreState(state: unknown): void {
    // What saveState of the same kind of device gave: the machine keeps states by device name.
    this.state = structuredClone(state) as State;
    this.driveLines();
  }

  /** Says what the registers do. */
  protected define(handlers: RegisterModel): void {
    const { spec } = this;
    for (const known of Object.keys(handlers)) {
      if (!spec.registers.some((r) => r.name === known)) throw new Error(`${spec.name} has no ${known}`);
    }
    for (const register of spec.registers) this.place(register, handlers[register.name] ?? {});
  }

  /** Called after `reset` and `restoreState`: set lines and timers as the state says. */
  protected driveLines(): void {
    // Most devices without lines need nothing.
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

  private forEachPart({ offset, bytes, kind }: Access, visit: (part: Part) => void): void {
    if (!this.spec.accesses.includes(bytes)) {
      this.table.device.onUnknown?.(offset, kind);
      return;
    }
    const slots = kind === "load" ? this.readable : this.writable;
    let end = bytes as number;
    let isTold = false;
    for (let done = 0; done < end;) {
      const slot = slots.get(offset + done);
      if (slot === undefined) {
        if (!isTold) this.tellUnknown(offset + done, kind);
        isTold = true;
        done += 1;
        continue;
      }
      isTold = false;
      const skip = offset + done - slot.offset;
      const count = Math.min(slot.register.bytes - skip, end - done);
      if (this.table.firstRegisterOnly === true) end = done + count;
      visit({ slot, skip, count, done });
      done += count;
    }
  }

  /** A register that is only loaded ignores stores, and the other way round: there is nothing to tell. */
  private tellUnknown(offset: number, kind: "load" | "store"): void {
    const others = kind === "load" ? this.writable : this.readable;
    if (!others.has(offset)) this.table.device.onUnknown?.(offset, kind);
  }

  private readSlot({ handlers, register, index }: Slot): bigint {
    return handlers.read === undefined ? register.reset : handlers.read(index);
  }

  private wholeValue(slot: Slot, part: bigint, { skip, count }: { skip: number; count: number }): bigint {
    const { bytes, access } = slot.register;
    if (count === bytes) return part;
    const narrowStores = slot.handlers.narrowStores ?? this.table.narrowStores ?? "merge";
    const old = narrowStores === "merge" && access === "rw" ? this.readSlot(slot) : 0n;
    const mask = ((1n << BigInt(8 * count)) - 1n) << BigInt(8 * skip);
    return (old & ~mask) | (part << BigInt(8 * skip));
  }
}
