// Boards as processes, ours and qemu-system's, and how long they take.

import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { packageRoot } from "../cli/package-root.ts";

/** The command of qemu-system for the same board as ours of that name. */
export const QEMU_BOARD = {
  "virt-riscv64": ["qemu-system-riscv64", "-M", "virt"],
  "virt-arm64": ["qemu-system-aarch64", "-M", "virt", "-cpu", "cortex-a53"],
} as const;

export type BoardName = keyof typeof QEMU_BOARD;

/** QEMU's words for a board with nothing but a serial port, on the standard streams. */
export const QEMU_SERIAL: readonly string[] = [
  ...["-display", "none", "-monitor", "none", "-nic", "none", "-serial", "stdio"],
];

/** The built package's `machine`. */
export function pancakeMachine(): readonly string[] {
  return [process.execPath, join(packageRoot(), "dist/pancake.js"), "machine"];
}

/** Whether this program is installed. */
export function has(command: string): boolean {
  return spawnSync(command, ["--version"], { stdio: "ignore" }).status === 0;
}

/**
 * Seconds until the process has printed `text`, and is killed, or with null until it ended. NaN if the text did not
 * come.
 */
export function secondsUntil(
  text: string | null,
  [command = "", ...words]: readonly string[],
): Promise<number> {
  const start = performance.now();
  const child = spawn(command, words, { stdio: ["pipe", "pipe", "ignore"] });
  return new Promise((resolve) => {
    let seen = "";
    const done = (): void => {
      child.kill("SIGKILL");
      resolve((performance.now() - start) / 1000);
    };
    child.stdout.on("data", (chunk: Buffer) => {
      seen = (seen + chunk.toString("latin1")).slice(-4096);
      if (text !== null && seen.includes(text)) done();
    });
    child.once("close", () => {
      if (text === null) done();
      else resolve(NaN);
    });
  });
}
