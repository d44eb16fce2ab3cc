// A snapshot of a machine as a file that another host can continue from.
//
// Relies on session.ts, machine.ts and core/plain-data.ts. The first line is text (JSON): format, what the machine was
// made of, when and in which state it was; then follows the compressed state, whose length and fingerprint that line
// holds. Guarantees: the same state gives the same bytes (pages of zeros are left out, the others go by address);
// a file that is none, is cut off, altered or of another format is a problem, never an exception. docs: M0200 to M0203.

import { decodePlain, encodePlain, hasShapeOf } from "../core/plain-data.ts";
import { PAGE_BYTES } from "../core/ram.ts";
import type { MemorySnapshot } from "../core/snapshot.ts";
import type { RememberedPages } from "../core/virtual-memory.ts";
import { problem, type Problem } from "../problem.ts";
import type { Machine, MachineSnapshot } from "./machine.ts";
import { NO_INPUT, type SessionState } from "./session.ts";

export const SNAPSHOT_FORMAT = "pancake-snapshot 1";

/** What a machine was made of: options and contents of files, by the names that users know; both sides compare them. */
export type MachineIdentity = Readonly<Record<string, string>>;

/** What a snapshot says about itself. */
export interface SnapshotFacts {
  readonly madeOf: MachineIdentity;
  /** Contents of disks that the guest can see, by slot. */
  readonly disks: MachineIdentity;
  readonly atNs: bigint;
  readonly instructions: bigint;
  readonly stateHash: string;
}

/** A file that was read. */
export interface SnapshotFile {
  readonly facts: SnapshotFacts;
  readonly snapshot: MachineSnapshot;
  readonly session: SessionState;
  /** Fingerprint of the state in the file. */
  readonly digest: string;
}

/** What the host can do with bytes. `unpack` answers null for what `pack` did not make. */
export interface Packer {
  pack(bytes: Uint8Array): Uint8Array;
  unpack(bytes: Uint8Array): Uint8Array | null;
  digest(bytes: Uint8Array): string;
}

const NEWLINE = 10;
/** Longer first lines are not ours. */
const MAX_HEADER_BYTES = 1 << 20;

/** The file for a machine and its session as they are now. */
export function snapshotFile(
  { machine, session }: { readonly machine: Machine; readonly session: SessionState },
  { madeOf, disks }: Pick<SnapshotFacts, "madeOf" | "disks">,
  packer: Packer,
): Uint8Array {
  const state = packer.pack(encodePlain({ machine: storedMachine(machine.snapshot()), session }));
  const header = {
    format: SNAPSHOT_FORMAT,
    madeOf,
    disks,
    atNs: String(machine.now()),
    instructions: String(machine.retired()),
    stateHash: machine.stateHash(),
    bytes: state.length,
    digest: packer.digest(state),
  };
  const line = new TextEncoder().encode(`${JSON.stringify(header)}\n`);
  const file = new Uint8Array(line.length + state.length);
  file.set(line);
  file.set(state, line.length);
  return file;
}

/** Reads a file; codes M0200 to M0202. */
export function readSnapshotFile(file: Uint8Array, packer: Packer): SnapshotFile | Problem {
  const end = file.subarray(0, MAX_HEADER_BYTES).indexOf(NEWLINE);
  const header = end < 0 ? null : readHeader(new TextDecoder().decode(file.subarray(0, end)));
  if (header === null)
    return problem("M0200", { found: file.length === 0 ? "an empty file" : "something else" });
  if (header.format !== SNAPSHOT_FORMAT)
    return problem("M0201", { found: header.format, expected: SNAPSHOT_FORMAT });
  const { facts } = header;
  if (facts === null) return problem("M0202", { why: "its first line is not complete" });
  const state = file.subarray(end + 1);
  if (state.length !== header.bytes) {
    const [expected, found] = [String(header.bytes), String(state.length)];
    return problem("M0202", { why: `expected ${expected} bytes of state, found ${found}` });
  }
  if (packer.digest(state) !== header.digest) return problem("M0202", { why: "its bytes were altered" });
  const plain = packer.unpack(state);
  const decoded = plain === null ? null : decodePlain(plain);
  const read = decoded === null ? null : readState(decoded.value);
  if (read === null) return problem("M0202", { why: "its state cannot be read" });
  return { facts, ...read, digest: header.digest };
}

/** The first difference between what a snapshot was made of and `found`; null: none. Code M0203. */
export function identityDifference(expected: MachineIdentity, found: MachineIdentity): Problem | null {
  for (const option of new Set([...Object.keys(expected), ...Object.keys(found)])) {
    const [wanted, given] = [expected[option] ?? "none", found[option] ?? "none"];
    if (wanted !== given) return problem("M0203", { option, expected: wanted, found: given });
  }
  return null;
}

