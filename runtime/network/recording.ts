// Recording a cable to a pcap file, and giving a guest the frames of one. Relies on backend.ts and pcap-file.ts.
// The file itself belongs to the owner: what is to be written is handed to a sink in pieces, in order.

import type { Clock, NetworkBackend } from "./backend.ts";
import { pcapFileHeader, pcapRecord, type RecordedFrame } from "./pcap-file.ts";

/** Where the bytes of a recording go. */
export interface ByteSink {
  write(bytes: Uint8Array): void;
  close(): void;
}

export interface RecordingOptions {
  readonly clock: Clock;
  /** What the guest's wall clock shows when `clock` is at zero, in milliseconds since 1970. */
  readonly epochMs: number;
  readonly sink: ByteSink;
}

/** The cable `inner` with a record of every frame in either direction, in the order in which they pass. */
export function recordingBackend(inner: NetworkBackend, options: RecordingOptions): NetworkBackend {
  const { clock, epochMs, sink } = options;
  const record = (frame: Uint8Array): void => {
    sink.write(pcapRecord({ timeMs: epochMs + clock.nowMs(), frame }));
  };
  sink.write(pcapFileHeader());
  let isOpen = true;
  const outer: NetworkBackend = {
    send(frame) {
      if (!isOpen) return;
      record(frame);
      inner.send(frame);
    },
    onFrame: () => undefined,
    close() {
      if (!isOpen) return;
      isOpen = false;
      inner.close();
      sink.close();
    },
  };
  inner.onFrame = (frame) => {
    record(frame);
    outer.onFrame(frame);
  };
  return outer;
}

/** A cable that brings recorded frames with the distances in time that the recording has, and takes what is sent. */
export function replayBackend(frames: readonly RecordedFrame[], clock: Clock): NetworkBackend {
  const startMs = clock.nowMs();
  const firstMs = frames[0]?.timeMs ?? 0;
  let cancel: () => void = () => undefined;
  const backend: NetworkBackend = {
    send: () => undefined,
    onFrame: () => undefined,
    close: () => cancel(),
  };
  // One timer at a time, so that a long recording is not a long list of timers.
  const giveFrom = (index: number): void => {
    const next = frames[index];
    if (next === undefined) return;
    const waitMs = startMs + (next.timeMs - firstMs) - clock.nowMs();
    cancel = clock.after(Math.max(0, waitMs), () => {
      giveFrom(index + 1);
      backend.onFrame(next.frame);
    });
  };
  giveFrom(0);
  return backend;
}
