// One timer that is often moved and seldom fires: moving it later costs no call of the clock. Relies on backend.ts.

import type { Clock } from "./backend.ts";

export class DeadlineTimer {
  private readonly clock: Clock;
  private readonly onDeadline: () => void;
  private deadlineMs: number | null = null;
  private pending: { readonly atMs: number; readonly cancel: () => void } | null = null;

  constructor(clock: Clock, onDeadline: () => void) {
    this.clock = clock;
    this.onDeadline = onDeadline;
  }

  get isSet(): boolean {
    return this.deadlineMs !== null;
  }

  /** Fires once, `ms` from now, in place of what was set before. */
  set(ms: number): void {
    this.deadlineMs = this.clock.nowMs() + ms;
    if (this.pending !== null && this.pending.atMs <= this.deadlineMs) return;
    this.pending?.cancel();
    this.arm(ms);
  }

  clear(): void {
    this.deadlineMs = null;
    this.pending?.cancel();
    this.pending = null;
  }

  private arm(ms: number): void {
    const atMs = this.clock.nowMs() + ms;
    this.pending = { atMs, cancel: this.clock.after(ms, () => this.fire()) };
  }

  private fire(): void {
    this.pending = null;
    if (this.deadlineMs === null) return;
    const leftMs = this.deadlineMs - this.clock.nowMs();
    if (leftMs > 0) {
      this.arm(leftMs);
      return;
    }
    this.deadlineMs = null;
    this.onDeadline();
  }
}
