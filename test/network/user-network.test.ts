// The user-mode network as a guest sees it: addresses, ping, names, and connections and datagrams both ways, against
// hosts in memory.

import { describe, expect, test } from "vitest";
import { formatMac, parseIpv4 } from "../../runtime/network/addresses.ts";
import { readU32Option, u32Option } from "../../runtime/network/dhcp-message.ts";
import { buildDns, question, readDns } from "../../runtime/network/dns-message.ts";
import type { HostStream, ListenerEvents, SocketFailure } from "../../runtime/network/host-sockets.ts";
import { fragmentIpv4 } from "../../runtime/network/ipv4.ts";
import { MemorySockets } from "../../runtime/network/memory-sockets.ts";
import {
  DHCP_MESSAGE,
  DHCP_OPTION,
  DNS_RESPONSE,
  DNS_TYPE,
  ICMP_TYPE,
  IP_PROTOCOL,
  PORT,
} from "../../runtime/network/protocol-numbers.ts";
import { buildUdp } from "../../runtime/network/udp.ts";
import { DEFAULT_USER_NETWORK, UserNetwork, type HostForward } from "../../runtime/network/user-network.ts";
import { quietDatagram, quietListener, quietStream } from "./support/quiet-events.ts";
import { FakeClock } from "./support/fake-clock.ts";
import { GATEWAY, NAME_SERVER, TestGuest } from "./support/test-guest.ts";

const OUTSIDE = parseIpv4("93.184.216.34") ?? 0;
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const bytesOf = (value: string): Uint8Array => new TextEncoder().encode(value);

interface World {
  readonly clock: FakeClock;
  readonly sockets: MemorySockets;
  readonly network: UserNetwork;
  readonly guest: TestGuest;
  readonly failures: SocketFailure[];
}

function world(forwards: readonly HostForward[] = [], isRestricted = false): World {
  const clock = new FakeClock();
  const sockets = new MemorySockets(clock, {
    "example.org": ["93.184.216.34", "2001:db8::1"],
    "four.org": ["1.2.3.4"],
  });
  const failures: SocketFailure[] = [];
  const network = new UserNetwork({
    clock,
    sockets,
    plan: { ...DEFAULT_USER_NETWORK, forwards, isRestricted },
    forwardFailed: (_, failure) => failures.push(failure),
  });
  return { clock, sockets, network, guest: new TestGuest(network, clock), failures };
}

// A server that answers what it hears with `answer` and then ends, once its peer has.
function echoServer(answer: (heard: string) => string, streams: HostStream[] = []): ListenerEvents {
  return quietListener((stream) => {
    streams.push(stream);
    let heard = "";
    return quietStream({
      data: (bytes) => (heard += text(bytes)),
      end: () => {
        stream.write(bytesOf(answer(heard)));
        stream.end();
      },
    });
  });
}

