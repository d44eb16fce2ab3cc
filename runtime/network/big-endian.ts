// Numbers in network byte order inside packets. Relies on nothing.
// Guarantees: never throws; bytes that are not there read as zero and are not written, so callers check lengths first.

/** The 16-bit number at `at`. */
export function getU16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

/** The 32-bit number at `at`. */
export function getU32(bytes: Uint8Array, at: number): number {
  return ((getU16(bytes, at) << 16) | getU16(bytes, at + 2)) >>> 0;
}

/** The 48-bit number at `at`: an Ethernet address. */
export function getU48(bytes: Uint8Array, at: number): number {
  return getU16(bytes, at) * 0x1_0000_0000 + getU32(bytes, at + 2);
}

/** Stores a 16-bit number. */
export function putU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}

/** Stores a 32-bit number. */
export function putU32(bytes: Uint8Array, at: number, value: number): void {
  putU16(bytes, at, value >>> 16);
  putU16(bytes, at + 2, value);
}

/** Stores a 48-bit number. */
export function putU48(bytes: Uint8Array, at: number, value: number): void {
  putU16(bytes, at, Math.floor(value / 0x1_0000_0000));
  putU32(bytes, at + 2, value);
}
