// virtio-rng: random bytes (VIRTIO 1.2, 5.4), from a seeded generator, so that runs can be repeated.
// Relies on function.ts. The generator is splitmix64 (Steele, Lea, Flood 2014).

import { VIRTIO_DEVICE } from "../../../spec/devices/virtio.ts";
import { serveQueue, type VirtioFunction, type VirtioPort } from "./function.ts";
import { totalBytes } from "./virtqueue.ts";

/** More is not given at once; the driver asks again. */
const MAX_BYTES = 4096;

export class VirtioEntropy implements VirtioFunction {
  readonly deviceId = VIRTIO_DEVICE.entropy;
  readonly queues = 1;
  readonly features = 0n;
  private state: bigint;
  private port: VirtioPort | null = null;

  constructor(seed: bigint) {
    this.state = BigInt.asUintN(64, seed);
  }

  plug(port: VirtioPort): void {
    this.port = port;
  }

  readConfiguration(): number {
    return 0;
  }

  notified(index: number): void {
    const { port } = this;
    if (port === null) return;
    serveQueue(port, index, ({ writable }) => {
      const bytes = this.bytes(Math.min(totalBytes(writable), MAX_BYTES));
      return port.queue(index).writeBytes(writable, 0, bytes);
    });
  }

  reset(): void {
    // The generator goes on.
  }

  saveState(): unknown {
    return this.state;
  }

  restoreState(state: unknown): void {
    if (typeof state === "bigint") this.state = state;
  }

  private bytes(count: number): Uint8Array {
    const words = new BigUint64Array(Math.ceil(count / 8));
    for (const index of words.keys()) words[index] = this.next();
    return new Uint8Array(words.buffer, 0, count);
  }

  private next(): bigint {
    this.state = BigInt.asUintN(64, this.state + 0x9e37_79b9_7f4a_7c15n);
    const a = BigInt.asUintN(64, (this.state ^ (this.state >> 30n)) * 0xbf58_476d_1ce4_e5b9n);
    const b = BigInt.asUintN(64, (a ^ (a >> 27n)) * 0x94d0_49bb_1331_11ebn);
    return b ^ (b >> 31n);
  }
}
