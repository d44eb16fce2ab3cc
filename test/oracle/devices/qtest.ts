// QEMU as the other machine: its test protocol reads and writes physical addresses while the harts stand still.

import { spawn } from "node:child_process";
import type { Operation, Result } from "./operations.ts";

const LETTERS = { 1: "b", 2: "w", 4: "l", 8: "q" } as const;
const TIMEOUT_MS = 60_000;

/** How to start QEMU, and the interrupt controller there whose inputs are set and watched. */
export interface QemuMachine {
  readonly command: string;
  readonly machine: readonly string[];
  readonly controller: string;
}

/** Does the operations on a fresh machine. A watched input does not reach the controller. */
export async function runOnQemu(
  qemu: QemuMachine,
  operations: readonly Operation[],
  watched: number | null,
): Promise<readonly Result[]> {
  const watch = watched === null ? [] : [`irq_intercept_in ${qemu.controller}`];
  const commands = [...watch, ...operations.map((operation) => commandFor(qemu, operation))];
  const lines = await converse(qemu, commands);
  let level = false;
  const results: Result[] = [];
  for (const line of lines) {
    const change = /^IRQ (raise|lower) (\d+)$/.exec(line);
    if (change !== null) {
      if (Number(change[2]) === watched) level = change[1] === "raise";
    } else if (line.startsWith("OK")) {
      results.push({ value: line.length > 3 ? BigInt(line.slice(3)) : null, level });
    } else {
      throw new Error(`${commands[results.length] ?? ""}: ${line}`);
    }
  }
  return results.slice(watch.length);
}

function commandFor({ controller }: QemuMachine, operation: Operation): string {
  switch (operation.kind) {
    case "load":
      return `read${LETTERS[operation.bytes]} 0x${operation.address.toString(16)}`;
    case "store":
      return `write${LETTERS[operation.bytes]} 0x${operation.address.toString(16)} 0x${operation.value.toString(16)}`;
    case "line":
      return `set_irq_in ${controller} unnamed-gpio-in ${operation.input} ${Number(operation.level)}`;
  }
}

/** Sends all commands at once and collects a line for each. */
function converse(qemu: QemuMachine, commands: readonly string[]): Promise<readonly string[]> {
  const fixed = ["-S", "-display", "none", "-serial", "null", "-monitor", "none", "-nic", "none"];
  const protocol = ["-qtest", "stdio", "-qtest-log", "none"];
  const child = spawn(qemu.command, [...qemu.machine, ...fixed, ...protocol], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  return new Promise((resolve, reject) => {
    let output = "";
    let errors = "";
    const timer = setTimeout(() => child.kill("SIGKILL"), TIMEOUT_MS);
    child.stdout.on("data", (data: Buffer) => {
      output += data.toString("latin1");
      if (output.endsWith("\n") && answersIn(output) >= commands.length) child.kill("SIGKILL");
    });
    child.stderr.on("data", (data: Buffer) => (errors += data.toString("latin1")));
    child.on("error", reject);
    child.on("close", () => {
      clearTimeout(timer);
      const answered = answersIn(output);
      if (answered >= commands.length) resolve(output.split("\n").slice(0, -1));
      else reject(new Error(`${qemu.command} answered ${answered} of ${commands.length}: ${errors}`));
    });
    child.stdin.on("error", () => {
      // QEMU ended early; `close` tells.
    });
    child.stdin.write(`${commands.join("\n")}\n`);
  });
}

function answersIn(output: string): number {
  return output.match(/^(?:OK|FAIL|ERR)/gm)?.length ?? 0;
}
