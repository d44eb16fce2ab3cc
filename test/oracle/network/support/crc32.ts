// The CRC-32 that U-Boot's `crc32` command prints (ISO 3309): here from its polynomial, bit by bit.

const POLYNOMIAL = 0xedb8_8320;

/** The CRC-32 of `bytes`. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (POLYNOMIAL & -(crc & 1));
  }
  return ~crc >>> 0;
}
