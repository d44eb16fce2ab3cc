// The Internet checksum: the one's complement of the one's complement sum of 16-bit words (RFC 1071).
// Relies on big-endian.ts only for where the words stand. Sums are plain numbers below 2^53 and folded at the end.

/** The unfolded sum of the words of `bytes`, a last odd byte padded with zero. */
export function wordSum(bytes: Uint8Array): number {
  const even = bytes.length & ~1;
  let sum = 0;
  for (let at = 0; at < even; at += 2) sum += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  return even === bytes.length ? sum : sum + ((bytes[even] ?? 0) << 8);
}

/** The sum of the pseudo header of TCP and UDP (RFC 9293 3.1, RFC 768). */
export function pseudoHeaderSum(ends: Endpoints, protocol: number, length: number): number {
  const { source, destination } = ends;
  return (
    (source >>> 16) + (source & 0xffff) + (destination >>> 16) + (destination & 0xffff) + protocol + length
  );
}

/** The two IPv4 addresses of a packet. */
export interface Endpoints {
  readonly source: number;
  readonly destination: number;
}

/** The checksum of `bytes` after `initial`, a sum from above; zero if `bytes` hold their own right checksum. */
export function checksum(bytes: Uint8Array, initial = 0): number {
  let sum = initial + wordSum(bytes);
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x1_0000);
  return ~sum & 0xffff;
}
