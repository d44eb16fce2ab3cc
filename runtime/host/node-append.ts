// A file that grows while a machine runs: recordings, traces, what a serial line prints. Relies on node:fs.
// Guarantees: what was written stays in order; the first failure is told once, and nothing is written after it, so what
// the file holds is a beginning of what was to be written.

import { closeSync, openSync, writeSync } from "node:fs";

export class AppendedFile {
  private readonly descriptor: number;
  private readonly failed: (error: unknown) => void;
  private isBroken = false;

  /** Makes the file anew; throws the host's error if it cannot be had. `failed` hears of what happens later. */
  constructor(path: string, failed: (error: unknown) => void) {
    this.descriptor = openSync(path, "w");
    this.failed = failed;
  }

  write(data: string | Uint8Array): void {
    if (this.isBroken) return;
    const bytes = typeof data === "string" ? Buffer.from(data) : data;
    this.attempt(() => {
      for (let done = 0; done < bytes.length;) done += writeSync(this.descriptor, bytes, done);
    });
  }

  /** Some file systems tell of a full disk only here. */
  close(): void {
    this.attempt(() => {
      closeSync(this.descriptor);
    });
  }

  private attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      if (!this.isBroken) this.failed(error);
      this.isBroken = true;
    }
  }
}
