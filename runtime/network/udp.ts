// UDP datagrams (RFC 768). Relies on big-endian.ts, checksum.ts and the protocol numbers.

import { getU16, putU16 } from "./big-endian.ts";
import { checksum, pseudoHeaderSum, type Endpoints } from "./checksum.ts";
import { IP_PROTOCOL } from "./protocol-numbers.ts";

/** Ports, length, checksum. */
export const UDP_HEADER_BYTES = 8;

export interface UdpDatagram {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly payload: Uint8Array;
}

/** Reads a datagram that came between `ends`; null if its length or checksum is wrong (0 is no checksum). */
export function readUdp(bytes: Uint8Array, ends: Endpoints): UdpDatagram | null {
  const length = getU16(bytes, 4);
  if (length < UDP_HEADER_BYTES || length > bytes.length) return null;
  const datagram = bytes.subarray(0, length);
  const unchecked = getU16(bytes, 6) === 0;
  if (!unchecked && checksum(datagram, pseudoHeaderSum(ends, IP_PROTOCOL.udp, length)) !== 0) return null;
  return {
    sourcePort: getU16(bytes, 0),
    destinationPort: getU16(bytes, 2),
    payload: datagram.subarray(UDP_HEADER_BYTES),
  };
}

/** Makes a datagram for a packet between `ends`. */
export function buildUdp(datagram: UdpDatagram, ends: Endpoints): Uint8Array {
  const length = UDP_HEADER_BYTES + datagram.payload.length;
  const bytes = new Uint8Array(length);
  putU16(bytes, 0, datagram.sourcePort);
  putU16(bytes, 2, datagram.destinationPort);
  putU16(bytes, 4, length);
  bytes.set(datagram.payload, UDP_HEADER_BYTES);
  // A sum of zero is sent as its other representation, because zero says that there is none.
  putU16(bytes, 6, checksum(bytes, pseudoHeaderSum(ends, IP_PROTOCOL.udp, length)) || 0xffff);
  return bytes;
}
