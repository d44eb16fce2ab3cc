// A machine's debugger behind gdb's remote protocol (GDB manual, appendix E): bytes in, bytes out.
//
// Relies on debugger.ts, packets.ts, registers.ts. Harts are threads, counted from one; all stop together. Guarantees:
// whatever a client sends is answered or ignored; unknown packets get the empty answer, as the protocol wants.

import type { SystemHart } from "../../isa/system.ts";
import type { Debugger, DebugStop, Resume } from "../debugger.ts";
import { readGuest, writeGuest } from "../debug-memory.ts";
import { MAX_BODY, packetOf, PacketReader, toHex, fromHex, fromLittleEndian, littleEndianHex, type Arrival } from "./packets.ts"; // prettier-ignore
import { registersOf, targetXml, type DebugRegister, type RegisterSet } from "./registers.ts";
import { StopPoints } from "./stop-points.ts";

/** What a server works with. */
export interface GdbServerOptions {
  readonly debugger: Debugger;
  readonly registers: RegisterSet;
  readonly send: (bytes: Uint8Array) => void;
  /** The client wants the machine to end. */
  readonly onKill: () => void;
  /** The machine goes on, or there is something else to do for who runs it. */
  readonly onChange: () => void;
}

const OK = "OK";
const ERROR = "E01";
const ALL_THREADS = -1;
const SIGNAL = { interrupted: "02", other: "05" } as const;
const WATCH = { store: "watch", load: "rwatch", both: "awatch" } as const;
const FEATURES =
  `PacketSize=${MAX_BODY.toString(16)};QStartNoAckMode+;qXfer:features:read+;vContSupported+;` +
  "ReverseStep+;ReverseContinue+";

/** Answers the rest of a packet after its prefix; null: the answer comes when the machine stops. */
type Command = (rest: string) => string | null;

export class GdbServer {
  private readonly options: GdbServerOptions;
  private readonly reader = new PacketReader();
  private readonly registers: readonly DebugRegister[];
  private readonly points = new StopPoints();
  private readonly commands: readonly (readonly [string, Command])[];
  private acknowledges = true;
  private lastSent: Uint8Array | null = null;
  private stop: DebugStop = { kind: "interrupted", hart: 0 };
  private isAwaited = false;
  // Threads of `Hg` and `Hc`, as hart numbers.
  private current = 0;
  private resumed = 0;

  /** A client has come: the machine stops. */
  constructor(options: GdbServerOptions) {
    this.options = options;
    this.registers = registersOf(options.registers);
    this.commands = this.table();
    options.debugger.onStop = (stop) => {
      this.stopped(stop);
    };
    options.debugger.interrupt();
  }

  /** What the client sent. */
  receive(bytes: Uint8Array): void {
    for (const arrival of this.reader.read(bytes)) this.take(arrival);
  }

  /** The run is over. */
  exited(exitCode: number): void {
    if (this.isAwaited) this.answer(`W${toHex([exitCode & 0xff])}`);
    this.isAwaited = false;
  }

  /** The client is gone: nothing stops the machine any more. */
  close(): void {
    this.letGo();
    this.options.debugger.onStop = () => undefined;
  }

  private take(arrival: Arrival): void {
    switch (arrival.kind) {
      case "interrupt":
        this.options.debugger.interrupt();
        return;
      case "damaged":
        this.raw("-");
        return;
      case "resend":
        if (this.lastSent !== null) this.options.send(this.lastSent);
        return;
      case "packet": {
        if (this.acknowledges) this.raw("+");
        const answer = this.execute(arrival.body);
        if (answer !== null) this.answer(answer);
      }
    }
  }

  private execute(body: string): string | null {
    for (const [prefix, command] of this.commands) {
      if (body.startsWith(prefix)) return command(body.slice(prefix.length));
    }
    return "";
  }

