// Whatever bytes a guest sends: no exception, no endless loop, nothing that grows without bound, and the network still
// works afterwards. Sample frames of every protocol are damaged, with and without their checksums put right again.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readArp } from "../../runtime/network/arp.ts";
import { checksum, pseudoHeaderSum } from "../../runtime/network/checksum.ts";
import { readDhcp } from "../../runtime/network/dhcp-message.ts";
import { buildDns, question, readDns } from "../../runtime/network/dns-message.ts";
import { readEthernet } from "../../runtime/network/ethernet.ts";
import { readIcmp } from "../../runtime/network/icmp.ts";
import { Ipv4Reassembly } from "../../runtime/network/ipv4-reassembly.ts";
import { fragmentIpv4, readIpv4 } from "../../runtime/network/ipv4.ts";
import { parseIpv6 } from "../../runtime/network/ipv6-address.ts";
import { MemorySockets } from "../../runtime/network/memory-sockets.ts";
import { DNS_TYPE, ICMP_TYPE, IP_PROTOCOL, PORT } from "../../runtime/network/protocol-numbers.ts";
import { readTcp } from "../../runtime/network/tcp-segment.ts";
import { readUdp } from "../../runtime/network/udp.ts";
import { DEFAULT_USER_NETWORK, UserNetwork } from "../../runtime/network/user-network.ts";
import { FakeClock } from "./support/fake-clock.ts";
import { quietListener, quietStream } from "./support/quiet-events.ts";
import { GATEWAY, NAME_SERVER, TestGuest } from "./support/test-guest.ts";

const ends = { source: 0x0a00020f, destination: GATEWAY };
const bytes = fc.uint8Array({ maxLength: 700 });

const readers: Readonly<Record<string, (bytes: Uint8Array) => unknown>> = {
  ethernet: readEthernet,
  arp: readArp,
  ipv4: readIpv4,
  icmp: readIcmp,
  udp: (b) => readUdp(b, ends),
  tcp: (b) => readTcp(b, ends),
  dhcp: readDhcp,
  dns: readDns,
};

describe("readers take any bytes", () => {
  for (const [name, read] of Object.entries(readers)) {
    test(name, () => {
      fc.assert(
        fc.property(bytes, (b) => void read(b)),
        { numRuns: 2000 },
      );
    });
  }

  test("IPv6 text", () => {
    fc.assert(fc.property(fc.string(), (text) => void parseIpv6(text)));
    expect(parseIpv6("fe80::1%eth0")).toEqual(
      Uint8Array.of(0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1),
    );
    expect(parseIpv6("::ffff:1.2.3.4")?.slice(10)).toEqual(Uint8Array.of(255, 255, 1, 2, 3, 4));
    for (const wrong of ["", ":", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "12345::", "::g"]) {
      expect(parseIpv6(wrong)).toBeNull();
    }
  });
});

describe("DNS names", () => {
  const header = [0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
  const withName = (name: readonly number[]): Uint8Array => Uint8Array.from([...header, ...name, 0, 1, 0, 1]);

  test("a pointer to itself, to what follows and into nowhere", () => {
    for (const pointer of [12, 14, 500]) expect(readDns(withName([0xc0, pointer]))).toBeNull();
  });

  test("two pointers to each other", () => {
    expect(readDns(withName([1, 97, 0xc0, 12]))).toBeNull();
  });

  test("a name of more than 255 bytes, a label of a reserved kind, one over the end", () => {
    const long = Array.from({ length: 5 }, () => [60, ...Array.from({ length: 60 }, () => 97)]).flat();
    for (const name of [
      [...long, 0],
      [0x40, 0],
      [63, 97],
    ])
      expect(readDns(withName(name))).toBeNull();
  });

  test("odd bytes in labels keep their meaning", () => {
    const read = readDns(withName([4, 0x61, 0x2e, 0x5c, 0xff, 1, 0x62, 0]));
    expect(read?.questions[0]?.name).toBe("a\\046\\092\\255.b");
    expect(readDns(buildDns(read ?? { id: 0, flags: 0, questions: [], answers: [] }))).toEqual(read);
  });
});

describe("fragments", () => {
  const header = { ...ends, protocol: IP_PROTOCOL.udp, identification: 1 };
  const payload = Uint8Array.from({ length: 4000 }, (_, i) => i);
  const fragments = fragmentIpv4(header, payload, 1500).map((packet) => {
    const read = readIpv4(packet);
    if (read === null) throw new Error("a fragment of ours cannot be read");
    return read;
  });

  test("in any order, repeated, make the whole", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([0, 1, 2], { minLength: 3 }), fc.nat(2), (order, again) => {
        const reassembly = new Ipv4Reassembly();
        const first = fragments[again];
        if (first !== undefined) reassembly.add(first, 0);
        const wholes = order.map((i) => fragments[i] && reassembly.add(fragments[i], 0)).filter((p) => p);
        expect(wholes.length).toBe(1);
        expect(Buffer.compare(wholes[0]?.payload ?? new Uint8Array(), payload)).toBe(0);
      }),
    );
  });

  test("overlapping, too long, too old and too many are given up", () => {
    const reassembly = new Ipv4Reassembly();
    const [first, second] = fragments;
    if (first === undefined || second === undefined) throw new Error("two fragments");
    reassembly.add(first, 0);
    expect(reassembly.add({ ...second, fragmentOffset: 1472 }, 0)).toBeNull();
    expect(reassembly.dropped).toBe(1);
    reassembly.add({ ...second, fragmentOffset: 65_528 }, 0);
    expect(reassembly.dropped).toBe(2);
    reassembly.add({ ...first, identification: 5 }, 0);
    reassembly.add({ ...first, identification: 6 }, 40_000);
    expect(reassembly.dropped).toBe(3);
    for (let i = 0; i < 100; i += 1) reassembly.add({ ...first, identification: 100 + i }, 40_000);
    expect(reassembly.dropped).toBe(3 + 85);
  });
});

