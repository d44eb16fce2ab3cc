// U-Boot's own network stack, on both ISAs under QEMU, plugged into our user network over QEMU's two socket framings:
// it gets an address by DHCP, pings the gateway, and loads a file by TFTP from a server of the host. What passed is
// recorded, and tcpdump finds nothing wrong with it.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { crc32 } from "./support/crc32.ts";
import { nodeSockets } from "../../../runtime/host/node-network.ts";
import type { HostSockets } from "../../../runtime/network/host-sockets.ts";
import { recordingBackend } from "../../../runtime/network/recording.ts";
import { DEFAULT_USER_NETWORK, UserNetwork } from "../../../runtime/network/user-network.ts";
import { hostClock } from "../../network/support/host-clock.ts";
import { tftpServer } from "./support/tftp-server.ts";
import { UBootMachine } from "./support/u-boot.ts";

const TFTP_PORT = 69;
const file = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 13 + (i >> 9)) & 0xff);

// The host's sockets, with the privileged port of TFTP at one that a test may open.
function socketsWithTftpAt(port: number): HostSockets {
  const sockets = nodeSockets();
  return {
    ...sockets,
    datagram(local, events) {
      const socket = sockets.datagram(local, events);
      return {
        send: (bytes, to) => socket.send(bytes, to.port === TFTP_PORT ? { ...to, port } : to),
        close: () => socket.close(),
      };
    },
  };
}

for (const [isa, cable] of [
  ["riscv64", "stream"],
  ["arm64", "socket"],
] as const) {
  test(`${isa} over -netdev ${cable}: DHCP, ping, TFTP`, async () => {
    const server = await tftpServer(file);
    const clock = hostClock();
    const network = new UserNetwork({
      clock,
      sockets: socketsWithTftpAt(server.port),
      plan: DEFAULT_USER_NETWORK,
      forwardFailed: () => undefined,
    });
    const recorded: Uint8Array[] = [];
    const recording = recordingBackend(network, {
      clock,
      epochMs: 0,
      sink: { write: (bytes) => recorded.push(bytes), close: () => undefined },
    });
    const machine = await UBootMachine.start(isa, cable, recording);
    onTestFinished(() => {
      machine.stop();
      network.close();
      server.close();
    });

    await machine.run("setenv autoload no");
    expect(await machine.run("dhcp")).toMatch(/^DHCP client bound to address 10\.0\.2\.15 /m);
    expect(await machine.run("printenv netmask gatewayip dnsip")).toBe(
      "netmask=255.255.255.0\ngatewayip=10.0.2.2\ndnsip=10.0.2.3",
    );
    expect(await machine.run("ping 10.0.2.2")).toMatch(/host 10\.0\.2\.2 is alive/);
    await machine.run("setenv serverip 10.0.2.2");
    expect(await machine.run("tftpboot ${loadaddr} file")).toMatch(/^Bytes transferred = 300000 /m);
    const sum = await machine.run("crc32 ${fileaddr} ${filesize}");
    expect(sum).toContain(`==> ${crc32(file).toString(16).padStart(8, "0")}`);

    const lines = tcpdumpLines(Buffer.concat(recorded));
    expect(lines.length).toBeGreaterThan(400);
    expect(lines.filter((line) => /bad|wrong|incorrect|truncated|malformed|\[\|/.test(line))).toEqual([]);
    expect(lines.some((line) => line.includes("DHCP-Message (53), length 1: ACK"))).toBe(true);
  });
}

function tcpdumpLines(recorded: Uint8Array): string[] {
  const folder = mkdtempSync(join(tmpdir(), "pancake-network-"));
  const path = join(folder, "u-boot.pcap");
  try {
    writeFileSync(path, recorded);
    const args = ["-nn", "-vvv", "-r", path];
    return execFileSync("tcpdump", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).split(
      "\n",
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}
