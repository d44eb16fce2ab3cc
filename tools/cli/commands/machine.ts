// `pancake machine`: a whole board with other people's images, at this terminal.
//
// Exit code: what the guest asked for when it switched off; 3 after a timeout. `--record` and `--replay` repeat a run.

import { createHash } from "node:crypto";
import { appendFileSync } from "node:fs";
import { planBoot, type BootFiles, type BootPlan } from "../../../runtime/boards/boot-plan.ts";
import { Machine } from "../../../runtime/boards/machine.ts";
import { readRecording, recordingEnd, recordingHeader, recordingLine, replayEnd, type Recording } from "../../../runtime/boards/recording.ts"; // prettier-ignore
import { Session, type InputSink } from "../../../runtime/boards/session.ts";
import { EPOCH_START_SECONDS } from "../../../runtime/core/clock.ts";
import type { ByteChannel } from "../../../runtime/devices/byte-channel.ts";
import { nodeSockets } from "../../../runtime/host/node-network.ts";
import { nodeNetworkFiles } from "../../../runtime/host/node-network-files.ts";
import { openTerminal, type Terminal } from "../../../runtime/host/node-terminal.ts";
import { isProblem, readSymbols } from "../../../runtime/images/elf-file.ts";
import type { Clock, NetworkBackend } from "../../../runtime/network/backend.ts";
import { parseNetWords } from "../../../runtime/network/net-words.ts";
import { plugIn } from "../../../runtime/network/plug-in.ts";
import { problem, type Problem } from "../../../runtime/problem.ts";
import { EXIT } from "../exit-codes.ts";
import { readBytes, writeOutput } from "../files.ts";
import { MachineDebugging } from "../machine/debugging.ts";
import { HostLoop, type LoopEnd } from "../machine/host-loop.ts";
import { plugDevices, type Card, type Plugs } from "../machine/plugs.ts";
import { boardChoice, timeoutMs, type MachineWords } from "../machine/words.ts";
import { UsageProblem } from "../problems.ts";

const SERIAL = "serial";
const LEGACY_GLOBAL = /^virtio-mmio\.force-legacy=(true|on|false|off)$/;
const RANDOM_SEED_BYTES = 32;

export async function machineCommand(words: MachineWords): Promise<number> {
  const made = prepare(words);
  if (isProblem(made)) return refuse(made);
  const replay = readReplay(words, made.fingerprint);
  if (replay !== null && isProblem(replay)) return refuse(replay);
  const run = new MachineRun(words, made, replay);
  return await run.toTheEnd();
}

interface Prepared {
  readonly plan: BootPlan;
  readonly board: ReturnType<typeof boardChoice>["board"];
  readonly isLegacyVirtio: boolean;
  readonly fingerprint: string;
}

function prepare(words: MachineWords): Prepared | Problem {
  const { board, ...size } = boardChoice(words);
  const files: BootFiles = {
    kernel: words.kernel === undefined ? null : readBytes(words.kernel),
    bios: words.bios === undefined ? null : words.bios === "none" ? "none" : readBytes(words.bios),
    initrd: words.initrd === undefined ? null : readBytes(words.initrd),
  };
  if (files.kernel === null && (files.bios === null || files.bios === "none")) {
    throw new UsageProblem("there is nothing to run: give `--kernel FILE` or `--bios FILE`");
  }
  const configuration = {
    ...size,
    bootArguments: words.append ?? null,
    initrd: null,
    randomSeed: new Uint8Array(RANDOM_SEED_BYTES).map((_, i) => (i * 37 + 11) & 0xff),
  };
  const plan = planBoot(board, configuration, files);
  if (isProblem(plan)) return plan;
  return { plan, board, isLegacyVirtio: isLegacy(words), fingerprint: fingerprintOf(words, files) };
}

function isLegacy({ global }: MachineWords): boolean {
  let legacy = true;
  for (const text of global) {
    const value = LEGACY_GLOBAL.exec(text)?.[1];
    if (value === undefined) {
      throw new UsageProblem(`--global takes \`virtio-mmio.force-legacy=false\`, found \`${text}\``);
    }
    legacy = value === "true" || value === "on";
  }
  return legacy;
}

// Everything that a run depends on besides its input.
function fingerprintOf(words: MachineWords, { kernel, bios, initrd }: BootFiles): string {
  const hash = createHash("sha256");
  const { machine, append, smp, memory, drive, disk, device, net, netdev, global } = words;
  hash.update(JSON.stringify({ machine, append, smp, memory, drive, disk, device, net, netdev, global }));
  for (const bytes of [kernel, bios === "none" ? null : bios, initrd]) hash.update(bytes ?? "none");
  return hash.digest("hex");
}

