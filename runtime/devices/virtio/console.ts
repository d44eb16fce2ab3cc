// virtio-console: one port (VIRTIO 1.2, 5.3). Relies on function.ts and byte-channel.ts.

import { VIRTIO_CONSOLE, VIRTIO_DEVICE } from "../../../spec/devices/virtio.ts";
import { dequeueBytes, emptyQueue, enqueueBytes, type ByteChannel, type ByteInput, type InputQueue } from "../byte-channel.ts"; // prettier-ignore
import { serveQueue, type VirtioFunction, type VirtioPort } from "./function.ts";
import { totalBytes } from "./virtqueue.ts";

const { queue } = VIRTIO_CONSOLE;
/** What is read from one chain at once, and what one chain may hold. */
const PIECE_BYTES = 1 << 16;
const MAX_CHAIN_BYTES = 1 << 20;

export class VirtioConsole implements VirtioFunction, ByteInput {
  readonly deviceId = VIRTIO_DEVICE.console;
  readonly queues = 2;
  readonly features = 0n;
  private readonly channel: ByteChannel;
  private input: InputQueue = emptyQueue();
  private port: VirtioPort | null = null;
  // The host may answer from inside `deliver` that it has more.
  private isDelivering = false;

  constructor(channel: ByteChannel) {
    this.channel = channel;
  }

  plug(port: VirtioPort): void {
    this.port = port;
  }

  receive(bytes: Uint8Array): number {
    const count = enqueueBytes(this.input, bytes);
    this.deliver();
    return count;
  }

  readConfiguration(): number {
    return 0;
  }

  notified(index: number): void {
    if (index === queue.receive) this.deliver();
    else if (this.port !== null) this.transmit(this.port);
  }

  reset(): void {
    const { hostWaits } = this.input;
    this.input = emptyQueue();
    if (hostWaits) this.channel.ready();
  }

  saveState(): unknown {
    return structuredClone(this.input);
  }

  restoreState(state: unknown): void {
    // What saveState gave.
    this.input = structuredClone(state) as InputQueue;
  }

  private transmit(port: VirtioPort): void {
    const from = port.queue(queue.transmit);
    serveQueue(port, queue.transmit, ({ readable }) => {
      const total = totalBytes(readable);
      if (total > MAX_CHAIN_BYTES) from.fail(`${String(total)} bytes of output at once`);
      for (let done = 0; done < total; done += PIECE_BYTES) {
        const bytes = from.readBytes(readable, done, PIECE_BYTES);
        if (bytes === null) break;
        for (const byte of bytes) this.channel.send(byte);
      }
      return 0;
    });
  }

  private deliver(): void {
    const { port } = this;
    if (port === null || this.isDelivering || this.input.bytes.length === 0) return;
    this.isDelivering = true;
    serveQueue(port, queue.receive, ({ writable }) => {
      if (this.input.bytes.length === 0) return null;
      const bytes = dequeueBytes(this.input, totalBytes(writable), this.channel);
      return port.queue(queue.receive).writeBytes(writable, 0, Uint8Array.from(bytes));
    });
    this.isDelivering = false;
  }
}
