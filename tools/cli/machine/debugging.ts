// What `--gdb`, `--wait` and `--trace` put around a session: a debugger with its port, and traces with their file.
// Relies on runtime/debug and the Node edges.

import type { Session } from "../../../runtime/boards/session.ts";
import { Debugger } from "../../../runtime/debug/debugger.ts";
import { registerSets } from "../../../runtime/debug/gdb/register-sets.ts";
import { TRACE_KINDS, traced, type Runner, type TraceKind } from "../../../runtime/debug/trace.ts";
import { AppendedFile } from "../../../runtime/host/node-append.ts";
import { GdbPort } from "../../../runtime/host/node-gdb.ts";
import { problem, type Problem } from "../../../runtime/problem.ts";
import type { Board } from "../../../spec/boards/board.ts";
import { hostErrorText, writeErrorText } from "../files.ts";
import { FileProblem, UsageProblem } from "../problems.ts";
import { onlyProperties, readProperties, type MachineWords } from "./words.ts";

const FLUSH_CHARACTERS = 1 << 16;
const MAX_PORT = 65535;

/** What a trace is about and where it goes; `file` null: standard error. */
interface TraceWords {
  readonly kinds: ReadonlySet<TraceKind>;
  readonly file: string | null;
  readonly format: "text" | "ndjson";
}

/** Tells who runs the machine: somebody wants it to end, or it goes on. */
export interface DebuggingEvents {
  readonly onKill: () => void;
  readonly onChange: () => void;
}

export class MachineDebugging {
  /** Runs the machine, with everything around it. */
  readonly runner: Runner;
  private readonly session: Session;
  private readonly control: Debugger | null;
  private readonly portNumber: number;
  private readonly trace: TraceFile | null;
  private port: GdbPort | null = null;

  /** `failed` hears of what happens to the trace's file. */
  constructor(words: MachineWords, session: Session, failed: (problem: Problem) => void) {
    const wanted = traceWords(words.trace);
    this.session = session;
    this.portNumber = portOf(words);
    this.control = words.gdb === undefined ? null : new Debugger(session, words.wait);
    const inner = this.control ?? session;
    this.trace = wanted === null ? null : new TraceFile(wanted.file, failed);
    const { machine } = session;
    const write = (line: string): void => {
      if (!this.isRepeating) this.trace?.write(line);
    };
    this.runner = wanted === null ? inner : traced(inner, { machine, ...wanted, write });
  }

  get hasDebugger(): boolean {
    return this.control !== null;
  }

  /** The machine stands still. */
  get isHalted(): boolean {
    return this.control?.isHalted === true;
  }

  /** The machine does again what it did before: nothing of that goes out. */
  get isRepeating(): boolean {
    return this.control?.isRepeating === true;
  }

  restart(): void {
    if (this.control === null) this.session.machine.restart();
    else this.control.restart();
  }

  /** Listens for gdb. */
  async open({ isa }: Board, events: DebuggingEvents): Promise<void> {
    const [hart] = this.session.machine.harts;
    if (this.control === null || hart === undefined) return;
    const registers = registerSets[isa](hart);
    try {
      this.port = await GdbPort.open({
        port: this.portNumber,
        debugger: this.control,
        registers,
        ...events,
      });
    } catch (error) {
      throw new FileProblem(
        `--gdb: cannot listen at port ${String(this.portNumber)}: ${hostErrorText(error)}`,
      );
    }
    process.stderr.write(`pancake: gdb may connect: target remote :${String(this.port.port)}\n`);
  }

  close(exitCode: number): void {
    this.port?.close(exitCode);
    this.trace?.close();
  }
}

function portOf({ gdb, wait }: MachineWords): number {
  if (gdb === undefined) {
    if (wait) throw new UsageProblem("`--wait` waits for a debugger: give `--gdb PORT` too");
    return 0;
  }
  // QEMU writes `tcp::1234`; other hosts than this one could do anything with the machine.
  const text = gdb.replace(/^tcp:(?:localhost|127\.0\.0\.1)?:/, "");
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= MAX_PORT) return port;
  throw new UsageProblem(`--gdb takes a TCP port from 0 (any) to ${String(MAX_PORT)}, found \`${gdb}\``);
}

function traceWords(text: string | undefined): TraceWords | null {
  if (text === undefined) return null;
  const parts = text.split(",");
  const kinds = parts.filter((part) => !part.includes("="));
  const rest = readProperties(parts.filter((part) => part.includes("=")).join(","));
  onlyProperties("--trace", rest, ["file", "format"]);
  const unknown = kinds.find((kind) => !TRACE_KINDS.some((known) => known === kind));
  if (unknown !== undefined || kinds.length === 0) {
    throw new UsageProblem(`--trace takes ${TRACE_KINDS.join(", ")}, found \`${unknown ?? text}\``);
  }
  const format = rest.values.get("format") ?? "text";
  if (format !== "text" && format !== "ndjson") {
    throw new UsageProblem(`--trace: format is \`text\` or \`ndjson\`, found \`${format}\``);
  }
  if (rest.values.get("file") === "") throw new UsageProblem("--trace: `file=` needs a path");
  const chosen = TRACE_KINDS.filter((kind) => kinds.includes(kind));
  return { kinds: new Set(chosen), file: rest.values.get("file") ?? null, format };
}

// Lines in large pieces; without a file, to standard error.
class TraceFile {
  private readonly file: AppendedFile | null;
  private waiting = "";

  constructor(path: string | null, failed: (problem: Problem) => void) {
    try {
      this.file =
        path === null
          ? null
          : new AppendedFile(path, (error) => {
              failed(problem("M0135", { path, why: hostErrorText(error) }));
            });
    } catch (error) {
      throw new FileProblem(`--trace: cannot write \`${path ?? ""}\`: ${writeErrorText(path ?? "", error)}`);
    }
  }

  write(line: string): void {
    this.waiting += line;
    if (this.waiting.length > FLUSH_CHARACTERS) this.flush();
  }

  close(): void {
    this.flush();
    this.file?.close();
  }

  private flush(): void {
    if (this.file === null) process.stderr.write(this.waiting);
    else this.file.write(this.waiting);
    this.waiting = "";
  }
}
