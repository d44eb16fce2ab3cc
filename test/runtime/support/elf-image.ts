// Builds small static ELF programs byte by byte, right or wrong on purpose. Relies on spec/abi/elf.ts only, so
// that the loader is tested against something that is not the compiler's writer.

import type { ElfField } from "../../../spec/abi/elf.ts";
import { ELF_HEADER, ELF_MACHINES, ET, PF, PROGRAM_HEADER, PT, recordBytes } from "../../../spec/abi/elf.ts";

export interface ImageSegment {
  readonly type?: number;
  readonly address: number;
  readonly flags?: number;
  readonly bytes: Uint8Array;
  /** More than the bytes: zeroes behind them. */
  readonly memoryBytes?: number;
  /** What the header claims instead of the truth. */
  readonly claimedFileBytes?: number;
}

export interface ImageOptions {
  readonly segments: readonly ImageSegment[];
  readonly entry?: number;
  readonly machine?: number;
  readonly type?: number;
  readonly elfClass?: number;
}

/** Where `codeImage` puts its parts. */
export const CODE_AT = 0x10000;
export const DATA_AT = 0x40000;

const MAGIC_LITTLE_ENDIAN = 0x464c457f;

/** The bytes of an ELF file. */
export function elfImage(options: ImageOptions): Uint8Array {
  const headerBytes = recordBytes(ELF_HEADER);
  const entryBytes = recordBytes(PROGRAM_HEADER);
  let offset = headerBytes + entryBytes * options.segments.length;
  const parts: Uint8Array[] = [];
  const rows = options.segments.map((s) => {
    const row = {
      type: s.type ?? PT.LOAD,
      flags: s.flags ?? PF.R | PF.X,
      offset,
      address: s.address,
      physicalAddress: s.address,
      fileBytes: s.claimedFileBytes ?? s.bytes.length,
      memoryBytes: s.memoryBytes ?? s.bytes.length,
      alignment: 1,
    };
    parts.push(s.bytes);
    offset += s.bytes.length;
    return record(PROGRAM_HEADER, row);
  });
  const header = record(ELF_HEADER, {
    magic: MAGIC_LITTLE_ENDIAN,
    class: options.elfClass ?? 2,
    data: 1,
    identVersion: 1,
    type: options.type ?? ET.EXEC,
    machine: options.machine ?? ELF_MACHINES.riscv64,
    version: 1,
    entry: options.entry ?? CODE_AT,
    programOffset: headerBytes,
    headerBytes,
    programEntryBytes: entryBytes,
    programCount: options.segments.length,
  });
  return concat([header, ...rows, ...parts]);
}

/** A program of one code segment (instruction words of 32 bits) and a writable data segment. */
export function codeImage(
  words: readonly number[],
  { machine = "riscv64", dataBytes = 0x4000 }: { machine?: string; dataBytes?: number } = {},
): Uint8Array {
  const code = new Uint8Array(new Uint32Array(words).buffer);
  const data = { address: DATA_AT, flags: PF.R | PF.W, bytes: new Uint8Array(0), memoryBytes: dataBytes };
  const segments = [{ address: CODE_AT, bytes: code }, data];
  const numbers: Readonly<Record<string, number>> = ELF_MACHINES;
  return elfImage({ segments, machine: numbers[machine] ?? 0 });
}

function record(layout: readonly ElfField[], values: Readonly<Record<string, number>>): Uint8Array {
  const bytes = new Uint8Array(recordBytes(layout));
  let at = 0;
  for (const field of layout) {
    let rest = values[field.name] ?? 0;
    for (let i = 0; i < field.bytes; i += 1) {
      bytes[at + i] = rest % 256;
      rest = Math.floor(rest / 256);
    }
    at += field.bytes;
  }
  return bytes;
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, p) => sum + p.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