  // Longer prefixes stand before those that they begin with.
  private table(): readonly (readonly [string, Command])[] {
    return [
      ["qSupported", () => FEATURES],
      ["QStartNoAckMode", () => this.stopAcknowledging()],
      ["qXfer:features:read:target.xml:", (rest) => this.describe(rest)],
      ["qAttached", () => "1"],
      ["qSymbol", () => OK],
      ["qThreadExtraInfo,", (rest) => this.threadInfo(rest)],
      ["qfThreadInfo", () => `m${this.harts.map(({ index }) => threadOf(index)).join(",")}`],
      ["qsThreadInfo", () => "l"],
      ["qRcmd,", (rest) => this.monitor(rest)],
      ["qC", () => `QC${threadOf(this.current)}`],
      ["vCont?", () => "vCont;c;C;s;S;t"],
      ["vCont;", (rest) => this.resumeThreads(rest)],
      ["vKill", () => this.kill()],
      ["Hg", (rest) => this.select(rest, (hart) => (this.current = hart))],
      ["Hc", (rest) => this.select(rest, (hart) => (this.resumed = hart))],
      ["T", (rest) => (this.hartOf(rest) === null ? ERROR : OK)],
      ["?", () => this.stopText()],
      ["g", () => this.readGeneral()],
      ["G", (rest) => this.writeGeneral(rest)],
      ["p", (rest) => this.readRegister(rest)],
      ["P", (rest) => this.writeRegister(rest)],
      ["m", (rest) => this.readMemory(rest, toHex)],
      ["M", (rest) => this.writeMemory(rest, fromHex)],
      ["x", (rest) => this.readMemory(rest, (bytes) => `b${String.fromCharCode(...bytes)}`)],
      ["X", (rest) => this.writeMemory(rest, (text) => Uint8Array.from(text, (c) => c.charCodeAt(0)))],
      ["Z", (rest) => this.insertPoint(rest)],
      ["z", (rest) => this.removePoint(rest)],
      ["bs", () => this.resume({ kind: "step", hart: this.resumed, isBackwards: true })],
      ["bc", () => this.resume({ kind: "continue", hart: this.resumed, isBackwards: true })],
      ["c", () => this.resume({ kind: "continue", hart: this.resumed, isBackwards: false })],
      ["C", () => this.resume({ kind: "continue", hart: this.resumed, isBackwards: false })],
      ["s", () => this.resume({ kind: "step", hart: this.resumed, isBackwards: false })],
      ["S", () => this.resume({ kind: "step", hart: this.resumed, isBackwards: false })],
      ["D", () => this.detach()],
      ["k", () => this.kill()],
    ];
  }

  private get harts(): readonly SystemHart[] {
    return this.options.debugger.machine.harts;
  }

  private stopAcknowledging(): string {
    this.acknowledges = false;
    return OK;
  }

  private describe(range: string): string {
    const [offset = 0, length = 0] = range.split(",").map((text) => parseInt(text, 16));
    const text = targetXml(this.options.registers);
    const part = text.slice(offset, offset + Math.min(length, MAX_BODY >> 1));
    return `${offset + part.length < text.length ? "m" : "l"}${part}`;
  }

  private threadInfo(thread: string): string {
    const hart = this.harts[this.hartOf(thread) ?? -1];
    if (hart === undefined) return ERROR;
    const state = !hart.isOn ? "off" : hart.isWaiting ? "waiting" : "running";
    return textHex(`hart ${String(hart.index)}, ${hart.mode().name}, ${state}`);
  }

  private monitor(command: string): string {
    const text = String.fromCharCode(...(fromHex(command) ?? []));
    if (text !== "info") return textHex("there is `monitor info`\n");
    const { machine } = this.options.debugger;
    const lines = [
      `virtual time: ${String(machine.now())} ns`,
      `instructions: ${String(machine.retired())}`,
      ...machine.bus.devices().map(({ start, device }) => `0x${start.toString(16)} ${device.name}`),
    ];
    return textHex(`${lines.join("\n")}\n`);
  }

  // All threads run or none: one that steps says how far.
  private resumeThreads(text: string): string | null {
    const actions = text.split(";").map((action) => action.split(":"));
    if (actions.some(([kind]) => kind === "t")) {
      this.options.debugger.interrupt();
      return OK;
    }
    const stepped = actions.find(([kind = ""]) => /^[sS]/.test(kind));
    const hart = this.hartOf(stepped?.[1] ?? "") ?? this.resumed;
    return this.resume({ kind: stepped === undefined ? "continue" : "step", hart, isBackwards: false });
  }

  private resume(how: Resume): null {
    this.isAwaited = true;
    this.options.debugger.resume(how);
    this.options.onChange();
    return null;
  }

  private stopped(stop: DebugStop): void {
    this.stop = stop;
    this.current = stop.hart;
    this.resumed = stop.hart;
    if (this.isAwaited) this.answer(this.stopText());
    this.isAwaited = false;
  }

  private stopText(): string {
    const { stop } = this;
    const signal = stop.kind === "interrupted" ? SIGNAL.interrupted : SIGNAL.other;
    const more =
      stop.kind === "watchpoint"
        ? `${WATCH[stop.access]}:${stop.address.toString(16)};`
        : stop.kind === "historyStart"
          ? "replaylog:begin;"
          : "";
    return `T${signal}thread:${threadOf(stop.hart)};${more}`;
  }

