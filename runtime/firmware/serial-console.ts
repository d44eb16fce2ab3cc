// The firmware's console is the board's NS16550A, used as any program would use it. Relies on spec/devices/ns16550a.ts.

import { ns16550a, ns16550aFields } from "../../spec/devices/ns16550a.ts";
import { fieldMask } from "../../spec/devices/schema.ts";
import { isFault, type Memory } from "../core/memory.ts";
import type { FirmwareConsole } from "./firmware-machine.ts";

function offsetOf(name: string): bigint {
  const register = ns16550a.registers.find((r) => r.name === name);
  if (register === undefined) throw new Error(`the NS16550A has no ${name}`);
  return BigInt(register.offset);
}

const DATA_READY = fieldMask(ns16550aFields.lsr.dr);

/** The console at the UART's `address`. */
export function serialConsole(physical: Memory, address: bigint): FirmwareConsole {
  const [transmit, receive, status] = [offsetOf("thr"), offsetOf("rbr"), offsetOf("lsr")];
  const load = (offset: bigint): bigint => {
    const value = physical.load(address + offset, 1);
    return isFault(value) ? 0n : value;
  };
  return {
    write: (byte) => {
      physical.store(address + transmit, BigInt(byte), 1);
    },
    read: () => ((load(status) & DATA_READY) === 0n ? null : Number(load(receive))),
  };
}
