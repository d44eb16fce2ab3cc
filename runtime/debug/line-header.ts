// Directory and file tables in the header of a line-number program: DWARF 5's described entries and the older lists.
// Relies on byte-reader.ts. Guarantees: `nameOf` answers for every number, `?` for one that the table does not have.

import { ByteReader } from "./byte-reader.ts";

/** The string sections that forms point into; empty if the file lacks them. */
export interface DebugStrings {
  readonly str: Uint8Array;
  readonly lineStr: Uint8Array;
}

export interface FileTables {
  /** Path of a file by its number in the program. */
  nameOf(file: number): string;
}

interface FormContext {
  readonly strings: DebugStrings;
  readonly offsetBytes: 4 | 8;
}

// Content types and forms (DWARF 5, 7.22 and 7.5.6) that line headers use.
const LNCT = { path: 1n, directoryIndex: 2n };
const FORM = { data2: 0x05n, data4: 0x06n, data8: 0x07n, string: 0x08n, block: 0x09n, data1: 0x0bn, strp: 0x0en,
  udata: 0x0fn, data16: 0x1en, lineStrp: 0x1fn } as const; // prettier-ignore

interface Entry {
  path: string;
  directory: number;
}

function tables(directories: readonly string[], files: readonly Entry[], first: number): FileTables {
  return {
    nameOf: (file) => {
      const entry = files[file - first];
      return entry === undefined ? "?" : joinPath(directories[entry.directory] ?? "", entry.path);
    },
  };
}

function joinPath(directory: string, path: string): string {
  return path.startsWith("/") || directory === "" || directory === "." ? path : `${directory}/${path}`;
}

/** DWARF 5: both tables are lists of entries whose fields are described before them; numbers start at 0. */
export function readEntryTable(reader: ByteReader, context: FormContext): FileTables {
  const directories = readEntries(reader, context).map((e) => e.path);
  const files = readEntries(reader, context);
  return tables(directories, files, 0);
}

/** DWARF 2 to 4: zero-terminated lists; directory 0 is the compilation's own, which only .debug_info names. */
export function readLegacyTables(reader: ByteReader): FileTables {
  const directories = [""];
  for (let name = reader.text(); name !== "" && reader.left > 0; name = reader.text()) directories.push(name);
  const files: Entry[] = [];
  for (let path = reader.text(); path !== "" && !reader.overrun; path = reader.text()) {
    files.push({ path, directory: Number(reader.uleb()) });
    reader.uleb(); // time
    reader.uleb(); // length
  }
  return tables(directories, files, 1);
}

function readEntries(reader: ByteReader, context: FormContext): Entry[] {
  const formats: { readonly content: bigint; readonly form: bigint }[] = [];
  const formatCount = reader.u8();
  for (let i = 0; i < formatCount; i += 1) formats.push({ content: reader.uleb(), form: reader.uleb() });
  const entries: Entry[] = [];
  const count = Number(reader.uleb());
  for (let i = 0; i < count && !reader.overrun; i += 1) {
    const entry: Entry = { path: "", directory: 0 };
    for (const { content, form } of formats) {
      const value = readForm(reader, form, context);
      if (content === LNCT.path && typeof value === "string") entry.path = value;
      if (content === LNCT.directoryIndex && typeof value === "bigint") entry.directory = Number(value);
    }
    entries.push(entry);
  }
  return entries;
}

type FormReader = (reader: ByteReader, context: FormContext) => string | bigint;

const forms: ReadonlyMap<bigint, FormReader> = new Map<bigint, FormReader>([
  [FORM.string, (r) => r.text()],
  [FORM.lineStrp, (r, c) => textIn(c.strings.lineStr, r.unsigned(c.offsetBytes))],
  [FORM.strp, (r, c) => textIn(c.strings.str, r.unsigned(c.offsetBytes))],
  [FORM.udata, (r) => r.uleb()],
  [FORM.data1, (r) => r.unsigned(1)],
  [FORM.data2, (r) => r.unsigned(2)],
  [FORM.data4, (r) => r.unsigned(4)],
  [FORM.data8, (r) => r.unsigned(8)],
  [FORM.data16, (r) => r.unsigned(16)],
  [FORM.block, (r) => BigInt(r.take(Number(r.uleb())).left)],
]);

// A form that nothing describes makes the rest unreadable: the reader is emptied.
function readForm(reader: ByteReader, form: bigint, context: FormContext): string | bigint {
  const read = forms.get(form);
  if (read !== undefined) return read(reader, context);
  reader.skip(reader.left + 1);
  return 0n;
}

function textIn(section: Uint8Array, offset: bigint): string {
  return offset >= BigInt(section.length) ? "?" : new ByteReader(section.subarray(Number(offset))).text();
}