  private select(text: string, choose: (hart: number) => void): string {
    // Any thread, or all: the one that is chosen stays.
    if (text === "0" || text === "-1") return OK;
    const hart = this.hartOf(text);
    if (hart === null) return ERROR;
    choose(hart);
    return OK;
  }

  private hartOf(thread: string): number | null {
    const number = parseInt(thread, 16);
    if (!(number > 0) || number === ALL_THREADS) return null;
    return number <= this.harts.length ? number - 1 : null;
  }

  // What `g` holds: everything before the first system register.
  private general(): readonly DebugRegister[] {
    const end = this.registers.findIndex(({ group }) => group === "system");
    return end < 0 ? this.registers : this.registers.slice(0, end);
  }

  private readGeneral(): string {
    const hart = this.harts[this.current];
    if (hart === undefined) return ERROR;
    return this.general()
      .map((register) => littleEndianHex(register.read(hart), register.bits))
      .join("");
  }

  private writeGeneral(text: string): string {
    const bytes = fromHex(text);
    const hart = this.harts[this.current];
    const all = this.general();
    const size = all.reduce((sum, { bits }) => sum + bits / 8, 0);
    if (bytes?.length !== size || hart === undefined) return ERROR;
    this.options.debugger.change(() => {
      let at = 0;
      for (const register of all) {
        const end = at + register.bits / 8;
        const value = fromLittleEndian(bytes.subarray(at, end));
        // Writing a status word again may mean more than its value.
        if (value !== register.read(hart)) register.write(hart, value);
        at = end;
      }
    });
    return OK;
  }

  private readRegister(number: string): string {
    const register = this.registers[parseInt(number, 16)];
    const hart = this.harts[this.current];
    if (register === undefined || hart === undefined) return ERROR;
    return littleEndianHex(register.read(hart), register.bits);
  }

  private writeRegister(text: string): string {
    const [number = "", digits = ""] = text.split("=");
    const register = this.registers[parseInt(number, 16)];
    const hart = this.harts[this.current];
    const bytes = fromHex(digits);
    if (register === undefined || hart === undefined || bytes === null) return ERROR;
    const result = { isWritten: false };
    this.options.debugger.change(() => {
      result.isWritten = register.write(hart, fromLittleEndian(bytes));
    });
    return result.isWritten ? OK : ERROR;
  }

  private readMemory(text: string, show: (bytes: Uint8Array) => string): string {
    const range = rangeOf(text);
    if (range === null) return ERROR;
    const { machine } = this.options.debugger;
    const length = Math.min(range.length, MAX_BODY >> 2);
    const bytes = readGuest(machine, this.current, range.address, length);
    return bytes.length === 0 && length > 0 ? ERROR : show(bytes);
  }

  private writeMemory(text: string, read: (text: string) => Uint8Array | null): string {
    const colon = text.indexOf(":");
    const range = rangeOf(text.slice(0, colon));
    const bytes = read(text.slice(colon + 1));
    if (colon < 0 || range === null || bytes?.length !== range.length) return ERROR;
    const { debugger: control } = this.options;
    const hart = this.current;
    const result = { isWritten: false };
    control.change(() => {
      result.isWritten = writeGuest(control.machine, hart, range.address, bytes);
    });
    return result.isWritten ? OK : ERROR;
  }

  private insertPoint(text: string): string {
    if (!this.points.insert(text)) return ERROR;
    this.options.debugger.stopAt(this.points.all());
    return OK;
  }

  private removePoint(text: string): string {
    this.points.remove(text);
    this.options.debugger.stopAt(this.points.all());
    return OK;
  }

  private detach(): string {
    this.letGo();
    return OK;
  }

  private letGo(): void {
    this.points.clear();
    this.isAwaited = false;
    const { debugger: control, onChange } = this.options;
    control.stopAt([]);
    control.resume({ kind: "continue", hart: 0, isBackwards: false });
    onChange();
  }

  private kill(): string {
    this.options.onKill();
    return OK;
  }

  private answer(body: string): void {
    this.lastSent = packetOf(body);
    this.options.send(this.lastSent);
  }

  private raw(text: string): void {
    this.options.send(Uint8Array.from(text, (c) => c.charCodeAt(0)));
  }
}

function threadOf(hart: number): string {
  return (hart + 1).toString(16);
}

function textHex(text: string): string {
  return toHex(new TextEncoder().encode(text));
}

function rangeOf(text: string): { readonly address: bigint; readonly length: number } | null {
  const parts = /^([0-9a-f]{1,16}),([0-9a-f]{1,7})$/i.exec(text);
  return parts === null
    ? null
    : { address: BigInt(`0x${parts[1] ?? ""}`), length: parseInt(parts[2] ?? "", 16) };
}
