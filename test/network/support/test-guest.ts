// A guest for tests: a network stack of few words on our packet builders, at the near end of a backend's cable.
// Answers ARP, keeps what comes, opens and accepts TCP connections. Both directions may lose frames.

import { IPV4_BROADCAST, MAC_BROADCAST } from "../../../runtime/network/addresses.ts";
import { ARP_BYTES, readArp, writeArp } from "../../../runtime/network/arp.ts";
import type { Clock, NetworkBackend } from "../../../runtime/network/backend.ts";
import { buildDhcp, readDhcp, type DhcpMessage } from "../../../runtime/network/dhcp-message.ts";
import { newEthernet, readEthernet } from "../../../runtime/network/ethernet.ts";
import { buildIcmp, readIcmp, type IcmpMessage } from "../../../runtime/network/icmp.ts";
import { Ipv4Reassembly } from "../../../runtime/network/ipv4-reassembly.ts";
import {
  IPV4_HEADER_BYTES,
  readIpv4,
  writeIpv4Header,
  type Ipv4Packet,
} from "../../../runtime/network/ipv4.ts";
import {
  ARP,
  DHCP,
  DHCP_MESSAGE,
  DHCP_OPTION,
  ETHER_TYPE,
  ICMP_TYPE,
  IP_PROTOCOL,
  PORT,
  TCP_FLAG,
} from "../../../runtime/network/protocol-numbers.ts";
import { TcpConnection, type TcpEnd } from "../../../runtime/network/tcp-connection.ts";
import {
  readTcp,
  resetFor,
  tcpLength,
  writeTcp,
  type TcpSegment,
} from "../../../runtime/network/tcp-segment.ts";
import { buildUdp, readUdp, type UdpDatagram } from "../../../runtime/network/udp.ts";

export const GATEWAY = 0x0a000202;
export const NAME_SERVER = 0x0a000203;
export const GUEST_MAC = 0x525400123456;

/** A TCP connection as a test sees it: everything that came, and how it ended. */
export class TestConnection {
  readonly received: number[] = [];
  isEstablished = false;
  peerEnded = false;
  ended: TcpEnd | null = null;
  /** Whether what comes is read at once; if not, it stays in the connection's buffer. */
  reads = true;
  readonly connection: TcpConnection;
  private toSend: Uint8Array = new Uint8Array();
  private endsAfter = false;

  constructor(
    clock: Clock,
    transmit: (segment: TcpSegment) => void,
    ports: { readonly local: number; readonly remote: number; readonly bufferBytes: number },
  ) {
    this.connection = new TcpConnection(
      clock,
      {
        transmit,
        established: () => {
          this.isEstablished = true;
          this.push();
        },
        readable: () => this.pull(),
        writable: () => this.push(),
        closed: (end) => (this.ended = end),
      },
      {
        localPort: ports.local,
        remotePort: ports.remote,
        initialSequence: 0xffff_ff00,
        maximumSegmentSize: 1460,
        bufferBytes: ports.bufferBytes,
      },
    );
  }

  get text(): string {
    return new TextDecoder().decode(Uint8Array.from(this.received));
  }

  /** Sends all of `data`, as room comes; then ends our direction if `thenEnd`. */
  send(data: Uint8Array | string, thenEnd = false): void {
    this.toSend = typeof data === "string" ? new TextEncoder().encode(data) : data;
    this.endsAfter = thenEnd;
    this.push();
  }

  get unsentBytes(): number {
    return this.toSend.length;
  }

  pull(): void {
    if (!this.reads) return;
    for (let part = this.connection.read(4096); part.length > 0; part = this.connection.read(4096)) {
      for (const byte of part) this.received.push(byte);
    }
    this.peerEnded = this.connection.isReadToEnd;
  }

  private push(): void {
    this.toSend = this.toSend.subarray(this.connection.write(this.toSend));
    if (this.endsAfter && this.toSend.length === 0) this.connection.end();
  }
}

