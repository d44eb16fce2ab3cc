// A Linux host in a network namespace as our guest: the kernel's own TCP/IP at the near end of a backend's cable.
// Relies on unshare, python3 and /dev/net/tun, which need privileges: `linuxGuestObstacle` says what is missing.

import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import type { NetworkBackend } from "../../../../runtime/network/backend.ts";
import { encodeFrame, FrameReader } from "../../../../runtime/network/framed-stream.ts";

const BRIDGE = join(import.meta.dirname, "tap-bridge.py");

/** Why no Linux guest can be started here; null if one can. */
export function linuxGuestObstacle(): string | null {
  const probe = "import os; os.open('/dev/net/tun', os.O_RDWR)";
  const { status, stderr } = spawnSync("unshare", ["-n", "-m", "python3", "-c", probe], { encoding: "utf8" });
  return status === 0
    ? null
    : `no network namespace with a TAP interface: ${stderr.trim().split("\n").at(-1) ?? ""}`;
}

export interface LinuxGuest {
  /** What the command has printed. */
  readonly output: Promise<string>;
  stop(): void;
}

/** Runs a shell command on a Linux host with address 10.0.2.15, whose cable loses frames where `passes` says no. */
export function startLinuxGuest(
  command: string,
  backend: NetworkBackend,
  passes: () => boolean = () => true,
): LinuxGuest {
  const bridge = spawn("unshare", ["-n", "-m", "-p", "-f", "--kill-child", "python3", BRIDGE, command], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  const reader = new FrameReader((frame) => {
    if (passes()) backend.send(frame);
  });
  bridge.stdout.on("data", (bytes: Buffer) => reader.take(bytes));
  // The guest may end while frames are on their way to it.
  bridge.stdin.on("error", () => undefined);
  backend.onFrame = (frame) => {
    if (passes()) bridge.stdin.write(encodeFrame(frame));
  };
  const output = new Promise<string>((resolve) => {
    let text = "";
    bridge.stderr.on("data", (bytes: Buffer) => (text += bytes.toString()));
    bridge.on("close", (status) => resolve(status === 0 ? text : `${text}exit status ${status ?? "none"}`));
  });
  return { output, stop: () => bridge.kill("SIGKILL") };
}
