// The retransmission time-out from measured round trips (RFC 6298), doubled while nothing comes back.
// Relies on tcp-sequence.ts. Retransmitted bytes are never measured (Karn's algorithm).

import { sequenceDifference } from "./tcp-sequence.ts";

const INITIAL_MS = 1000;
/** Below RFC 6298's second, as everywhere today: the guest is at the other end of a cable without delay. */
const MIN_MS = 200;
const MAX_MS = 60_000;

export class RoundTrip {
  /** How long to wait for an acknowledgement. */
  timeoutMs = INITIAL_MS;
  private smoothedMs: number | null = null;
  private variationMs = 0;
  private measured: { readonly sequence: number; readonly sentMs: number } | null = null;

  /** Bytes up to `sequence` were sent for the first time: one such run is measured at a time. */
  onSent(sequence: number, nowMs: number): void {
    this.measured ??= { sequence, sentMs: nowMs };
  }

  /** Everything before `sequence` is acknowledged. */
  onAcknowledged(sequence: number, nowMs: number): void {
    if (this.measured === null || sequenceDifference(sequence, this.measured.sequence) < 0) return;
    this.sample(nowMs - this.measured.sentMs);
    this.measured = null;
  }

  /** Something is sent again: what is being measured is worth nothing. */
  onRetransmit(): void {
    this.measured = null;
  }

  /** Nothing came back in time. */
  onTimeout(): void {
    this.measured = null;
    this.timeoutMs = Math.min(MAX_MS, 2 * this.timeoutMs);
  }

  private sample(ms: number): void {
    if (this.smoothedMs === null) {
      this.smoothedMs = ms;
      this.variationMs = ms / 2;
    } else {
      this.variationMs = 0.75 * this.variationMs + 0.25 * Math.abs(this.smoothedMs - ms);
      this.smoothedMs = 0.875 * this.smoothedMs + 0.125 * ms;
    }
    this.timeoutMs = Math.min(MAX_MS, Math.max(MIN_MS, this.smoothedMs + 4 * this.variationMs));
  }
}
