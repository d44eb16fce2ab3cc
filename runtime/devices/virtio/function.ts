// What a virtio device is behind its transport: block, network, console or entropy. Relies on virtqueue.ts.

import type { Virtqueue } from "./virtqueue.ts";

/** What a function asks of the transport that it is plugged into. */
export interface VirtioPort {
  queue(index: number): Virtqueue;
  /** True if the driver has accepted this feature bit. */
  has(feature: bigint): boolean;
  /** True once the driver has said that it is ready. */
  readonly isLive: boolean;
  /** Chains were given back: interrupts the driver if it wants to hear of it. */
  used(index: number): void;
  /** The configuration changed. */
  configurationChanged(): void;
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
  /** The driver reset the device. */
  reset(): void;
  /** What the function remembers besides its queues: plain data. */
  saveState(): unknown;
  restoreState(state: unknown): void;
}

/** Takes chains of a queue until there are none; `serve` answers how many bytes it wrote, null to stop and keep it. */
export function serveQueue(
  port: VirtioPort,
  index: number,
  serve: (chain: NonNullable<ReturnType<Virtqueue["take"]>>) => number | null,
): void {
  if (!port.isLive) return;
  const queue = port.queue(index);
  for (let chain = queue.take(); chain !== null; chain = queue.take()) {
    const written = serve(chain);
    if (written === null) {
      queue.putBack();
      break;
    }
    queue.give(chain, written);
  }
  port.used(index);
}
