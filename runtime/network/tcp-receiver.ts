// The receiving half of a TCP connection: orders what arrives and keeps it until it is read (RFC 9293 3.4, 3.8.6.2).
// Relies on byte-ring.ts and tcp-sequence.ts.
// Guarantees: holds at most the ring's capacity and MAX_GAPS ranges behind gaps, and its right edge never moves back.

import { ByteRing } from "./byte-ring.ts";
import { sequenceAdd, sequenceDifference } from "./tcp-sequence.ts";

/** Ranges kept behind gaps; a segment that would make one more is dropped and comes again. */
const MAX_GAPS = 32;

/** The most that a window field says without scaling. */
const MAX_UNSCALED_WINDOW = 0xffff;

// Bytes that arrived ahead of `next`: [from, to) counted from it.
interface Range {
  readonly from: number;
  readonly to: number;
}

export class TcpReceiver {
  /** The next sequence number expected: RCV.NXT. */
  next: number;
  /** The peer's FIN has been reached: nothing comes behind it. */
  ended = false;
  private readonly ring: ByteRing;
  private readonly scale: number;
  private ahead: Range[] = [];
  private endSequence: number | null = null;
  private advertisedEdge: number;

  /** `synSequence` is the peer's initial sequence number, `scale` the shift of our window field. */
  constructor(synSequence: number, capacity: number, scale: number) {
    this.next = sequenceAdd(synSequence, 1);
    this.ring = new ByteRing(capacity);
    this.scale = scale;
    this.advertisedEdge = this.next;
  }

  /** Bytes that can be read. */
  get readable(): number {
    return this.ring.length;
  }

  /** The window field for a segment sent now, which counts as told to the peer. `scaled` is false in a SYN. */
  advertise(scaled: boolean): number {
    const scale = scaled ? this.scale : 0;
    const field = Math.min(MAX_UNSCALED_WINDOW, this.ring.room >>> scale);
    this.advertisedEdge = sequenceAdd(this.next, field << scale);
    return field;
  }

  /** How far the window could open beyond what the peer knows. */
  get unadvertised(): number {
    return sequenceDifference(sequenceAdd(this.next, this.ring.room), this.advertisedEdge);
  }

  /**
   * Whether a segment of `length` sequence numbers touches the window (RFC 9293 3.10.7.4, first check), its edges
   * included: so acknowledgements still count while the window is shut.
   */
  isAcceptable(sequence: number, length: number): boolean {
    const offset = sequenceDifference(sequence, this.next);
    return offset <= this.ring.room && offset + length >= 0;
  }

  /** Whether `sequence` is ahead of everything received. */
  isBehind(sequence: number): boolean {
    return sequenceDifference(sequence, this.next) > 0;
  }

  /** Takes a segment's bytes and FIN; true if `next` moved, so that there is something to read or the end came. */
  accept(sequence: number, payload: Uint8Array, fin: boolean): boolean {
    if (this.ended) return false;
    const before = this.next;
    if (fin) this.endSequence ??= sequenceAdd(sequence, payload.length);
    const offset = sequenceDifference(sequence, this.next);
    const skip = Math.max(0, -offset);
    if (skip < payload.length) this.place(offset + skip, payload.subarray(skip));
    if (this.endSequence === this.next) {
      this.ended = true;
      this.next = sequenceAdd(this.next, 1);
    }
    return this.next !== before;
  }

  /** Takes up to `max` bytes out. */
  read(max: number): Uint8Array {
    const bytes = this.ring.peek(0, max);
    this.ring.drop(bytes.length);
    return bytes;
  }

  private place(offset: number, bytes: Uint8Array): void {
    const kept = bytes.subarray(0, Math.max(0, this.ring.room - offset));
    if (kept.length === 0) return;
    if (offset === 0 && this.ahead.length === 0) {
      this.next = sequenceAdd(this.next, this.ring.append(kept));
      return;
    }
    const merged = mergeRange(this.ahead, { from: offset, to: offset + kept.length });
    if (merged.length > MAX_GAPS) return;
    this.ring.writeAhead(offset, kept);
    const [first, ...rest] = merged;
    const ready = first?.from === 0 ? first.to : 0;
    this.ring.extend(ready);
    this.next = sequenceAdd(this.next, ready);
    this.ahead = ready === 0 ? merged : rest.map(({ from, to }) => ({ from: from - ready, to: to - ready }));
  }
}

// `ranges` in order, none touching another, with `added` joined to those that it touches.
function mergeRange(ranges: readonly Range[], added: Range): Range[] {
  const apart = ranges.filter(({ from, to }) => to < added.from || added.to < from);
  const touching = ranges.filter((range) => !apart.includes(range));
  const from = Math.min(added.from, ...touching.map((range) => range.from));
  const to = Math.max(added.to, ...touching.map((range) => range.to));
  return [...apart, { from, to }].sort((a, b) => a.from - b.from);
}
