// The host's files for recordings of a guest's network. Relies on node:fs and on network/plug-in.ts.
// Recordings are written in large pieces; what is left is written when they are closed.

import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import type { FileResult, NetworkFiles } from "../network/plug-in.ts";
import type { ByteSink } from "../network/recording.ts";

const PIECE_BYTES = 65_536;

/** The files of the host that this process runs on. */
export function nodeNetworkFiles(): NetworkFiles {
  return {
    read: (path) => attempt(() => readFileSync(path)),
    create: (path, failed) => attempt(() => fileSink(openSync(path, "w"), failed)),
  };
}

function fileSink(descriptor: number, failed: (why: string) => void): ByteSink {
  let isWritable = true;
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  const flush = (): void => {
    const bytes = Buffer.concat(waiting);
    const written = attempt(() => {
      for (let at = 0; at < bytes.length && isWritable;) at += writeSync(descriptor, bytes, at);
    });
    if (!written.ok) {
      isWritable = false;
      failed(written.why);
    }
    waiting = [];
    waitingBytes = 0;
  };
  return {
    write(bytes) {
      if (!isWritable) return;
      waiting.push(bytes);
      waitingBytes += bytes.length;
      if (waitingBytes >= PIECE_BYTES) flush();
    },
    close() {
      flush();
      closeSync(descriptor);
    },
  };
}

function attempt<T>(open: () => T): FileResult<T> {
  try {
    return { ok: true, value: open() };
  } catch (e) {
    return { ok: false, why: e instanceof Error && "code" in e ? String(e.code) : String(e) };
  }
}
