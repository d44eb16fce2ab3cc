// Addresses as numbers: IPv4 in 32 bits, Ethernet in 48 bits, both exact in a double and compared with `===`.
// Relies on nothing.

/** 255.255.255.255: everyone on this cable. */
export const IPV4_BROADCAST = 0xffff_ffff;

/** ff:ff:ff:ff:ff:ff: everyone on this cable. */
export const MAC_BROADCAST = 0xffff_ffff_ffff;

/** An IPv4 network: the addresses that equal `address` where `mask` has ones. */
export interface Subnet {
  readonly address: number;
  readonly mask: number;
}

/** Reads `a.b.c.d`, four decimal numbers up to 255; null for anything else. */
export function parseIpv4(text: string): number | null {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (parts === undefined || parts.some((part) => part > 255)) return null;
  return parts.reduce((address, part) => address * 256 + part, 0);
}

/** Writes an IPv4 address as `a.b.c.d`. */
export function formatIpv4(address: number): string {
  return [24, 16, 8, 0].map((shift) => String((address >>> shift) & 0xff)).join(".");
}

/** Writes an Ethernet address as six pairs of hexadecimal digits with colons. */
export function formatMac(address: number): string {
  return address
    .toString(16)
    .padStart(12, "0")
    .replace(/..(?!$)/g, "$&:");
}

/** Whether `address` lies in `subnet`. */
export function isInSubnet(address: number, subnet: Subnet): boolean {
  return (address & subnet.mask) >>> 0 === subnet.address;
}

/** The subnet's own broadcast address. */
export function subnetBroadcast(subnet: Subnet): number {
  return (subnet.address | ~subnet.mask) >>> 0;
}

/** 127.0.0.0/8. */
export function isLoopback(address: number): boolean {
  return address >>> 24 === 127;
}

/** Whether one host can have the address: not 0.0.0.0/8, loopback, multicast, reserved or broadcast. */
export function isUnicast(address: number): boolean {
  const first = address >>> 24;
  return first !== 0 && first !== 127 && first < 224;
}

/** Whether an Ethernet address means a group (its first bit on the wire is set): broadcast included. */
export function isGroupMac(address: number): boolean {
  return (Math.floor(address / 0x100_0000_0000) & 1) === 1;
}
