// SiFive test finisher: tells the machine to end or to start again. It has no state.
//
// Relies on register-table.ts.

import { SIFIVE_TEST_COMMANDS, sifiveTest } from "../../spec/devices/sifive-test.ts";
import { RegisterDevice, type DeviceOptions } from "./register-table.ts";

export interface SifiveTestOptions extends DeviceOptions {
  /** The guest has ended, with this exit code: 0 after `pass`. */
  readonly powerOff: (code: number) => void;
  readonly resetMachine: () => void;
}

export class SifiveTest extends RegisterDevice<object> {
  constructor(options: SifiveTestOptions) {
    super({ device: options, spec: sifiveTest, initialState: () => ({}), narrowStores: "extend" });
    const { fail, pass, reset } = SIFIVE_TEST_COMMANDS;
    const actions = new Map<number, (code: number) => void>([
      [fail, (code) => options.powerOff(code)],
      [pass, () => options.powerOff(0)],
      [reset, () => options.resetMachine()],
    ]);
    this.define({
      finisher: {
        write: (value) => actions.get(Number(value & 0xffffn))?.(Number(value >> 16n)),
      },
    });
  }
}
