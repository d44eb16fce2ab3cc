// A host that lives in memory: for tests and browsers. Input is given beforehand, output is kept.
// Relies on host.ts.

import type { UserHost } from "./host.ts";

export interface MemoryHost extends UserHost {
  /** Everything written so far, decoded as UTF-8. */
  stdout(): string;
  stderr(): string;
  /** The same as bytes. */
  stdoutBytes(): Uint8Array;
}

/** Makes a host whose standard input holds `input` (text is encoded as UTF-8). */
export function memoryHost(input: string | Uint8Array = ""): MemoryHost {
  const source = typeof input === "string" ? new TextEncoder().encode(input) : input;
  const written = { stdout: new ByteLog(), stderr: new ByteLog() };
  let position = 0;
  return {
    readInput(maxBytes) {
      const part = source.slice(position, position + maxBytes);
      position += part.length;
      return part;
    },
    writeOutput(stream, bytes) {
      written[stream].append(bytes);
      return true;
    },
    stdout: () => new TextDecoder().decode(written.stdout.bytes()),
    stderr: () => new TextDecoder().decode(written.stderr.bytes()),
    stdoutBytes: () => written.stdout.bytes(),
  };
}

// Bytes that grow at the end.
class ByteLog {
  private buffer = new Uint8Array(1024);
  private length = 0;

  append(bytes: Uint8Array): void {
    if (this.length + bytes.length > this.buffer.length) {
      const larger = new Uint8Array(2 * (this.length + bytes.length));
      larger.set(this.buffer.subarray(0, this.length));
      this.buffer = larger;
    }
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  bytes(): Uint8Array {
    return this.buffer.slice(0, this.length);
  }
}
