// PL061: eight lines that are inputs or outputs.
//
// Relies on interrupt-line.ts. An output's level is what was stored; it can interrupt by
// level. As on QEMU's virt,
// where nothing pulls, an unconnected input is low.

import { PL061_LINES, pl061 } from "../../spec/devices/pl061.ts";
import type { InterruptLine } from "../core/interrupt-line.ts";
import { RegisterDevice, variable, type DeviceOptions, type RegisterModel } from "./register-table.ts";

export interface Pl061Options extends DeviceOptions {
  readonly line: InterruptLine;
  /** By number; low while the line is an input. */
  readonly outputs?: readonly InterruptLine[];
}

interface Pl061State {
  data: number;
  /** Levels when an input changed last: for edges. */
  oldData: number;
  dir: number;
  is: number;
  ibe: number;
  iev: number;
  ie: number;
  ris: number;
  afsel: number;
}

export class Pl061 extends RegisterDevice<Pl061State> {
  private readonly options: Pl061Options;

  constructor(options: Pl061Options) {
    super({ device: options, spec: pl061, initialState, narrowStores: "extend" });
    this.options = options;
    this.define(this.model());
  }

  /** Line 0 to 7 as an input. */
  input(number: number): InterruptLine {
    return {
      set: (level) => {
        const bit = 1 << number;
        if ((this.state.dir & bit) !== 0) return;
        this.state.data = level ? this.state.data | bit : this.state.data & ~bit;
        this.update();
      },
    };
  }

  protected override driveLines(): void {
    const { data, dir, ris, ie } = this.state;
    for (let number = 0; number < PL061_LINES; number += 1) {
      this.options.outputs?.[number]?.set((((data & dir) >>> number) & 1) === 1);
    }
    this.options.line.set((ris & ie) !== 0);
  }

  private model(): RegisterModel {
    const state = (): Pl061State => this.state;
    const options = { mask: 0xff, changed: () => this.update() };
    return {
      data: {
        read: (lines) => BigInt(this.state.data & lines),
        write: (value, lines) => {
          const outputs = lines & this.state.dir;
          this.state.data = (this.state.data & ~outputs) | (Number(value) & outputs);
          this.update();
        },
      },
      dir: variable(state, "dir", options),
      is: variable(state, "is", options),
      ibe: variable(state, "ibe", options),
      iev: variable(state, "iev", options),
      ie: variable(state, "ie", options),
      ris: { read: () => BigInt(this.state.ris) },
      mis: { read: () => BigInt(this.state.ris & this.state.ie) },
      ic: {
        write: (value) => {
          this.state.ris &= ~Number(value);
          this.update();
        },
      },
      afsel: variable(state, "afsel", { mask: 0xff }),
    };
  }

  /** Edges of inputs since the last time, and levels of all lines. */
  private update(): void {
    const { state } = this;
    const { data, dir, is, ibe, iev } = state;
    const isWanted = ~(data ^ iev);
    const changed = (state.oldData ^ data) & ~dir;
    if (changed !== 0) state.oldData = data;
    state.ris |= ((changed & (ibe | isWanted) & ~is) | (isWanted & is)) & 0xff;
    this.driveLines();
  }
}

function initialState(): Pl061State {
  return { data: 0, oldData: 0, dir: 0, is: 0, ibe: 0, iev: 0, ie: 0, ris: 0, afsel: 0 };
}
