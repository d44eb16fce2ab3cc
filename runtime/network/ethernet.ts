// Ethernet II frames without preamble and frame check sequence. Relies on big-endian.ts.
// VLAN tags are an EtherType that nobody here speaks, so tagged frames fall out where types are told apart.

import { getU16, getU48, putU16, putU48 } from "./big-endian.ts";

/** Destination, source, type. */
export const ETHERNET_HEADER_BYTES = 14;

/** The most that a frame carries behind its header. */
export const ETHERNET_MTU = 1500;

export interface EthernetFrame {
  readonly destination: number;
  readonly source: number;
  readonly etherType: number;
  /** Part of the frame's own bytes, padding included. */
  readonly payload: Uint8Array;
}

/** Reads a frame; null if it is shorter than its header. */
export function readEthernet(frame: Uint8Array): EthernetFrame | null {
  if (frame.length < ETHERNET_HEADER_BYTES) return null;
  return {
    destination: getU48(frame, 0),
    source: getU48(frame, 6),
    etherType: getU16(frame, 12),
    payload: frame.subarray(ETHERNET_HEADER_BYTES),
  };
}

/** Makes a frame with room for `length` bytes behind the header. */
export function newEthernet(header: Omit<EthernetFrame, "payload">, length: number): Uint8Array {
  const frame = new Uint8Array(ETHERNET_HEADER_BYTES + length);
  putU48(frame, 0, header.destination);
  putU48(frame, 6, header.source);
  putU16(frame, 12, header.etherType);
  return frame;
}