function readReplay({ replay, record }: MachineWords, fingerprint: string): Recording | Problem | null {
  if (replay === undefined) return null;
  if (record !== undefined) throw new UsageProblem("give `--record` or `--replay`, not both");
  const read = readRecording(new TextDecoder().decode(readBytes(replay)));
  if (isProblem(read)) return read;
  return read.machine === fingerprint ? read : problem("R0041");
}

class MachineRun {
  private readonly words: MachineWords;
  private readonly replay: Recording | null;
  private readonly output: number[] = [];
  // The end of what was printed: as much as `--until` may need.
  private tail = "";
  private readonly board: Prepared["board"];
  private readonly session: Session;
  private readonly debugging: MachineDebugging;
  private readonly loop: HostLoop;
  private readonly backends: readonly NetworkBackend[];
  private readonly exitWord: bigint | null;
  private terminal: Terminal | null = null;

  constructor(words: MachineWords, made: Prepared, replay: Recording | null) {
    this.words = words;
    this.replay = replay;
    this.board = made.board;
    const channel = this.channel();
    const slots = made.board.devices(made.plan.configuration).filter((d) => d.kind === "virtio-mmio");
    const plugs = plugDevices(words, slots, channel);
    const machine = new Machine({
      board: made.board,
      plan: made.plan,
      executor: words.executor,
      channel,
      plugged: plugs.functions,
      isLegacyVirtio: made.isLegacyVirtio,
      onNotice: (text) => process.stderr.write(`pancake: note: ${text}\n`),
    });
    this.exitWord = exitWordOf(words, made.plan);
    this.session = this.makeSession(machine, plugs, made.fingerprint);
    this.debugging = new MachineDebugging(words, this.session);
    this.loop = new HostLoop({
      session: this.session,
      runner: this.debugging.runner,
      isHalted: () => this.debugging.isHalted,
      hasDebugger: this.debugging.hasDebugger,
      skipsIdle: () => this.skipsIdle(),
      timeoutMs: timeoutMs(words.timeout),
      endNs: replay === null ? null : replayEnd(replay),
      reboots: words.reboot,
      afterSlice: () => this.afterSlice(),
      restart: () => this.debugging.restart(),
    });
    this.backends = replay === null ? plugs.cards.map((card) => this.plugCable(card)) : [];
  }

  async toTheEnd(): Promise<number> {
    await this.debugging.open(this.board, {
      onKill: () => this.loop.end({ kind: "asked", exitCode: EXIT.ok }),
      onChange: this.loop.notify,
    });
    const isInteractive = this.replay === null;
    if (isInteractive) {
      this.terminal = openTerminal({
        input: (bytes) => {
          this.session.offer(SERIAL, bytes);
          this.loop.notify();
        },
        quit: () => this.loop.end({ kind: "asked", exitCode: EXIT.ok }),
        ended: this.loop.notify,
      });
    }
    let exitCode: number = EXIT.ok;
    try {
      exitCode = this.finish(await this.loop.run());
      return exitCode;
    } finally {
      this.debugging.close(exitCode);
      this.terminal?.close();
      for (const backend of this.backends) backend.close();
    }
  }

  private channel(): ByteChannel {
    return {
      send: (byte) => {
        if (!this.debugging.isRepeating) this.output.push(byte);
      },
      ready: () => this.loop.notify(),
    };
  }

  private makeSession(machine: Machine, plugs: Plugs, fingerprint: string): Session {
    const { record } = this.words;
    const bytesTo = (input: { receive(bytes: Uint8Array): number } | null): InputSink => {
      return (bytes) => input?.receive(bytes) ?? bytes.length;
    };
    const sinks = new Map<string, InputSink>([[SERIAL, bytesTo(plugs.console ?? machine.serial)]]);
    for (const { name, card } of plugs.cards) {
      sinks.set(name, (frame) => {
        card.receive(frame);
        return frame.length;
      });
    }
    if (record === undefined) {
      return new Session({ machine, sinks, ...(this.replay === null ? {} : { replay: this.replay.events }) });
    }
    writeOutput(record, recordingHeader(fingerprint));
    return new Session({
      machine,
      sinks,
      onInput: (event) => {
        appendFileSync(record, recordingLine(event));
      },
    });
  }

