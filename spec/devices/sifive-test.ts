// SiFive test finisher: one register that ends the machine. Relies on schema.ts.

import { field, register, type DeviceSpec } from "./schema.ts";

/** What the low half of a store asks for; `fail` has an exit code in the high half. */
export const SIFIVE_TEST_COMMANDS = { fail: 0x3333, pass: 0x5555, reset: 0x7777 } as const;

export const sifiveTestFields = { command: field(0, 16), code: field(16, 16) };

export const sifiveTest: DeviceSpec = {
  name: "sifive-test",
  doc: "Powers off, fails with a code, or resets.",
  source: "SiFive test finisher, as in the device tree binding sifive,test0",
  bytes: 0x1000,
  accesses: [2, 4],
  compatible: ["sifive,test1", "sifive,test0", "syscon"],
  registers: [register("finisher", 0x0, "The command.", { access: "wo", fields: sifiveTestFields })],
};
