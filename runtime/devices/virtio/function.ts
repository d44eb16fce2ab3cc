// What a virtio device is behind its transport: block, network, console or entropy. Relies on virtqueue.ts.
//
// Guarantees of serveQueue: a device does a bounded amount of work before the guest's turn comes again, whatever the
// rings say: chains of BYTES_AT_ONCE bytes and one more, and no more chains than a queue can hold.

import { MAX_QUEUE_SIZE, totalBytes, type Chain, type Virtqueue } from "./virtqueue.ts";

/** What a function asks of the transport that it is plugged into. */
export interface VirtioPort {
  queue(index: number): Virtqueue;
  /** True if the driver has accepted this feature bit. */
  has(feature: bigint): boolean;
  /** True once the driver has said that it is ready. */
  readonly isLive: boolean;
  /** Chains were given back: interrupts the driver if it wants to hear of it. */
  used(index: number): void;
  /** Notifies of all queues again in a moment: there was more to do than is done at once. */
  later(): void;
}

export interface VirtioFunction {
  /** Number of VIRTIO_DEVICE. */
  readonly deviceId: number;
  /** Bits of its own; the transport adds the ones of every device. */
  readonly features: bigint;
  readonly queues: number;
  /** Called once, before anything else. */
  plug(port: VirtioPort): void;
  /** A byte of the configuration; zero where there is none. */
  readConfiguration(offset: number): number;
  /** The driver says that queue `index` has new chains. */
  notified(index: number): void;
  /** The driver, or the board, reset the device; the transport is reset already. */
  reset(): void;
  /** What the function remembers besides its queues: plain data. */
  saveState(): unknown;
  restoreState(state: unknown): void;
}

/** What the chains of one turn hold together, at least, if there is more to do. */
export const BYTES_AT_ONCE = 16 << 20;

/** Takes chains of a queue until there are none; `serve` answers how many bytes it wrote, null to stop and keep it. */
export function serveQueue(port: VirtioPort, index: number, serve: (chain: Chain) => number | null): void {
  if (!port.isLive) return;
  const queue = port.queue(index);
  let bytes = 0;
  for (let chains = 0; ; chains += 1) {
    if (chains === MAX_QUEUE_SIZE || bytes >= BYTES_AT_ONCE) {
      port.later();
      break;
    }
    const chain = queue.take();
    if (chain === null) break;
    const written = serve(chain);
    if (written === null) {
      queue.putBack();
      break;
    }
    queue.give(chain, written);
    bytes += totalBytes(chain.readable) + totalBytes(chain.writable);
  }
  port.used(index);
}
