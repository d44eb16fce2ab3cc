// Recordings of a machine's input as text, one event a line (NDJSON), with what the run was made of and how it ended.
//
// Relies on session.ts. The first line names the format and fingerprints of configuration and files, the last one the
// state at the end; a replay checks both. Unknown or damaged lines are problems with their number.

import { problem, type Problem } from "../problem.ts";
import type { InputEvent } from "./session.ts";

const FORMAT = "pancake-recording 1";

/** A recording that was read. */
export interface Recording {
  /** Fingerprint of what the machine was made of. */
  readonly machine: string;
  readonly events: readonly InputEvent[];
  /** Null: the recording ends before its run did. */
  readonly end: RecordingEnd | null;
}

export interface RecordingEnd {
  readonly atNs: bigint;
  readonly stateHash: string;
}

/** Until when a replay goes: the end of the run, or the last input of a recording that was cut off. */
export function replayEnd({ events, end }: Recording): bigint {
  return end?.atNs ?? events.at(-1)?.atNs ?? 0n;
}

export function recordingHeader(machine: string): string {
  return `${JSON.stringify({ format: FORMAT, machine })}\n`;
}

export function recordingLine({ atNs, source, bytes }: InputEvent): string {
  return `${JSON.stringify({ at: String(atNs), to: source, bytes: hexOf(bytes) })}\n`;
}

export function recordingEnd({ atNs, stateHash }: RecordingEnd): string {
  return `${JSON.stringify({ at: String(atNs), end: stateHash })}\n`;
}

/** Reads a recording; a problem (R0040) names the first line that is none. */
export function readRecording(text: string): Recording | Problem {
  const events: InputEvent[] = [];
  let machine: string | null = null;
  let end: RecordingEnd | null = null;
  // A last line without its end was cut off with everything behind it.
  for (const [index, line] of text
    .slice(0, text.lastIndexOf("\n") + 1)
    .split("\n")
    .entries()) {
    if (line === "") continue;
    const row = parseLine(line);
    const bad = problem("R0040", { line: index + 1 });
    if (row === null) return bad;
    if (machine === null) {
      if (row.format !== FORMAT || typeof row.machine !== "string") return bad;
      machine = row.machine;
      continue;
    }
    const at = instant(row.at);
    if (at === null) return bad;
    const { to, bytes: hex, end: stateHash } = row;
    if (typeof stateHash === "string") end = { atNs: at, stateHash };
    else {
      const bytes = typeof hex === "string" ? bytesOf(hex) : null;
      if (typeof to !== "string" || bytes === null) return bad;
      events.push({ atNs: at, source: to, bytes });
    }
  }
  return machine === null ? problem("R0040", { line: 1 }) : { machine, events, end };
}

interface Line {
  readonly format?: unknown;
  readonly machine?: unknown;
  readonly at?: unknown;
  readonly to?: unknown;
  readonly bytes?: unknown;
  readonly end?: unknown;
}

function parseLine(text: string): Line | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

function instant(value: unknown): bigint | null {
  return typeof value === "string" && /^\d{1,20}$/.test(value) ? BigInt(value) : null;
}

function hexOf(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function bytesOf(hex: string): Uint8Array | null {
  if (!/^(?:[0-9a-f]{2})*$/.test(hex)) return null;
  return Uint8Array.from(hex.match(/../g) ?? [], (digits) => parseInt(digits, 16));
}
