// PL011: a UART whose line is infinitely fast.
//
// Relies on byte-channel.ts. As QEMU's: a byte stored to DR leaves at once, whatever CR says, and raises TX; the first
// byte in the receive FIFO raises RX whatever IFLS says, so there is no receive timeout; loopback and DMA do nothing.

import { pl011, PL011_FIFO_BYTES, pl011Fields } from "../../spec/devices/pl011.ts";
import { fieldMasks } from "../../spec/devices/schema.ts";
import type { InterruptLine } from "../core/interrupt-line.ts";
import {
  dequeueBytes,
  emptyQueue,
  enqueueBytes,
  type ByteChannel,
  type ByteInput,
  type InputQueue,
} from "./byte-channel.ts";
import { RegisterDevice, variable, type DeviceOptions, type RegisterModel } from "./register-table.ts";

const FR = fieldMasks(pl011Fields.fr);
const LCR_H = fieldMasks(pl011Fields.lcrH);
const INTERRUPT = fieldMasks(pl011Fields.interrupts);

export interface Pl011Options extends DeviceOptions {
  readonly line: InterruptLine;
  readonly channel: ByteChannel;
}

interface Pl011State {
  readonly queue: InputQueue;
  fifo: number[];
  /** What DR reads as while the FIFO is empty. */
  last: number;
  ilpr: number;
  ibrd: number;
  fbrd: number;
  lcrH: number;
  cr: number;
  ifls: number;
  imsc: number;
  ris: number;
  dmacr: number;
}

export class Pl011 extends RegisterDevice<Pl011State> implements ByteInput {
  private readonly options: Pl011Options;

  constructor(options: Pl011Options) {
    super({ device: options, spec: pl011, initialState, narrowStores: "extend" });
    this.options = options;
    this.define(this.model());
  }

  receive(bytes: Uint8Array): number {
    const count = enqueueBytes(this.state.queue, bytes);
    this.refill();
    this.driveLines();
    return count;
  }

  protected override driveLines(): void {
    this.options.line.set((this.state.ris & this.state.imsc) !== 0);
  }

  private model(): RegisterModel {
    const state = (): Pl011State => this.state;
    const changed = (): void => this.driveLines();
    return {
      dr: {
        read: () => BigInt(this.takeByte()),
        write: (value) => {
          this.options.channel.send(Number(value & 0xffn));
          this.state.ris |= INTERRUPT.tx;
          this.driveLines();
        },
      },
      fr: { read: () => BigInt(this.flags()) },
      ilpr: variable(state, "ilpr", { mask: 0xff }),
      ibrd: variable(state, "ibrd", { mask: 0xffff }),
      fbrd: variable(state, "fbrd", { mask: 0x3f }),
      lcr_h: {
        read: () => BigInt(this.state.lcrH),
        write: (value) => this.storeLineControl(Number(value) & 0xff),
      },
      cr: variable(state, "cr", { mask: 0xffff }),
      ifls: variable(state, "ifls", { mask: 0x3f }),
      imsc: variable(state, "imsc", { mask: 0x7ff, changed }),
      ris: { read: () => BigInt(this.state.ris) },
      mis: { read: () => BigInt(this.state.ris & this.state.imsc) },
      icr: {
        write: (value) => {
          this.state.ris &= ~Number(value);
          this.driveLines();
        },
      },
      dmacr: variable(state, "dmacr", { mask: 7 }),
    };
  }

  private capacity(): number {
    return (this.state.lcrH & LCR_H.fen) !== 0 ? PL011_FIFO_BYTES : 1;
  }

  private flags(): number {
    const { length } = this.state.fifo;
    return FR.txfe | (length === 0 ? FR.rxfe : 0) | (length >= this.capacity() ? FR.rxff : 0);
  }

  private takeByte(): number {
    const { state } = this;
    state.last = state.fifo.shift() ?? state.last;
    if (state.fifo.length === 0) state.ris &= ~INTERRUPT.rx;
    this.refill();
    this.driveLines();
    return state.last;
  }

  private storeLineControl(value: number): void {
    const isSwitched = ((this.state.lcrH ^ value) & LCR_H.fen) !== 0;
    this.state.lcrH = value;
    if (!isSwitched) return;
    this.state.fifo = [];
    this.refill();
    this.driveLines();
  }

  /** Moves bytes from the host into whatever room there is. */
  private refill(): void {
    const { state } = this;
    const wasEmpty = state.fifo.length === 0;
    state.fifo.push(...dequeueBytes(state.queue, this.capacity() - state.fifo.length, this.options.channel));
    if (wasEmpty && state.fifo.length > 0) state.ris |= INTERRUPT.rx;
  }
}

function initialState(): Pl011State {
  return {
    queue: emptyQueue(),
    fifo: [],
    last: 0,
    ilpr: 0,
    ibrd: 0,
    fbrd: 0,
    lcrH: 0,
    cr: 0x300,
    ifls: 0x12,
    imsc: 0,
    ris: 0,
    dmacr: 0,
  };
}
