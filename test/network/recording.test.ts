// Packet files: what is recorded is read back, whoever wrote it; damaged files say what is wrong with them.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nullBackend } from "../../runtime/network/backend.ts";
import { MemorySockets } from "../../runtime/network/memory-sockets.ts";
import { parseNetWords } from "../../runtime/network/net-words.ts";
import { pcapFileHeader, pcapRecord, readPcap, type RecordedFrame } from "../../runtime/network/pcap-file.ts";
import { plugIn, type NetworkFiles } from "../../runtime/network/plug-in.ts";
import { recordingBackend, replayBackend } from "../../runtime/network/recording.ts";
import { FakeClock } from "./support/fake-clock.ts";
import { GATEWAY, TestGuest } from "./support/test-guest.ts";

const frames: readonly RecordedFrame[] = [
  { timeMs: 1_767_225_600_000, frame: Uint8Array.of(1, 2, 3) },
  { timeMs: 1_767_225_600_000.5, frame: new Uint8Array(1514) },
  { timeMs: 1_767_225_602_000, frame: new Uint8Array() },
];
const file = new Uint8Array(Buffer.concat([pcapFileHeader(), ...frames.map(pcapRecord)]));

// A file of another writer: any byte order and unit, one frame of two bytes at 2.5 seconds.
function foreignFile(isLittle: boolean, magic: number, fraction: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(24 + 16 + 2));
  const words = [magic, 0, 0, 0, 65_535, 1, 2, fraction, 2, 60];
  words.forEach((word, i) => view.setUint32(4 * i, word, isLittle));
  view.setUint16(4, 2, isLittle);
  view.setUint16(6, 4, isLittle);
  view.setUint16(40, 0xabcd);
  return new Uint8Array(view.buffer);
}

function problemsOf(bytes: Uint8Array): string[] {
  return readPcap(bytes).problems.map(({ code, message }) => `${code} ${message}`);
}

describe("reading", () => {
  test("what we wrote", () => {
    expect(readPcap(file)).toEqual({ frames, problems: [] });
  });

  test("every variety of the format", () => {
    for (const isLittle of [true, false]) {
      for (const [magic, fraction] of [
        [0xa1b2c3d4, 500_000],
        [0xa1b23c4d, 500_000_000],
      ] as const) {
        const expected = [{ timeMs: 2500, frame: Uint8Array.of(0xab, 0xcd) }];
        expect(readPcap(foreignFile(isLittle, magic, fraction)).frames).toEqual(expected);
      }
    }
  });

  test("files that are none, or damaged", () => {
    expect(problemsOf(new Uint8Array(3))).toEqual(["M0130 expected a pcap file, found 3 bytes"]);
    expect(problemsOf(Uint8Array.from({ length: 30 }, () => 0x20))).toEqual([
      "M0130 expected a pcap file, found a file that starts with 0x20202020",
    ]);
    const ng = Uint8Array.from({ length: 30 }, (_, i) => [0x0a, 0x0d, 0x0d, 0x0a][i] ?? 0);
    expect(problemsOf(ng)).toEqual(["M0130 expected a pcap file, found a pcapng file"]);
    const wifi = file.slice();
    wifi[20] = 105;
    expect(problemsOf(wifi)).toEqual([
      "M0132 expected packets with link type 1 (Ethernet) in the pcap file, found 105",
    ]);
    expect(problemsOf(file.subarray(0, 50))).toEqual(["M0131 the pcap file ends inside of packet 2"]);
    const long = file.slice();
    long.fill(0xff, 32, 36);
    expect(problemsOf(long)).toEqual([
      "M0133 packet 1 of the pcap file claims 4294967295 bytes: expected at most 262144",
    ]);
  });

  test("any damage leaves whole frames and no exception", () => {
    fc.assert(
      fc.property(fc.nat(file.length), fc.nat(file.length - 1), fc.nat(255), (length, at, value) => {
        const damaged = Uint8Array.from(file);
        damaged[at] = value;
        const read = readPcap(damaged.subarray(0, length));
        expect(read.frames.reduce((sum, { frame }) => sum + frame.length, 0)).toBeLessThanOrEqual(length);
      }),
    );
  });
});

