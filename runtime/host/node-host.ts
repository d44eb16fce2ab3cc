// The Node edge of a user program: its standard streams are ours. Relies on host.ts and node:fs, synchronously.

import { readSync, writeSync } from "node:fs";
import type { UserHost } from "./host.ts";

const DESCRIPTORS = { stdout: 1, stderr: 2 } as const;
const RETRY_MS = 5;

/** Connects a guest to this process's standard input, output and error. */
export function nodeHost(): UserHost {
  return {
    readInput(maxBytes) {
      const buffer = new Uint8Array(maxBytes);
      const count = retry(() => readSync(0, buffer));
      return buffer.subarray(0, count ?? 0);
    },
    writeOutput(stream, bytes) {
      for (let done = 0; done < bytes.length;) {
        const count = retry(() => writeSync(DESCRIPTORS[stream], bytes, done));
        if (count === null) return false;
        done += count;
      }
      return true;
    },
  };
}

// Pipes and terminals that Node opened without blocking answer EAGAIN: wait and ask again. A closed peer (EPIPE) and
// an input that cannot be read (EOF on Windows, EISDIR) give null.
function retry(operation: () => number): number | null {
  for (;;) {
    try {
      return operation();
    } catch (e) {
      if (!(e instanceof Error && "code" in e && e.code === "EAGAIN")) return null;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
    }
  }
}
