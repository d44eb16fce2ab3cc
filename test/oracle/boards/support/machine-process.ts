// `pancake machine` as a process with pipes: what the guest prints can be waited for, and it can be typed at.

import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { ROOT } from "../../../house/source-tree.ts";
import { PACKAGED_PANCAKE } from "../../../support/package-under-test.ts";

const NUMBER_OFFSET = 1000;

/** One machine; what it prints on both streams is its output. */
export class MachineProcess {
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly ended: Promise<number | null>;
  private shown = "";
  private commands = 0;
  private hasEnded = false;
  private changed: () => void = () => undefined;

  constructor(words: readonly string[]) {
    this.child = spawn(process.execPath, [PACKAGED_PANCAKE, "machine", ...words], { cwd: ROOT });
    const take = (bytes: Buffer): void => {
      this.shown += bytes.toString("latin1");
      this.changed();
    };
    this.child.stdout.on("data", take);
    this.child.stderr.on("data", take);
    // The machine may end while something is typed.
    this.child.stdin.on("error", () => undefined);
    this.ended = new Promise((resolve) => {
      this.child.on("close", (status) => {
        this.hasEnded = true;
        this.changed();
        resolve(status);
      });
    });
  }

  /** Everything printed so far. */
  get output(): string {
    return this.shown;
  }

  /** Waits until the text is in the output; throws with all of it if that does not come to pass. */
  async shows(text: string, timeoutMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    const timer = setTimeout(() => {
      this.changed();
    }, timeoutMs + 1);
    while (!this.shown.includes(text)) {
      if (this.hasEnded || performance.now() >= deadline)
        throw new Error(`never printed: ${text}\n${this.shown}`);
      await new Promise<void>((resolve) => (this.changed = resolve));
    }
    clearTimeout(timer);
  }

  /** Types a command at a shell, waits for its end, and gives what it printed. */
  async run(command: string, timeoutMs: number): Promise<string> {
    const number = ++this.commands + NUMBER_OFFSET;
    // The shell echoes what is typed, with the sum not yet made.
    const sum = `$((${this.commands} + ${NUMBER_OFFSET}))`;
    this.type(`echo begin ${sum}; ${command}; echo end ${sum}\n`);
    await this.shows(`\nend ${number}`, timeoutMs);
    const text = this.shown.replaceAll("\r", "");
    const begin = `\nbegin ${number}\n`;
    return text.slice(text.indexOf(begin) + begin.length, text.indexOf(`end ${number}`));
  }

  /** Types at the guest. */
  type(text: string): void {
    this.child.stdin.write(text);
  }

  /** The exit code. */
  end(): Promise<number | null> {
    return this.ended;
  }

  stop(): void {
    this.child.kill("SIGKILL");
  }
}
