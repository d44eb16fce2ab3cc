// ICMP (RFC 792): echo and "destination unreachable". Relies on big-endian.ts, checksum.ts and the protocol numbers.

import { putU16 } from "./big-endian.ts";
import { checksum } from "./checksum.ts";
import type { Ipv4Packet } from "./ipv4.ts";
import { ICMP_TYPE } from "./protocol-numbers.ts";

/** Type, code, checksum, and four bytes whose meaning depends on the type. */
export const ICMP_HEADER_BYTES = 8;

/** How much of the offending packet's payload an error quotes: at least 64 bits (RFC 792). */
const QUOTED_BYTES = 8;

export interface IcmpMessage {
  readonly type: number;
  readonly code: number;
  /** What follows type, code and checksum. */
  readonly rest: Uint8Array;
}

/** Reads a message; null if it is too short or its checksum is wrong. */
export function readIcmp(bytes: Uint8Array): IcmpMessage | null {
  if (bytes.length < ICMP_HEADER_BYTES || checksum(bytes) !== 0) return null;
  return { type: bytes[0] ?? 0, code: bytes[1] ?? 0, rest: bytes.subarray(4) };
}

/** Makes a message with its checksum. */
export function buildIcmp({ type, code, rest }: IcmpMessage): Uint8Array {
  const bytes = new Uint8Array(4 + rest.length);
  bytes[0] = type;
  bytes[1] = code;
  bytes.set(rest, 4);
  putU16(bytes, 2, checksum(bytes));
  return bytes;
}

/** The message that tells the sender of `packet` that it cannot be delivered. */
export function buildUnreachable(packet: Ipv4Packet, code: number): Uint8Array {
  const quoted = packet.payload.subarray(0, QUOTED_BYTES);
  const rest = new Uint8Array(4 + packet.header.length + quoted.length);
  rest.set(packet.header, 4);
  rest.set(quoted, 4 + packet.header.length);
  return buildIcmp({ type: ICMP_TYPE.unreachable, code, rest });
}
