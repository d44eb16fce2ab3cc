// TCP segments (RFC 9293 3.1) with the options MSS and window scale (RFC 7323 2). Relies on big-endian.ts, checksum.ts.

import { getU16, getU32, putU16, putU32 } from "./big-endian.ts";
import { checksum, pseudoHeaderSum, type Endpoints } from "./checksum.ts";
import { IP_PROTOCOL, TCP_FLAG, TCP_OPTION } from "./protocol-numbers.ts";
import { sequenceAdd } from "./tcp-sequence.ts";

/** Header without options. */
export const TCP_HEADER_BYTES = 20;

const MSS_OPTION_BYTES = 4;
const WINDOW_SCALE_OPTION_BYTES = 3;

export interface TcpSegment {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequence: number;
  readonly acknowledgment: number;
  /** Bits of TCP_FLAG. */
  readonly flags: number;
  /** As in the header, not scaled. */
  readonly window: number;
  /** Options; null if the segment has them not. */
  readonly maximumSegmentSize: number | null;
  readonly windowScale: number | null;
  readonly payload: Uint8Array;
}

/** Reads a segment that came between `ends`; null if lengths, options or checksum are wrong. */
export function readTcp(bytes: Uint8Array, ends: Endpoints): TcpSegment | null {
  const headerBytes = ((bytes[12] ?? 0) >>> 4) * 4;
  if (headerBytes < TCP_HEADER_BYTES || headerBytes > bytes.length) return null;
  if (checksum(bytes, pseudoHeaderSum(ends, IP_PROTOCOL.tcp, bytes.length)) !== 0) return null;
  const options = readOptions(bytes.subarray(TCP_HEADER_BYTES, headerBytes));
  if (options === null) return null;
  return {
    sourcePort: getU16(bytes, 0),
    destinationPort: getU16(bytes, 2),
    sequence: getU32(bytes, 4),
    acknowledgment: getU32(bytes, 8),
    flags: bytes[13] ?? 0,
    window: getU16(bytes, 14),
    ...options,
    payload: bytes.subarray(headerBytes),
  };
}

/** Bytes that `segment` takes. */
export function tcpLength(segment: TcpSegment): number {
  return TCP_HEADER_BYTES + optionBytes(segment) + segment.payload.length;
}

/** Writes a segment for a packet between `ends` to `bytes`, which has exactly `tcpLength` bytes, all zero. */
export function writeTcp(bytes: Uint8Array, segment: TcpSegment, ends: Endpoints): void {
  const headerBytes = TCP_HEADER_BYTES + optionBytes(segment);
  putU16(bytes, 0, segment.sourcePort);
  putU16(bytes, 2, segment.destinationPort);
  putU32(bytes, 4, segment.sequence);
  putU32(bytes, 8, segment.acknowledgment);
  bytes[12] = (headerBytes / 4) << 4;
  bytes[13] = segment.flags;
  putU16(bytes, 14, segment.window);
  writeOptions(bytes.subarray(TCP_HEADER_BYTES, headerBytes), segment);
  bytes.set(segment.payload, headerBytes);
  putU16(bytes, 16, checksum(bytes, pseudoHeaderSum(ends, IP_PROTOCOL.tcp, bytes.length)));
}

/** How many sequence numbers a segment takes: its bytes, SYN and FIN. */
export function sequenceLength({ flags, payload }: TcpSegment): number {
  return payload.length + ((flags & TCP_FLAG.syn) === 0 ? 0 : 1) + ((flags & TCP_FLAG.fin) === 0 ? 0 : 1);
}

/** The answer to a segment that belongs to no connection (RFC 9293 3.10.7.1); null for a reset. */
export function resetFor(segment: TcpSegment): TcpSegment | null {
  if ((segment.flags & TCP_FLAG.rst) !== 0) return null;
  const isAcknowledging = (segment.flags & TCP_FLAG.ack) !== 0;
  return {
    sourcePort: segment.destinationPort,
    destinationPort: segment.sourcePort,
    sequence: isAcknowledging ? segment.acknowledgment : 0,
    acknowledgment: isAcknowledging ? 0 : sequenceAdd(segment.sequence, sequenceLength(segment)),
    flags: isAcknowledging ? TCP_FLAG.rst : TCP_FLAG.rst | TCP_FLAG.ack,
    window: 0,
    maximumSegmentSize: null,
    windowScale: null,
    payload: new Uint8Array(),
  };
}

function optionBytes(segment: TcpSegment): number {
  const mss = segment.maximumSegmentSize === null ? 0 : MSS_OPTION_BYTES;
  return mss + (segment.windowScale === null ? 0 : WINDOW_SCALE_OPTION_BYTES + 1);
}

function writeOptions(bytes: Uint8Array, segment: TcpSegment): void {
  let at = 0;
  if (segment.maximumSegmentSize !== null) {
    bytes[0] = TCP_OPTION.maximumSegmentSize;
    bytes[1] = MSS_OPTION_BYTES;
    putU16(bytes, 2, segment.maximumSegmentSize);
    at = MSS_OPTION_BYTES;
  }
  if (segment.windowScale !== null) {
    bytes[at] = TCP_OPTION.noOperation;
    bytes[at + 1] = TCP_OPTION.windowScale;
    bytes[at + 2] = WINDOW_SCALE_OPTION_BYTES;
    bytes[at + 3] = segment.windowScale;
  }
}

function readOptions(bytes: Uint8Array): Pick<TcpSegment, "maximumSegmentSize" | "windowScale"> | null {
  let maximumSegmentSize: number | null = null;
  let windowScale: number | null = null;
  for (let at = 0; at < bytes.length;) {
    const kind = bytes[at] ?? TCP_OPTION.end;
    if (kind === TCP_OPTION.end) break;
    if (kind === TCP_OPTION.noOperation) {
      at += 1;
      continue;
    }
    const length = bytes[at + 1] ?? 0;
    if (length < 2 || at + length > bytes.length) return null;
    if (kind === TCP_OPTION.maximumSegmentSize && length === MSS_OPTION_BYTES) {
      maximumSegmentSize = getU16(bytes, at + 2);
    }
    if (kind === TCP_OPTION.windowScale && length === WINDOW_SCALE_OPTION_BYTES) {
      windowScale = bytes[at + 2] ?? 0;
    }
    at += length;
  }
  return { maximumSegmentSize, windowScale };
}
