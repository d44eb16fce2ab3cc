// NS16550A: a UART whose line is infinitely fast; only the receive timeout takes time.
//
// Relies on byte-channel.ts and core/timeline.ts. A byte stored to THR leaves at once, so THRE and TEMT are set whenever
// the guest looks. Bytes from the host fill the receive FIFO as soon as it has room; overruns exist in loopback only.

import {
  ns16550a,
  ns16550aFields,
  NS16550A_CAUSES,
  NS16550A_FIFO_BYTES,
  NS16550A_TRIGGERS,
} from "../../spec/devices/ns16550a.ts";
import { fieldMasks } from "../../spec/devices/schema.ts";
import type { InterruptLine } from "../core/interrupt-line.ts";
import type { Timeline, Timer } from "../core/timeline.ts";
import {
  dequeueBytes,
  emptyQueue,
  enqueueBytes,
  type ByteChannel,
  type ByteInput,
  type InputQueue,
} from "./byte-channel.ts";
import { RegisterDevice, variable, type DeviceOptions, type RegisterModel } from "./register-table.ts";

const IER = fieldMasks(ns16550aFields.ier);
const FCR = fieldMasks(ns16550aFields.fcr);
const LCR = fieldMasks(ns16550aFields.lcr);
const MCR = fieldMasks(ns16550aFields.mcr);
const LSR = fieldMasks(ns16550aFields.lsr);
const MSR = fieldMasks(ns16550aFields.msr);
const LSR_ERRORS = LSR.oe | LSR.pe | LSR.fe | LSR.bi;
const MSR_DELTAS = MSR.dcts | MSR.ddsr | MSR.teri | MSR.ddcd;
/** The data sheet's timeout: four characters without a load of RBR. */
const TIMEOUT_CHARACTERS = 4n;

export interface Ns16550aOptions extends DeviceOptions {
  readonly timeline: Timeline;
  readonly line: InterruptLine;
  readonly channel: ByteChannel;
  /** Frequency of the divisor's input; 16 cycles a bit. */
  readonly clockHz: number;
}

interface Ns16550aState {
  readonly queue: InputQueue;
  fifo: number[];
  /** The receive buffer while FIFOs are off. */
  rbr: number;
  ier: number;
  fcr: number;
  lcr: number;
  mcr: number;
  lsr: number;
  msr: number;
  scr: number;
  divisor: number;
  /** The transmitter became empty and neither IIR nor THR was accessed since. */
  isTransmitPending: boolean;
  isTimeoutPending: boolean;
}

export class Ns16550a extends RegisterDevice<Ns16550aState> implements ByteInput {
  private readonly options: Ns16550aOptions;
  private readonly timeout: Timer;

  constructor(options: Ns16550aOptions) {
    super({ device: options, spec: ns16550a, initialState, firstRegisterOnly: true });
    this.options = options;
    this.timeout = options.timeline.timer(`${options.name} timeout`, () => {
      this.state.isTimeoutPending = this.state.fifo.length > 0;
      this.driveLines();
    });
    this.define(this.model());
  }

  receive(bytes: Uint8Array): number {
    const count = enqueueBytes(this.state.queue, bytes);
    this.refill();
    this.driveLines();
    return count;
  }

  protected override driveLines(): void {
    this.options.line.set(this.cause() !== NS16550A_CAUSES.none);
  }

  override reset(): void {
    this.timeout.cancel();
    super.reset();
  }

  private model(): RegisterModel {
    const state = (): Ns16550aState => this.state;
    return {
      rbr: { read: () => BigInt(this.isDivisor() ? this.state.divisor & 0xff : this.takeByte()) },
      thr: { write: (value) => this.storeThr(Number(value)) },
      ier: {
        read: () => BigInt(this.isDivisor() ? this.state.divisor >>> 8 : this.state.ier),
        write: (value) => this.storeIer(Number(value)),
      },
      iir: { read: () => BigInt(this.loadIir()) },
      fcr: { write: (value) => this.storeFcr(Number(value)) },
      lcr: variable(state, "lcr"),
      mcr: variable(state, "mcr", {
        mask: 0x1f,
        changed: () => {
          this.refill();
          this.driveLines();
        },
      }),
      lsr: { read: () => BigInt(this.loadLsr()) },
      msr: { read: () => BigInt(this.loadMsr()) },
      scr: variable(state, "scr"),
    };
  }

  private isDivisor(): boolean {
    return (this.state.lcr & LCR.dlab) !== 0;
  }

  private hasFifos(): boolean {
    return (this.state.fcr & FCR.enable) !== 0;
  }

  private isLoopback(): boolean {
    return (this.state.mcr & MCR.loop) !== 0;
  }

  private cause(): number {
    const { ier, lsr, msr, fifo } = this.state;
    const causes = NS16550A_CAUSES;
    if ((ier & IER.elsi) !== 0 && (lsr & LSR_ERRORS) !== 0) return causes.lineStatus;
    if ((ier & IER.erbfi) !== 0) {
      if (this.state.isTimeoutPending) return causes.timeout;
      const isEnough = !this.hasFifos() || fifo.length >= this.triggerLevel();
      if ((lsr & LSR.dr) !== 0 && isEnough) return causes.dataAvailable;
    }
    if ((ier & IER.etbei) !== 0 && this.state.isTransmitPending) return causes.transmitEmpty;
    return (ier & IER.edssi) !== 0 && (msr & MSR_DELTAS) !== 0 ? causes.modemStatus : causes.none;
  }

