// virtio-console: one port, or several (VIRTIO 1.2, 5.3). Relies on function.ts and byte-channel.ts.
// Guarantees: a driver that does not take the multiport feature has the first port; what waits for it is bounded.

import { VIRTIO_CONSOLE, VIRTIO_DEVICE } from "../../../spec/devices/virtio.ts";
import { dequeueBytes, emptyQueue, enqueueBytes, type ByteChannel, type ByteInput, type InputQueue } from "../byte-channel.ts"; // prettier-ignore
import { serveQueue, type VirtioFunction, type VirtioPort } from "./function.ts";
import { totalBytes } from "./virtqueue.ts";

const { queue, feature, configuration, control, event } = VIRTIO_CONSOLE;
/** What is read from one chain at once, and what one chain may hold. */
const PIECE_BYTES = 1 << 16;
const MAX_CHAIN_BYTES = 1 << 20;
/** Control messages that wait for a driver that gives no room; it loses what comes then. */
const MAX_MESSAGES = 256;

interface ConsoleState {
  readonly inputs: InputQueue[];
  /** For the driver: port, event and value. */
  messages: number[][];
}

export class VirtioConsole implements VirtioFunction, ByteInput {
  readonly deviceId = VIRTIO_DEVICE.console;
  readonly queues: number;
  readonly features: bigint;
  private readonly channels: readonly ByteChannel[];
  private readonly configuration = new Uint8Array(configuration.bytes);
  private state: ConsoleState;
  private port: VirtioPort | null = null;
  // The host may answer from inside `deliver` that it has more.
  private readonly delivering = new Set<number>();

  /** `channels`: the host's ends, by port. */
  constructor(...channels: readonly ByteChannel[]) {
    this.channels = channels;
    const isMultiport = channels.length > 1;
    this.features = isMultiport ? feature.multiport : 0n;
    this.queues = queue.perPort * (channels.length + (isMultiport ? 1 : 0));
    if (isMultiport) {
      new DataView(this.configuration.buffer).setUint32(configuration.maxPorts, channels.length, true);
    }
    this.state = this.initialState();
  }

  plug(port: VirtioPort): void {
    this.port = port;
  }

  /** For the first port. */
  receive(bytes: Uint8Array): number {
    return this.receiveAt(0, bytes);
  }

  /** The host's bytes for a port that exists. */
  input(port: number): ByteInput {
    return { receive: (bytes) => this.receiveAt(port, bytes) };
  }

  readConfiguration(offset: number): number {
    return this.configuration[offset] ?? 0;
  }

  notified(index: number): void {
    const { port } = this;
    if (port === null) return;
    const isReceive = index % queue.perPort === 0;
    const pair = Math.floor(index / queue.perPort);
    if (index === queue.controlReceive) this.deliverMessages(port);
    else if (index === queue.controlTransmit) this.takeMessages(port);
    else if (isReceive) this.deliver(pairPort(pair));
    else this.transmit(port, pairPort(pair));
  }

  reset(): void {
    const { inputs } = this.state;
    this.state = this.initialState();
    for (const [index, { hostWaits }] of inputs.entries()) if (hostWaits) this.channels[index]?.ready();
  }

  saveState(): unknown {
    return structuredClone(this.state);
  }

  restoreState(state: unknown): void {
    // What saveState gave.
    this.state = structuredClone(state) as ConsoleState;
  }

  private initialState(): ConsoleState {
    return { inputs: this.channels.map(emptyQueue), messages: [] };
  }

  private receiveAt(index: number, bytes: Uint8Array): number {
    const input = this.state.inputs[index];
    if (input === undefined) return bytes.length;
    const count = enqueueBytes(input, bytes);
    this.deliver(index);
    return count;
  }

  private transmit(port: VirtioPort, index: number): void {
    const number = firstQueue(index) + 1;
    const from = port.queue(number);
    serveQueue(port, number, ({ readable }) => {
      const total = totalBytes(readable);
      if (total > MAX_CHAIN_BYTES) from.fail(`${String(total)} bytes of output at once`);
      for (let done = 0; done < total; done += PIECE_BYTES) {
        const bytes = from.readBytes(readable, done, PIECE_BYTES);
        if (bytes === null) break;
        for (const byte of bytes) this.channels[index]?.send(byte);
      }
      return 0;
    });
  }

  private deliver(index: number): void {
    const { port } = this;
    const isEmpty = (): boolean => this.state.inputs[index]?.bytes.length === 0;
    const channel = this.channels[index];
    if (port === null || channel === undefined || this.delivering.has(index) || isEmpty()) return;
    this.delivering.add(index);
    const number = firstQueue(index);
    serveQueue(port, number, ({ writable }) => {
      const input = this.state.inputs[index];
      if (input === undefined || isEmpty()) return null;
      const bytes = dequeueBytes(input, totalBytes(writable), channel);
      return port.queue(number).writeBytes(writable, 0, Uint8Array.from(bytes));
    });
    this.delivering.delete(index);
  }

  // What the driver says about itself and its ports is answered with what the device has to say about them.
  private takeMessages(port: VirtioPort): void {
    const from = port.queue(queue.controlTransmit);
    serveQueue(port, queue.controlTransmit, ({ readable }) => {
      const bytes = from.readBytes(readable, 0, control.bytes);
      if (bytes === null || bytes.length < control.bytes) return 0;
      const view = new DataView(bytes.buffer, bytes.byteOffset);
      const [index, what] = [view.getUint32(0, true), view.getUint16(control.event, true)];
      const isYes = view.getUint16(control.value, true) !== 0;
      if (what === event.deviceReady && isYes) {
        for (const added of this.channels.keys()) this.say(added, event.deviceAdd);
      } else if (what === event.portReady && isYes && index < this.channels.length) {
        this.say(index, event.consolePort);
        this.say(index, event.portOpen);
      }
      return 0;
    });
    this.deliverMessages(port);
  }

  private say(index: number, what: number): void {
    if (this.state.messages.length < MAX_MESSAGES) this.state.messages.push([index, what, 1]);
  }

  private deliverMessages(port: VirtioPort): void {
    if (this.state.messages.length === 0) return;
    serveQueue(port, queue.controlReceive, ({ writable }) => {
      const [message] = this.state.messages.splice(0, 1);
      if (message === undefined) return null;
      const [index = 0, what = 0, value = 0] = message;
      const view = new DataView(new ArrayBuffer(control.bytes));
      view.setUint32(0, index, true);
      view.setUint16(control.event, what, true);
      view.setUint16(control.value, value, true);
      return port.queue(queue.controlReceive).writeBytes(writable, 0, new Uint8Array(view.buffer));
    });
  }
}

// The control queues stand behind those of port 0.
function pairPort(pair: number): number {
  return pair === 0 ? 0 : pair - 1;
}

function firstQueue(port: number): number {
  return queue.perPort * (port === 0 ? 0 : port + 1);
}
