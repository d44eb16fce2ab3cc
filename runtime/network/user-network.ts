// A network of its own for a guest, like QEMU's `-netdev user`: a gateway that is the host, a name server, DHCP, and
// the outside through the host's sockets, without privileges. Relies on the parts beside it; knows no card.
// Not there: IPv6, and pings of anyone but the gateway and the name server.
// Guarantees: whatever a guest sends, no exception and no growth without bound; what is thrown away is counted.

import {
  IPV4_BROADCAST,
  isGroupMac,
  isInSubnet,
  isUnicast,
  MAC_BROADCAST,
  subnetBroadcast,
} from "./addresses.ts";
import type { Clock, NetworkBackend } from "./backend.ts";
import { DhcpServer } from "./dhcp-server.ts";
import { readDhcp } from "./dhcp-message.ts";
import { DnsProxy } from "./dns-proxy.ts";
import { DropCounts } from "./drop-counts.ts";
import { readEthernet } from "./ethernet.ts";
import { GuestLink, type LinkPlan } from "./guest-link.ts";
import type { HostSockets, SocketAddress, SocketFailure } from "./host-sockets.ts";
import { buildIcmp, buildUnreachable, readIcmp } from "./icmp.ts";
import { readIpv4, type Ipv4Packet } from "./ipv4.ts";
import { Ipv4Reassembly } from "./ipv4-reassembly.ts";
import { ETHER_TYPE, ICMP_TYPE, ICMP_UNREACHABLE, IP_PROTOCOL, PORT } from "./protocol-numbers.ts";
import { TcpNat } from "./tcp-nat.ts";
import { readTcp } from "./tcp-segment.ts";
import { buildUdp, readUdp, UDP_HEADER_BYTES, type UdpDatagram } from "./udp.ts";
import { UdpNat, type GuestEnd } from "./udp-nat.ts";

/** A port of the host whose connections or datagrams go to a guest. */
export interface HostForward {
  readonly protocol: "tcp" | "udp";
  readonly host: SocketAddress;
  readonly guest: GuestEnd;
}

export interface UserNetworkPlan extends LinkPlan {
  readonly nameServer: number;
  /** What DHCP gives to the first guest that asks. */
  readonly firstGuest: number;
  /** Keep guests from the outside: only DHCP, the gateway's answers and forwarded ports work. */
  readonly isRestricted: boolean;
  readonly forwards: readonly HostForward[];
}

/** The addresses of QEMU's user network: 10.0.2.0/24, gateway .2, name server .3, guests from .15 on. */
export const DEFAULT_USER_NETWORK: UserNetworkPlan = {
  subnet: { address: 0x0a000200, mask: 0xffffff00 },
  mac: 0x52550a000202,
  gateway: 0x0a000202,
  nameServer: 0x0a000203,
  addresses: [0x0a000202, 0x0a000203],
  firstGuest: 0x0a00020f,
  isRestricted: false,
  forwards: [],
};

export interface UserNetworkOptions {
  readonly clock: Clock;
  readonly sockets: HostSockets;
  readonly plan: UserNetworkPlan;
  /** A forwarded port could not be opened. */
  readonly forwardFailed: (forward: HostForward, failure: SocketFailure) => void;
}

export class UserNetwork implements NetworkBackend {
  readonly drops = new DropCounts();
  private readonly plan: UserNetworkPlan;
  private readonly clock: Clock;
  private readonly link: GuestLink;
  private readonly reassembly = new Ipv4Reassembly();
  private readonly dhcp: DhcpServer;
  private readonly dns: DnsProxy;
  private readonly udp: UdpNat;
  private readonly tcp: TcpNat;
  private isClosed = false;

  constructor({ clock, sockets, plan, forwardFailed }: UserNetworkOptions) {
    this.plan = plan;
    this.clock = clock;
    this.link = new GuestLink(plan, this.drops);
    this.dhcp = new DhcpServer({ ...plan, mask: plan.subnet.mask });
    this.dns = new DnsProxy(sockets);
    const context = { clock, sockets, link: this.link, plan, drops: this.drops };
    this.udp = new UdpNat(context);
    this.tcp = new TcpNat(context);
    for (const forward of plan.forwards) {
      const nat = forward.protocol === "tcp" ? this.tcp : this.udp;
      nat.forward(forward.host, forward.guest, (failure) => forwardFailed(forward, failure));
    }
  }

  get onFrame(): (frame: Uint8Array) => void {
    return this.link.onFrame;
  }

  set onFrame(receive: (frame: Uint8Array) => void) {
    this.link.onFrame = receive;
  }

  /** Connections and sockets that are open for guests. */
  get openCount(): { readonly tcp: number; readonly udp: number } {
    return { tcp: this.tcp.size, udp: this.udp.size };
  }

  send(bytes: Uint8Array): void {
    const frame = readEthernet(bytes);
    if (this.isClosed) return;
    if (frame === null) this.drops.add("malformed");
    else if (frame.destination !== this.plan.mac && !isGroupMac(frame.destination)) {
      this.drops.add("notForUs");
    } else if (frame.etherType === ETHER_TYPE.arp) this.link.receiveArp(frame.payload);
    else if (frame.etherType === ETHER_TYPE.ipv4) this.receiveIpv4(frame.payload, frame.source);
    else this.drops.add("otherProtocol");
  }

  close(): void {
    this.isClosed = true;
    this.link.onFrame = () => undefined;
    this.tcp.close();
    this.udp.close();
  }

