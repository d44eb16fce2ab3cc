// ARP messages for IPv4 over Ethernet (RFC 826). Relies on big-endian.ts and the protocol numbers.

import { getU16, getU32, getU48, putU16, putU32, putU48 } from "./big-endian.ts";
import { ARP, ETHER_TYPE } from "./protocol-numbers.ts";

/** Length of a message; frames may pad it. */
export const ARP_BYTES = 28;

const MAC_BYTES = 6;
const IPV4_BYTES = 4;

export interface ArpMessage {
  readonly operation: number;
  readonly senderMac: number;
  readonly senderAddress: number;
  readonly targetMac: number;
  readonly targetAddress: number;
}

/** Reads a message; null if it is too short or not about IPv4 over Ethernet. */
export function readArp(bytes: Uint8Array): ArpMessage | null {
  if (bytes.length < ARP_BYTES) return null;
  if (getU16(bytes, 0) !== ARP.ethernet || getU16(bytes, 2) !== ETHER_TYPE.ipv4) return null;
  if (bytes[4] !== MAC_BYTES || bytes[5] !== IPV4_BYTES) return null;
  return {
    operation: getU16(bytes, 6),
    senderMac: getU48(bytes, 8),
    senderAddress: getU32(bytes, 14),
    targetMac: getU48(bytes, 18),
    targetAddress: getU32(bytes, 24),
  };
}

/** Writes a message to the start of `bytes`. */
export function writeArp(bytes: Uint8Array, message: ArpMessage): void {
  putU16(bytes, 0, ARP.ethernet);
  putU16(bytes, 2, ETHER_TYPE.ipv4);
  bytes[4] = MAC_BYTES;
  bytes[5] = IPV4_BYTES;
  putU16(bytes, 6, message.operation);
  putU48(bytes, 8, message.senderMac);
  putU32(bytes, 14, message.senderAddress);
  putU48(bytes, 18, message.targetMac);
  putU32(bytes, 24, message.targetAddress);
}
