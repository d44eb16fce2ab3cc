// The DHCP server of the user-mode network (RFC 2131 4.3), BOOTP included. Relies on dhcp-message.ts and a clock's time.
// Guarantees: at most MAX_LEASES addresses are given out; the longest expired one is given again.

import { IPV4_BROADCAST } from "./addresses.ts";
import { buildDhcp, readU32Option, u32Option, type DhcpMessage } from "./dhcp-message.ts";
import { DHCP, DHCP_MESSAGE, DHCP_OPTION } from "./protocol-numbers.ts";

const MAX_LEASES = 16;
const LEASE_SECONDS = 86_400;

export interface DhcpPlan {
  readonly mask: number;
  readonly gateway: number;
  readonly nameServer: number;
  readonly firstGuest: number;
}

/** An answer and the IPv4 address that it goes to. */
export interface DhcpAnswer {
  readonly bytes: Uint8Array;
  readonly destination: number;
}

interface Lease {
  readonly mac: number;
  readonly expiresMs: number;
}

export class DhcpServer {
  private readonly plan: DhcpPlan;
  // By address. One that a client declined belongs to nobody: mac 0.
  private readonly leases = new Map<number, Lease>();

  constructor(plan: DhcpPlan) {
    this.plan = plan;
  }

  /** The answer to a client's message; null if it wants none. */
  answer(message: DhcpMessage, nowMs: number): DhcpAnswer | null {
    if (message.operation !== DHCP.bootRequest) return null;
    const type = message.options.get(DHCP_OPTION.messageType)?.[0];
    if (type === undefined) return this.bootp(message, nowMs);
    return this.byType.get(type)?.(message, nowMs) ?? null;
  }

  private readonly byType: ReadonlyMap<number, (message: DhcpMessage, nowMs: number) => DhcpAnswer | null> =
    new Map([
      [DHCP_MESSAGE.discover, (message, nowMs) => this.offer(message, nowMs)],
      [DHCP_MESSAGE.request, (message, nowMs) => this.request(message, nowMs)],
      [DHCP_MESSAGE.decline, (message, nowMs) => this.decline(message, nowMs)],
      [DHCP_MESSAGE.release, (message) => this.release(message)],
      [DHCP_MESSAGE.inform, (message) => this.inform(message)],
    ]);

  private bootp(message: DhcpMessage, nowMs: number): DhcpAnswer | null {
    const address = this.choose(message, nowMs);
    if (address === null) return null;
    this.lease(address, message.clientMac, nowMs);
    return this.reply(message, { type: null, address });
  }

  private offer(message: DhcpMessage, nowMs: number): DhcpAnswer | null {
    const address = this.choose(message, nowMs);
    return address === null ? null : this.reply(message, { type: DHCP_MESSAGE.offer, address });
  }

  private request(message: DhcpMessage, nowMs: number): DhcpAnswer | null {
    const server = readU32Option(message, DHCP_OPTION.serverIdentifier);
    if (server !== null && server !== this.plan.gateway) return null;
    const wanted = readU32Option(message, DHCP_OPTION.requestedAddress) ?? message.clientAddress;
    if (!this.isFree(wanted, message.clientMac, nowMs)) {
      return this.reply(message, { type: DHCP_MESSAGE.nak, address: 0 });
    }
    for (const [address, { mac }] of this.leases) if (mac === message.clientMac) this.leases.delete(address);
    this.lease(wanted, message.clientMac, nowMs);
    return this.reply(message, { type: DHCP_MESSAGE.ack, address: wanted });
  }

  private decline(message: DhcpMessage, nowMs: number): null {
    const address = readU32Option(message, DHCP_OPTION.requestedAddress);
    if (address !== null && this.leases.get(address)?.mac === message.clientMac)
      this.lease(address, 0, nowMs);
    return null;
  }

  private release(message: DhcpMessage): null {
    const { clientAddress, clientMac } = message;
    if (this.leases.get(clientAddress)?.mac === clientMac) this.leases.delete(clientAddress);
    return null;
  }

  private inform(message: DhcpMessage): DhcpAnswer {
    return this.reply(message, { type: DHCP_MESSAGE.ack, address: 0 });
  }

  // What the client has, else what it asks for, else the first that is free.
  private choose(message: DhcpMessage, nowMs: number): number | null {
    const mac = message.clientMac;
    const all = Array.from({ length: MAX_LEASES }, (_, i) => this.plan.firstGuest + i);
    const own = all.find((address) => this.leases.get(address)?.mac === mac);
    if (own !== undefined) return own;
    const wanted = readU32Option(message, DHCP_OPTION.requestedAddress);
    if (wanted !== null && this.isFree(wanted, mac, nowMs)) return wanted;
    return all.find((address) => this.isFree(address, mac, nowMs)) ?? null;
  }

  private isFree(address: number, mac: number, nowMs: number): boolean {
    const index = address - this.plan.firstGuest;
    if (index < 0 || index >= MAX_LEASES) return false;
    const lease = this.leases.get(address);
    return lease === undefined || lease.mac === mac || lease.expiresMs <= nowMs;
  }

  private lease(address: number, mac: number, nowMs: number): void {
    this.leases.set(address, { mac, expiresMs: nowMs + LEASE_SECONDS * 1000 });
  }

  private reply(
    message: DhcpMessage,
    { type, address }: { readonly type: number | null; readonly address: number },
  ): DhcpAnswer {
    const isNak = type === DHCP_MESSAGE.nak;
    const options = new Map<number, Uint8Array>();
    if (type !== null) {
      options.set(DHCP_OPTION.messageType, Uint8Array.of(type));
      options.set(DHCP_OPTION.serverIdentifier, u32Option(this.plan.gateway));
    }
    if (!isNak) {
      options.set(DHCP_OPTION.subnetMask, u32Option(this.plan.mask));
      options.set(DHCP_OPTION.router, u32Option(this.plan.gateway));
      options.set(DHCP_OPTION.domainNameServer, u32Option(this.plan.nameServer));
    }
    if (address !== 0 && type !== null) options.set(DHCP_OPTION.leaseTime, u32Option(LEASE_SECONDS));
    const bytes = buildDhcp({
      ...message,
      operation: DHCP.bootReply,
      clientAddress: isNak ? 0 : message.clientAddress,
      yourAddress: address,
      serverAddress: isNak ? 0 : this.plan.gateway,
      bootFile: "",
      options,
    });
    // A client that has an address listens at it; one that has none hears only what all hear.
    return {
      bytes,
      destination: isNak || message.clientAddress === 0 ? IPV4_BROADCAST : message.clientAddress,
    };
  }
}
