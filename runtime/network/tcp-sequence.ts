// Arithmetic on TCP sequence numbers, which count modulo 2^32 (RFC 9293 3.4). Relies on nothing.

/** `sequence` moved by `count` bytes. */
export function sequenceAdd(sequence: number, count: number): number {
  return (sequence + count) >>> 0;
}

/** How many bytes `a` is ahead of `b`: negative if it is behind. Right while they are less than 2^31 apart. */
export function sequenceDifference(a: number, b: number): number {
  return (a - b) | 0;
}
