// DNS messages (RFC 1035 4): questions and answers with addresses. Relies on big-endian.ts and the protocol numbers.
// Guarantees: reading never throws and never loops: a compression pointer must point before itself, names end at
// 255 bytes, and records are counted against the bytes that are there.

import { getU16, getU32, putU16, putU32 } from "./big-endian.ts";
import { DNS_CLASS_IN } from "./protocol-numbers.ts";

/** Identifier, flags, four counts. */
export const DNS_HEADER_BYTES = 12;

/** The most that UDP carries without extensions (RFC 1035 4.2.1). */
export const DNS_MAX_UDP_BYTES = 512;

const MAX_NAME_BYTES = 255;
const POINTER_BITS = 0xc0;
const RECORD_FIXED_BYTES = 10;

export interface DnsQuestion {
  /**
   * Labels joined by dots, without the last one. A byte that is no printable ASCII character, and a dot or `\`
   * inside of a label, is written `\DDD` (RFC 1035 5.1).
   */
  readonly name: string;
  readonly type: number;
  readonly class: number;
}

export interface DnsRecord extends DnsQuestion {
  readonly ttlSeconds: number;
  readonly data: Uint8Array;
}

export interface DnsMessage {
  readonly id: number;
  readonly flags: number;
  readonly questions: readonly DnsQuestion[];
  readonly answers: readonly DnsRecord[];
}

/** Reads header, questions and answers; null if anything in them is malformed. The other sections are left unread. */
export function readDns(bytes: Uint8Array): DnsMessage | null {
  if (bytes.length < DNS_HEADER_BYTES) return null;
  const cursor = { at: DNS_HEADER_BYTES };
  const questions = readMany(getU16(bytes, 4), () => readQuestion(bytes, cursor));
  const answers = questions && readMany(getU16(bytes, 6), () => readRecord(bytes, cursor));
  if (questions === null || answers === null) return null;
  return { id: getU16(bytes, 0), flags: getU16(bytes, 2), questions, answers };
}

/** Makes a message with header, questions and answers. Names are written whole, the first question's only once. */
export function buildDns(message: DnsMessage): Uint8Array {
  const firstName = message.questions[0]?.name;
  const parts: Uint8Array[] = [new Uint8Array(DNS_HEADER_BYTES)];
  for (const question of message.questions) parts.push(encodeName(question.name), typeAndClass(question));
  for (const answer of message.answers) {
    const pointer = Uint8Array.of(POINTER_BITS, DNS_HEADER_BYTES);
    parts.push(answer.name === firstName ? pointer : encodeName(answer.name), typeAndClass(answer));
    const rest = new Uint8Array(6 + answer.data.length);
    putU32(rest, 0, answer.ttlSeconds);
    putU16(rest, 4, answer.data.length);
    rest.set(answer.data, 6);
    parts.push(rest);
  }
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => (bytes.set(part, at), at + part.length), 0);
  putU16(bytes, 0, message.id);
  putU16(bytes, 2, message.flags);
  putU16(bytes, 4, message.questions.length);
  putU16(bytes, 6, message.answers.length);
  return bytes;
}

/** A question about an Internet name. */
export function question(name: string, type: number): DnsQuestion {
  return { name, type, class: DNS_CLASS_IN };
}

interface Cursor {
  at: number;
}

function readMany<T>(count: number, read: () => T | null): T[] | null {
  const items: T[] = [];
  while (items.length < count) {
    const item = read();
    if (item === null) return null;
    items.push(item);
  }
  return items;
}

function readQuestion(bytes: Uint8Array, cursor: Cursor): DnsQuestion | null {
  const name = readName(bytes, cursor);
  const at = cursor.at;
  if (name === null || at + 4 > bytes.length) return null;
  cursor.at += 4;
  return { name, type: getU16(bytes, at), class: getU16(bytes, at + 2) };
}

function readRecord(bytes: Uint8Array, cursor: Cursor): DnsRecord | null {
  const name = readName(bytes, cursor);
  const at = cursor.at;
  if (name === null || at + RECORD_FIXED_BYTES > bytes.length) return null;
  const end = at + RECORD_FIXED_BYTES + getU16(bytes, at + 8);
  if (end > bytes.length) return null;
  cursor.at = end;
  return {
    name,
    type: getU16(bytes, at),
    class: getU16(bytes, at + 2),
    ttlSeconds: getU32(bytes, at + 4),
    data: new Uint8Array(bytes.subarray(at + RECORD_FIXED_BYTES, end)),
  };
}

// Leaves the cursor behind the name's bytes at its own place, wherever pointers led.
function readName(bytes: Uint8Array, cursor: Cursor): string | null {
  const labels: string[] = [];
  let nameBytes = 1;
  let lowest = cursor.at;
  let after: number | null = null;
  for (let at = cursor.at; ;) {
    const length = bytes[at];
    if (length === undefined) return null;
    if (length === 0) {
      cursor.at = after ?? at + 1;
      return labels.join(".");
    }
    if ((length & POINTER_BITS) === POINTER_BITS) {
      const target = getU16(bytes, at) & 0x3fff;
      after ??= at + 2;
      if (after > bytes.length || target >= lowest) return null;
      lowest = target;
      at = target;
      continue;
    }
    nameBytes += 1 + length;
    if ((length & POINTER_BITS) !== 0 || at + 1 + length > bytes.length || nameBytes > MAX_NAME_BYTES)
      return null;
    labels.push(labelText(bytes.subarray(at + 1, at + 1 + length)));
    at += 1 + length;
  }
}

function labelText(label: Uint8Array): string {
  return Array.from(label, (byte) => {
    const plain = byte > 0x20 && byte < 0x7f && byte !== 0x2e && byte !== 0x5c;
    return plain ? String.fromCharCode(byte) : `\\${String(byte).padStart(3, "0")}`;
  }).join("");
}

function encodeName(name: string): Uint8Array {
  const bytes: number[] = [];
  for (const label of name === "" ? [] : name.split(".")) {
    const characters = label.match(/\\\d{3}|[^\\]/g) ?? [];
    bytes.push(characters.length);
    for (const c of characters) bytes.push(c.length === 4 ? Number(c.slice(1)) : c.charCodeAt(0));
  }
  bytes.push(0);
  return Uint8Array.from(bytes);
}

function typeAndClass(question: DnsQuestion): Uint8Array {
  const bytes = new Uint8Array(4);
  putU16(bytes, 0, question.type);
  putU16(bytes, 2, question.class);
  return bytes;
}
