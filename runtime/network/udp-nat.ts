// UDP through the host's sockets: outgoing mappings and `hostfwd` (RFC 4787). Relies on udp.ts and host-sockets.ts.
// A guest's port keeps one socket whatever it sends to; answers come in from every port of an address that it has
// sent to, because protocols such as TFTP answer from another port.
// Guarantees: at most MAX_MAPPINGS sockets, the one longest unused gives way; at most MAX_PEERS addresses each.

import { parseIpv4 } from "./addresses.ts";
import type { Clock } from "./backend.ts";
import type { Endpoints } from "./checksum.ts";
import type { DropCounts } from "./drop-counts.ts";
import { guestView, hostView, type GuestLink, type LinkPlan } from "./guest-link.ts";
import type { HostDatagram, HostSockets, SocketAddress, SocketFailure } from "./host-sockets.ts";
import { IP_PROTOCOL } from "./protocol-numbers.ts";
import { buildUdp, UDP_HEADER_BYTES, type UdpDatagram } from "./udp.ts";

const MAX_MAPPINGS = 256;
const MAX_PEERS = 64;
/** RFC 4787 REQ-5: at least two minutes, five recommended. */
const IDLE_MS = 300_000;

/** A guest's end. */
export interface GuestEnd {
  readonly address: number;
  readonly port: number;
}

interface Mapping {
  readonly guest: GuestEnd;
  readonly socket: HostDatagram;
  /** Who may answer: addresses for a mapping that the guest opened, `address:port` for a forwarded port. */
  readonly peers: Set<string>;
  usedMs: number;
}

/** What the NAT works with. */
export interface NatContext {
  readonly clock: Clock;
  readonly sockets: HostSockets;
  readonly link: GuestLink;
  readonly plan: LinkPlan;
  readonly drops: DropCounts;
}

export class UdpNat {
  private readonly context: NatContext;
  // In order of use: the first is the longest unused.
  private readonly mappings = new Map<string, Mapping>();
  private readonly forwards: Mapping[] = [];

  constructor(context: NatContext) {
    this.context = context;
  }

  /** Takes a guest's datagram for the outside; `mayOpen` is false where only forwarded ports may answer. */
  send(datagram: UdpDatagram, ends: Endpoints, mayOpen: boolean): void {
    const guest = { address: ends.source, port: datagram.sourcePort };
    const to = { host: hostView(ends.destination, this.context.plan), port: datagram.destinationPort };
    const forward = this.forwardFor(guest, `${to.host}:${to.port}`);
    if (forward === null && !mayOpen) {
      this.context.drops.add("restricted");
      return;
    }
    const mapping = forward ?? this.mappingFor(guest);
    if (forward === null) remember(mapping.peers, to.host);
    // A copy: the frame belongs to the card.
    mapping.socket.send(new Uint8Array(datagram.payload), to);
  }

  /** Opens a port of the host and gives what comes there to a guest. */
  forward(local: SocketAddress, guest: GuestEnd, failed: (failure: SocketFailure) => void): void {
    const peers = new Set<string>();
    const socket = this.context.sockets.datagram(local, {
      bound: () => undefined,
      message: (bytes, from) => {
        remember(peers, `${this.hostViewOf(from)}:${from.port}`);
        this.deliver(guest, bytes, from);
      },
      failed,
    });
    this.forwards.push({ guest, socket, peers, usedMs: 0 });
  }

  close(): void {
    for (const { socket } of [...this.mappings.values(), ...this.forwards]) socket.close();
    this.mappings.clear();
    this.forwards.length = 0;
  }

  /** Sockets open for guests now. */
  get size(): number {
    return this.mappings.size;
  }

  private forwardFor(guest: GuestEnd, peer: string): Mapping | null {
    return (
      this.forwards.find(
        (forward) =>
          forward.guest.address === guest.address &&
          forward.guest.port === guest.port &&
          forward.peers.has(peer),
      ) ?? null
    );
  }

  private mappingFor(guest: GuestEnd): Mapping {
    const nowMs = this.context.clock.nowMs();
    const key = `${guest.address}:${guest.port}`;
    const mapping = this.mappings.get(key) ?? this.open(guest, key, nowMs);
    mapping.usedMs = nowMs;
    this.mappings.delete(key);
    this.mappings.set(key, mapping);
    return mapping;
  }

  private open(guest: GuestEnd, key: string, nowMs: number): Mapping {
    for (const [other, { usedMs }] of this.mappings) {
      if (this.mappings.size < MAX_MAPPINGS && nowMs - usedMs < IDLE_MS) break;
      this.remove(other);
    }
    const peers = new Set<string>();
    const socket = this.context.sockets.datagram(null, {
      bound: () => undefined,
      message: (bytes, from) => {
        if (peers.has(this.hostViewOf(from))) this.deliver(guest, bytes, from);
      },
      failed: () => this.remove(key),
    });
    return { guest, socket, peers, usedMs: nowMs };
  }

  private remove(key: string): void {
    this.mappings.get(key)?.socket.close();
    this.mappings.delete(key);
  }

  // The address that a guest's answer will be sent to: so peers are remembered as the guest will name them.
  private hostViewOf(from: SocketAddress): string {
    const { plan } = this.context;
    return hostView(guestView(parseIpv4(from.host), plan), plan);
  }

  private deliver(guest: GuestEnd, payload: Uint8Array, from: SocketAddress): void {
    const { plan, link } = this.context;
    const ends = { source: guestView(parseIpv4(from.host), plan), destination: guest.address };
    const bytes = buildUdp({ sourcePort: from.port, destinationPort: guest.port, payload }, ends);
    const length = UDP_HEADER_BYTES + payload.length;
    link.send({ ...ends, protocol: IP_PROTOCOL.udp }, length, (target) => target.set(bytes));
  }
}

function remember(peers: Set<string>, peer: string): void {
  const [oldest] = peers;
  if (peers.size >= MAX_PEERS && oldest !== undefined && !peers.has(peer)) peers.delete(oldest);
  peers.add(peer);
}
