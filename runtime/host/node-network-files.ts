// The host's files for recordings of a guest's network. Relies on node:fs and on network/plug-in.ts.
// Recordings are written in large pieces; what is left is written when they are closed.

import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import type { FileResult, NetworkFiles } from "../network/plug-in.ts";
import type { ByteSink } from "../network/recording.ts";

const PIECE_BYTES = 65_536;

/** Words for the host's error about a path. */
type WhyOf = (path: string, error: unknown) => string;

/** The files of the host that this process runs on; without `whyOf`, failures are the host's codes. */
export function nodeNetworkFiles(whyOf: WhyOf = (_path, error) => codeOf(error)): NetworkFiles {
  return {
    read: (path) => attempt(() => readFileSync(path), (error) => whyOf(path, error)), // prettier-ignore
    create: (path, failed) => {
      const why = (error: unknown): string => whyOf(path, error);
      return attempt(() => fileSink(openSync(path, "w"), { failed, why }), why);
    },
  };
}

interface SinkEvents {
  readonly failed: (why: string) => void;
  readonly why: (error: unknown) => string;
}

function fileSink(descriptor: number, { failed, why }: SinkEvents): ByteSink {
  let isWritable = true;
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  const flush = (): void => {
    const bytes = Buffer.concat(waiting);
    const written = attempt(() => {
      for (let at = 0; at < bytes.length && isWritable;) at += writeSync(descriptor, bytes, at);
    }, why);
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

function attempt<T>(open: () => T, why: (error: unknown) => string): FileResult<T> {
  try {
    return { ok: true, value: open() };
  } catch (error) {
    return { ok: false, why: why(error) };
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}