export class TestGuest {
  readonly address: number;
  readonly mac: number;
  readonly icmp: { readonly source: number; readonly message: IcmpMessage }[] = [];
  readonly udp: (UdpDatagram & { readonly source: number })[] = [];
  readonly dhcp: DhcpMessage[] = [];
  readonly segments: TcpSegment[] = [];
  readonly frames: Uint8Array[] = [];
  /** Connections made to the guest's listening ports, in order. */
  readonly accepted: TestConnection[] = [];
  /** Called with each frame in either direction; false loses it. */
  passes: (frame: Uint8Array, toGuest: boolean) => boolean = () => true;
  private readonly backend: NetworkBackend;
  private readonly clock: Clock;
  private readonly arpAnswers = new Map<number, number>();
  private readonly reassembly = new Ipv4Reassembly();
  private readonly connections = new Map<string, TestConnection>();
  private readonly listening = new Set<number>();
  private identification = 0;

  constructor(backend: NetworkBackend, clock: Clock, address = 0x0a00020f, mac = GUEST_MAC) {
    this.backend = backend;
    this.clock = clock;
    this.address = address;
    this.mac = mac;
    backend.onFrame = (frame) => {
      this.frames.push(frame);
      if (this.passes(frame, true)) clock.after(0.01, () => this.receive(frame));
    };
  }

  /** The Ethernet address that answered for `address`. */
  macOf(address: number): number | undefined {
    return this.arpAnswers.get(address);
  }

  sendArp(target: number): void {
    const frame = newEthernet(
      { destination: MAC_BROADCAST, source: this.mac, etherType: ETHER_TYPE.arp },
      ARP_BYTES,
    );
    writeArp(frame.subarray(14), {
      operation: ARP.request,
      senderMac: this.mac,
      senderAddress: this.address,
      targetMac: 0,
      targetAddress: target,
    });
    this.sendFrame(frame);
  }

  ping(destination: number, payload: string): void {
    const rest = new Uint8Array([0x12, 0x34, 0, 1, ...new TextEncoder().encode(payload)]);
    this.sendPacket(destination, IP_PROTOCOL.icmp, buildIcmp({ type: ICMP_TYPE.echoRequest, code: 0, rest }));
  }

  sendUdp(destination: number, datagram: UdpDatagram): void {
    const ends = { source: this.address, destination };
    this.sendPacket(destination, IP_PROTOCOL.udp, buildUdp(datagram, ends));
  }

  /** A DHCP message of `type` with options, from 0.0.0.0 as a client without address. */
  sendDhcp(type: number, options: readonly (readonly [number, Uint8Array])[] = []): void {
    const payload = buildDhcp({
      operation: DHCP.bootRequest,
      transaction: 0x1234_5678,
      flags: 0,
      clientAddress: 0,
      yourAddress: 0,
      serverAddress: 0,
      clientMac: this.mac,
      bootFile: "",
      options: new Map([[DHCP_OPTION.messageType, Uint8Array.of(type)], ...options]),
    });
    const ends = { source: 0, destination: IPV4_BROADCAST };
    const datagram = { sourcePort: PORT.dhcpClient, destinationPort: PORT.dhcpServer, payload };
    this.sendPacket(IPV4_BROADCAST, IP_PROTOCOL.udp, buildUdp(datagram, ends), 0);
  }

  discover(): void {
    this.sendDhcp(DHCP_MESSAGE.discover);
  }

  connect(destination: number, port: number, bufferBytes = 65_536): TestConnection {
    const local = 50_000 + this.connections.size;
    const connection = this.newConnection(destination, { local, remote: port, bufferBytes });
    connection.connection.connect();
    return connection;
  }

  listen(port: number): void {
    this.listening.add(port);
  }

  sendSegment(destination: number, segment: TcpSegment): void {
    const bytes = new Uint8Array(tcpLength(segment));
    writeTcp(bytes, segment, { source: this.address, destination });
    this.sendPacket(destination, IP_PROTOCOL.tcp, bytes);
  }

