// A machine with somebody at its console: waits for texts, types lines. For tests with other people's images.

import { existsSync, readFileSync } from "node:fs";
import { Session } from "../../../../runtime/boards/session.ts";
import { testMachine, type TestSetting } from "../../../boards/support.ts";

/** Virtual time between two looks at the output. */
const LOOK_NS = 10_000_000n;

export class Console {
  readonly session: Session;
  private readonly output: () => string;
  private seen = 0;

  constructor(setting: TestSetting) {
    const { machine, output } = testMachine(setting);
    const serial = (bytes: Uint8Array): number => machine.serial?.receive(bytes) ?? bytes.length;
    this.session = new Session({ machine, sinks: new Map([["serial", serial]]) });
    this.output = output;
  }

  /** Runs until the guest has printed `text` after what was waited for before; at most so much virtual time. */
  waitFor(text: string, seconds: number): string {
    const { machine } = this.session;
    const end = machine.now() + BigInt(seconds * 1e9);
    for (;;) {
      const found = this.output().indexOf(text, this.seen);
      if (found >= 0) {
        const before = this.output().slice(this.seen, found);
        this.seen = found + text.length;
        return before;
      }
      const isOver = machine.now() >= end;
      const outcome = isOver ? null : this.session.run(machine.now() + LOOK_NS, true);
      if (outcome === null || outcome.kind === "power" || outcome.kind === "stopped") {
        throw new Error(`\`${text}\` did not come; the end of the output:\n${this.output().slice(-2000)}`);
      }
    }
  }

  type(text: string): void {
    this.session.offer("serial", new TextEncoder().encode(text));
  }
}

/** The bytes of an image of a Debian package; null (and a line about it) if the package is not installed. */
export function imageOf(debianPackage: string, path: string): Uint8Array | null {
  if (existsSync(path)) return new Uint8Array(readFileSync(path));
  console.log(`skipped: ${path} of the package ${debianPackage} is not installed`);
  return null;
}
