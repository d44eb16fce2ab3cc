// The identification registers at the end of every PrimeCell's page (PL011, PL031, PL061). Relies on schema.ts.

import { register, type DeviceRegister } from "./schema.ts";

const CELL_ID: readonly number[] = [0x0d, 0xf0, 0x05, 0xb1];

/** PeriphID0..3 with the four bytes given, then PCellID0..3. */
export function primeCellIds(
  peripheral: readonly [number, number, number, number],
): readonly DeviceRegister[] {
  return [
    ...peripheral.map((byte, index) => idRegister(`periphid${index}`, 0xfe0 + 4 * index, byte)),
    ...CELL_ID.map((byte, index) => idRegister(`pcellid${index}`, 0xff0 + 4 * index, byte)),
  ];
}

function idRegister(name: string, offset: number, byte: number): DeviceRegister {
  return register(name, offset, "Identification.", { access: "ro", reset: BigInt(byte) });
}
