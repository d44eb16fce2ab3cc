// Reads a static library into its members. Relies on byte-reader.ts for bounds and on spec/abi/archive.ts.
// Guarantees: members in the order of the file, without the tables of names and symbols.

import {
  ARCHIVE_MAGIC,
  BSD_NAME_PREFIX,
  LONG_NAMES_MEMBER,
  MEMBER_HEADER,
  MEMBER_HEADER_END,
  SYMBOL_TABLE_MEMBERS,
  THIN_ARCHIVE_MAGIC,
} from "../../../spec/abi/archive.ts";
import type { Checked } from "../../source/diagnostic.ts";
import { ByteReader } from "../byte-reader.ts";
import { malformed, readChecked } from "../elf/malformed.ts";

export interface ArchiveMember {
  /** For messages: `lib.a(member.o)`. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface Archive {
  readonly name: string;
  readonly members: readonly ArchiveMember[];
}

/** Reads the library called `name`. */
export function readArchive(bytes: Uint8Array, name: string): Checked<Archive> {
  return readChecked({ name, members: [] }, () => ({ name, members: readMembers(bytes, name) }));
}

const HEADER_BYTES = MEMBER_HEADER.reduce((sum, field) => sum + field.bytes, 0);

function readMembers(bytes: Uint8Array, file: string): readonly ArchiveMember[] {
  const reader = new ByteReader(bytes, file, "the archive");
  checkMagic(reader);
  const members: ArchiveMember[] = [];
  let longNames = "";
  for (let at = ARCHIVE_MAGIC.length; at < bytes.length;) {
    const what = `member ${String(members.length + 1)}`;
    const header = readHeader(reader.window(at, HEADER_BYTES, `the header of ${what}`), what);
    const contents = reader.window(at + HEADER_BYTES, header.size, what).bytes();
    if (header.name === LONG_NAMES_MEMBER) longNames = text(contents);
    else members.push(...namedMember(file, header.name, { contents, longNames }));
    at += HEADER_BYTES + header.size + (header.size % 2);
  }
  return members;
}

function checkMagic(reader: ByteReader): void {
  const magic = text(reader.window(0, Math.min(reader.length, ARCHIVE_MAGIC.length), "the magic").bytes());
  if (magic === ARCHIVE_MAGIC) return;
  const found =
    magic === THIN_ARCHIVE_MAGIC ? "a thin archive, whose members are other files" : "something else";
  malformed("L0104", { file: reader.file, found, expected: "a static library (archive)" });
}

function text(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}

function readHeader(reader: ByteReader, what: string): { readonly name: string; readonly size: number } {
  const fields = new Map<string, string>();
  let at = 0;
  for (const { name, bytes } of MEMBER_HEADER) {
    fields.set(name, text(reader.window(at, bytes, what).bytes()));
    at += bytes;
  }
  const size = (fields.get("size") ?? "").trim();
  if (fields.get("end") !== MEMBER_HEADER_END || !/^\d+$/.test(size)) {
    malformed("L0106", { file: reader.file, what: `the header of ${what} is not one` });
  }
  return { name: (fields.get("name") ?? "").trimEnd(), size: Number(size) };
}

// The member by its real name; nothing for a table of symbols.
function namedMember(
  file: string,
  written: string,
  { contents, longNames }: { readonly contents: Uint8Array; readonly longNames: string },
): readonly ArchiveMember[] {
  const nameBytes = written.startsWith(BSD_NAME_PREFIX) ? Number(written.slice(BSD_NAME_PREFIX.length)) : 0;
  const name =
    nameBytes > 0
      ? text(contents.subarray(0, nameBytes)).replace(/\0+$/, "")
      : memberName(written, longNames);
  if (SYMBOL_TABLE_MEMBERS.includes(name)) return [];
  return [{ name: `${file}(${name})`, bytes: contents.subarray(nameBytes) }];
}

function memberName(written: string, longNames: string): string {
  const offset = /^\/(\d+)$/.exec(written)?.[1];
  if (offset !== undefined) return /^[^/\n]*/.exec(longNames.slice(Number(offset)))?.[0] ?? written;
  // GNU tools end a name with a slash, so that it may end with blanks.
  return SYMBOL_TABLE_MEMBERS.includes(written) ? written : written.replace(/\/$/, "");
}