  private plugCable(card: Card): NetworkBackend {
    const { value, problems } = parseNetWords(card.words);
    const [first] = problems;
    if (first !== undefined)
      throw new UsageProblem(`${first.message}${first.help === null ? "" : `; ${first.help}`}`);
    const backend = plugIn(value, {
      clock: this.clock(),
      sockets: nodeSockets(),
      epochMs: Number(EPOCH_START_SECONDS) * 1000,
      files: nodeNetworkFiles(),
      report: printProblem,
    });
    backend.onFrame = (frame) => {
      this.session.offer(card.name, frame.slice());
      this.loop.notify();
    };
    card.send = (frame) => {
      if (!this.debugging.isRepeating) backend.send(frame);
    };
    return backend;
  }

  // The far end of a cable lives in the host's time: what comes from there is recorded when it enters.
  private clock(): Clock {
    return {
      nowMs: () => performance.now(),
      after: (ms, callback) => {
        const timer = setTimeout(callback, ms);
        return () => {
          clearTimeout(timer);
        };
      },
    };
  }

  // Nothing of the host can come any more: then there is nothing to wait for.
  private skipsIdle(): boolean {
    if (this.words.idle !== "auto") return this.words.idle === "skip";
    return this.backends.length === 0 && this.terminal?.isOpen() !== true;
  }

  private afterSlice(): LoopEnd | null {
    const bytes = Uint8Array.from(this.output.splice(0));
    if (bytes.length > 0) process.stdout.write(bytes);
    const { until } = this.words;
    if (until !== undefined && bytes.length > 0) {
      this.tail += Buffer.from(bytes).toString("latin1");
      if (this.tail.includes(Buffer.from(until).toString("latin1")))
        return { kind: "asked", exitCode: EXIT.ok };
      this.tail = this.tail.slice(-until.length * 4);
    }
    return this.exitCodeInMemory();
  }

  // `--exit-on`: the low bit says that the rest is an exit code.
  private exitCodeInMemory(): LoopEnd | null {
    if (this.exitWord === null) return null;
    const word = this.session.machine.physical.load(this.exitWord, 8);
    if (typeof word !== "bigint" || (word & 1n) === 0n) return null;
    return { kind: "asked", exitCode: Number((word >> 1n) & 0xffn) };
  }

  private finish(end: LoopEnd): number {
    const { machine } = this.session;
    const { record, stats } = this.words;
    const atNs = machine.now();
    if (record !== undefined) appendFileSync(record, recordingEnd({ atNs, stateHash: machine.stateHash() }));
    if (stats) {
      process.stderr.write(
        `instructions: ${String(machine.retired())}\nvirtual nanoseconds: ${String(atNs)}\nstate hash: ${machine.stateHash()}\n`,
      );
    }
    const wrong = this.replayDifference();
    if (wrong !== null) return refuse(wrong);
    switch (end.kind) {
      case "power":
        return end.request.exitCode;
      case "asked":
        return end.exitCode;
      case "timeout":
        process.stderr.write("pancake: the time of `--timeout` is over\n");
        return EXIT.guestFault;
      case "stuck":
        process.stderr.write("pancake: every hart waits, and nothing can wake one\n");
        return EXIT.guestFault;
    }
  }

  private replayDifference(): Problem | null {
    const end = this.replay?.end ?? null;
    const { machine } = this.session;
    if (this.replay !== null && end === null) {
      process.stderr.write("pancake: note: the recording was cut off; the replay ends with its last input\n");
    }
    if (end === null || machine.now() !== end.atNs) return null;
    const found = machine.stateHash();
    return found === end.stateHash ? null : problem("R0042", { found, expected: end.stateHash });
  }
}

function exitWordOf({ exitOn }: MachineWords, { elf }: BootPlan): bigint | null {
  if (exitOn === undefined) return null;
  if (elf?.kind !== "elf")
    throw new UsageProblem("`--exit-on` needs an ELF file with symbols as `--kernel` or `--bios`");
  const found = readSymbols(elf.elf).find((symbol) => symbol.name === exitOn);
  if (found === undefined) throw new UsageProblem(`--exit-on: the file has no symbol \`${exitOn}\``);
  return found.value;
}

function printProblem({ code, severity, message, help }: Problem): void {
  process.stderr.write(`${severity}[${code}]: ${message}\n${help === null ? "" : `  = help: ${help}\n`}`);
}

function refuse(wrong: Problem): number {
  printProblem(wrong);
  return EXIT.userError;
}
