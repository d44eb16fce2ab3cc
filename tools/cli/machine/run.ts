// A run of `pancake machine`: the machine, the host's ends of everything that is plugged into it, and how it ends.

import { Machine } from "../../../runtime/boards/machine.ts";
import { replayEnd, type Recording } from "../../../runtime/boards/recording.ts";
import { Session, type InputSink } from "../../../runtime/boards/session.ts";
import { EPOCH_START_SECONDS } from "../../../runtime/core/clock.ts";
import type { ByteInput } from "../../../runtime/devices/byte-channel.ts";
import { nodeSockets } from "../../../runtime/host/node-network.ts";
import { nodeNetworkFiles } from "../../../runtime/host/node-network-files.ts";
import { writePages } from "../../../runtime/host/node-disk.ts";
import { onEndSignal } from "../../../runtime/host/node-signals.ts";
import { openTerminal, type Terminal } from "../../../runtime/host/node-terminal.ts";
import type { Clock, NetworkBackend } from "../../../runtime/network/backend.ts";
import { parseNetWords } from "../../../runtime/network/net-words.ts";
import { plugIn } from "../../../runtime/network/plug-in.ts";
import { problem, type Problem } from "../../../runtime/problem.ts";
import { EXIT } from "../exit-codes.ts";
import { hostErrorText, writeErrorText } from "../files.ts";
import { UsageProblem } from "../problems.ts";
import { flashFiles } from "./boot-words.ts";
import { backEndNamed, backEnds, Characters, serialBackEnd, STDIO } from "./characters.ts";
import { MachineDebugging } from "./debugging.ts";
import { ExitWord } from "./exit-word.ts";
import { HostFailures } from "./host-failures.ts";
import { HostLoop, type LoopEnd } from "./host-loop.ts";
import { plugDevices, type Card, type Plugs } from "./plugs.ts";
import type { Prepared } from "./prepare.ts";
import { printProblem, refuse } from "./problem-text.ts";
import { RecordingFile } from "./recording-file.ts";
import { restoreSnapshot, saveSnapshot } from "./saving.ts";
import { semihostingWords } from "./semihosting-words.ts";
import { stopPoint, timeoutMs, type MachineWords } from "./words.ts";

const SERIAL = "serial";

export class MachineRun {
  private readonly words: MachineWords;
  private readonly made: Prepared;
  private readonly failures: HostFailures;
  private readonly characters: Characters;
  private readonly output: number[] = [];
  // The end of what was printed: as much as `--until` may need.
  private tail = "";
  private readonly plugs: Plugs;
  private readonly session: Session;
  private readonly debugging: MachineDebugging;
  private readonly loop: HostLoop;
  private readonly recording: RecordingFile | null;
  private readonly exitWord: ExitWord | null;
  private backends: readonly NetworkBackend[] = [];
  private terminal: Terminal | null = null;
  private wasSaved = false;

  /** A machine that is ready to run, or what is wrong with the snapshot that it is to go on from. */
  static make(words: MachineWords, made: Prepared): MachineRun | Problem {
    const run: { made: MachineRun | null } = { made: null };
    const failures = new HostFailures();
    const characters = new Characters({
      print: (byte) => run.made?.print(byte),
      end: (exitCode) => run.made?.loop.end({ kind: "asked", exitCode }),
      ready: () => run.made?.loop.notify(),
      failed: failures.report,
      isRepeating: () => run.made?.debugging.isRepeating === true,
    });
    const ends = backEnds(words.chardev);
    const serial = serialBackEnd(words.serial, ends);
    const slots = made.board.devices(made.plan.configuration).filter((d) => d.kind === "virtio-mmio");
    const plugs = plugDevices(words, {
      slots,
      channel: characters.channel(STDIO),
      backEnd: (option, id) => {
        const end = backEndNamed(ends, option, id);
        return { channel: characters.channel(end), isTerminal: end.kind === "stdio" };
      },
      onDiskFailure: failures.note,
    });
    const asked = semihostingWords(words);
    const hostEnd =
      asked?.chardev == null ? STDIO : backEndNamed(ends, "--semihosting-config", asked.chardev);
    const hasHostInput = asked?.chardev != null && hostEnd.kind === "stdio";
    const machine = new Machine({
      board: made.board,
      plan: made.plan,
      executor: words.executor,
      channel: characters.channel(serial),
      plugged: plugs.functions,
      isLegacyVirtio: made.isLegacyVirtio,
      onNotice: (text) => process.stderr.write(`pancake: note: ${text}\n`),
      ...(asked === null
        ? {}
        : { semihosting: { ...asked, channel: characters.channel(hostEnd), hasInput: hasHostInput } }),
    });
    // What is typed goes to one of them.
    const typed = (hasHostInput ? machine.semihosting : plugs.console) ?? (serial.kind === "stdio" ? machine.serial : null); // prettier-ignore
    const wrong = made.snapshot === null ? null : restoreSnapshot(made.snapshot, machine, plugs.images);
    if (wrong !== null) return wrong;
    run.made = new MachineRun({ words, made, machine, plugs, failures, characters, typed });
    return run.made;
  }

  private constructor({ words, made, machine, plugs, failures, characters, typed }: Parts) {
    this.words = words;
    this.made = made;
    this.plugs = plugs;
    this.failures = failures;
    this.characters = characters;
    const { record } = words;
    this.exitWord = ExitWord.of(words, made.plan);
    const stop = stopPoint(words.stopAt);
    this.recording = record === undefined ? null : new RecordingFile(record, made.recorded, failures.report);
    this.session = this.makeSession(machine, typed);
    this.debugging = new MachineDebugging(words, this.session, failures.report);
    this.loop = new HostLoop({
      session: this.session,
      runner: this.debugging.runner,
      isHalted: () => this.debugging.isHalted,
      hasDebugger: this.debugging.hasDebugger,
      skipsIdle: () => this.skipsIdle(),
      timeoutMs: timeoutMs(words.timeout),
      endNs: made.replay === null ? null : replayEnd(made.replay),
      stop,
      reboots: words.reboot,
      afterSlice: () => this.afterSlice(),
      restart: () => this.debugging.restart(),
    });
  }

