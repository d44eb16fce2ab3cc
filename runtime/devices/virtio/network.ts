// virtio-net: a network card of one queue pair (VIRTIO 1.2, 5.1), without offloads. Relies on function.ts.
// Guarantees: frames wait for the guest's buffers in a bounded queue (16 MiB at most); those that find no room there or
// do not fit into the guest's next buffer are dropped and counted.

import { VIRTIO_DEVICE, VIRTIO_FEATURE, VIRTIO_NETWORK } from "../../../spec/devices/virtio.ts";
import { serveQueue, type VirtioFunction, type VirtioPort } from "./function.ts";
import { totalBytes } from "./virtqueue.ts";

const { queue, feature, configuration, linkUp, header } = VIRTIO_NETWORK;
/** Frames that wait for buffers. */
const MAX_WAITING = 256;
/** Longest frame, far above the 1518 bytes of an ordinary one with a VLAN tag. */
const MAX_FRAME_BYTES = 1 << 16;

export interface NetworkOptions {
  /** Six bytes. */
  readonly mac: Uint8Array;
  /** A frame leaves the guest. */
  readonly send: (frame: Uint8Array) => void;
}

interface NetworkState {
  waiting: Uint8Array[];
  dropped: number;
}

export class VirtioNetwork implements VirtioFunction {
  readonly deviceId = VIRTIO_DEVICE.network;
  readonly queues = 2;
  readonly features = feature.mac | feature.status;
  private readonly options: NetworkOptions;
  private readonly configuration: Uint8Array;
  private state: NetworkState = { waiting: [], dropped: 0 };
  private port: VirtioPort | null = null;

  constructor(options: NetworkOptions) {
    this.options = options;
    this.configuration = new Uint8Array(configuration.bytes);
    this.configuration.set(options.mac, configuration.mac);
    this.configuration[configuration.status] = linkUp;
  }

  plug(port: VirtioPort): void {
    this.port = port;
  }

  /** A frame for the guest. */
  receive(frame: Uint8Array): void {
    const isFull = this.state.waiting.length >= MAX_WAITING || frame.length > MAX_FRAME_BYTES;
    if (isFull || this.port?.isLive !== true) this.state.dropped += 1;
    else this.state.waiting.push(frame.slice());
    this.deliver();
  }

  readConfiguration(offset: number): number {
    return this.configuration[offset] ?? 0;
  }

  notified(index: number): void {
    if (index === queue.receive) this.deliver();
    else if (this.port !== null) this.transmit(this.port);
  }

  reset(): void {
    this.state = { waiting: [], dropped: this.state.dropped };
  }

  saveState(): unknown {
    return structuredClone(this.state);
  }

  restoreState(state: unknown): void {
    // What saveState gave.
    this.state = structuredClone(state) as NetworkState;
  }

  private transmit(port: VirtioPort): void {
    const from = port.queue(queue.transmit);
    serveQueue(port, queue.transmit, ({ readable }) => {
      const bytes = totalBytes(readable) - this.headerBytes(port);
      if (bytes < 0) from.fail("a frame without its header");
      if (bytes > 0 && bytes <= MAX_FRAME_BYTES) {
        const frame = from.readBytes(readable, this.headerBytes(port), bytes);
        if (frame !== null) this.options.send(frame);
      }
      return 0;
    });
  }

  private deliver(): void {
    const { port } = this;
    if (port === null || this.state.waiting.length === 0) return;
    serveQueue(port, queue.receive, ({ writable }) => {
      const bytes = this.nextFitting(port, totalBytes(writable));
      return bytes === null ? null : port.queue(queue.receive).writeBytes(writable, 0, bytes);
    });
  }

  // Header and frame. A frame that does not fit is lost and the buffer stays for the next one, as on QEMU.
  private nextFitting(port: VirtioPort, room: number): Uint8Array | null {
    const skip = this.headerBytes(port);
    for (;;) {
      const frame = this.state.waiting.shift();
      if (frame === undefined) return null;
      if (skip + frame.length > room) {
        this.state.dropped += 1;
        continue;
      }
      const bytes = new Uint8Array(skip + frame.length);
      if (port.has(VIRTIO_FEATURE.version1)) bytes[header.bufferCount] = 1;
      bytes.set(frame, skip);
      return bytes;
    }
  }

  private headerBytes(port: VirtioPort): number {
    return port.has(VIRTIO_FEATURE.version1) ? header.bytes : header.legacyBytes;
  }
}