  /** Sends a packet, whole, from the guest's address or another. */
  sendPacket(destination: number, protocol: number, payload: Uint8Array, source = this.address): void {
    const packet = new Uint8Array(IPV4_HEADER_BYTES + payload.length);
    this.identification += 1;
    const header = { source, destination, protocol, identification: this.identification };
    writeIpv4Header(packet, header, payload.length);
    packet.set(payload, IPV4_HEADER_BYTES);
    this.sendRawIpv4(packet);
  }

  sendRawIpv4(packet: Uint8Array): void {
    const frame = newEthernet(
      { destination: 0x52550a000202, source: this.mac, etherType: ETHER_TYPE.ipv4 },
      packet.length,
    );
    frame.set(packet, 14);
    this.sendFrame(frame);
  }

  sendFrame(frame: Uint8Array): void {
    if (this.passes(frame, false)) this.clock.after(0.01, () => this.backend.send(frame));
  }

  private newConnection(
    destination: number,
    ports: { readonly local: number; readonly remote: number; readonly bufferBytes: number },
  ): TestConnection {
    const connection = new TestConnection(
      this.clock,
      (segment) => this.sendSegment(destination, segment),
      ports,
    );
    this.connections.set(`${destination} ${ports.remote} ${ports.local}`, connection);
    return connection;
  }

  private receive(bytes: Uint8Array): void {
    const frame = readEthernet(bytes);
    if (frame === null || (frame.destination !== this.mac && frame.destination !== MAC_BROADCAST)) return;
    if (frame.etherType === ETHER_TYPE.arp) this.receiveArp(frame.payload);
    const packet = frame.etherType === ETHER_TYPE.ipv4 ? readIpv4(frame.payload) : null;
    const whole = packet && this.reassembly.add(packet, this.clock.nowMs());
    if (whole !== null) this.receivePacket(whole);
  }

  private receiveArp(payload: Uint8Array): void {
    const message = readArp(payload);
    if (message?.targetAddress !== this.address) return;
    if (message.operation === ARP.reply) {
      this.arpAnswers.set(message.senderAddress, message.senderMac);
      return;
    }
    const frame = newEthernet(
      { destination: message.senderMac, source: this.mac, etherType: ETHER_TYPE.arp },
      ARP_BYTES,
    );
    writeArp(frame.subarray(14), {
      operation: ARP.reply,
      senderMac: this.mac,
      senderAddress: this.address,
      targetMac: message.senderMac,
      targetAddress: message.senderAddress,
    });
    this.sendFrame(frame);
  }

  private receivePacket(packet: Ipv4Packet): void {
    if (packet.protocol === IP_PROTOCOL.icmp) {
      const message = readIcmp(packet.payload);
      if (message !== null) this.icmp.push({ source: packet.source, message });
    }
    if (packet.protocol === IP_PROTOCOL.udp) {
      const datagram = readUdp(packet.payload, packet);
      if (datagram === null) return;
      const dhcp = datagram.destinationPort === PORT.dhcpClient ? readDhcp(datagram.payload) : null;
      if (dhcp !== null) this.dhcp.push(dhcp);
      else this.udp.push({ ...datagram, payload: datagram.payload.slice(), source: packet.source });
    }
    if (packet.protocol === IP_PROTOCOL.tcp) this.receiveTcp(packet);
  }

  private receiveTcp(packet: Ipv4Packet): void {
    const segment = readTcp(packet.payload, packet);
    if (segment === null) return;
    this.segments.push(segment);
    const key = `${packet.source} ${segment.sourcePort} ${segment.destinationPort}`;
    const connection = this.connections.get(key);
    if (connection !== undefined && connection.ended === null) {
      connection.connection.receive(segment);
      return;
    }
    if (this.listening.has(segment.destinationPort) && (segment.flags & TCP_FLAG.syn) !== 0) {
      const ports = { local: segment.destinationPort, remote: segment.sourcePort, bufferBytes: 65_536 };
      const accepted = this.newConnection(packet.source, ports);
      this.accepted.push(accepted);
      accepted.connection.accept(segment);
      return;
    }
    const reset = resetFor(segment);
    if (reset !== null) this.sendSegment(packet.source, reset);
  }
}
