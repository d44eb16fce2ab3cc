// QEMU's own user network beside ours: the same guest (our TCP connection among it) asks both the same, over QEMU's
// stream framing and directly, and hears the same.

import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { nodeSockets } from "../../../runtime/host/node-network.ts";
import type { NetworkBackend } from "../../../runtime/network/backend.ts";
import { u32Option } from "../../../runtime/network/dhcp-message.ts";
import { DHCP_MESSAGE, DHCP_OPTION } from "../../../runtime/network/protocol-numbers.ts";
import { SocketBackend } from "../../../runtime/network/socket-backend.ts";
import { DEFAULT_USER_NETWORK, UserNetwork } from "../../../runtime/network/user-network.ts";
import { hostClock } from "../../network/support/host-clock.ts";
import { GATEWAY, NAME_SERVER, TestGuest } from "../../network/support/test-guest.ts";

const clock = hostClock();
const data = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 31 + (i >> 10)) & 0xff);
const ADDRESS = DEFAULT_USER_NETWORK.firstGuest;

function ourNetwork(): NetworkBackend {
  const network = new UserNetwork({
    clock,
    sockets: nodeSockets(),
    plan: DEFAULT_USER_NETWORK,
    forwardFailed: () => undefined,
  });
  onTestFinished(() => network.close());
  return network;
}

// QEMU as nothing but a hub between its user network and a stream to us.
async function qemuNetwork(): Promise<NetworkBackend> {
  return new Promise((resolve, reject) => {
    const cable = new SocketBackend({
      sockets: nodeSockets(),
      plan: { role: "listen", address: { host: "127.0.0.1", port: 0 } },
      failed: (why) => reject(new Error(why)),
      listening({ port }) {
        const stream = `stream,id=s,server=off,addr.type=inet,addr.host=127.0.0.1,addr.port=${port}`;
        const hub = (id: string): string[] => ["-netdev", `hubport,id=hub-${id},hubid=0,netdev=${id}`];
        const netdevs = ["-netdev", "user,id=u", "-netdev", stream, ...hub("u"), ...hub("s")];
        const qemu = spawn("qemu-system-riscv64", ["-machine", "none", "-nographic", ...netdevs], {
          stdio: "ignore",
        });
        onTestFinished(() => {
          qemu.kill("SIGKILL");
          cable.close();
        });
        resolve(cable);
      },
    });
  });
}

interface Ports {
  readonly echo: number;
  readonly datagrams: number;
  readonly closed: number;
}

async function hostServers(): Promise<Ports> {
  const echo = createServer({ allowHalfOpen: true }, (socket) => void socket.pipe(socket)).listen(
    0,
    "127.0.0.1",
  );
  const closed = createServer().listen(0, "127.0.0.1");
  const datagrams = createSocket("udp4");
  datagrams.on("message", (bytes, from) => datagrams.send(bytes, from.port, from.address));
  datagrams.bind(0, "127.0.0.1");
  await Promise.all([once(echo, "listening"), once(closed, "listening"), once(datagrams, "listening")]);
  const port = (closed.address() as AddressInfo).port;
  closed.close();
  onTestFinished(() => {
    echo.close();
    datagrams.close();
  });
  return { echo: (echo.address() as AddressInfo).port, datagrams: datagrams.address().port, closed: port };
}

async function until(done: () => boolean, again: () => void = () => undefined): Promise<void> {
  for (let round = 1; !done(); round += 1) {
    if (round % 500 === 0) again();
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Everything that a guest hears of one network, as text. */
async function probe(backend: NetworkBackend, ports: Ports): Promise<readonly string[]> {
  const guest = new TestGuest(backend, clock);
  const heard: string[] = [];
  // QEMU may need a moment until it has connected: ask until there is an answer.
  guest.sendArp(GATEWAY);
  await until(
    () => guest.macOf(GATEWAY) !== undefined,
    () => guest.sendArp(GATEWAY),
  );
  heard.push(`gateway at ${guest.macOf(GATEWAY)?.toString(16) ?? "nowhere"}`);
  guest.sendArp(NAME_SERVER);
  await until(() => guest.macOf(NAME_SERVER) !== undefined);

  const wanted = [DHCP_OPTION.requestedAddress, u32Option(ADDRESS)] as const;
  guest.discover();
  await until(() => guest.dhcp.length === 1);
  guest.sendDhcp(DHCP_MESSAGE.request, [wanted, [DHCP_OPTION.serverIdentifier, u32Option(GATEWAY)]]);
  await until(() => guest.dhcp.length === 2);
  for (const { yourAddress, transaction, options } of guest.dhcp) {
    const told = [...options].map(([option, value]) => `${option}=${value.join(".")}`).sort();
    heard.push(`${yourAddress.toString(16)} ${transaction.toString(16)} ${told.join(" ")}`);
  }
  guest.ping(GATEWAY, "the same bytes come back");
  await until(() => guest.icmp.length > 0);
  heard.push(
    ...guest.icmp.map(({ source, message }) => `${source} ${message.type} ${message.rest.join(".")}`),
  );

  const refused = guest.connect(GATEWAY, ports.closed);
  const echo = guest.connect(GATEWAY, ports.echo);
  echo.send(data, true);
  guest.sendUdp(GATEWAY, {
    sourcePort: 7,
    destinationPort: ports.datagrams,
    payload: data.subarray(0, 4000),
  });
  await until(() => refused.ended !== null && echo.peerEnded && guest.udp.length > 0);
  const isWhole = Buffer.compare(Uint8Array.from(echo.received), data) === 0;
  heard.push(`closed port: ${refused.ended ?? ""}, echo whole: ${isWhole}`);
  heard.push(
    ...guest.udp.map((d) => `${d.source} ${d.sourcePort} ${d.payload.length} ${d.payload.at(-1) ?? 0}`),
  );
  return heard;
}

test("a guest hears the same from QEMU's user network and from ours", async () => {
  const ports = await hostServers();
  const theirs = await probe(await qemuNetwork(), ports);
  const ours = await probe(ourNetwork(), ports);
  expect(ours).toEqual(theirs);
  expect(ours.at(-2)).toBe("closed port: reset, echo whole: true");
});