  private receiveIpv4(bytes: Uint8Array, mac: number): void {
    const packet = readIpv4(bytes);
    if (packet === null) {
      this.drops.add("malformed");
      return;
    }
    if (!this.isFromGuest(packet)) {
      this.drops.add("notForUs");
      return;
    }
    this.link.learn(packet.source, mac);
    const givenUp = this.reassembly.dropped;
    const whole = this.reassembly.add(packet, this.clock.nowMs());
    this.drops.add("fragments", this.reassembly.dropped - givenUp);
    if (whole !== null) this.dispatch(whole);
  }

  private dispatch(packet: Ipv4Packet): void {
    const receive = this.receivers.get(packet.protocol);
    if (receive !== undefined) receive(packet);
    else if (this.plan.addresses.includes(packet.destination)) {
      this.sendIcmp(packet, buildUnreachable(packet, ICMP_UNREACHABLE.protocol), packet.destination);
    } else this.drops.add("otherProtocol");
  }

  private readonly receivers: ReadonlyMap<number, (packet: Ipv4Packet) => void> = new Map([
    [IP_PROTOCOL.icmp, (packet) => this.receiveIcmp(packet)],
    [IP_PROTOCOL.udp, (packet) => this.receiveUdp(packet)],
    [IP_PROTOCOL.tcp, (packet) => this.receiveTcp(packet)],
  ]);

  private receiveIcmp(packet: Ipv4Packet): void {
    const message = readIcmp(packet.payload);
    if (message === null) {
      this.drops.add("malformed");
      return;
    }
    if (message.type !== ICMP_TYPE.echoRequest) return;
    if (this.plan.addresses.includes(packet.destination)) {
      this.sendIcmp(packet, buildIcmp({ ...message, type: ICMP_TYPE.echoReply }), packet.destination);
    } else if (this.isOutside(packet.destination)) {
      this.sendIcmp(packet, buildUnreachable(packet, ICMP_UNREACHABLE.net));
    } else this.drops.add("notForUs");
  }

  private receiveUdp(packet: Ipv4Packet): void {
    const datagram = readUdp(packet.payload, packet);
    if (datagram === null) {
      this.drops.add("malformed");
      return;
    }
    const { destinationPort } = datagram;
    const isBroadcast =
      packet.destination === IPV4_BROADCAST || packet.destination === subnetBroadcast(this.plan.subnet);
    const isGateway = packet.destination === this.plan.gateway;
    if ((isBroadcast || isGateway) && destinationPort === PORT.dhcpServer) this.receiveDhcp(datagram);
    else if (packet.source === 0) this.drops.add("notForUs");
    else if (packet.destination === this.plan.nameServer) this.receiveDns(packet, datagram);
    else if (isGateway || this.isOutside(packet.destination)) {
      this.udp.send(datagram, packet, !this.plan.isRestricted);
    } else this.drops.add("notForUs");
  }

  private receiveDhcp(datagram: UdpDatagram): void {
    const message = readDhcp(datagram.payload);
    if (message === null) {
      this.drops.add("malformed");
      return;
    }
    const answer = this.dhcp.answer(message, this.clock.nowMs());
    if (answer === null) return;
    const { destination, bytes } = answer;
    const mac = destination === IPV4_BROADCAST ? MAC_BROADCAST : message.clientMac;
    const packet = { source: this.plan.gateway, destination, protocol: IP_PROTOCOL.udp };
    const reply = buildUdp(
      { sourcePort: PORT.dhcpServer, destinationPort: PORT.dhcpClient, payload: bytes },
      packet,
    );
    this.link.sendToMac(mac, packet, { length: reply.length, fill: (payload) => payload.set(reply) });
  }

  private receiveDns(packet: Ipv4Packet, query: UdpDatagram): void {
    if (query.destinationPort !== PORT.dns) {
      this.sendIcmp(packet, buildUnreachable(packet, ICMP_UNREACHABLE.port), packet.destination);
      return;
    }
    if (this.plan.isRestricted) {
      this.drops.add("restricted");
      return;
    }
    const ends = { source: packet.destination, destination: packet.source };
    const { sourcePort } = query;
    this.dns.ask(query.payload, (payload) => {
      const bytes = buildUdp({ sourcePort: PORT.dns, destinationPort: sourcePort, payload }, ends);
      const length = UDP_HEADER_BYTES + payload.length;
      this.link.send({ ...ends, protocol: IP_PROTOCOL.udp }, length, (target) => target.set(bytes));
    });
  }

  private receiveTcp(packet: Ipv4Packet): void {
    const segment = readTcp(packet.payload, packet);
    const isGateway = packet.destination === this.plan.gateway;
    const isOurs = isGateway || packet.destination === this.plan.nameServer;
    if (segment === null) this.drops.add("malformed");
    else if (!isOurs && !this.isOutside(packet.destination)) this.drops.add("notForUs");
    else this.tcp.receive(packet, segment, !this.plan.isRestricted && (isGateway || !isOurs));
  }

  // Whether the source can be a guest's: of the subnet, not ours, or none yet while a guest asks for one.
  private isFromGuest({ source, protocol }: Ipv4Packet): boolean {
    if (source === 0) return protocol === IP_PROTOCOL.udp;
    return isInSubnet(source, this.plan.subnet) && !this.plan.addresses.includes(source);
  }

  // Whether the NAT may carry packets there: one host, and none of the guest's own network.
  private isOutside(address: number): boolean {
    return isUnicast(address) && !isInSubnet(address, this.plan.subnet);
  }

  private sendIcmp(packet: Ipv4Packet, message: Uint8Array, source = this.plan.gateway): void {
    const reply = { source, destination: packet.source, protocol: IP_PROTOCOL.icmp };
    this.link.send(reply, message.length, (payload) => payload.set(message));
  }
}
