// Which bytes of page frames executors have made code from: whoever stores to them, everybody who remembers hears of it.
//
// Relies on nothing but frames as names of pages: several addresses, modes and harts, and devices, may reach one frame.

import { PAGE_BYTES } from "./ram.ts";

const LINE_SHIFT = 6;
const LINES = PAGE_BYTES >> LINE_SHIFT;

/** Somebody who remembers decoded or translated code of a frame (its byte offset in the Ram). */
export interface CodeObserver {
  /** Stores to the frame must be seen from now on: go through a memory, not past it. */
  codeMarked(frame: number): void;
  /** A store hit marked code, or the frame is gone; its marks are gone too. */
  codeWritten(frame: number): void;
}

export class CodeMarks {
  private readonly lines = new Map<number, Uint8Array>();
  private readonly observers: CodeObserver[] = [];

  observe(observer: CodeObserver): void {
    this.observers.push(observer);
  }

  /** True if stores to the frame must be seen. */
  has(frame: number): boolean {
    return this.lines.has(frame);
  }

  /** Says that code made from `bytes` bytes at `offset` of the frame is remembered. Marks are lines of 64 bytes. */
  mark(frame: number, offset: number, bytes: number): void {
    let lines = this.lines.get(frame);
    if (lines === undefined) {
      lines = new Uint8Array(LINES);
      this.lines.set(frame, lines);
      for (const observer of this.observers) observer.codeMarked(frame);
    }
    lines.fill(1, offset >> LINE_SHIFT, ((offset + bytes - 1) >> LINE_SHIFT) + 1);
  }

  /** To be called for every store of `bytes` bytes at `offset` of the frame. */
  noteStore(frame: number, offset: number, bytes: number): void {
    const lines = this.lines.get(frame);
    if (lines === undefined) return;
    for (let line = offset >> LINE_SHIFT; line <= (offset + bytes - 1) >> LINE_SHIFT; line += 1) {
      if (lines[line] !== 1) continue;
      this.release(frame);
      return;
    }
  }

  /** The frame's contents are gone. */
  release(frame: number): void {
    if (!this.lines.delete(frame)) return;
    for (const observer of this.observers) observer.codeWritten(frame);
  }
}
