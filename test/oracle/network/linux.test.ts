// The Linux kernel's TCP/IP as our guest: transfers in both directions, also over a cable that loses frames, refusals,
// names, datagrams and forwarded ports, between programs in a network namespace and servers of the host.

import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createHash } from "node:crypto";
import { describe, expect, onTestFinished, test } from "vitest";
import { nodeSockets } from "../../../runtime/host/node-network.ts";
import {
  DEFAULT_USER_NETWORK,
  UserNetwork,
  type HostForward,
} from "../../../runtime/network/user-network.ts";
import { hostClock } from "../../network/support/host-clock.ts";
import { linuxGuestObstacle, startLinuxGuest } from "./support/linux-guest.ts";

const file = Buffer.from(Uint8Array.from({ length: 2_000_000 }, (_, i) => (i * 29 + (i >> 11)) & 0xff));
const digest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

const obstacle = linuxGuestObstacle();
if (obstacle !== null) console.log(`no Linux guest is tested: ${obstacle}`);

function userNetwork(forwards: readonly HostForward[] = []): UserNetwork {
  const network = new UserNetwork({
    clock: hostClock(),
    sockets: nodeSockets(),
    plan: { ...DEFAULT_USER_NETWORK, forwards },
    forwardFailed: ({ host }, failure) => console.log(`port ${host.port}: ${failure}`),
  });
  onTestFinished(() => network.close());
  return network;
}

// Gives `file`, and answers an upload with its digest.
async function webServer(): Promise<number> {
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    const parts: Buffer[] = [];
    request.on("data", (bytes: Buffer) => parts.push(bytes));
    request.on("end", () => response.end(request.method === "PUT" ? digest(Buffer.concat(parts)) : file));
  };
  const server = createServer(serve).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

// Loses every so many-th frame, by a generator with a fixed seed.
function losing(rate: number): () => boolean {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) / 2 ** 24 >= rate;
  };
}

describe.runIf(obstacle === null)("a Linux guest", () => {
  for (const rate of [0, 0.01]) {
    test(`downloads and uploads, ${rate * 100} % of the frames lost`, async () => {
      const port = await webServer();
      const url = `http://10.0.2.2:${port}/`;
      const command = `curl -sS ${url} | sha256sum; curl -sS ${url} | curl -sS -T - ${url}`;
      const network = userNetwork();
      const guest = startLinuxGuest(command, network, losing(rate));
      expect(await guest.output).toBe(`${digest(file)}  -\n${digest(file)}`);
      expect(network.drops.get("malformed")).toBe(0);
    });
  }

  test("hears of closed ports, protocols and names that are not there, and gets a datagram of many fragments", async () => {
    const echo = createSocket("udp4");
    echo.on("message", (bytes, from) => echo.send(bytes, from.port, from.address));
    echo.bind(0, "127.0.0.1");
    await once(echo, "listening");
    onTestFinished(() => void echo.close());
    const program = `
import socket
def attempt(name, action):
    try: print(name, action())
    except Exception as e: print(name, type(e).__name__, e.args[0])
attempt("refused", lambda: socket.create_connection(("10.0.2.2", 1), 5))
attempt("name", lambda: socket.gethostbyname("no-such-name.invalid"))
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.settimeout(10)
udp.sendto(bytes(range(250)) * 40, ("10.0.2.2", ${echo.address().port}))
attempt("datagram", lambda: udp.recv(65536) == bytes(range(250)) * 40)
`;
    const guest = startLinuxGuest(`python3 - <<'END'\n${program}\nEND`, userNetwork());
    expect(await guest.output).toBe("refused ConnectionRefusedError 111\nname gaierror -2\ndatagram True\n");
  });

  test("serves through a forwarded port", async () => {
    const probe = createServer().listen(0, "127.0.0.1");
    await once(probe, "listening");
    const { port } = probe.address() as AddressInfo;
    probe.close();
    await once(probe, "close");
    const forward: HostForward = {
      protocol: "tcp",
      host: { host: "127.0.0.1", port },
      guest: { address: 0x0a00020f, port: 8000 },
    };
    const guest = startLinuxGuest(
      "exec python3 -m http.server --directory /usr/share/common-licenses 8000",
      userNetwork([forward]),
    );
    onTestFinished(() => guest.stop());
    const page = await untilServed(`http://127.0.0.1:${port}/BSD`);
    expect(page).toContain("Redistribution and use in source and binary forms");
  });
});

async function untilServed(url: string): Promise<string> {
  for (;;) {
    try {
      return await (await fetch(url)).text();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
