// The GDB remote protocol from the debugger's side, over a Unix socket: registers by name, memory, single steps.
//
// Relies on nothing but Node. For oracle tests against qemu-system: `startQemu` runs it halted, with its stub at a
// socket of its own. What the stub does not do is an Error that quotes its answer.

import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A register as the stub describes it. */
export interface GdbRegister {
  readonly name: string;
  readonly number: number;
  readonly bits: number;
}

const CONNECT_TRIES = 200;
const CONNECT_PAUSE_MS = 25;

export class GdbClient {
  /** By name, as the target's description has them. */
  readonly registers = new Map<string, GdbRegister>();
  private readonly socket: Socket;
  private received = "";
  private waiting: { readonly take: (text: string) => void; readonly fail: (e: Error) => void } | null = null;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding("latin1");
    socket.on("data", (text: string) => {
      this.received += text;
      this.deliver();
    });
    socket.on("close", () => {
      this.waiting?.fail(new Error("the stub closed the connection"));
    });
  }

  /** Connects to a stub that listens at `path`, waiting a while for it to appear, and reads its description. */
  static async open(path: string): Promise<GdbClient> {
    const client = new GdbClient(await connectTo(path));
    client.socket.write("+");
    await client.command("QStartNoAckMode");
    client.socket.write("+");
    await client.command("qSupported:xmlRegisters=riscv,aarch64");
    await client.describe("target.xml", 0);
    return client;
  }

  close(): void {
    this.socket.destroy();
  }

  /** Sends a packet and returns the answer; an answer `Exx` is an Error. */
  async command(text: string): Promise<string> {
    const answer = new Promise<string>((take, fail) => {
      this.waiting = { take, fail };
    });
    this.socket.write(packet(text));
    const got = await answer;
    if (/^E[0-9a-f]{2}$/.test(got)) throw new Error(`the stub answers ${got} to ${text.slice(0, 60)}`);
    return got;
  }

  /** The register's value; the stub must have it. */
  async read(name: string): Promise<bigint> {
    return littleEndian(await this.command(`p${this.register(name).number.toString(16)}`));
  }

  async write(name: string, value: bigint): Promise<void> {
    const { number, bits } = this.register(name);
    await this.command(`P${number.toString(16)}=${hexBytes(value, bits / 8)}`);
  }

  /** All registers of the target's first description (`g`), as doublewords: on RISC-V x0 to x31 and pc. */
  async readGeneral(): Promise<readonly bigint[]> {
    const text = await this.command("g");
    return [...text.matchAll(/.{16}/g)].map(([part]) => littleEndian(part));
  }

  /** Writes what `readGeneral` reads, all of it. */
  async writeGeneral(values: readonly bigint[]): Promise<void> {
    await this.command(`G${values.map((value) => hexBytes(value, 8)).join("")}`);
  }

  /** Memory through the translation that the hart has now, or physical after `usePhysicalMemory`. */
  async readMemory(address: bigint, bytes: number): Promise<Uint8Array> {
    return Buffer.from(await this.command(`m${address.toString(16)},${bytes.toString(16)}`), "hex");
  }

  async writeMemory(address: bigint, bytes: Uint8Array): Promise<void> {
    const text = Buffer.from(bytes).toString("hex");
    await this.command(`M${address.toString(16)},${bytes.length.toString(16)}:${text}`);
  }

  /** QEMU: memory accesses go past the translation from now on. */
  async usePhysicalMemory(): Promise<void> {
    await this.command("Qqemu.PhyMemMode:1");
  }

  /** QEMU: what single steps hold back: 1 steps, 2 masks interrupts, 4 stops timers. */
  async setStepFlags(flags: number): Promise<void> {
    await this.command(`Qqemu.sstep=0x${flags.toString(16)}`);
  }

  /** Executes one instruction, or enters the handler that it or an interrupt asks for. */
  async step(): Promise<void> {
    await this.command("s");
  }

  private register(name: string): GdbRegister {
    const found = this.registers.get(name);
    if (found === undefined) throw new Error(`the stub has no register ${name}`);
    return found;
  }

  // Registers are numbered in the order of the files, unless one says its number. Returns the next free number.
  private async describe(file: string, first: number): Promise<number> {
    let next = first;
    const text = await this.readFeature(file);
    for (const [tag] of text.matchAll(/<(?:reg|xi:include)\b[^>]*>/g)) {
      const attribute = (name: string): string | undefined =>
        new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1];
      const included = attribute("href");
      if (included !== undefined) {
        next = await this.describe(included, next);
        continue;
      }
      const number = Number(attribute("regnum") ?? next);
      const name = attribute("name") ?? "";
      this.registers.set(name, { name, number, bits: Number(attribute("bitsize")) });
      next = number + 1;
    }
    return next;
  }

  private async readFeature(file: string): Promise<string> {
    let text = "";
    for (;;) {
      const part = await this.command(`qXfer:features:read:${file}:${text.length.toString(16)},ffb`);
      text += part.slice(1);
      if (!part.startsWith("m")) return text;
    }
  }

  // Hands over one whole packet, if there is one and somebody waits for it.
  private deliver(): void {
    const start = this.received.indexOf("$");
    const end = this.received.indexOf("#", start + 1);
    const { waiting } = this;
    if (start < 0 || end < 0 || this.received.length < end + 3 || waiting === null) return;
    const text = unescape(this.received.slice(start + 1, end));
    this.received = this.received.slice(end + 3);
    this.waiting = null;
    waiting.take(text);
  }
}

