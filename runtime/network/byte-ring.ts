// A queue of bytes with a fixed most: what a TCP connection holds in one direction. Relies on nothing.
// Starts small and grows as needed, so that many idle connections cost little.

const INITIAL_BYTES = 4096;

export class ByteRing {
  readonly capacity: number;
  private bytes: Uint8Array;
  private start = 0;
  private used = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.bytes = new Uint8Array(Math.min(INITIAL_BYTES, capacity));
  }

  get length(): number {
    return this.used;
  }

  /** How many bytes can still be added. */
  get room(): number {
    return this.capacity - this.used;
  }

  /** Adds what fits of `data` at the end; gives how much that was. */
  append(data: Uint8Array): number {
    const count = Math.min(data.length, this.room);
    this.writeAhead(0, data.subarray(0, count));
    this.used += count;
    return count;
  }

  /** Stores `data` at `offset` behind the end without adding it yet; the caller keeps to `room`. */
  writeAhead(offset: number, data: Uint8Array): void {
    this.ensure(this.used + offset + data.length);
    const at = (this.start + this.used + offset) % this.bytes.length;
    const first = Math.min(data.length, this.bytes.length - at);
    this.bytes.set(data.subarray(0, first), at);
    this.bytes.set(data.subarray(first), 0);
  }

  /** Adds the next `count` bytes, which `writeAhead` has stored. */
  extend(count: number): void {
    this.used += count;
  }

  /** A copy of up to `count` bytes from `offset` on. */
  peek(offset: number, count: number): Uint8Array {
    const length = Math.max(0, Math.min(count, this.used - offset));
    const at = (this.start + offset) % this.bytes.length;
    const first = Math.min(length, this.bytes.length - at);
    if (first === length) return this.bytes.slice(at, at + length);
    const copy = new Uint8Array(length);
    copy.set(this.bytes.subarray(at, at + first));
    copy.set(this.bytes.subarray(0, length - first), first);
    return copy;
  }

  /** Forgets the first `count` bytes. */
  drop(count: number): void {
    this.start = (this.start + count) % this.bytes.length;
    this.used -= count;
  }

  // What `writeAhead` has stored moves along: everything up to the old size is copied in order.
  private ensure(needed: number): void {
    if (needed <= this.bytes.length) return;
    let size = this.bytes.length;
    while (size < needed) size *= 2;
    const larger = new Uint8Array(Math.min(size, this.capacity));
    const head = this.bytes.subarray(this.start);
    larger.set(head);
    larger.set(this.bytes.subarray(0, this.start), head.length);
    this.bytes = larger;
    this.start = 0;
  }
}
