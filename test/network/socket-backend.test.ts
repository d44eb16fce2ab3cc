// Two machines joined by a stream in QEMU's framing: frames arrive whole however the stream is cut, and a stream that
// holds no frames is given up.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeFrame, FrameReader, MAX_FRAME_BYTES } from "../../runtime/network/framed-stream.ts";
import type { HostStream } from "../../runtime/network/host-sockets.ts";
import { MemorySockets } from "../../runtime/network/memory-sockets.ts";
import { SocketBackend } from "../../runtime/network/socket-backend.ts";
import { FakeClock } from "./support/fake-clock.ts";
import { quietListener, quietStream } from "./support/quiet-events.ts";

const address = { host: "127.0.0.1", port: 1234 };

interface End {
  readonly backend: SocketBackend;
  readonly frames: Uint8Array[];
  readonly failures: string[];
}

function end(sockets: MemorySockets, role: "connect" | "listen"): End {
  const frames: Uint8Array[] = [];
  const failures: string[] = [];
  const backend = new SocketBackend({
    sockets,
    plan: { role, address },
    failed: (why) => failures.push(why),
  });
  backend.onFrame = (frame) => frames.push(frame);
  return { backend, frames, failures };
}

describe("framing", () => {
  test("frames come out whole, however the stream is cut", () => {
    const frames = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 6 });
    fc.assert(
      fc.property(frames, fc.array(fc.integer({ min: 1, max: 30 })), (sent, cuts) => {
        const stream = Buffer.concat(sent.map(encodeFrame));
        const received: Uint8Array[] = [];
        const reader = new FrameReader((frame) => received.push(frame));
        let at = 0;
        for (const cut of [...cuts, stream.length]) {
          expect(reader.take(stream.subarray(at, at + cut))).toBe(true);
          at += cut;
        }
        expect(received).toEqual(sent);
      }),
    );
  });

  test("lengths that no frame has end the reading", () => {
    for (const length of [0, MAX_FRAME_BYTES + 1, 0xffff_ffff]) {
      const header = new Uint8Array(4);
      new DataView(header.buffer).setUint32(0, length);
      const reader = new FrameReader(() => undefined);
      expect([reader.take(header), reader.take(encodeFrame(new Uint8Array(9)))]).toEqual([false, false]);
    }
  });
});

test("frames pass both ways, those sent before the connection too; a second client is refused, a later one taken", () => {
  const clock = new FakeClock();
  const sockets = new MemorySockets(clock);
  const server = end(sockets, "listen");
  clock.advance(1);
  const client = end(sockets, "connect");
  client.backend.send(Uint8Array.of(1));
  clock.advance(1);
  client.backend.send(Uint8Array.of(2));
  server.backend.send(Uint8Array.of(3, 4));
  const second = end(sockets, "connect");
  clock.advance(1);
  expect([server.frames, client.frames]).toEqual([
    [Uint8Array.of(1), Uint8Array.of(2)],
    [Uint8Array.of(3, 4)],
  ]);
  expect(second.failures).toEqual(["refused"]);
  client.backend.close();
  clock.advance(1);
  const third = end(sockets, "connect");
  clock.advance(1);
  third.backend.send(Uint8Array.of(5));
  clock.advance(1);
  expect(server.frames.at(-1)).toEqual(Uint8Array.of(5));
  server.backend.close();
  clock.advance(1);
  expect([server.failures, third.failures]).toEqual([[], ["reset"]]);
});

test("a peer that talks nonsense is broken off, and one that is slow loses frames instead of our memory", () => {
  const clock = new FakeClock();
  const sockets = new MemorySockets(clock);
  const peers: HostStream[] = [];
  sockets.listen(
    address,
    quietListener((stream) => {
      peers.push(stream);
      stream.setReading(false);
      return quietStream();
    }),
  );
  const client = end(sockets, "connect");
  clock.advance(1);
  for (let i = 0; i < 1000; i += 1) client.backend.send(new Uint8Array(1514));
  expect(client.backend.drops.get("peerSlow")).toBeGreaterThan(900);
  client.backend.send(new Uint8Array(MAX_FRAME_BYTES + 1));
  expect(client.backend.drops.get("tooLong")).toBe(1);
  peers[0]?.write(new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n\r\n"));
  clock.advance(1);
  expect(client.failures).toEqual(["noFrames"]);
});
