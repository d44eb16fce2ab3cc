// DHCP and BOOTP messages (RFC 2131 2, RFC 2132, RFC 951). Relies on big-endian.ts and the protocol numbers.
// Options stand in the options field only: option overload is not read, because clients do not send it.

import { getU16, getU32, getU48, putU16, putU32, putU48 } from "./big-endian.ts";
import { ARP, DHCP, DHCP_OPTION } from "./protocol-numbers.ts";

const FIXED_BYTES = 236;
const COOKIE_BYTES = 4;
const MAC_BYTES = 6;
/** BOOTP's length with its 64 vendor bytes, which some clients insist on (RFC 951 3). */
const MIN_BYTES = 300;
const AT = { clientAddress: 12, yourAddress: 16, serverAddress: 20, clientMac: 28, bootFile: 108 } as const;
const BOOT_FILE_BYTES = 128;

export interface DhcpMessage {
  readonly operation: number;
  readonly transaction: number;
  /** Bit 15: the client wants a broadcast answer. */
  readonly flags: number;
  readonly clientAddress: number;
  readonly yourAddress: number;
  readonly serverAddress: number;
  readonly clientMac: number;
  readonly bootFile: string;
  /** By option number, without pad and end; the parts of a repeated option are joined (RFC 3396). */
  readonly options: ReadonlyMap<number, Uint8Array>;
}

/** Reads a message; null if it is too short, not from Ethernet, or an option runs over the end. */
export function readDhcp(bytes: Uint8Array): DhcpMessage | null {
  if (bytes.length < FIXED_BYTES || bytes[1] !== ARP.ethernet || bytes[2] !== MAC_BYTES) return null;
  const options = readOptions(bytes.subarray(FIXED_BYTES));
  if (options === null) return null;
  const file = bytes.subarray(AT.bootFile, AT.bootFile + BOOT_FILE_BYTES);
  const fileEnd = file.indexOf(0);
  return {
    operation: bytes[0] ?? 0,
    transaction: getU32(bytes, 4),
    flags: getU16(bytes, 10),
    clientAddress: getU32(bytes, AT.clientAddress),
    yourAddress: getU32(bytes, AT.yourAddress),
    serverAddress: getU32(bytes, AT.serverAddress),
    clientMac: getU48(bytes, AT.clientMac),
    bootFile: new TextDecoder("latin1").decode(fileEnd < 0 ? file : file.subarray(0, fileEnd)),
    options,
  };
}

/** Makes a message, padded to BOOTP's length. */
export function buildDhcp(message: DhcpMessage): Uint8Array {
  const optionBytes = [...message.options.values()].reduce((sum, value) => sum + 2 + value.length, 1);
  const bytes = new Uint8Array(Math.max(MIN_BYTES, FIXED_BYTES + COOKIE_BYTES + optionBytes));
  bytes[0] = message.operation;
  bytes[1] = ARP.ethernet;
  bytes[2] = MAC_BYTES;
  putU32(bytes, 4, message.transaction);
  putU16(bytes, 10, message.flags);
  putU32(bytes, AT.clientAddress, message.clientAddress);
  putU32(bytes, AT.yourAddress, message.yourAddress);
  putU32(bytes, AT.serverAddress, message.serverAddress);
  putU48(bytes, AT.clientMac, message.clientMac);
  bytes.set(new TextEncoder().encode(message.bootFile).subarray(0, BOOT_FILE_BYTES - 1), AT.bootFile);
  putU32(bytes, FIXED_BYTES, DHCP.magicCookie);
  let at = FIXED_BYTES + COOKIE_BYTES;
  for (const [option, value] of message.options) {
    bytes[at] = option;
    bytes[at + 1] = value.length;
    bytes.set(value, at + 2);
    at += 2 + value.length;
  }
  bytes[at] = DHCP_OPTION.end;
  return bytes;
}

/** The bytes of an option that is one address or one 32-bit number. */
export function u32Option(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  putU32(bytes, 0, value);
  return bytes;
}

/** Reads an option that is one address or 32-bit number; null if it is not there or has another length. */
export function readU32Option(message: DhcpMessage, option: number): number | null {
  const value = message.options.get(option);
  return value?.length === 4 ? getU32(value, 0) : null;
}

// Without the cookie this is plain BOOTP, which has no options that we know.
function readOptions(bytes: Uint8Array): Map<number, Uint8Array> | null {
  const options = new Map<number, Uint8Array>();
  if (bytes.length < COOKIE_BYTES || getU32(bytes, 0) !== DHCP.magicCookie) return options;
  for (let at = COOKIE_BYTES; at < bytes.length;) {
    const option = bytes[at] ?? DHCP_OPTION.end;
    at += 1;
    if (option === DHCP_OPTION.end) break;
    if (option === DHCP_OPTION.pad) continue;
    const end = at + 1 + (bytes[at] ?? 0);
    if (end > bytes.length) return null;
    const value = bytes.subarray(at + 1, end);
    const before = options.get(option);
    options.set(option, before === undefined ? new Uint8Array(value) : joined(before, value));
    at = end;
  }
  return options;
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}