describe("addresses", () => {
  test("ARP answers for the gateway and the name server, and for nobody else", () => {
    const { clock, guest } = world();
    for (const address of [GATEWAY, NAME_SERVER, 0x0a000204]) guest.sendArp(address);
    clock.advance(1);
    expect(formatMac(guest.macOf(GATEWAY) ?? 0)).toBe("52:55:0a:00:02:02");
    expect(guest.macOf(NAME_SERVER)).toBe(guest.macOf(GATEWAY));
    expect(guest.macOf(0x0a000204)).toBeUndefined();
  });

  test("DHCP offers 10.0.2.15 and acknowledges it, with mask, router, name server and lease", () => {
    const { clock, guest } = world();
    guest.discover();
    clock.advance(1);
    expect(guest.dhcp[0]?.yourAddress).toBe(0x0a00020f);
    guest.sendDhcp(DHCP_MESSAGE.request, [[DHCP_OPTION.requestedAddress, u32Option(0x0a00020f)]]);
    clock.advance(1);
    const [, ack] = guest.dhcp;
    if (ack === undefined) throw new Error("no answer");
    expect(ack.options.get(DHCP_OPTION.messageType)).toEqual(Uint8Array.of(DHCP_MESSAGE.ack));
    expect(ack.transaction).toBe(0x1234_5678);
    expect(readU32Option(ack, DHCP_OPTION.subnetMask)).toBe(0xffffff00);
    expect(readU32Option(ack, DHCP_OPTION.router)).toBe(GATEWAY);
    expect(readU32Option(ack, DHCP_OPTION.domainNameServer)).toBe(NAME_SERVER);
    expect(readU32Option(ack, DHCP_OPTION.leaseTime)).toBe(86_400);
  });

  test("DHCP refuses an address that another guest has", () => {
    const { clock, network, guest } = world();
    guest.sendDhcp(DHCP_MESSAGE.request, [[DHCP_OPTION.requestedAddress, u32Option(0x0a00020f)]]);
    clock.advance(1);
    const other = new TestGuest(network, clock, 0x0a000210, 0x525400123457);
    other.sendDhcp(DHCP_MESSAGE.request, [[DHCP_OPTION.requestedAddress, u32Option(0x0a00020f)]]);
    other.discover();
    clock.advance(1);
    expect(other.dhcp.map((answer) => answer.options.get(DHCP_OPTION.messageType)?.[0])).toEqual([
      DHCP_MESSAGE.nak,
      DHCP_MESSAGE.offer,
    ]);
    expect(other.dhcp[1]?.yourAddress).toBe(0x0a000210);
  });

  test("a ping of the gateway and of the name server is answered, of the outside is unreachable", () => {
    const { clock, guest } = world();
    for (const address of [GATEWAY, NAME_SERVER, OUTSIDE]) guest.ping(address, "is anyone there?");
    clock.advance(1);
    expect(guest.icmp.map(({ source, message }) => [source, message.type])).toEqual([
      [GATEWAY, ICMP_TYPE.echoReply],
      [NAME_SERVER, ICMP_TYPE.echoReply],
      [GATEWAY, ICMP_TYPE.unreachable],
    ]);
    expect(text(guest.icmp[0]?.message.rest.subarray(4) ?? new Uint8Array())).toBe("is anyone there?");
  });
});

describe("names", () => {
  function ask(name: string, type: number): { readonly code: number; readonly answers: readonly string[] } {
    const { clock, guest } = world();
    const payload = buildDns({ id: 77, flags: 0x0100, questions: [question(name, type)], answers: [] });
    guest.sendUdp(NAME_SERVER, { sourcePort: 5353, destinationPort: PORT.dns, payload });
    clock.advance(1);
    const answer = readDns(guest.udp[0]?.payload ?? new Uint8Array());
    if (answer === null) throw new Error("no answer");
    expect([answer.id, answer.flags & 0xfff0]).toEqual([77, 0x8180]);
    return { code: answer.flags & 0xf, answers: answer.answers.map(({ data }) => data.join(".")) };
  }

  test("an IPv4 address", () => {
    expect(ask("example.org", DNS_TYPE.a)).toEqual({
      code: DNS_RESPONSE.noError,
      answers: ["93.184.216.34"],
    });
  });

  test("an IPv6 address", () => {
    const answers = ["32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.1"];
    expect(ask("example.org", DNS_TYPE.aaaa)).toEqual({ code: DNS_RESPONSE.noError, answers });
  });

  test("a name without IPv6 address exists all the same", () => {
    expect(ask("four.org", DNS_TYPE.aaaa)).toEqual({ code: DNS_RESPONSE.noError, answers: [] });
  });

  test("an unknown name, and an unknown type", () => {
    expect(ask("nowhere.org", DNS_TYPE.a).code).toBe(DNS_RESPONSE.nameError);
    expect(ask("example.org", 15).code).toBe(DNS_RESPONSE.notImplemented);
  });
});

