// A serial line between a device and the host, and the queue in which bytes from the host wait for the guest.
//
// Relies on nothing. Bytes enter the queue at one recorded instant and move on only when the guest makes room, so a run
// is repeatable. The queue is bounded: the host keeps what does not fit and is told when there is room again.

/** The host's end, as a device sees it. */
export interface ByteChannel {
  /** A byte leaves the guest. */
  send(byte: number): void;
  /** The device takes bytes again after `receive` took fewer than it was given. */
  ready(): void;
}

/** The device's end, as the host sees it. */
export interface ByteInput {
  /** Takes as many of the bytes as fit, from the first on; says how many. */
  receive(bytes: Uint8Array): number;
}

/** A host that listens to nobody and says nothing. */
export const silentChannel: ByteChannel = {
  send: () => {
    // nothing
  },
  ready: () => {
    // nothing
  },
};

/** How many bytes from the host a device holds beside its own FIFO. */
export const INPUT_QUEUE_BYTES = 4096;

/** Part of a device's state. */
export interface InputQueue {
  bytes: number[];
  /** True: the host holds bytes back and waits for `ready`. */
  hostWaits: boolean;
}

export function emptyQueue(): InputQueue {
  return { bytes: [], hostWaits: false };
}

/** Puts bytes from the host behind the others; says how many fitted. */
export function enqueueBytes(queue: InputQueue, bytes: Uint8Array): number {
  const count = Math.min(bytes.length, INPUT_QUEUE_BYTES - queue.bytes.length);
  queue.bytes.push(...bytes.subarray(0, count));
  if (count < bytes.length) queue.hostWaits = true;
  return count;
}

/** Takes up to `count` bytes for the device; tells the host when the queue has become empty while it waits. */
export function dequeueBytes(queue: InputQueue, count: number, channel: ByteChannel): number[] {
  const taken = queue.bytes.splice(0, count);
  if (queue.hostWaits && queue.bytes.length === 0) {
    queue.hostWaits = false;
    channel.ready();
  }
  return taken;
}
