// Reads a file's bytes, little-endian, with every bound checked: a place outside the file leaves with diagnostic L0105.
// Relies on elf/malformed.ts. Guarantees: no reader of ours looks past the end of its input.

import { malformed } from "./elf/malformed.ts";

/** A window of a file. Offsets count from the window's start; messages add the window's place in the file. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  /** How messages call the file. */
  readonly file: string;
  /** What the window is, for messages: `section header 3`. */
  readonly what: string;

  constructor(bytes: Uint8Array, file: string, what: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.file = file;
    this.what = what;
  }

  get length(): number {
    return this.#bytes.length;
  }

  #check(offset: number, count: number): void {
    if (offset >= 0 && count >= 0 && offset + count <= this.#bytes.length) return;
    malformed("L0105", { file: this.file, what: this.what, offset, end: offset + count, size: this.length });
  }

  /** The part `offset .. offset + count` as its own window. */
  window(offset: number, count: number, what: string): ByteReader {
    if (offset < 0 || count < 0 || offset + count > this.length) {
      malformed("L0105", { file: this.file, what, offset, end: offset + count, size: this.length });
    }
    return new ByteReader(this.#bytes.subarray(offset, offset + count), this.file, what);
  }

  /** The bytes of the window (not a copy). */
  bytes(): Uint8Array {
    return this.#bytes;
  }

  u8(offset: number): number {
    this.#check(offset, 1);
    return this.#view.getUint8(offset);
  }

  u16(offset: number): number {
    this.#check(offset, 2);
    return this.#view.getUint16(offset, true);
  }

  u32(offset: number): number {
    this.#check(offset, 4);
    return this.#view.getUint32(offset, true);
  }

  u64(offset: number): bigint {
    this.#check(offset, 8);
    return this.#view.getBigUint64(offset, true);
  }

  /** An unsigned field of 1, 2, 4 or 8 bytes. */
  unsigned(offset: number, byteCount: 1 | 2 | 4 | 8): bigint {
    switch (byteCount) {
      case 1:
        return BigInt(this.u8(offset));
      case 2:
        return BigInt(this.u16(offset));
      case 4:
        return BigInt(this.u32(offset));
      case 8:
        return this.u64(offset);
    }
  }

  /** The zero-terminated UTF-8 text at `offset`. */
  string(offset: number): string {
    this.#check(offset, 1);
    const end = this.#bytes.indexOf(0, offset);
    if (end < 0) this.#check(offset, this.length - offset + 1);
    return new TextDecoder().decode(this.#bytes.subarray(offset, end));
  }
}
