// IPv4 packets (RFC 791): reading, header writing and cutting into fragments. Relies on big-endian.ts, checksum.ts.
// Options are skipped when reading and never written.

import { getU16, getU32, putU16, putU32 } from "./big-endian.ts";
import { checksum } from "./checksum.ts";

/** Header without options. */
export const IPV4_HEADER_BYTES = 20;

/** The most that one packet carries: total length is 16 bits. */
export const IPV4_MAX_PAYLOAD_BYTES = 0xffff - IPV4_HEADER_BYTES;

const VERSION = 4;
const TIME_TO_LIVE = 64;
const DONT_FRAGMENT = 0x4000;
const MORE_FRAGMENTS = 0x2000;
const OFFSET_MASK = 0x1fff;
const FRAGMENT_UNIT_BYTES = 8;

export interface Ipv4Packet {
  readonly source: number;
  readonly destination: number;
  readonly protocol: number;
  readonly identification: number;
  /** Where the payload stands in the whole datagram; 0 for one in a piece. */
  readonly fragmentOffset: number;
  readonly moreFragments: boolean;
  /** The header as it came, options included: ICMP errors quote it. */
  readonly header: Uint8Array;
  readonly payload: Uint8Array;
}

/** What the writer of a packet chooses. */
export interface Ipv4Header {
  readonly source: number;
  readonly destination: number;
  readonly protocol: number;
  readonly identification: number;
}

/** Reads a packet and checks lengths and header checksum; null if one of them is wrong. */
export function readIpv4(bytes: Uint8Array): Ipv4Packet | null {
  const first = bytes[0] ?? 0;
  const headerBytes = (first & 0xf) * 4;
  if (first >>> 4 !== VERSION || headerBytes < IPV4_HEADER_BYTES || bytes.length < headerBytes) return null;
  const totalBytes = getU16(bytes, 2);
  if (totalBytes < headerBytes || totalBytes > bytes.length) return null;
  const header = bytes.subarray(0, headerBytes);
  if (checksum(header) !== 0) return null;
  const fragment = getU16(bytes, 6);
  return {
    source: getU32(bytes, 12),
    destination: getU32(bytes, 16),
    protocol: bytes[9] ?? 0,
    identification: getU16(bytes, 4),
    fragmentOffset: (fragment & OFFSET_MASK) * FRAGMENT_UNIT_BYTES,
    moreFragments: (fragment & MORE_FRAGMENTS) !== 0,
    header,
    payload: bytes.subarray(headerBytes, totalBytes),
  };
}

/** Writes the header of an unfragmented packet that carries `length` bytes to the start of `bytes`. */
export function writeIpv4Header(bytes: Uint8Array, header: Ipv4Header, length: number): void {
  writeHeader(bytes, header, { length, flagsAndOffset: DONT_FRAGMENT });
}

/** Cuts `payload` into packets of at most `mtu` bytes each. */
export function fragmentIpv4(header: Ipv4Header, payload: Uint8Array, mtu: number): Uint8Array[] {
  const step = Math.floor((mtu - IPV4_HEADER_BYTES) / FRAGMENT_UNIT_BYTES) * FRAGMENT_UNIT_BYTES;
  const packets: Uint8Array[] = [];
  for (let at = 0; at < payload.length; at += step) {
    const part = payload.subarray(at, at + step);
    const more = at + step < payload.length ? MORE_FRAGMENTS : 0;
    const packet = new Uint8Array(IPV4_HEADER_BYTES + part.length);
    writeHeader(packet, header, { length: part.length, flagsAndOffset: more | (at / FRAGMENT_UNIT_BYTES) });
    packet.set(part, IPV4_HEADER_BYTES);
    packets.push(packet);
  }
  return packets;
}

function writeHeader(
  bytes: Uint8Array,
  header: Ipv4Header,
  rest: { readonly length: number; readonly flagsAndOffset: number },
): void {
  bytes[0] = (VERSION << 4) | (IPV4_HEADER_BYTES / 4);
  bytes[1] = 0;
  putU16(bytes, 2, IPV4_HEADER_BYTES + rest.length);
  putU16(bytes, 4, header.identification);
  putU16(bytes, 6, rest.flagsAndOffset);
  bytes[8] = TIME_TO_LIVE;
  bytes[9] = header.protocol;
  putU16(bytes, 10, 0);
  putU32(bytes, 12, header.source);
  putU32(bytes, 16, header.destination);
  putU16(bytes, 10, checksum(bytes.subarray(0, IPV4_HEADER_BYTES)));
}
