// `pancake machine` with a debugger's port and with traces, as a process.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { packetOf, PacketReader } from "../../runtime/debug/gdb/packets.ts";
import { ROOT } from "../house/source-tree.ts";
import { PACKAGED_PANCAKE } from "../support/package-under-test.ts";
import { assembled } from "../runtime/support/assembled.ts";
import { pancake, pancakeProcess, scratchFolder } from "./pancake.ts";

const scratch = scratchFolder();
const START = 0x8020_0000n;

// Prints a letter and switches off.
const letter = scratch.write(
  "letter.elf",
  assembled(
    `
  .globl _start
_start:
  li t0, 0x10000000
  li t1, 'A'
  sb t1, 0(t0)
  li a7, 0x53525354
  li a6, 0
  li a0, 0
  li a1, 0
  ecall
`,
    "riscv64",
    START,
  ),
);
const machine = ["machine", "-M", "virt-riscv64", "--kernel", letter];

test("--trace writes down what happens, as text or as objects", () => {
  const file = scratch.write("trace", "");
  const shown = pancakeProcess([...machine, "--trace", "mmio,instructions"], { input: "" });
  expect(shown).toMatchObject({ status: 0, stdout: "A" });
  expect(shown.stderr).toContain("mmio access=store device=uart0 register=thr bytes=1 value=0x41\n");
  expect(shown.stderr).toMatch(/^0 instruction hart=0 pc=0x80200000 lui t0, /);
  pancakeProcess([...machine, "--trace", `mmio,file=${file},format=ndjson`], { input: "" });
  const [first] = readFileSync(file, "utf8").split("\n");
  expect(JSON.parse(first ?? "")).toMatchObject({ kind: "mmio", device: "uart0", register: "thr" });
});

test("words that mean nothing are refused", async () => {
  const refused = async (...words: string[]): Promise<string> =>
    (await pancake([...machine, ...words])).stderr;
  expect(await refused("--trace", "everything")).toContain("--trace takes instructions");
  expect(await refused("--trace", "mmio,format=xml")).toContain("`text` or `ndjson`");
  expect(await refused("--wait")).toContain("give `--gdb PORT` too");
  expect(await refused("--gdb", "x")).toContain("--gdb takes a TCP port");
});

test("--gdb --wait stands still until a debugger lets go; a second one is refused", async () => {
  const child = spawn(process.execPath, [PACKAGED_PANCAKE, ...machine, "--gdb", "0", "--wait"], {
    cwd: ROOT,
  });
  const closed = new Promise<number | null>((done) => child.on("close", done));
  let output = "";
  child.stdout.on("data", (bytes: Buffer) => (output += bytes.toString()));
  const port = await new Promise<number>((done) => {
    child.stderr.on("data", (bytes: Buffer) => {
      const found = /target remote :(\d+)/.exec(bytes.toString())?.[1];
      if (found !== undefined) done(Number(found));
    });
  });
  const client = new Client(port);
  expect(await client.ask("?")).toMatch(/^T\d\dthread:1;$/);
  expect(await client.ask("p20")).toBe("0000208000000000");
  expect(output).toBe("");
  expect(await new Client(port).next()).toMatch(/^O[0-9a-f]+$/);
  expect(await client.ask("c")).toBe("W00");
  expect(await closed).toBe(0);
  expect(output).toBe("A");
});

class Client {
  private readonly socket;
  private readonly bodies: string[] = [];
  private wake: (() => void) | null = null;

  constructor(port: number) {
    const reader = new PacketReader();
    this.socket = connect(port, "127.0.0.1");
    this.socket.on("data", (bytes) => {
      for (const arrival of reader.read(bytes)) if (arrival.kind === "packet") this.bodies.push(arrival.body);
      this.wake?.();
    });
  }

  async ask(body: string): Promise<string> {
    this.socket.write(packetOf(body));
    return await this.next();
  }

  async next(): Promise<string> {
    for (let body = this.bodies.shift(); ; body = this.bodies.shift()) {
      if (body !== undefined) return body;
      await new Promise<void>((done) => (this.wake = done));
    }
  }
}