  private triggerLevel(): number {
    return NS16550A_TRIGGERS[this.state.fcr >>> 6] ?? 1;
  }

  private takeByte(): number {
    const { state } = this;
    let byte = state.rbr;
    if (this.hasFifos()) {
      byte = state.fifo.shift() ?? 0;
      if (state.fifo.length > 0) this.startTimeout();
      else state.lsr &= ~(LSR.dr | LSR.bi);
      state.isTimeoutPending = false;
    } else {
      state.lsr &= ~(LSR.dr | LSR.bi);
    }
    this.refill();
    this.driveLines();
    return byte;
  }

  private storeThr(byte: number): void {
    const { state } = this;
    if (this.isDivisor()) {
      state.divisor = (state.divisor & 0xff00) | byte;
      return;
    }
    if (this.isLoopback()) this.acceptByte(byte);
    else this.options.channel.send(byte);
    state.isTransmitPending = true;
    this.driveLines();
  }

  private storeIer(value: number): void {
    const { state } = this;
    if (this.isDivisor()) {
      state.divisor = (state.divisor & 0xff) | (value << 8);
      return;
    }
    const changed = (state.ier ^ value) & 0x0f;
    state.ier = value & 0x0f;
    // Switching the interrupt on asks for it even if a load of IIR has taken it back before: drivers rely on that.
    if ((changed & IER.etbei) !== 0) state.isTransmitPending = (value & IER.etbei) !== 0;
    this.driveLines();
  }

  private loadIir(): number {
    const cause = this.cause();
    if (cause === NS16550A_CAUSES.transmitEmpty) {
      this.state.isTransmitPending = false;
      this.driveLines();
    }
    return cause | (this.hasFifos() ? 0xc0 : 0);
  }

  private storeFcr(value: number): void {
    const { state } = this;
    const isSwitched = ((value ^ state.fcr) & FCR.enable) !== 0;
    if (isSwitched || (value & FCR.rxReset) !== 0) {
      state.fifo = [];
      state.lsr &= ~(LSR.dr | LSR.bi);
      state.isTimeoutPending = false;
      this.timeout.cancel();
    }
    if (isSwitched || (value & FCR.txReset) !== 0) state.isTransmitPending = true;
    state.fcr = value & (FCR.enable | FCR.dma | FCR.trigger);
    this.refill();
    this.driveLines();
  }

  private loadLsr(): number {
    const { lsr } = this.state;
    this.state.lsr &= ~(LSR.bi | LSR.oe);
    this.driveLines();
    return lsr;
  }

  /** In loopback the four outputs are the inputs: DTR is DSR, RTS is CTS, OUT1 is RI, OUT2 is DCD. */
  private loadMsr(): number {
    const { mcr, msr } = this.state;
    if (this.isLoopback()) {
      const wires: readonly (readonly [number, number])[] = [
        [MCR.dtr, MSR.dsr],
        [MCR.rts, MSR.cts],
        [MCR.out1, MSR.ri],
        [MCR.out2, MSR.dcd],
      ];
      return wires.reduce((bits, [output, input]) => bits | ((mcr & output) !== 0 ? input : 0), 0);
    }
    this.state.msr &= ~MSR_DELTAS;
    this.driveLines();
    return msr;
  }

  private acceptByte(byte: number): void {
    const { state } = this;
    if (this.hasFifos()) {
      if (state.fifo.length < NS16550A_FIFO_BYTES) state.fifo.push(byte);
      else state.lsr |= LSR.oe;
      this.startTimeout();
    } else {
      if ((state.lsr & LSR.dr) !== 0) state.lsr |= LSR.oe;
      state.rbr = byte;
    }
    state.lsr |= LSR.dr;
  }

  /** Moves bytes from the host into whatever room there is. */
  private refill(): void {
    if (this.isLoopback()) return;
    const room = this.hasFifos()
      ? NS16550A_FIFO_BYTES - this.state.fifo.length
      : Number((this.state.lsr & LSR.dr) === 0);
    for (const byte of dequeueBytes(this.state.queue, room, this.options.channel)) this.acceptByte(byte);
  }

  private startTimeout(): void {
    const { lcr, divisor } = this.state;
    const stopBits = (lcr & LCR.stb) !== 0 ? 2 : 1;
    const bits = 1 + 5 + (lcr & LCR.wls) + ((lcr & LCR.pen) !== 0 ? 1 : 0) + stopBits;
    const cycles = BigInt(16 * bits * Math.max(divisor, 1));
    const characterNs = (cycles * 1_000_000_000n) / BigInt(this.options.clockHz);
    this.timeout.schedule(this.options.timeline.now() + TIMEOUT_CHARACTERS * characterNs);
  }
}

function initialState(): Ns16550aState {
  return {
    queue: emptyQueue(),
    fifo: [],
    rbr: 0,
    ier: 0,
    fcr: 0,
    lcr: 0,
    mcr: MCR.out2,
    lsr: LSR.thre | LSR.temt,
    msr: MSR.dcd | MSR.dsr | MSR.cts,
    scr: 0,
    divisor: 12,
    isTransmitPending: false,
    isTimeoutPending: false,
  };
}