// One frame of each kind, as a guest sends them.
function samples(): readonly Uint8Array[] {
  const { guest, clock } = plugged();
  const frames: Uint8Array[] = [];
  guest.passes = (frame, toGuest) => {
    if (!toGuest) frames.push(frame);
    return true;
  };
  guest.sendArp(GATEWAY);
  guest.ping(GATEWAY, "ping");
  guest.discover();
  const payload = buildDns({ id: 1, flags: 256, questions: [question("a.org", DNS_TYPE.a)], answers: [] });
  guest.sendUdp(NAME_SERVER, { sourcePort: 5, destinationPort: PORT.dns, payload });
  guest.sendUdp(GATEWAY, { sourcePort: 5, destinationPort: 5, payload });
  guest.connect(GATEWAY, 7).send("some text", true);
  clock.advance(1000);
  return frames;
}

function plugged(): { readonly clock: FakeClock; readonly network: UserNetwork; readonly guest: TestGuest } {
  const clock = new FakeClock();
  const sockets = new MemorySockets(clock, { "a.org": ["1.2.3.4"] });
  const listener = quietListener((stream) =>
    quietStream({ data: (b) => stream.write(b), end: () => stream.end() }),
  );
  sockets.listen({ host: "127.0.0.1", port: 7 }, listener);
  const plan = DEFAULT_USER_NETWORK;
  const network = new UserNetwork({ clock, sockets, plan, forwardFailed: () => undefined });
  return { clock, network, guest: new TestGuest(network, clock) };
}

// Puts the checksums of a damaged frame right where the damage leaves room for them.
function withChecksums(damaged: Uint8Array): Uint8Array {
  const frame = damaged.slice();
  const view = new DataView(frame.buffer);
  const headerBytes = ((frame[14] ?? 0) & 15) * 4;
  if (frame.length < 14 + Math.max(20, headerBytes)) return frame;
  view.setUint16(24, 0);
  view.setUint16(24, checksum(frame.subarray(14, 14 + headerBytes)));
  const packet = readIpv4(frame.subarray(14));
  const at = { [IP_PROTOCOL.icmp]: 2, [IP_PROTOCOL.tcp]: 16, [IP_PROTOCOL.udp]: 6 }[packet?.protocol ?? 0];
  if (packet === null || at === undefined || packet.payload.length < at + 2) return frame;
  const field = 14 + headerBytes + at;
  view.setUint16(field, 0);
  const isIcmp = packet.protocol === IP_PROTOCOL.icmp;
  const initial = isIcmp ? 0 : pseudoHeaderSum(packet, packet.protocol, packet.payload.length);
  view.setUint16(field, checksum(packet.payload, initial));
  return frame;
}

describe("the network takes any frames", () => {
  const sampleFrames = samples();
  const damage = fc.record({
    sample: fc.nat(sampleFrames.length - 1),
    changes: fc.array(fc.tuple(fc.nat(120), fc.nat(255)), { maxLength: 4 }),
    length: fc.oneof(fc.constant(null), fc.nat(400)),
    repaired: fc.boolean(),
  });

  test("damaged ones", () => {
    const { clock, network, guest } = plugged();
    fc.assert(
      fc.property(damage, ({ sample, changes, length, repaired }) => {
        const original = sampleFrames[sample] ?? new Uint8Array();
        const frame = new Uint8Array(length ?? original.length);
        frame.set(original.subarray(0, frame.length));
        for (const [at, value] of changes) if (at < frame.length) frame[at] = value;
        network.send(repaired ? withChecksums(frame) : frame);
        clock.advance(1);
      }),
      { numRuns: 5000 },
    );
    expect(network.openCount.tcp).toBeLessThanOrEqual(256);
    expect(network.openCount.udp).toBeLessThanOrEqual(256);
    expect(clock.pending).toBeLessThan(2000);
    expect(network.drops.get("malformed")).toBeGreaterThan(1000);
    guest.icmp.length = 0;
    guest.ping(GATEWAY, "still there?");
    clock.advance(1);
    expect(guest.icmp.filter(({ message }) => message.type === ICMP_TYPE.echoReply).length).toBe(1);
  });

  test("random segments within a connection leave only whole states behind", () => {
    const segment = fc.record({
      sequence: fc.oneof(fc.constant(0), fc.integer({ min: -70_000, max: 70_000 })),
      acknowledgment: fc.oneof(fc.constant(0), fc.integer({ min: -70_000, max: 70_000 })),
      flags: fc.nat(63),
      window: fc.nat(65_535),
      length: fc.nat(1460),
    });
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 12 }), (segments) => {
        const { clock, network, guest } = plugged();
        const connection = guest.connect(GATEWAY, 7);
        clock.advance(50);
        expect(connection.isEstablished).toBe(true);
        const [last] = guest.segments;
        for (const { sequence, acknowledgment, flags, window, length } of segments) {
          guest.sendSegment(GATEWAY, {
            sourcePort: 50_000,
            destinationPort: 7,
            sequence: ((last?.acknowledgment ?? 0) + sequence) >>> 0,
            acknowledgment: ((last?.sequence ?? 0) + 1 + acknowledgment) >>> 0,
            flags,
            window,
            maximumSegmentSize: null,
            windowScale: null,
            payload: new Uint8Array(length),
          });
          clock.advance(50);
        }
        network.close();
        clock.advance(3_600_000);
        expect(network.openCount).toEqual({ tcp: 0, udp: 0 });
      }),
      { numRuns: 300 },
    );
  });
});
