// gdb's remote protocol over a transport in memory: packets, registers, memory, stops, steps, and back in time.

import { expect, test } from "vitest";
import { GdbServer } from "../../runtime/debug/gdb/gdb-server.ts";
import { packetOf, PacketReader } from "../../runtime/debug/gdb/packets.ts";
import { registerSets } from "../../runtime/debug/gdb/register-sets.ts";
import { readSymbols, readElf } from "../../runtime/images/elf-file.ts";
import { debugged, programs, type Debugged, type DebuggedIsa } from "./support.ts";

const isas: readonly DebuggedIsa[] = ["riscv64", "arm64"];

class Client {
  readonly target: Debugged;
  readonly symbols: ReadonlyMap<string, bigint>;
  private readonly server: GdbServer;
  private readonly reader = new PacketReader();
  private readonly answers: string[] = [];
  private raw = "";

  constructor(isa: DebuggedIsa, harts = 1) {
    this.target = debugged(isa, harts);
    const { control, machine, elf } = this.target;
    const [hart] = machine.harts;
    if (hart === undefined) throw new Error("no hart");
    const read = readElf(elf);
    if (!("segments" in read)) throw new Error("no ELF");
    this.symbols = new Map(readSymbols(read).map(({ name, value }) => [name, value]));
    this.server = new GdbServer({
      debugger: control,
      registers: registerSets[isa](hart),
      send: (bytes) => {
        this.raw += String.fromCharCode(...bytes);
        for (const arrival of this.reader.read(bytes)) {
          if (arrival.kind === "packet") this.answers.push(arrival.body);
        }
      },
      onKill: () => undefined,
      onChange: () => undefined,
    });
  }

  /** The answer, after the machine ran as far as the packet lets it. */
  ask(body: string): string {
    this.answers.length = 0;
    this.server.receive(packetOf(body));
    const exitCode = this.target.run();
    if (exitCode !== null) this.server.exited(exitCode);
    return this.answers.join("|");
  }

  send(text: string): string {
    this.raw = "";
    this.server.receive(Uint8Array.from(text, (c) => c.charCodeAt(0)));
    return this.raw;
  }

  at(symbol: string): string {
    return (this.symbols.get(symbol) ?? 0n).toString(16);
  }

  pc(): bigint {
    return this.target.machine.harts[0]?.hart.pc ?? 0n;
  }

  counter(): string {
    return this.ask(`m${this.at("counter")},8`);
  }
}

test("packets are acknowledged until the client asks for less, and damaged ones refused", () => {
  const client = new Client("riscv64");
  expect(client.send("$qC#b4")).toBe("+$QC1#c5");
  expect(client.send("$qC#b5")).toBe("-");
  expect(client.send("-")).toBe("$QC1#c5");
  expect(client.send("$QStartNoAckMode#b0")).toBe("+$OK#9a");
  expect(client.send("$qC#b4")).toBe("$QC1#c5");
  expect(client.send("$nonsense#00")).toBe("-");
  expect(client.ask("vMustReplyEmpty")).toBe("");
});

test("special characters are escaped both ways", () => {
  const [arrival] = new PacketReader().read(packetOf("X1,4:}#$*"));
  expect(arrival).toEqual({ kind: "packet", body: "X1,4:}#$*" });
});

test("harts are threads", () => {
  const client = new Client("riscv64", 2);
  expect(client.ask("qfThreadInfo")).toBe("m1,2");
  expect(client.ask("qsThreadInfo")).toBe("l");
  expect(client.ask("T2")).toBe("OK");
  expect(client.ask("T3")).toBe("E01");
  expect(client.ask("Hg2")).toBe("OK");
  expect(client.ask("qC")).toBe("QC2");
  expect(Buffer.from(client.ask("qThreadExtraInfo,2"), "hex").toString()).toMatch(/^hart 1, [MS]/);
});

