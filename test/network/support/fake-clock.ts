// A clock that stands still until a test moves it. Relies on the Clock interface only.

import type { Clock } from "../../../runtime/network/backend.ts";

interface Event {
  readonly atMs: number;
  readonly order: number;
  readonly callback: () => void;
}

export class FakeClock implements Clock {
  private now = 0;
  private order = 0;
  private readonly events = new Set<Event>();

  nowMs(): number {
    return this.now;
  }

  after(ms: number, callback: () => void): () => void {
    this.order += 1;
    const event = { atMs: this.now + Math.max(0, ms), order: this.order, callback };
    this.events.add(event);
    return () => this.events.delete(event);
  }

  /** Events that wait. */
  get pending(): number {
    return this.events.size;
  }

  /** Lets `ms` pass: everything that falls due is called in order. */
  advance(ms: number): void {
    const end = this.now + ms;
    for (let event = this.first(end); event !== undefined; event = this.first(end)) {
      this.events.delete(event);
      this.now = event.atMs;
      event.callback();
    }
    this.now = end;
  }

  /** Lets time pass until `done`, for at most `maxMs`; whether that came. */
  advanceUntil(done: () => boolean, maxMs: number): boolean {
    const end = this.now + maxMs;
    while (!done()) {
      const event = this.first(end);
      if (event === undefined) return false;
      this.events.delete(event);
      this.now = event.atMs;
      event.callback();
    }
    return true;
  }

  private first(end: number): Event | undefined {
    let first: Event | undefined;
    for (const event of this.events) {
      if (event.atMs > end) continue;
      const isEarlier =
        first === undefined ||
        event.atMs < first.atMs ||
        (event.atMs === first.atMs && event.order < first.order);
      if (isEarlier) first = event;
    }
    return first;
  }
}