describe("TCP to the outside", () => {
  test("a request, half-closed, is answered in full and both sides end", () => {
    const { clock, sockets, network, guest } = world();
    sockets.listen(
      { host: "93.184.216.34", port: 80 },
      echoServer((heard) => heard.toUpperCase()),
    );
    const connection = guest.connect(OUTSIDE, 80);
    connection.send("hello, server", true);
    clock.advance(100);
    expect(connection.text).toBe("HELLO, SERVER");
    expect(connection.peerEnded).toBe(true);
    clock.advance(60_000);
    expect([connection.ended, network.openCount.tcp, clock.pending]).toEqual(["closed", 0, 0]);
  });

  test("10.0.2.2 is the host's loopback", () => {
    const { clock, sockets, guest } = world();
    sockets.listen(
      { host: "127.0.0.1", port: 7 },
      echoServer((heard) => heard),
    );
    const connection = guest.connect(GATEWAY, 7);
    connection.send("to the host", true);
    clock.advance(100);
    expect(connection.text).toBe("to the host");
  });

  test("a port where nobody listens resets", () => {
    const { clock, network, guest } = world();
    const connection = guest.connect(GATEWAY, 9);
    clock.advance(100);
    expect([connection.ended, network.openCount.tcp]).toEqual(["reset", 0]);
  });

  test("a host that breaks off resets the guest", () => {
    const { clock, sockets, network, guest } = world();
    const streams: HostStream[] = [];
    sockets.listen(
      { host: "127.0.0.1", port: 7 },
      echoServer((heard) => heard, streams),
    );
    const connection = guest.connect(GATEWAY, 7);
    clock.advance(100);
    streams[0]?.destroy();
    clock.advance(100);
    expect([connection.isEstablished, connection.ended, network.openCount.tcp]).toEqual([true, "reset", 0]);
  });

  test("more connections than the network holds are refused, and closed ones give way", () => {
    const { clock, sockets, network, guest } = world();
    sockets.listen(
      { host: "127.0.0.1", port: 7 },
      echoServer((heard) => heard),
    );
    const connections = Array.from({ length: 300 }, () => guest.connect(GATEWAY, 7));
    clock.advance(100);
    expect(network.openCount.tcp).toBe(256);
    expect(connections.filter(({ ended }) => ended === "reset").length).toBe(44);
    expect(network.drops.get("tooMany")).toBe(44);
    for (const connection of connections.slice(0, 50)) connection.send("", true);
    clock.advance(100);
    expect(guest.connect(GATEWAY, 7).ended).toBeNull();
  });
});

describe("flow control", () => {
  const data = Uint8Array.from({ length: 1_000_000 }, (_, i) => (i * 7 + (i >> 8)) & 0xff);

  function lossy(rate: number): (frame: Uint8Array, toGuest: boolean) => boolean {
    let state = 12345;
    return () => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return (state >>> 8) / 2 ** 24 >= rate;
    };
  }

  for (const rate of [0, 0.02, 0.1]) {
    test(`a megabyte in each direction arrives whole, ${rate * 100} % of the frames lost`, () => {
      const { clock, sockets, guest } = world();
      const heard: Uint8Array[] = [];
      const listener = quietListener((stream) => {
        let sent = 0;
        const push = (): void => {
          while (sent < data.length) {
            const takes = stream.write(data.subarray(sent, sent + 10_000));
            sent += 10_000;
            if (!takes) return;
          }
          stream.end();
        };
        clock.after(0, push);
        return quietStream({ data: (bytes) => heard.push(bytes), writable: push });
      });
      sockets.listen({ host: "127.0.0.1", port: 7 }, listener);
      guest.passes = lossy(rate);
      const connection = guest.connect(GATEWAY, 7);
      connection.send(data, true);
      expect(clock.advanceUntil(() => connection.ended !== null, 3_600_000)).toBe(true);
      expect(connection.ended).toBe("closed");
      expect(Buffer.compare(Buffer.concat(heard), data)).toBe(0);
      expect(Buffer.compare(Uint8Array.from(connection.received), data)).toBe(0);
    });
  }

  test("a host that does not read stops the guest, and a guest that does not read stops the host", () => {
    const { clock, sockets, guest } = world();
    const streams: HostStream[] = [];
    let written = 0;
    let heard = 0;
    const listener = quietListener((stream) => {
      streams.push(stream);
      stream.setReading(false);
      const push = (): void => {
        let takes = true;
        while (takes && written < data.length) {
          takes = stream.write(data.subarray(written, written + 1000));
          written += 1000;
        }
      };
      clock.after(0, push);
      return quietStream({ data: (bytes) => (heard += bytes.length), writable: push });
    });
    sockets.listen({ host: "127.0.0.1", port: 7 }, listener);
    const connection = guest.connect(GATEWAY, 7);
    connection.reads = false;
    connection.send(data);
    clock.advance(600_000);
    expect(heard).toBe(0);
    // What is held: the guest's and our buffers of a connection, and one fill of the host's.
    expect(connection.unsentBytes).toBeGreaterThan(600_000);
    expect(written).toBeLessThan(400_000);
    streams[0]?.setReading(true);
    connection.reads = true;
    connection.pull();
    expect(
      clock.advanceUntil(() => heard === data.length && connection.received.length === data.length, 600_000),
    ).toBe(true);
  });

  test("a guest that falls silent is given up, and the host hears of it", () => {
    const { clock, sockets, network, guest } = world();
    const streams: HostStream[] = [];
    sockets.listen(
      { host: "127.0.0.1", port: 7 },
      echoServer((heard) => heard, streams),
    );
    guest.connect(GATEWAY, 7);
    clock.advance(100);
    guest.passes = () => false;
    streams[0]?.write(bytesOf("are you there?"));
    clock.advance(1_000_000);
    expect(network.openCount.tcp).toBe(0);
  });
});