test("a recording holds both directions in order, and replays with its times", () => {
  const clock = new FakeClock();
  const pieces: Uint8Array[] = [];
  let isClosed = false;
  const sink = { write: (bytes: Uint8Array) => pieces.push(bytes), close: () => (isClosed = true) };
  const inner = nullBackend();
  const cable = recordingBackend(inner, {
    clock,
    epochMs: 1_767_225_600_000,
    sink,
  });
  const heard: Uint8Array[] = [];
  cable.onFrame = (frame) => heard.push(frame);
  cable.send(Uint8Array.of(1, 2, 3));
  clock.advance(0.5);
  inner.onFrame(new Uint8Array(1514));
  clock.advance(1999.5);
  cable.send(new Uint8Array());
  cable.close();
  expect([heard.length, isClosed]).toEqual([1, true]);
  expect(readPcap(Buffer.concat(pieces)).frames).toEqual(frames);

  const times: (readonly [number, number])[] = [];
  const replay = replayBackend(frames, clock);
  const startMs = clock.nowMs();
  replay.onFrame = (frame) => times.push([clock.nowMs() - startMs, frame.length]);
  clock.advance(1000);
  replay.close();
  clock.advance(5000);
  expect(times).toEqual([
    [0, 3],
    [0.5, 1514],
  ]);
});

// Files in memory; there is no folder to make any in but the one.
function memoryFiles(files: Map<string, Uint8Array[]>): NetworkFiles {
  return {
    read(path) {
      const pieces = files.get(path);
      return pieces === undefined ? { ok: false, why: "ENOENT" } : { ok: true, value: Buffer.concat(pieces) };
    },
    create(path) {
      if (path.includes("/")) return { ok: false, why: "EACCES" };
      const pieces: Uint8Array[] = [];
      files.set(path, pieces);
      return { ok: true, value: { write: (bytes) => pieces.push(bytes), close: () => undefined } };
    },
  };
}

test("the words of `--net` make a cable with its recording, and a failure is a diagnostic", () => {
  const clock = new FakeClock();
  const sockets = new MemorySockets(clock);
  const files = new Map<string, Uint8Array[]>();
  const problems: string[] = [];
  const plugInWords = (...words: string[]): ReturnType<typeof plugIn> =>
    plugIn(parseNetWords(words).value, {
      clock,
      sockets,
      epochMs: 0,
      files: memoryFiles(files),
      report: ({ code, message }) => problems.push(`${code} ${message}`),
    });
  const guest = new TestGuest(plugInWords("user", "pcap,file=a.pcap"), clock);
  guest.ping(GATEWAY, "");
  clock.advance(1);
  expect(guest.icmp.length).toBe(1);
  const recorded = readPcap(Buffer.concat(files.get("a.pcap") ?? [])).frames;
  expect(recorded.length).toBe(2);
  const again: Uint8Array[] = [];
  plugInWords("replay,file=a.pcap").onFrame = (frame) => again.push(frame);
  clock.advance(1);
  expect(again).toEqual(recorded.map(({ frame }) => frame));

  plugInWords("user,hostfwd=tcp::80-:80");
  plugInWords("user,hostfwd=tcp::80-:80");
  plugInWords("socket,connect=127.0.0.1:1");
  plugInWords("replay,file=missing.pcap");
  plugInWords("none", "pcap,file=/no/a.pcap");
  clock.advance(1);
  expect(problems).toEqual([
    "M0134 `missing.pcap` cannot be read: ENOENT",
    "M0135 `/no/a.pcap` cannot be written: EACCES",
    "M0120 tcp port 80 of 0.0.0.0 cannot be forwarded: another program has the port",
    "M0121 the network's socket 127.0.0.1:1 failed: the connection was refused",
  ]);
});
