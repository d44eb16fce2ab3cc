// The gateway's end of the cable: wraps packets for guests into frames and knows which guest has which Ethernet
// address (ARP, RFC 826). Relies on ethernet.ts, arp.ts, ipv4.ts.
// Guarantees: at most MAX_NEIGHBOURS addresses and MAX_WAITING packets for unknown ones are held.

import { formatIpv4, isInSubnet, MAC_BROADCAST, type Subnet } from "./addresses.ts";
import { ARP_BYTES, readArp, writeArp, type ArpMessage } from "./arp.ts";
import type { DropCounts } from "./drop-counts.ts";
import { ETHERNET_HEADER_BYTES, ETHERNET_MTU, newEthernet } from "./ethernet.ts";
import { fragmentIpv4, IPV4_HEADER_BYTES, IPV4_MAX_PAYLOAD_BYTES, writeIpv4Header } from "./ipv4.ts";
import { ARP, ETHER_TYPE } from "./protocol-numbers.ts";

const MAX_NEIGHBOURS = 256;
const MAX_WAITING = 64;

export interface LinkPlan {
  readonly subnet: Subnet;
  /** The gateway's Ethernet address, which answers for each of `addresses`. */
  readonly mac: number;
  readonly gateway: number;
  readonly addresses: readonly number[];
}

/** A packet to send, without its payload. */
export interface OutgoingPacket {
  readonly source: number;
  readonly destination: number;
  readonly protocol: number;
}

export class GuestLink {
  onFrame: (frame: Uint8Array) => void = () => undefined;
  private readonly plan: LinkPlan;
  private readonly drops: DropCounts;
  private readonly neighbours = new Map<number, number>();
  private waiting: { readonly address: number; readonly packet: Uint8Array }[] = [];
  private identification = 0;

  constructor(plan: LinkPlan, drops: DropCounts) {
    this.plan = plan;
    this.drops = drops;
  }

  /** A frame shows that a guest with this IPv4 address has this Ethernet address. */
  learn(address: number, mac: number): void {
    if (this.neighbours.get(address) === mac) return;
    if (!isInSubnet(address, this.plan.subnet) || this.plan.addresses.includes(address)) return;
    if (this.neighbours.size >= MAX_NEIGHBOURS && !this.neighbours.has(address)) return;
    this.neighbours.set(address, mac);
    const ready = this.waiting.filter((item) => item.address === address);
    this.waiting = this.waiting.filter((item) => item.address !== address);
    for (const { packet } of ready) this.sendTo(mac, packet);
  }

  /** Takes an ARP message: learns from it, and answers if it asks for one of the gateway's addresses. */
  receiveArp(bytes: Uint8Array): void {
    const message = readArp(bytes);
    if (message === null) {
      this.drops.add("malformed");
      return;
    }
    this.learn(message.senderAddress, message.senderMac);
    if (message.operation !== ARP.request || !this.plan.addresses.includes(message.targetAddress)) return;
    this.sendArp(message.senderMac, {
      operation: ARP.reply,
      senderMac: this.plan.mac,
      senderAddress: message.targetAddress,
      targetMac: message.senderMac,
      targetAddress: message.senderAddress,
    });
  }

  /** Sends a packet of `length` bytes behind the IPv4 header, which `fill` writes. */
  send(packet: OutgoingPacket, length: number, fill: (payload: Uint8Array) => void): void {
    const mac = this.neighbours.get(packet.destination);
    if (mac !== undefined) this.sendToMac(mac, packet, { length, fill });
    else this.sendUnknown(packet, length, fill);
  }

  /** The same for a guest whose Ethernet address is known although it has no IPv4 address yet. */
  sendToMac(
    mac: number,
    packet: OutgoingPacket,
    { length, fill }: { readonly length: number; readonly fill: (payload: Uint8Array) => void },
  ): void {
    if (IPV4_HEADER_BYTES + length > ETHERNET_MTU) {
      for (const fragment of this.fragments(packet, length, fill)) this.sendTo(mac, fragment);
      return;
    }
    const frame = this.newFrame(mac, ETHER_TYPE.ipv4, IPV4_HEADER_BYTES + length);
    fill(frame.subarray(ETHERNET_HEADER_BYTES + IPV4_HEADER_BYTES));
    writeIpv4Header(frame.subarray(ETHERNET_HEADER_BYTES), this.header(packet), length);
    this.onFrame(frame);
  }

  // Asks who has the address, and keeps the packet until the answer.
  private sendUnknown(packet: OutgoingPacket, length: number, fill: (payload: Uint8Array) => void): void {
    for (const fragment of this.fragments(packet, length, fill)) {
      if (this.waiting.length >= MAX_WAITING) {
        this.waiting.shift();
        this.drops.add("noNeighbour");
      }
      this.waiting.push({ address: packet.destination, packet: fragment });
    }
    this.sendArp(MAC_BROADCAST, {
      operation: ARP.request,
      senderMac: this.plan.mac,
      senderAddress: this.plan.gateway,
      targetMac: 0,
      targetAddress: packet.destination,
    });
  }

  private fragments(
    packet: OutgoingPacket,
    length: number,
    fill: (payload: Uint8Array) => void,
  ): readonly Uint8Array[] {
    if (length > IPV4_MAX_PAYLOAD_BYTES) {
      this.drops.add("tooLong");
      return [];
    }
    const payload = new Uint8Array(length);
    fill(payload);
    return fragmentIpv4(this.header(packet), payload, ETHERNET_MTU);
  }

  private header(packet: OutgoingPacket): OutgoingPacket & { readonly identification: number } {
    this.identification = (this.identification + 1) & 0xffff;
    return { ...packet, identification: this.identification };
  }

  private sendTo(mac: number, packet: Uint8Array): void {
    const frame = this.newFrame(mac, ETHER_TYPE.ipv4, packet.length);
    frame.set(packet, ETHERNET_HEADER_BYTES);
    this.onFrame(frame);
  }

  private sendArp(mac: number, message: ArpMessage): void {
    const frame = this.newFrame(mac, ETHER_TYPE.arp, ARP_BYTES);
    writeArp(frame.subarray(ETHERNET_HEADER_BYTES), message);
    this.onFrame(frame);
  }

  private newFrame(destination: number, etherType: number, length: number): Uint8Array {
    return newEthernet({ destination, source: this.plan.mac, etherType }, length);
  }
}

/** How the guest sees a host's address: the loopback, and what its own subnet would hide, as the gateway. */
export function guestView(address: number | null, plan: LinkPlan): number {
  if (address === null || address >>> 24 === 127 || address === 0) return plan.gateway;
  return isInSubnet(address, plan.subnet) ? plan.gateway : address;
}

/** Where the host finds what the guest calls `address`: the gateway is the host itself. */
export function hostView(address: number, plan: LinkPlan): string {
  return address === plan.gateway ? "127.0.0.1" : formatIpv4(address);
}