describe("UDP to the outside", () => {
  test("answers come back from each port of an address that was asked, and from no other address", () => {
    const { clock, sockets, network, guest } = world();
    const from: string[] = [];
    const other = sockets.datagram({ host: "127.0.0.1", port: 2000 }, quietDatagram());
    const stranger = sockets.datagram({ host: "9.9.9.9", port: 2000 }, quietDatagram());
    const server = sockets.datagram(
      { host: "127.0.0.1", port: 69 },
      quietDatagram((bytes, sender) => {
        from.push(text(bytes));
        server.send(bytesOf("from the port"), sender);
        other.send(bytesOf("from another port"), sender);
        stranger.send(bytesOf("from a stranger"), sender);
      }),
    );
    guest.sendUdp(GATEWAY, { sourcePort: 1234, destinationPort: 69, payload: bytesOf("question") });
    clock.advance(1);
    expect(from).toEqual(["question"]);
    expect(guest.udp.map((d) => [d.source, d.sourcePort, d.destinationPort, text(d.payload)])).toEqual([
      [GATEWAY, 69, 1234, "from the port"],
      [GATEWAY, 2000, 1234, "from another port"],
    ]);
    for (let port = 10_000; port < 10_400; port += 1) {
      guest.sendUdp(GATEWAY, { sourcePort: port, destinationPort: 9, payload: new Uint8Array() });
    }
    clock.advance(1);
    expect(network.openCount.udp).toBe(256);
  });

  test("datagrams larger than a frame travel in fragments both ways", () => {
    const { clock, sockets, guest } = world();
    const payload = Uint8Array.from({ length: 5000 }, (_, i) => i);
    const server = sockets.datagram(
      { host: "127.0.0.1", port: 9 },
      quietDatagram((bytes, sender) => server.send(bytes, sender)),
    );
    const ends = { source: guest.address, destination: GATEWAY };
    const datagram = buildUdp({ sourcePort: 1, destinationPort: 9, payload }, ends);
    const header = { ...ends, protocol: IP_PROTOCOL.udp, identification: 7 };
    // In reverse order: nothing says that fragments come as they were cut.
    for (const fragment of fragmentIpv4(header, datagram, 1500).reverse()) guest.sendRawIpv4(fragment);
    clock.advance(1);
    expect(guest.udp.map((d) => d.payload)).toEqual([payload]);
  });
});