test.each(isas)("a breakpoint stops before its instruction, in memory nothing changes (%s)", (isa) => {
  const client = new Client(isa);
  const count = client.at("count");
  const before = client.ask(`m${count},4`);
  expect(client.ask(`Z0,${count},4`)).toBe("OK");
  expect(client.ask("c")).toBe("T05thread:1;");
  expect(client.pc()).toBe(client.symbols.get("count"));
  expect(client.ask(`m${count},4`)).toBe(before);
  expect(client.counter()).toBe("0000000000000000");
  expect(client.ask("vCont;c:1")).toBe("T05thread:1;");
  expect(client.counter()).toBe("0100000000000000");
  expect(client.ask(`z0,${count},4`)).toBe("OK");
  expect(client.ask("c")).toBe("W00");
});

test.each(isas)("watchpoints stop at the accesses that they are about (%s)", (isa) => {
  const client = new Client(isa);
  const counter = client.at("counter");
  for (const [type, word] of [
    ["2", "watch"],
    ["3", "rwatch"],
    ["4", "awatch"],
  ] as const) {
    // prettier-ignore
    expect(client.ask(`Z${type},${counter},8`)).toBe("OK");
    expect(client.ask("c")).toBe(`T05thread:1;${word}:${counter};`);
    expect(client.ask(`z${type},${counter},8`)).toBe("OK");
    expect(client.ask("vCont;s:1")).toBe("T05thread:1;");
  }
  expect(client.ask("c")).toBe("W00");
});

test.each(isas)("registers and memory are read and written (%s)", (isa) => {
  const client = new Client(isa);
  client.ask(`Z1,${client.at("done")},4`);
  client.ask("c");
  expect(client.counter()).toBe("0500000000000000");
  expect(client.ask("P0=00")).toBe("OK");
  expect(client.ask(`Pa=0123456789abcdef`)).toBe("OK");
  expect(client.ask("pa")).toBe("0123456789abcdef");
  const all = client.ask("g");
  expect(all.slice(160, 176)).toBe("0123456789abcdef");
  expect(client.ask(`G${all}`)).toBe("OK");
  expect(client.ask(`M${client.at("counter")},2:abcd`)).toBe("OK");
  expect(client.counter()).toBe("abcd000000000000");
  expect(client.ask("m10000000000,4")).toBe("E01");
  expect(client.ask("M10000000000,1:00")).toBe("E01");
  expect(client.ask("qXfer:features:read:target.xml:0,4000")).toContain(programs[isa].system);
});

test.each(isas)("steps go one instruction ahead and back (%s)", (isa) => {
  const client = new Client(isa);
  client.ask(`Z0,${client.at("count")},4`);
  client.ask("c");
  client.ask(`z0,${client.at("count")},4`);
  const places: bigint[] = [];
  const hashes: string[] = [];
  for (let i = 0; i < 12; i += 1) {
    places.push(client.pc());
    hashes.push(client.target.machine.stateHash());
    expect(client.ask("s")).toBe("T05thread:1;");
  }
  for (let i = 11; i >= 0; i -= 1) {
    expect(client.ask("bs")).toBe("T05thread:1;");
    expect(client.pc()).toBe(places[i]);
    expect(client.target.machine.stateHash()).toBe(hashes[i]);
  }
  expect(client.ask("c")).toBe("W00");
});

test.each(isas)("going back stops at the last breakpoint, and at the beginning (%s)", (isa) => {
  const client = new Client(isa);
  client.ask(`Z0,${client.at("done")},4`);
  client.ask("c");
  client.ask(`Z0,${client.at("count")},4`);
  for (const expected of ["04", "03", "02", "01", "00"]) {
    expect(client.ask("bc")).toBe("T05thread:1;");
    expect(client.counter().slice(0, 2)).toBe(expected);
  }
  expect(client.ask("bc")).toBe("T05thread:1;replaylog:begin;");
  expect(client.target.machine.now()).toBe(0n);
  // Ahead again, now with another number of rounds: what was known to follow is not any more.
  expect(client.ask("c")).toBe("T05thread:1;");
  client.ask(`z0,${client.at("count")},4`);
  client.ask(`M${client.at("counter")},1:40`);
  expect(client.ask("c")).toBe("T05thread:1;");
  expect(client.counter().slice(0, 2)).toBe("45");
  client.ask("bs");
  client.ask("s");
  expect(client.counter().slice(0, 2)).toBe("45");
});
