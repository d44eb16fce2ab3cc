// The sections of a binary WebAssembly module (core specification, 5.5): reading their places, adding one.
// Relies on the module being valid.

import { ByteWriter } from "../../object/byte-writer.ts";
import { bug } from "../../source/bug.ts";

interface Section {
  readonly id: number;
  /** Offset of the section, of its contents, and of what follows. */
  readonly start: number;
  readonly contents: number;
  readonly end: number;
}

const HEADER_BYTES = 8;
const CUSTOM = 0;
const CODE = 10;

// Reads unsigned LEB128 numbers one after the other.
class Cursor {
  readonly bytes: Uint8Array;
  offset: number;
  constructor(bytes: Uint8Array, offset: number) {
    this.bytes = bytes;
    this.offset = offset;
  }

  number(): number {
    let [value, scale] = [0, 1];
    for (;;) {
      const byte = this.bytes[this.offset++] ?? bug("a module ends inside a number");
      value += (byte & 0x7f) * scale;
      scale *= 0x80;
      if (byte < 0x80) return value;
    }
  }
}

function sectionsOf(bytes: Uint8Array): readonly Section[] {
  const sections: Section[] = [];
  const cursor = new Cursor(bytes, HEADER_BYTES);
  while (cursor.offset < bytes.length) {
    const start = cursor.offset;
    const id = bytes[cursor.offset++] ?? bug("no section");
    const size = cursor.number();
    sections.push({ id, start, contents: cursor.offset, end: cursor.offset + size });
    cursor.offset += size;
  }
  return sections;
}

/** Bytes of the functions that have code, in order. */
export function functionSizes(bytes: Uint8Array): readonly number[] {
  const code = sectionsOf(bytes).find((section) => section.id === CODE);
  if (code === undefined) return [];
  const cursor = new Cursor(bytes, code.contents);
  return Array.from({ length: cursor.number() }, () => {
    const size = cursor.number();
    cursor.offset += size;
    return size;
  });
}

/** The module without its last section. */
export function withoutLastSection(bytes: Uint8Array): Uint8Array {
  const last = sectionsOf(bytes).at(-1) ?? bug("a module without sections");
  return bytes.subarray(0, last.start);
}

/** The module with a custom section that holds one text, at its end: offsets of code stay what they are. */
export function withTextSection(bytes: Uint8Array, name: string, text: string): Uint8Array {
  const contents = new ByteWriter();
  for (const part of [name, text]) {
    const encoded = new TextEncoder().encode(part);
    contents.uleb(encoded.length);
    contents.bytes(encoded);
  }
  const out = new ByteWriter();
  out.bytes(bytes);
  out.u8(CUSTOM);
  out.uleb(contents.length);
  out.bytes(contents.finish());
  return out.finish();
}
