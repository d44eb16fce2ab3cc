// gdb-multiarch talks to our server in batch mode: what it shows, where it stops, and what it changes, on both ISAs.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { registerSets } from "../../../runtime/debug/gdb/register-sets.ts";
import { GdbPort } from "../../../runtime/host/node-gdb.ts";
import { debugged, programs, type DebuggedIsa } from "../../debug/support.ts";

const TIMEOUT_MS = 120_000;
const MS = 1_000_000n;
const isas: readonly DebuggedIsa[] = ["riscv64", "arm64"];

/** What gdb printed for the commands, with our machine running beside it. */
async function gdb(isa: DebuggedIsa, commands: readonly string[], harts = 1): Promise<string> {
  const { control, machine, elf } = debugged(isa, harts);
  const folder = mkdtempSync(join(tmpdir(), "pancake-debug-"));
  const path = join(folder, "program");
  writeFileSync(path, elf);
  const [hart] = machine.harts;
  if (hart === undefined) throw new Error("no hart");
  const port = await GdbPort.open({
    port: 0,
    debugger: control,
    registers: registerSets[isa](hart),
    onKill: () => undefined,
    onChange: () => undefined,
  });
  const all = ["set confirm off", "set pagination off", `target remote :${String(port.port)}`, ...commands];
  const child = spawn("gdb-multiarch", ["-nx", "-batch", ...all.flatMap((c) => ["-ex", c]), path]);
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (bytes: Buffer) => {
      text += bytes.toString();
    });
  }
  const state = { isDone: false };
  child.on("close", () => (state.isDone = true));
  while (!state.isDone) {
    const outcome = control.run(machine.now() + MS, true);
    if (outcome.kind === "power") port.close(outcome.request.exitCode);
    await new Promise((done) => setTimeout(done, control.isHalted ? 1 : 0));
  }
  port.close(0);
  rmSync(folder, { recursive: true });
  return text;
}

test.each(isas)("stops, steps, registers and memory (%s)", { timeout: TIMEOUT_MS }, async (isa) => {
  const { pointer, left, system } = programs[isa];
  const text = await gdb(isa, [
    "info threads",
    "break count",
    "continue",
    "x/4i $pc",
    "stepi",
    "stepi",
    "reverse-stepi",
    `p/x $pc - (long)&count`,
    "delete",
    "watch *(long *)&counter",
    "continue",
    "p *(long *)&counter",
    "continue",
    "reverse-continue",
    "delete",
    "info registers",
    `p/x $${pointer} == (long)&counter`,
    `p/x $${system}`,
    "hbreak *(long)&done",
    `set $${left} = 100`,
    "set *(long *)&counter = 1000",
    "continue",
    "p *(long *)&counter",
    "monitor info",
    "delete",
    "continue",
  ]);
  expect(text).toMatch(/\* 1 +Thread 1 \(hart 0, /);
  expect(text).toContain("Breakpoint 1, count ()");
  expect(text).toMatch(/=> 0x[0-9a-f]+ <count>:\s+ld/);
  expect(text).toContain(`$1 = ${isa === "arm64" ? "0x4" : "0x2"}\n`);
  expect(text).toMatch(/Old value = 0\s+New value = 1\b/);
  expect(text).toContain("$2 = 1\n");
  expect(text).toMatch(/Old value = 1\s+New value = 2\b/);
  expect(text).toMatch(/Old value = 2\s+New value = 1\b/);
  expect(text).toMatch(/^pc +0x/m);
  expect(text).toContain("$3 = 0x1\n");
  expect(text).toMatch(/\$4 = 0x[1-9a-f][0-9a-f]*\n/);
  expect(text).toContain("$5 = 101\n");
  expect(text).toContain("virtual time: ");
  expect(text).toContain("exited normally");
});

test("two harts are two threads", { timeout: TIMEOUT_MS }, async () => {
  const text = await gdb("riscv64", ["info threads", "thread 2", "p $pc", "kill"], 2);
  expect(text).toMatch(/ 2 +Thread 2 \(hart 1, /);
  expect(text).toContain("[Switching to thread 2 (Thread 2)]");
});
