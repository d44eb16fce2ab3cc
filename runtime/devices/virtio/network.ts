// virtio-net: a network card of one queue pair (VIRTIO 1.2, 5.1), without offloads. Relies on function.ts.
// Guarantees: frames wait for the guest's buffers in a bounded queue; those that do not fit are dropped and counted.

import { VIRTIO_DEVICE, VIRTIO_FEATURE, VIRTIO_NETWORK } from "../../../spec/devices/virtio.ts";
import { serveQueue, type VirtioFunction, type VirtioPort } from "./function.ts";
import { totalBytes, type Chain, type Virtqueue } from "./virtqueue.ts";

const { queue, feature, configuration, linkUp, header } = VIRTIO_NETWORK;
/** Frames that wait for buffers. */
const MAX_WAITING = 256;
/** Longest frame: one of 1500 bytes with a VLAN tag has 1518. */
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
    const into = port.queue(queue.receive);
    serveQueue(port, queue.receive, (chain) => {
      const frame = this.state.waiting.shift();
      return frame === undefined ? null : this.fill(port, { into, chain, frame });
    });
  }

  // A frame that does not fit into its buffer is lost, as on a real card.
  private fill(
    port: VirtioPort,
    { into, chain, frame }: { into: Virtqueue; chain: Chain; frame: Uint8Array },
  ): number {
    const bytes = new Uint8Array(this.headerBytes(port) + frame.length);
    if (port.has(VIRTIO_FEATURE.version1)) bytes[header.bufferCount] = 1;
    bytes.set(frame, this.headerBytes(port));
    if (totalBytes(chain.writable) < bytes.length) {
      this.state.dropped += 1;
      return 0;
    }
    return into.writeBytes(chain.writable, 0, bytes);
  }

  private headerBytes(port: VirtioPort): number {
    return port.has(VIRTIO_FEATURE.version1) ? header.bytes : header.legacyBytes;
  }
}
