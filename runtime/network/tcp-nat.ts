// TCP through the host's sockets: a guest's connections to the outside, and `hostfwd`. Relies on tcp-flow.ts,
// tcp-connection.ts, host-sockets.ts.
// A guest's SYN is answered once the host has connected, so that the guest sees what the host sees: a connection, a
// reset, or an unreachable host. Guarantees: at most MAX_FLOWS connections, each with bounded buffers.

import { parseIpv4 } from "./addresses.ts";
import type { Endpoints } from "./checksum.ts";
import { ETHERNET_MTU } from "./ethernet.ts";
import { guestView, hostView } from "./guest-link.ts";
import type { Closable, HostStream, SocketAddress, SocketFailure, StreamEvents } from "./host-sockets.ts";
import { buildUnreachable } from "./icmp.ts";
import { IPV4_HEADER_BYTES, type Ipv4Packet } from "./ipv4.ts";
import { ICMP_UNREACHABLE, IP_PROTOCOL, TCP_FLAG } from "./protocol-numbers.ts";
import { TcpConnection } from "./tcp-connection.ts";
import { TcpFlow } from "./tcp-flow.ts";
import { resetFor, TCP_HEADER_BYTES, tcpLength, writeTcp, type TcpSegment } from "./tcp-segment.ts";
import type { GuestEnd, NatContext } from "./udp-nat.ts";

const MAX_FLOWS = 256;
const BUFFER_BYTES = 131_072;
const MSS = ETHERNET_MTU - IPV4_HEADER_BYTES - TCP_HEADER_BYTES;
/** Initial sequence numbers move by one every 4 microseconds (RFC 9293 3.4.1) and by this for each connection. */
const SEQUENCE_STEP = 64_021;
const SEQUENCES_PER_MS = 250;
const FIRST_EPHEMERAL_PORT = 49_152;

/** A connection's ends: the guest's and the one outside, as the guest names it. */
interface FlowEnds {
  readonly guest: GuestEnd;
  readonly outside: GuestEnd;
}

export class TcpNat {
  private readonly context: NatContext;
  private readonly byEnds = new Map<string, TcpFlow>();
  private readonly live = new Set<TcpFlow>();
  private readonly listeners: Closable[] = [];
  private opened = 0;

  constructor(context: NatContext) {
    this.context = context;
  }

  /** Takes a guest's segment; `mayOpen` is false where only forwarded ports have connections. */
  receive(packet: Ipv4Packet, segment: TcpSegment, mayOpen: boolean): void {
    const ends = {
      guest: { address: packet.source, port: segment.sourcePort },
      outside: { address: packet.destination, port: segment.destinationPort },
    };
    const flow = this.byEnds.get(keyOf(ends));
    const isSyn = (segment.flags & (TCP_FLAG.syn | TCP_FLAG.ack | TCP_FLAG.rst)) === TCP_FLAG.syn;
    if (flow !== undefined && !(isSyn && flow.connection.isReplacedBy(segment))) {
      this.giveTo(flow, segment);
      return;
    }
    flow?.destroy();
    if (isSyn && mayOpen && this.makeRoom()) this.open(ends, packet, segment);
    else this.refuse(ends, segment);
  }

  /** Opens a port of the host and gives connections there to a guest. */
  forward(local: SocketAddress, guest: GuestEnd, failed: (failure: SocketFailure) => void): void {
    const listener = this.context.sockets.listen(local, {
      listening: () => undefined,
      connection: (stream) => this.acceptFromHost(stream, guest),
      failed,
    });
    this.listeners.push(listener);
  }

  close(): void {
    for (const listener of this.listeners) listener.close();
    for (const flow of [...this.live]) flow.destroy();
    this.listeners.length = 0;
  }

  /** Connections that are not over. */
  get size(): number {
    return this.live.size;
  }

  private giveTo(flow: TcpFlow, segment: TcpSegment): void {
    // Until the host has connected there is nothing to say but that the guest has lost interest.
    if (flow.connection.state === "idle") {
      if ((segment.flags & TCP_FLAG.rst) !== 0) flow.destroy();
      return;
    }
    flow.connection.receive(segment);
  }

