// Frames in a byte stream as QEMU's `-netdev stream` and `-netdev socket` send them: four bytes of length, the highest
// first, then the frame. Relies on big-endian.ts.
// Guarantees: holds at most one frame of MAX_FRAME_BYTES; a longer or empty one ends the reading.

import { getU32, putU32 } from "./big-endian.ts";

const LENGTH_BYTES = 4;

/** QEMU's limit: 64 KiB and room for headers (NET_BUFSIZE in its include/net/net.h). */
export const MAX_FRAME_BYTES = 69_632;

/** A frame with its length in front. */
export function encodeFrame(frame: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(LENGTH_BYTES + frame.length);
  putU32(bytes, 0, frame.length);
  bytes.set(frame, LENGTH_BYTES);
  return bytes;
}

/** Puts frames together from pieces of a stream, however it was cut. */
export class FrameReader {
  private readonly onFrame: (frame: Uint8Array) => void;
  private readonly length = new Uint8Array(LENGTH_BYTES);
  private lengthBytes = 0;
  private frame: Uint8Array | null = null;
  private frameBytes = 0;
  private isBroken = false;

  constructor(onFrame: (frame: Uint8Array) => void) {
    this.onFrame = onFrame;
  }

  /** Takes the next piece; false if the stream has said a length that no frame has: nothing after it means anything. */
  take(bytes: Uint8Array): boolean {
    for (let at = 0; at < bytes.length && !this.isBroken;) {
      at += this.frame === null ? this.takeLength(bytes, at) : this.takeFrame(this.frame, bytes.subarray(at));
    }
    return !this.isBroken;
  }

  private takeLength(bytes: Uint8Array, at: number): number {
    this.length[this.lengthBytes] = bytes[at] ?? 0;
    this.lengthBytes += 1;
    if (this.lengthBytes < LENGTH_BYTES) return 1;
    const length = getU32(this.length, 0);
    this.isBroken = length === 0 || length > MAX_FRAME_BYTES;
    if (!this.isBroken) this.frame = new Uint8Array(length);
    this.lengthBytes = 0;
    this.frameBytes = 0;
    return 1;
  }

  private takeFrame(frame: Uint8Array, bytes: Uint8Array): number {
    const part = bytes.subarray(0, frame.length - this.frameBytes);
    frame.set(part, this.frameBytes);
    this.frameBytes += part.length;
    if (this.frameBytes === frame.length) {
      this.frame = null;
      this.onFrame(frame);
    }
    return part.length;
  }
}
