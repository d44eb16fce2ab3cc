// Reads little-endian values, LEB128 numbers and texts from bytes. Relies on nothing.
// Guarantees: never throws; reading past the end gives zeroes and sets `overrun`.

export class ByteReader {
  overrun = false;
  private readonly bytes: Uint8Array;
  private position = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get left(): number {
    return this.bytes.length - this.position;
  }

  u8(): number {
    const value = this.bytes[this.position];
    if (value === undefined) {
      this.overrun = true;
      return 0;
    }
    this.position += 1;
    return value;
  }

  i8(): number {
    return (this.u8() << 24) >> 24;
  }

  u16(): number {
    return this.u8() | (this.u8() << 8);
  }

  u32(): number {
    return Number(this.unsigned(4));
  }

  u64(): bigint {
    return this.unsigned(8);
  }

  unsigned(bytes: number): bigint {
    let value = 0n;
    for (let i = 0; i < bytes; i += 1) value |= BigInt(this.u8()) << BigInt(8 * i);
    return value;
  }

  uleb(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.u8();
      if (shift < 64n) value |= BigInt(byte & 0x7f) << shift;
      if ((byte & 0x80) === 0) return BigInt.asUintN(64, value);
    }
  }

  sleb(): bigint {
    let value = 0n;
    for (let shift = 0n; ;) {
      const byte = this.u8();
      if (shift < 64n) value |= BigInt(byte & 0x7f) << shift;
      shift += 7n;
      if ((byte & 0x80) !== 0) continue;
      return BigInt.asIntN(64, (byte & 0x40) !== 0 && shift < 64n ? value | (-1n << shift) : value);
    }
  }

  /** Text up to a zero byte. */
  text(): string {
    const start = this.position;
    while (this.left > 0 && this.bytes[this.position] !== 0) this.position += 1;
    const text = new TextDecoder().decode(this.bytes.subarray(start, this.position));
    this.u8();
    return text;
  }

  skip(count: number): void {
    this.take(count);
  }

  /** A reader of the next `count` bytes (fewer if the end comes first); this one moves behind them. */
  take(count: number): ByteReader {
    const end = this.position + count;
    if (end > this.bytes.length) this.overrun = true;
    const part = new ByteReader(this.bytes.subarray(this.position, end));
    this.position = Math.min(end, this.bytes.length);
    return part;
  }
}