describe("forwarded ports", () => {
  const guestEnd = { address: 0x0a00020f, port: 80 };

  test("a connection to the host's port reaches the guest, although it has not spoken before", () => {
    const { clock, sockets, guest } = world([
      { protocol: "tcp", host: { host: "0.0.0.0", port: 8080 }, guest: guestEnd },
    ]);
    guest.listen(80);
    let heard = "";
    let ended = false;
    const stream = sockets.connect(
      { host: "127.0.0.1", port: 8080 },
      quietStream({
        connected: () => stream.write(bytesOf("GET /")),
        data: (bytes) => (heard += text(bytes)),
        end: () => (ended = true),
      }),
    );
    clock.advance(100);
    expect(guest.accepted[0]?.text).toBe("GET /");
    guest.accepted[0]?.send("a page", true);
    clock.advance(100);
    expect([heard, ended]).toEqual(["a page", true]);
  });

  test("a guest that does not listen resets the host's client", () => {
    const { clock, sockets } = world([
      { protocol: "tcp", host: { host: "0.0.0.0", port: 8080 }, guest: guestEnd },
    ]);
    const failures: (SocketFailure | null)[] = [];
    sockets.connect(
      { host: "127.0.0.1", port: 8080 },
      quietStream({ closed: (failure) => failures.push(failure) }),
    );
    clock.advance(100);
    expect(failures).toEqual(["reset"]);
  });

  test("datagrams to the host's port reach the guest, and its answers their sender from that port", () => {
    const { clock, sockets, guest } = world([
      { protocol: "udp", host: { host: "0.0.0.0", port: 5000 }, guest: guestEnd },
    ]);
    const heard: string[] = [];
    const client = sockets.datagram(
      null,
      quietDatagram((bytes, from) => heard.push(`${from.port} ${text(bytes)}`)),
    );
    client.send(bytesOf("knock"), { host: "127.0.0.1", port: 5000 });
    clock.advance(1);
    const [datagram] = guest.udp;
    expect([datagram?.source, text(datagram?.payload ?? new Uint8Array())]).toEqual([GATEWAY, "knock"]);
    guest.sendUdp(GATEWAY, {
      sourcePort: 80,
      destinationPort: datagram?.sourcePort ?? 0,
      payload: bytesOf("enter"),
    });
    clock.advance(1);
    expect(heard).toEqual(["5000 enter"]);
  });

  test("a port that is taken is reported", () => {
    const forward = { protocol: "tcp", host: { host: "0.0.0.0", port: 8080 }, guest: guestEnd } as const;
    const { clock, failures } = world([forward, forward]);
    clock.advance(1);
    expect(failures).toEqual(["taken"]);
  });
});

test("a restricted network keeps the guest in, but forwarded ports work", () => {
  const { clock, sockets, network, guest } = world(
    [{ protocol: "tcp", host: { host: "0.0.0.0", port: 8080 }, guest: { address: 0x0a00020f, port: 80 } }],
    true,
  );
  sockets.listen(
    { host: "127.0.0.1", port: 7 },
    echoServer((heard) => heard),
  );
  guest.listen(80);
  const out = guest.connect(GATEWAY, 7);
  guest.sendUdp(GATEWAY, { sourcePort: 1, destinationPort: 7, payload: new Uint8Array() });
  sockets.connect({ host: "127.0.0.1", port: 8080 }, quietStream());
  clock.advance(100);
  expect([out.ended, guest.accepted[0]?.isEstablished, network.drops.get("restricted")]).toEqual([
    "reset",
    true,
    1,
  ]);
});

test("after close there are no frames and no timers", () => {
  const { clock, sockets, network, guest } = world();
  sockets.listen(
    { host: "127.0.0.1", port: 7 },
    echoServer((heard) => heard),
  );
  const connection = guest.connect(GATEWAY, 7);
  clock.advance(100);
  expect(connection.isEstablished).toBe(true);
  const before = guest.frames.length;
  network.close();
  guest.ping(GATEWAY, "");
  clock.advance(10);
  expect([guest.frames.length, network.openCount.tcp]).toEqual([before, 0]);
});