  private open(ends: FlowEnds, packet: Ipv4Packet, syn: TcpSegment): void {
    const unreachable = buildUnreachable(packet, ICMP_UNREACHABLE.host);
    const flow = this.start(ends, {
      isConnected: false,
      connected: (connection) => connection.accept(syn),
      refused: (failure) => {
        if (failure === "refused") this.refuse(ends, syn);
        else this.sendIcmp(ends, unreachable);
      },
    });
    const host = hostView(ends.outside.address, this.context.plan);
    flow.attach(this.context.sockets.connect({ host, port: ends.outside.port }, flow.streamEvents));
  }

  private acceptFromHost(stream: HostStream, guest: GuestEnd): StreamEvents | null {
    if (!this.makeRoom()) return null;
    const address = guestView(parseIpv4(stream.remote.host), this.context.plan);
    let ends = { guest, outside: { address, port: stream.remote.port } };
    for (let port = FIRST_EPHEMERAL_PORT; this.byEnds.has(keyOf(ends)); port += 1) {
      ends = { guest, outside: { address, port } };
    }
    const flow = this.start(ends, {
      isConnected: true,
      connected: () => undefined,
      refused: () => undefined,
    });
    flow.attach(stream);
    flow.connection.connect();
    return flow.streamEvents;
  }

  private start(
    ends: FlowEnds,
    opening: {
      readonly isConnected: boolean;
      connected(connection: TcpConnection): void;
      refused(failure: SocketFailure): void;
    },
  ): TcpFlow {
    const key = keyOf(ends);
    const connection = new TcpConnection(
      this.context.clock,
      {
        transmit: (segment) => this.transmit(ends, segment),
        established: () => undefined,
        readable: () => flow.pushToHost(),
        writable: () => flow.pushToGuest(),
        closed: (end) => flow.onGuestClosed(end),
      },
      {
        localPort: ends.outside.port,
        remotePort: ends.guest.port,
        initialSequence: this.nextSequence(),
        maximumSegmentSize: MSS,
        bufferBytes: BUFFER_BYTES,
      },
    );
    const flow = new TcpFlow(
      connection,
      {
        connected: () => opening.connected(connection),
        refused: (failure) => opening.refused(failure),
        guestGone: () => {
          if (this.byEnds.get(key) === flow) this.byEnds.delete(key);
        },
        gone: () => this.live.delete(flow),
      },
      opening.isConnected,
    );
    this.byEnds.set(key, flow);
    this.live.add(flow);
    return flow;
  }

  // True if there is room for one more; connections that only wait for stragglers give way.
  private makeRoom(): boolean {
    if (this.live.size < MAX_FLOWS) return true;
    for (const flow of this.live) {
      if (flow.connection.state !== "timeWait") continue;
      flow.destroy();
      return true;
    }
    this.context.drops.add("tooMany");
    return false;
  }

  private nextSequence(): number {
    this.opened += 1;
    return (this.opened * SEQUENCE_STEP + Math.floor(this.context.clock.nowMs() * SEQUENCES_PER_MS)) >>> 0;
  }

  private refuse(ends: FlowEnds, segment: TcpSegment): void {
    const reset = resetFor(segment);
    if (reset !== null) this.transmit(ends, reset);
  }

  private transmit({ guest, outside }: FlowEnds, segment: TcpSegment): void {
    const addresses: Endpoints = { source: outside.address, destination: guest.address };
    this.context.link.send({ ...addresses, protocol: IP_PROTOCOL.tcp }, tcpLength(segment), (payload) =>
      writeTcp(payload, segment, addresses),
    );
  }

  private sendIcmp({ guest }: FlowEnds, message: Uint8Array): void {
    const { link, plan } = this.context;
    const packet = { source: plan.gateway, destination: guest.address, protocol: IP_PROTOCOL.icmp };
    link.send(packet, message.length, (payload) => payload.set(message));
  }
}

function keyOf({ guest, outside }: FlowEnds): string {
  return `${guest.address}:${guest.port} ${outside.address}:${outside.port}`;
}
