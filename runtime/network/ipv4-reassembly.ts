// Puts fragments of IPv4 datagrams together (RFC 791 3.2, RFC 1122 3.3.2). Relies on ipv4.ts and a clock's time.
// Guarantees: holds at most MAX_DATAGRAMS of at most 64 KiB each; overlapping fragments drop the datagram whole
// (RFC 5722's reason holds for IPv4 too: they are only seen in attacks), and what is too old or too much is given up.

import { IPV4_MAX_PAYLOAD_BYTES, type Ipv4Packet } from "./ipv4.ts";

const MAX_DATAGRAMS = 16;
const MAX_FRAGMENTS = 64;
const TIMEOUT_MS = 30_000;

interface Fragment {
  readonly start: number;
  readonly bytes: Uint8Array;
}

interface PartialDatagram {
  readonly fragments: Fragment[];
  readonly startedMs: number;
  /** The length of the whole, once the last fragment is here. */
  totalBytes: number | null;
}

export class Ipv4Reassembly {
  /** Datagrams given up: too old, too many, overlapping or too long. */
  dropped = 0;
  private readonly partial = new Map<string, PartialDatagram>();

  /** Takes a packet; gives the whole datagram once it is complete, `packet` itself if it is in one piece. */
  add(packet: Ipv4Packet, nowMs: number): Ipv4Packet | null {
    if (packet.fragmentOffset === 0 && !packet.moreFragments) return packet;
    this.forgetOld(nowMs);
    const key = [packet.source, packet.destination, packet.protocol, packet.identification].join(" ");
    const datagram = this.partial.get(key) ?? this.start(key, nowMs);
    if (!addFragment(datagram, packet)) {
      this.giveUp(key);
      return null;
    }
    const payload = joinFragments(datagram);
    if (payload === null) return null;
    this.partial.delete(key);
    return { ...packet, fragmentOffset: 0, moreFragments: false, payload };
  }

  private start(key: string, nowMs: number): PartialDatagram {
    const [oldest] = this.partial.keys();
    if (this.partial.size >= MAX_DATAGRAMS && oldest !== undefined) this.giveUp(oldest);
    const datagram: PartialDatagram = { fragments: [], startedMs: nowMs, totalBytes: null };
    this.partial.set(key, datagram);
    return datagram;
  }

  private forgetOld(nowMs: number): void {
    for (const [key, datagram] of this.partial) {
      if (nowMs - datagram.startedMs >= TIMEOUT_MS) this.giveUp(key);
    }
  }

  private giveUp(key: string): void {
    this.partial.delete(key);
    this.dropped += 1;
  }
}

// Keeps a copy of the fragment; false if it cannot belong to the datagram. A repeated fragment changes nothing.
function addFragment(datagram: PartialDatagram, packet: Ipv4Packet): boolean {
  const start = packet.fragmentOffset;
  const end = start + packet.payload.length;
  if (end > IPV4_MAX_PAYLOAD_BYTES || packet.payload.length === 0) return false;
  if (packet.moreFragments ? packet.payload.length % 8 !== 0 : datagram.totalBytes !== null) {
    return datagram.totalBytes === end;
  }
  if (!packet.moreFragments) datagram.totalBytes = end;
  if (datagram.fragments.some((f) => f.start === start && f.bytes.length === packet.payload.length)) {
    return true;
  }
  if (datagram.fragments.some((f) => f.start < end && start < f.start + f.bytes.length)) return false;
  datagram.fragments.push({ start, bytes: new Uint8Array(packet.payload) });
  return datagram.fragments.length <= MAX_FRAGMENTS;
}

function joinFragments(datagram: PartialDatagram): Uint8Array | null {
  const { fragments, totalBytes } = datagram;
  const present = fragments.reduce((sum, fragment) => sum + fragment.bytes.length, 0);
  if (totalBytes === null || present !== totalBytes) return null;
  const whole = new Uint8Array(totalBytes);
  for (const { start, bytes } of fragments) whole.set(bytes, start);
  return whole;
}
