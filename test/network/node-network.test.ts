// The user-mode network over the host's own sockets, through the loopback: Node's TCP and UDP are the other
// implementation here.

import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { nodeNetworkFiles } from "../../runtime/host/node-network-files.ts";
import { nodeSockets } from "../../runtime/host/node-network.ts";
import { nullBackend } from "../../runtime/network/backend.ts";
import { readPcap } from "../../runtime/network/pcap-file.ts";
import { recordingBackend } from "../../runtime/network/recording.ts";
import { DEFAULT_USER_NETWORK, UserNetwork, type HostForward } from "../../runtime/network/user-network.ts";
import { hostClock } from "./support/host-clock.ts";
import { GATEWAY, TestGuest } from "./support/test-guest.ts";

function plugged(forwards: readonly HostForward[] = []): TestGuest {
  const clock = hostClock();
  const network = new UserNetwork({
    clock,
    sockets: nodeSockets(),
    plan: { ...DEFAULT_USER_NETWORK, forwards },
    forwardFailed: (forward, failure) => {
      throw new Error(`port ${forward.host.port}: ${failure}`);
    },
  });
  onTestFinished(() => network.close());
  return new TestGuest(network, clock);
}

async function server(serve: (socket: Socket) => void): Promise<number> {
  const listener = createServer({ allowHalfOpen: true }, serve);
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  onTestFinished(() => void listener.close());
  return (listener.address() as AddressInfo).port;
}

async function freePort(): Promise<number> {
  const listener = createServer();
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as AddressInfo;
  listener.close();
  await once(listener, "close");
  return port;
}

async function until(done: () => boolean): Promise<void> {
  while (!done()) await new Promise((resolve) => setTimeout(resolve, 2));
}

const data = Uint8Array.from({ length: 3_000_000 }, (_, i) => (i * 31 + (i >> 10)) & 0xff);

test("three megabytes echo through a server of the host, with half-closes", async () => {
  const port = await server((socket) => void socket.pipe(socket));
  const connection = plugged().connect(GATEWAY, port);
  connection.send(data, true);
  await until(() => connection.peerEnded || connection.ended !== null);
  expect(Buffer.compare(Uint8Array.from(connection.received), data)).toBe(0);
});

test("a closed port refuses, and a host that resets resets the guest", async () => {
  const guest = plugged();
  const refused = guest.connect(GATEWAY, await freePort());
  const reset = guest.connect(
    GATEWAY,
    await server((socket) => void socket.on("data", () => socket.resetAndDestroy())),
  );
  reset.send("now");
  await until(() => refused.ended !== null && reset.ended !== null);
  expect([refused.isEstablished, refused.ended, reset.isEstablished, reset.ended]).toEqual([
    false,
    "reset",
    true,
    "reset",
  ]);
});

test("a host's client talks to a guest through a forwarded port, and a guest's reset reaches it", async () => {
  const port = await freePort();
  const guestEnd = { address: 0x0a00020f, port: 80 };
  const guest = plugged([{ protocol: "tcp", host: { host: "127.0.0.1", port }, guest: guestEnd }]);
  guest.listen(80);
  const client = connect(port, "127.0.0.1");
  const heard: Buffer[] = [];
  client.on("data", (bytes: Buffer) => heard.push(bytes));
  client.write("GET / HTTP/1.0\r\n\r\n");
  await until(() => guest.accepted[0]?.text.endsWith("\r\n\r\n") === true);
  guest.accepted[0]?.send(data, true);
  await once(client, "end");
  expect(Buffer.compare(Buffer.concat(heard), data)).toBe(0);
  client.end();

  const second = connect(port, "127.0.0.1");
  await until(() => guest.accepted[1]?.isEstablished === true);
  guest.accepted[1]?.connection.reset();
  const [error] = (await once(second, "error")) as [NodeJS.ErrnoException];
  expect(error.code).toBe("ECONNRESET");
});

test("datagrams go to the host and come back, in and out of forwarded ports", async () => {
  const echo = createSocket("udp4");
  echo.on("message", (bytes, from) => echo.send(bytes, from.port, from.address));
  echo.bind(0, "127.0.0.1");
  await once(echo, "listening");
  onTestFinished(() => void echo.close());
  const port = await freePort();
  const guestEnd = { address: 0x0a00020f, port: 53 };
  const guest = plugged([{ protocol: "udp", host: { host: "127.0.0.1", port }, guest: guestEnd }]);
  guest.sendUdp(GATEWAY, {
    sourcePort: 9,
    destinationPort: echo.address().port,
    payload: data.subarray(0, 4000),
  });
  await until(() => guest.udp.length === 1);
  expect(guest.udp[0]?.payload).toEqual(data.subarray(0, 4000));

  const client = createSocket("udp4");
  onTestFinished(() => void client.close());
  client.send("ask", port, "127.0.0.1");
  await until(() => guest.udp.length === 2);
  const asked = guest.udp[1];
  guest.sendUdp(GATEWAY, {
    sourcePort: 53,
    destinationPort: asked?.sourcePort ?? 0,
    payload: new TextEncoder().encode("answer"),
  });
  const [answer, from] = (await once(client, "message")) as [Buffer, { port: number }];
  expect([answer.toString(), from.port]).toEqual(["answer", port]);
});

test("names come from the host's resolver", async () => {
  const sockets = nodeSockets();
  const ask = (name: string): Promise<unknown> => new Promise((resolve) => sockets.resolve(name, resolve));
  expect(await ask("localhost")).toContain("127.0.0.1");
  expect(await ask("no such name")).toBe("unknown");
});

test("a recording that the host stops taking says so once", () => {
  const why: string[] = [];
  const created = nodeNetworkFiles().create("/dev/full", (reason) => why.push(reason));
  if (!created.ok) throw new Error(created.why);
  for (let i = 0; i < 3; i += 1) created.value.write(new Uint8Array(70_000));
  created.value.close();
  expect(why).toEqual(["ENOSPC"]);
});

test("recordings are files of the host, and what cannot be opened says why", () => {
  const folder = mkdtempSync(join(tmpdir(), "pancake-network-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const files = nodeNetworkFiles();
  const created = files.create(join(folder, "a.pcap"), () => undefined);
  if (!created.ok) throw new Error(created.why);
  const cable = recordingBackend(nullBackend(), { clock: hostClock(), epochMs: 0, sink: created.value });
  for (let i = 0; i < 100; i += 1) cable.send(data.subarray(0, 1514));
  cable.close();
  const read = files.read(join(folder, "a.pcap"));
  if (!read.ok) throw new Error(read.why);
  expect(readPcap(read.value).frames.map(({ frame }) => frame.length)).toEqual(
    Array.from({ length: 100 }, () => 1514),
  );
  expect(files.read(join(folder, "b.pcap"))).toEqual({ ok: false, why: "ENOENT" });
  expect(files.create(join(folder, "c", "b.pcap"), () => undefined)).toEqual({ ok: false, why: "ENOENT" });
});
