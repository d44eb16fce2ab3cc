// A growing array of bytes, little-endian. Relies on nothing.

/** Collects bytes; offsets count from 0. Written in order; `patch` methods change what is already there. */
export class ByteWriter {
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #reserve(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2));
      grown.set(this.#bytes);
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    return at;
  }

  u8(value: number): void {
    const at = this.#reserve(1);
    this.#view.setUint8(at, value);
  }

  u16(value: number): void {
    const at = this.#reserve(2);
    this.#view.setUint16(at, value, true);
  }

  u32(value: number): void {
    const at = this.#reserve(4);
    this.#view.setUint32(at, value, true);
  }

  /** Any integer, modulo 2^64. */
  u64(value: bigint | number): void {
    const at = this.#reserve(8);
    this.#view.setBigUint64(at, BigInt.asUintN(64, BigInt(value)), true);
  }

  /** An unsigned number of 1, 2, 4 or 8 bytes, modulo its width. */
  unsigned(value: bigint | number, byteCount: number): void {
    if (byteCount === 8) {
      this.u64(value);
      return;
    }
    let rest = BigInt.asUintN(64, BigInt(value));
    for (let i = 0; i < byteCount; i += 1) {
      this.u8(Number(rest & 0xffn));
      rest >>= 8n;
    }
  }

  bytes(data: Uint8Array): void {
    const at = this.#reserve(data.length);
    this.#bytes.set(data, at);
  }

  /** UTF-8 text and a zero byte. */
  string(text: string): void {
    this.bytes(new TextEncoder().encode(text));
    this.u8(0);
  }

  uleb(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.u8((rest % 0x80) + 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.u8(rest);
  }

  sleb(value: number): void {
    let rest = value;
    for (;;) {
      const low = ((rest % 0x80) + 0x80) % 0x80;
      rest = Math.floor(rest / 0x80);
      const done = (rest === 0 && low < 0x40) || (rest === -1 && low >= 0x40);
      this.u8(done ? low : low + 0x80);
      if (done) return;
    }
  }

  /** Writes `filler` bytes until the length is a multiple of `alignment`. */
  align(alignment: number, filler = 0): void {
    while (this.#length % alignment !== 0) this.u8(filler);
  }

  patchU32(offset: number, value: number): void {
    this.#view.setUint32(offset, value, true);
  }
}
