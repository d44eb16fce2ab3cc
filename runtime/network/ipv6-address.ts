// IPv6 addresses in text (RFC 4291 2.2): only names resolve to them, no packet of ours carries one.
// Relies on addresses.ts and big-endian.ts.

import { parseIpv4 } from "./addresses.ts";
import { putU16 } from "./big-endian.ts";

const BYTES = 16;
const GROUPS = 8;

/** The sixteen bytes of an address; null if the text is none. A zone behind `%` is not part of the address. */
export function parseIpv6(text: string): Uint8Array | null {
  const [plain = ""] = text.split("%");
  const halves = plain.split("::");
  if (halves.length > 2) return null;
  const [head, tail] = halves.map(readGroups);
  if (head === null || head === undefined || tail === null) return null;
  const missing = GROUPS - head.length - (tail?.length ?? 0);
  if (tail === undefined ? missing !== 0 : missing < 1) return null;
  const bytes = new Uint8Array(BYTES);
  head.forEach((group, i) => putU16(bytes, 2 * i, group));
  tail?.forEach((group, i) => putU16(bytes, 2 * (GROUPS - tail.length + i), group));
  return bytes;
}

// Groups of up to four hexadecimal digits; the last may be an IPv4 address, which is two.
function readGroups(text: string): number[] | null {
  if (text === "") return [];
  const parts = text.split(":");
  const groups: number[] = [];
  for (const [i, part] of parts.entries()) {
    const ipv4 = i === parts.length - 1 ? parseIpv4(part) : null;
    if (ipv4 !== null) {
      groups.push(ipv4 >>> 16, ipv4 & 0xffff);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
    else return null;
  }
  return groups;
}