/** A halted qemu-system with a client of its stub. */
export interface QemuUnderTest {
  readonly gdb: GdbClient;
  readonly stop: () => void;
}

/** Runs `binary` with `args`, halted before its first instruction. */
export async function startQemu(binary: string, args: readonly string[]): Promise<QemuUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), "pancake-gdb-"));
  const path = join(folder, "stub");
  const chardev = `socket,id=gdb,path=${path},server=on,wait=off`;
  const all = ["-S", "-display", "none", "-serial", "none", "-monitor", "none", "-chardev", chardev];
  const child: ChildProcess = spawn(binary, [...args, ...all, "-gdb", "chardev:gdb"], { stdio: "inherit" });
  const stop = (): void => {
    // QEMU would tell of a milder signal.
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const gdb = await GdbClient.open(path);
    return {
      gdb,
      stop: () => {
        gdb.close();
        stop();
      },
    };
  } catch (e) {
    stop();
    throw e;
  }
}

async function connectTo(path: string): Promise<Socket> {
  for (let tries = 0; ; tries += 1) {
    const socket = connect(path);
    const problem = await new Promise<Error | null>((done) => {
      socket.once("connect", () => {
        done(null);
      });
      socket.once("error", done);
    });
    if (problem === null) return socket;
    if (tries === CONNECT_TRIES) throw problem;
    await new Promise((done) => setTimeout(done, CONNECT_PAUSE_MS));
  }
}

function packet(text: string): string {
  let sum = 0;
  for (let i = 0; i < text.length; i += 1) sum = (sum + text.charCodeAt(i)) & 0xff;
  return `$${text}#${sum.toString(16).padStart(2, "0")}`;
}

// `}` and a character XOR 0x20 stand for what would end a packet; `*` and a count for a run.
function unescape(text: string): string {
  let out = "";
  for (let i = 0; i < text.length; i += 1) {
    const c = text[i] ?? "";
    if (c === "}") {
      i += 1;
      out += String.fromCharCode(text.charCodeAt(i) ^ 0x20);
    } else if (c === "*") {
      i += 1;
      out += (out.at(-1) ?? "").repeat(text.charCodeAt(i) - 29);
    } else {
      out += c;
    }
  }
  return out;
}

function littleEndian(hex: string): bigint {
  const bytes = hex.match(/../g) ?? [];
  return BigInt(`0x${[...bytes].reverse().join("")}`);
}

function hexBytes(value: bigint, count: number): string {
  const text = BigInt.asUintN(8 * count, value)
    .toString(16)
    .padStart(2 * count, "0");
  return [...(text.match(/../g) ?? [])].reverse().join("");
}
