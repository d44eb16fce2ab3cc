// Well-known numbers of the Internet protocols, each said once with its source. Relies on nothing.

/** What an Ethernet frame carries (IANA, IEEE 802 Numbers). */
export const ETHER_TYPE = { ipv4: 0x0800, arp: 0x0806 } as const;

/** ARP: hardware type and operations (RFC 826; IANA, ARP Parameters). */
export const ARP = { ethernet: 1, request: 1, reply: 2 } as const;

/** What an IPv4 packet carries (IANA, Protocol Numbers). */
export const IP_PROTOCOL = { icmp: 1, tcp: 6, udp: 17 } as const;

/** ICMP message types (RFC 792). */
export const ICMP_TYPE = { echoReply: 0, unreachable: 3, echoRequest: 8 } as const;

/** Why a destination cannot be reached: codes of ICMP type 3 (RFC 792, RFC 1122 3.2.2.1). */
export const ICMP_UNREACHABLE = { net: 0, host: 1, protocol: 2, port: 3 } as const;

/** TCP control bits (RFC 9293 3.1). */
export const TCP_FLAG = { fin: 0x01, syn: 0x02, rst: 0x04, psh: 0x08, ack: 0x10 } as const;

/** TCP options (RFC 9293 3.1; window scale: RFC 7323 2.2). */
export const TCP_OPTION = { end: 0, noOperation: 1, maximumSegmentSize: 2, windowScale: 3 } as const;

/** Ports of the services that the user-mode network has itself (IANA, Service Names and Port Numbers). */
export const PORT = { dns: 53, dhcpServer: 67, dhcpClient: 68 } as const;

/** DHCP: operations and magic cookie (RFC 2131 2 and 3). */
export const DHCP = { bootRequest: 1, bootReply: 2, magicCookie: 0x63825363 } as const;

/** DHCP message types (RFC 2132 9.6). */
export const DHCP_MESSAGE = {
  discover: 1,
  offer: 2,
  request: 3,
  decline: 4,
  ack: 5,
  nak: 6,
  release: 7,
  inform: 8,
} as const;

/** DHCP options (RFC 2132, by section 3.3 to 9.14). */
export const DHCP_OPTION = {
  pad: 0,
  subnetMask: 1,
  router: 3,
  domainNameServer: 6,
  requestedAddress: 50,
  leaseTime: 51,
  messageType: 53,
  serverIdentifier: 54,
  end: 255,
} as const;

/** DNS record types (RFC 1035 3.2.2; AAAA: RFC 3596 2.1). */
export const DNS_TYPE = { a: 1, aaaa: 28 } as const;

/** The one DNS class in use (RFC 1035 3.2.4). */
export const DNS_CLASS_IN = 1;

/** DNS response codes (RFC 1035 4.1.1). */
export const DNS_RESPONSE = {
  noError: 0,
  formatError: 1,
  serverFailure: 2,
  nameError: 3,
  notImplemented: 4,
} as const;

/** Flag bits of a DNS header's second word (RFC 1035 4.1.1). */
export const DNS_FLAG = {
  response: 0x8000,
  opcodeMask: 0x7800,
  recursionDesired: 0x0100,
  recursionAvailable: 0x0080,
  responseCodeMask: 0x000f,
} as const;

/** Classic pcap files (pcap-savefile(5)): magics for microseconds and nanoseconds, version, link type; pcapng's first. */
export const PCAP = {
  magicMicroseconds: 0xa1b2c3d4,
  magicNanoseconds: 0xa1b23c4d,
  versionMajor: 2,
  versionMinor: 4,
  linkTypeEthernet: 1,
  pcapngBlock: 0x0a0d0d0a,
} as const;