  async toTheEnd(): Promise<number> {
    const { replay, board } = this.made;
    let exitCode: number = EXIT.ok;
    const ignoreSignals = onEndSignal((code) => this.loop.end({ kind: "asked", exitCode: code }));
    try {
      if (replay === null) this.backends = this.plugs.cards.map((card) => this.plugCable(card));
      await this.debugging.open(board, {
        onKill: () => this.loop.end({ kind: "asked", exitCode: EXIT.ok }),
        onChange: this.loop.notify,
      });
      if (replay === null) this.openTerminal();
      exitCode = this.finish(await this.loop.run());
    } finally {
      ignoreSignals();
      this.debugging.close(exitCode);
      this.terminal?.close();
      for (const backend of this.backends) backend.close();
      this.characters.close();
    }
    return this.failures.exitCode(exitCode, EXIT.userError);
  }

  private openTerminal(): void {
    this.terminal = openTerminal({
      input: (bytes) => {
        this.session.offer(SERIAL, bytes);
        this.loop.notify();
      },
      quit: () => this.loop.end({ kind: "asked", exitCode: EXIT.ok }),
      save: () => this.saveNow(),
      ended: this.loop.notify,
    });
  }

  private print(byte: number): void {
    if (!this.debugging.isRepeating) this.output.push(byte);
  }

  private makeSession(machine: Machine, typed: ByteInput | null): Session {
    const { plugs, recording } = this;
    const { snapshot, replay } = this.made;
    const sinks = new Map<string, InputSink>([[SERIAL, (bytes) => typed?.receive(bytes) ?? bytes.length]]);
    for (const { name, card } of plugs.cards) {
      sinks.set(name, (frame) => {
        card.receive(frame);
        return frame.length;
      });
    }
    return new Session({
      machine,
      sinks,
      ...(snapshot === null ? {} : { from: snapshot.session }),
      ...(replay === null ? {} : { replay: replay.events }),
      ...(recording === null ? {} : { onInput: (event) => recording.input(event) }),
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
      files: nodeNetworkFiles(writeErrorText),
      report: (failure) => this.cableFailed(failure),
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

  // Connections come and go, and a file that cannot be written is a loss; without the rest there is no such network.
  private cableFailed(failure: Problem): void {
    if (failure.severity === "warning" || failure.code === "M0121") {
      printProblem(failure);
      return;
    }
    this.failures.report(failure);
    if (failure.code !== "M0135") this.loop.end({ kind: "asked", exitCode: EXIT.userError });
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
    const exitCode = this.exitWord?.exitCode(this.session.machine.physical) ?? null;
    return exitCode === null ? null : { kind: "asked", exitCode };
  }

  private finish(end: LoopEnd): number {
    const { machine } = this.session;
    const atNs = machine.now();
    const stateHash = machine.stateHash();
    this.recording?.end({ atNs, stateHash });
    this.saveAtEnd(end);
    // A snapshot holds them, and goes on from the file as it was.
    if (this.made.replay === null && !this.wasSaved) this.keepFlash();
    if (this.words.stats) {
      process.stderr.write(
        `instructions: ${String(machine.retired())}\nvirtual nanoseconds: ${String(atNs)}\nstate hash: ${stateHash}\n`,
      );
    }
    const { replay } = this.made;
    const wrong = replay === null ? null : replayDifference(replay, machine);
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

  // What the guest programmed goes back to the files of the banks.
  private keepFlash(): void {
    for (const { bank, path } of flashFiles(this.words)) {
      const pages = this.session.machine.changedFlash(bank);
      const failed = (error: unknown): void => {
        this.failures.report(problem("M0135", { path, why: hostErrorText(error) }));
      };
      if (pages.size > 0) writePages(path, pages, failed);
    }
  }

  // What was saved at the terminal stays as it is.
  private saveAtEnd(end: LoopEnd): void {
    if (this.words.save === undefined || this.wasSaved) return;
    if (end.kind === "power") {
      const why =
        end.request.kind === "off" ? "the guest switched the board off" : "the guest reset the board";
      this.failures.report(problem("M0205", { why }));
    } else this.saveNow();
  }

  private saveNow(): void {
    const { save } = this.words;
    if (save === undefined) {
      process.stderr.write("pancake: note: control-A s saves to the file of `--save`, which was not given\n");
      return;
    }
    const { madeOf } = this.made;
    const failure = saveSnapshot(save, this.session, { madeOf, images: this.plugs.images });
    if (failure === null) this.wasSaved = true;
    else this.failures.report(failure);
  }
}

interface Parts {
  readonly words: MachineWords;
  readonly made: Prepared;
  readonly machine: Machine;
  readonly plugs: Plugs;
  readonly failures: HostFailures;
  readonly characters: Characters;
  /** Who gets what is typed. */
  readonly typed: ByteInput | null;
}

function replayDifference({ end }: Recording, machine: Machine): Problem | null {
  if (end === null) {
    process.stderr.write("pancake: note: the recording was cut off; the replay ends with its last input\n");
  }
  if (end === null || machine.now() !== end.atNs) return null;
  const found = machine.stateHash();
  return found === end.stateHash ? null : problem("R0042", { found, expected: end.stateHash });
}
