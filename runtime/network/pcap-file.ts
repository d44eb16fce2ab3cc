// Classic packet recordings (pcap-savefile(5)): written with nanoseconds, read in every variety. Relies on the protocol
// numbers and runtime/problem.ts.
// Guarantees: reading any bytes ends, throws nothing and allocates no more than the file's size.

import { problem, type Problem } from "../problem.ts";
import { PCAP } from "./protocol-numbers.ts";

const FILE_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;
/** What tcpdump calls the largest snapshot length; no record may be longer. */
const MAX_PACKET_BYTES = 262_144;
const NS_PER_SECOND = 1_000_000_000;

export interface RecordedFrame {
  readonly timeMs: number;
  readonly frame: Uint8Array;
}

export interface PcapContents {
  readonly frames: readonly RecordedFrame[];
  readonly problems: readonly Problem[];
}

/** The start of a recording of Ethernet frames. */
export function pcapFileHeader(): Uint8Array {
  const view = new DataView(new ArrayBuffer(FILE_HEADER_BYTES));
  view.setUint32(0, PCAP.magicNanoseconds, true);
  view.setUint16(4, PCAP.versionMajor, true);
  view.setUint16(6, PCAP.versionMinor, true);
  view.setUint32(16, MAX_PACKET_BYTES, true);
  view.setUint32(20, PCAP.linkTypeEthernet, true);
  return new Uint8Array(view.buffer);
}

/** The record of one frame at a time since 1970. */
export function pcapRecord({ timeMs, frame }: RecordedFrame): Uint8Array {
  const kept = frame.subarray(0, MAX_PACKET_BYTES);
  const bytes = new Uint8Array(RECORD_HEADER_BYTES + kept.length);
  const view = new DataView(bytes.buffer);
  const seconds = Math.floor(timeMs / 1000);
  const nanoseconds = Math.min(NS_PER_SECOND - 1, Math.round((timeMs - seconds * 1000) * 1e6));
  view.setUint32(0, seconds, true);
  view.setUint32(4, nanoseconds, true);
  view.setUint32(8, kept.length, true);
  view.setUint32(12, frame.length, true);
  bytes.set(kept, RECORD_HEADER_BYTES);
  return bytes;
}

/** Reads a recording: all frames up to the first mistake in the file. */
export function readPcap(bytes: Uint8Array): PcapContents {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const format = formatOf(view);
  if (format === null) return { frames: [], problems: [problem("M0130", { found: foundText(view) })] };
  const linkType = view.getUint32(20, format.isLittle) & 0xffff;
  if (linkType !== PCAP.linkTypeEthernet) {
    const expected = PCAP.linkTypeEthernet;
    return { frames: [], problems: [problem("M0132", { expected, found: linkType })] };
  }
  return readRecords(bytes, view, format);
}

interface PcapFormat {
  readonly isLittle: boolean;
  /** Units of a time stamp's second number in a millisecond. */
  readonly unitsPerMs: number;
}

function readRecords(bytes: Uint8Array, view: DataView, { isLittle, unitsPerMs }: PcapFormat): PcapContents {
  const frames: RecordedFrame[] = [];
  for (let at = FILE_HEADER_BYTES; at < bytes.length;) {
    const index = frames.length + 1;
    if (at + RECORD_HEADER_BYTES > bytes.length) return { frames, problems: [problem("M0131", { index })] };
    const length = view.getUint32(at + 8, isLittle);
    if (length > MAX_PACKET_BYTES) {
      return { frames, problems: [problem("M0133", { index, bytes: length, limit: MAX_PACKET_BYTES })] };
    }
    const end = at + RECORD_HEADER_BYTES + length;
    if (end > bytes.length) return { frames, problems: [problem("M0131", { index })] };
    const timeMs = view.getUint32(at, isLittle) * 1000 + view.getUint32(at + 4, isLittle) / unitsPerMs;
    frames.push({ timeMs, frame: new Uint8Array(bytes.subarray(at + RECORD_HEADER_BYTES, end)) });
    at = end;
  }
  return { frames, problems: [] };
}

function formatOf(view: DataView): PcapFormat | null {
  if (view.byteLength < FILE_HEADER_BYTES) return null;
  for (const isLittle of [true, false]) {
    const magic = view.getUint32(0, isLittle);
    if (magic === PCAP.magicMicroseconds) return { isLittle, unitsPerMs: 1e3 };
    if (magic === PCAP.magicNanoseconds) return { isLittle, unitsPerMs: 1e6 };
  }
  return null;
}

function foundText(view: DataView): string {
  if (view.byteLength < FILE_HEADER_BYTES) return `${view.byteLength} bytes`;
  const magic = view.getUint32(0, false);
  if (magic === PCAP.pcapngBlock) return "a pcapng file";
  return `a file that starts with 0x${magic.toString(16).padStart(8, "0")}`;
}
