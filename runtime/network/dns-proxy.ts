// The name server of the user-mode network: asks the host's resolver. Relies on dns-message.ts and host-sockets.ts.
// Addresses (A, AAAA) are answered; other types get "not implemented". Answers over UDP only, cut to 512 bytes by
// leaving addresses out. Guarantees: at most MAX_PENDING questions wait for the host.

import { parseIpv4 } from "./addresses.ts";
import {
  buildDns,
  DNS_HEADER_BYTES,
  DNS_MAX_UDP_BYTES,
  readDns,
  type DnsMessage,
  type DnsQuestion,
} from "./dns-message.ts";
import { u32Option } from "./dhcp-message.ts";
import type { HostSockets, Resolution } from "./host-sockets.ts";
import { parseIpv6 } from "./ipv6-address.ts";
import { DNS_CLASS_IN, DNS_FLAG, DNS_RESPONSE, DNS_TYPE } from "./protocol-numbers.ts";

const MAX_PENDING = 64;
/** The host's resolver does not say how long an answer holds. */
const TTL_SECONDS = 60;

/** Record types that are answered: how an address in text becomes the record's bytes. */
const encoders: ReadonlyMap<number, (address: string) => Uint8Array | null> = new Map([
  [DNS_TYPE.a, encodeIpv4],
  [DNS_TYPE.aaaa, parseIpv6],
]);

export class DnsProxy {
  private readonly sockets: HostSockets;
  private pending = 0;

  constructor(sockets: HostSockets) {
    this.sockets = sockets;
  }

  /** Takes a guest's datagram; `answer` is called at once or when the host has answered, or never. */
  ask(bytes: Uint8Array, answer: (bytes: Uint8Array) => void): void {
    const query = readDns(bytes);
    if (query === null) {
      const id = bytes.length < DNS_HEADER_BYTES ? null : ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
      if (id !== null)
        answer(reply({ id, flags: 0, questions: [], answers: [] }, DNS_RESPONSE.formatError, []));
      return;
    }
    if ((query.flags & DNS_FLAG.response) !== 0) return;
    const [question] = query.questions;
    if (question === undefined || query.questions.length !== 1) {
      answer(reply(query, DNS_RESPONSE.formatError, []));
      return;
    }
    const encode = encoders.get(question.type);
    if (
      (query.flags & DNS_FLAG.opcodeMask) !== 0 ||
      question.class !== DNS_CLASS_IN ||
      encode === undefined
    ) {
      answer(reply(query, DNS_RESPONSE.notImplemented, []));
      return;
    }
    if (this.pending >= MAX_PENDING) return;
    this.pending += 1;
    this.sockets.resolve(question.name, (resolution) => {
      this.pending -= 1;
      answer(resolve(query, question, { resolution, encode }));
    });
  }
}

function resolve(
  query: DnsMessage,
  question: DnsQuestion,
  { resolution, encode }: { resolution: Resolution; encode: (address: string) => Uint8Array | null },
): Uint8Array {
  if (resolution === "unknown") return reply(query, DNS_RESPONSE.nameError, []);
  if (resolution === "failed") return reply(query, DNS_RESPONSE.serverFailure, []);
  // A name without addresses of this kind exists all the same: no error, no answers.
  const data = resolution.map(encode).filter((bytes) => bytes !== null);
  return reply(
    query,
    DNS_RESPONSE.noError,
    data.map((bytes) => ({ ...question, ttlSeconds: TTL_SECONDS, data: bytes })),
  );
}

function reply(query: DnsMessage, code: number, answers: DnsMessage["answers"]): Uint8Array {
  const kept = query.flags & (DNS_FLAG.opcodeMask | DNS_FLAG.recursionDesired);
  const flags = DNS_FLAG.response | DNS_FLAG.recursionAvailable | kept | code;
  for (let count = answers.length; ; count -= 1) {
    const bytes = buildDns({ ...query, flags, answers: answers.slice(0, count) });
    if (bytes.length <= DNS_MAX_UDP_BYTES || count === 0) return bytes;
  }
}

function encodeIpv4(address: string): Uint8Array | null {
  const value = parseIpv4(address);
  return value === null ? null : u32Option(value);
}