/** Puts the state back; a problem if this machine has not the parts that it is about. Codes M0202 and M0204. */
export function restoreSnapshotFile({ facts, snapshot }: SnapshotFile, machine: Machine): Problem | null {
  const own = machine.snapshot();
  const isAlike =
    snapshot.devices.size === own.devices.size &&
    [...own.devices].every(([name, state]) => hasShapeOf(snapshot.devices.get(name) ?? null, state)) &&
    snapshot.harts.length === own.harts.length &&
    own.harts.every((area, i) => snapshot.harts[i]?.length === area.length);
  if (!isAlike) return problem("M0202", { why: "its state is one of another version of the machine" });
  machine.restore(snapshot);
  const found = machine.stateHash();
  return found === facts.stateHash ? null : problem("M0204", { expected: facts.stateHash, found });
}

// Memory as page numbers and one block of bytes.
function storedMachine({ memory, ...rest }: MachineSnapshot): unknown {
  const pages = memory.pages
    .filter(({ bytes }) => bytes.some((byte) => byte !== 0))
    .sort((a, b) => a.number - b.number);
  const contents = new Uint8Array(pages.length * PAGE_BYTES);
  for (const [i, { bytes }] of pages.entries()) contents.set(bytes, i * PAGE_BYTES);
  return { ...rest, regions: memory.regions, pages: pages.map(({ number }) => number), contents };
}

/** A machine's snapshot as a file keeps it. */
interface StoredMachine extends Omit<MachineSnapshot, "memory"> {
  readonly regions: MemorySnapshot["regions"];
  /** Numbers of the pages whose contents follow each other in `contents`. */
  readonly pages: readonly number[];
  readonly contents: Uint8Array;
}

interface Stored {
  readonly machine: StoredMachine;
  readonly session: SessionState;
}

const REMEMBERED_SHAPE: RememberedPages = {
  pages: [{ number: 0, physical: 0n, permissions: 0 }],
  large: [{ pages: 0, starts: [0] }],
};

/** What `hasShapeOf` compares a file's state with. */
const STORED_SHAPE: Stored = {
  machine: {
    nowNs: 0n,
    turn: { hart: 0, endNs: 0n },
    request: null,
    harts: [new Uint8Array()],
    translations: [[{ mode: 0, own: REMEMBERED_SHAPE, user: REMEMBERED_SHAPE }]],
    devices: new Map(),
    timers: {},
    regions: [{ start: 0n, end: 0n, permissions: 0, name: "" }],
    pages: [0],
    contents: new Uint8Array(),
  },
  session: { entered: NO_INPUT, waiting: [{ source: "", bytes: new Uint8Array() }] },
};

function readState(value: unknown): Pick<SnapshotFile, "snapshot" | "session"> | null {
  const timers = timersOf(value);
  const model = { ...STORED_SHAPE, machine: { ...STORED_SHAPE.machine, timers } };
  if (timers === null || !hasShapeOf(value, model)) return null;
  const { machine, session } = value as Stored;
  const { regions, pages, contents, ...rest } = machine;
  if (contents.length !== pages.length * PAGE_BYTES) return null;
  const parts = pages.map((number, i) => ({
    number,
    bytes: contents.subarray(i * PAGE_BYTES, (i + 1) * PAGE_BYTES),
  }));
  return { snapshot: { ...rest, memory: { regions, pages: parts } }, session };
}

// Deadlines are by names that only the machine knows.
function timersOf(value: unknown): Readonly<Record<string, bigint>> | null {
  const timers = Object.entries((value as Partial<Stored> | null)?.machine?.timers ?? { none: null });
  if (!timers.every(([, deadline]) => typeof deadline === "bigint")) return null;
  return Object.fromEntries(timers) as Readonly<Record<string, bigint>>;
}

interface Header {
  readonly format: string;
  readonly bytes: number;
  readonly digest: string;
  /** Null: something is missing. */
  readonly facts: SnapshotFacts | null;
}

// Null: the line is none of a snapshot.
function readHeader(line: string): Header | null {
  const row = parseObject(line);
  const format = row?.get("format");
  if (row === null || typeof format !== "string" || !format.startsWith("pancake-snapshot ")) return null;
  const [bytes, digest, stateHash] = [row.get("bytes"), row.get("digest"), row.get("stateHash")];
  const [madeOf, disks] = [textsOf(row.get("madeOf")), textsOf(row.get("disks"))];
  const [atNs, instructions] = [numberOf(row.get("atNs")), numberOf(row.get("instructions"))];
  const isWhole = typeof bytes === "number" && typeof digest === "string" && typeof stateHash === "string";
  if (!isWhole || madeOf === null || disks === null || atNs === null || instructions === null) {
    return { format, bytes: 0, digest: "", facts: null };
  }
  return { format, bytes, digest, facts: { madeOf, disks, atNs, instructions, stateHash } };
}

function parseObject(line: string): ReadonlyMap<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? new Map(Object.entries(value)) : null;
  } catch {
    return null;
  }
}

function textsOf(value: unknown): MachineIdentity | null {
  if (typeof value !== "object" || value === null) return null;
  const entries = Object.entries(value).flatMap(([key, text]) =>
    typeof text === "string" ? [[key, text]] : [],
  );
  return Object.fromEntries(entries) as MachineIdentity;
}

function numberOf(value: unknown): bigint | null {
  return typeof value === "string" && /^\d{1,20}$/.test(value) ? BigInt(value) : null;
}
