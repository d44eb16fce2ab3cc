// Source lines by address from `.debug_line`, DWARF 2 to 5, 32- and 64-bit form (DWARF 5 section 6.2).
//
// Relies on byte-reader.ts and line-header.ts. Guarantees: never throws for any bytes; a unit that cannot be read is
// left out, and the units after it are still read. Rows of one sequence ascend; an address belongs to the row before it.

import { ByteReader } from "./byte-reader.ts";
import { readEntryTable, readLegacyTables, type DebugStrings, type FileTables } from "./line-header.ts";

/** A place in source text. `line` counts from 1; `column` 0 means unknown. */
export interface SourcePlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Code from `address` to the next row, or to the sequence's end. */
interface LineRow {
  readonly address: bigint;
  readonly place: SourcePlace | null;
}

/** Rows of ascending address up to `end`. Sequences of sections that a linker left out all start at 0. */
interface LineSequence {
  readonly start: bigint;
  readonly end: bigint;
  readonly rows: readonly LineRow[];
}

/** Looks up source places. */
export class LineTable {
  private readonly sequences: readonly LineSequence[];

  constructor(sequences: readonly LineSequence[]) {
    this.sequences = sequences;
  }

  /** The source line of the instruction at `address`; null if the table does not cover it. */
  at(address: bigint): SourcePlace | null {
    for (const sequence of this.sequences) {
      if (address < sequence.start || address >= sequence.end) continue;
      const place = placeIn(sequence.rows, address);
      if (place !== null) return place;
    }
    return null;
  }

  /** Addresses where code of that line starts, ascending: for breakpoints. `file` matches the end of a path. */
  addressesOf(file: string, line: number): bigint[] {
    const found: bigint[] = [];
    for (const { rows } of this.sequences) {
      rows.forEach((row, i) => {
        const { place } = row;
        if (place?.line !== line || !place.file.endsWith(file)) return;
        const before = rows[i - 1]?.place;
        if (before?.line !== line || before.file !== place.file) found.push(row.address);
      });
    }
    return found.sort((a, b) => (a < b ? -1 : 1));
  }
}

// The place of the last row at or before `address`.
function placeIn(rows: readonly LineRow[], address: bigint): SourcePlace | null {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const row = rows[middle];
    if (row !== undefined && row.address <= address) low = middle + 1;
    else high = middle;
  }
  return rows[low - 1]?.place ?? null;
}

/** Reads all units of `.debug_line`. */
export function readLineTable(lines: Uint8Array, strings: DebugStrings): LineTable {
  const sequences: LineSequence[] = [];
  const reader = new ByteReader(lines);
  while (reader.left > 4) {
    const unit = readUnit(reader);
    if (unit === null) break;
    sequences.push(...runUnit(unit, strings));
  }
  return new LineTable(sequences);
}

interface Unit {
  readonly reader: ByteReader;
  readonly offsetBytes: 4 | 8;
}

// The unit's own bytes; the outer reader moves behind it.
function readUnit(outer: ByteReader): Unit | null {
  const short = outer.u32();
  const wide = short === 0xffff_ffff;
  const length = wide ? Number(outer.u64()) : short;
  if (length > outer.left) return null;
  return { reader: outer.take(length), offsetBytes: wide ? 8 : 4 };
}

interface Program {
  readonly version: number;
  readonly minimumLength: number;
  readonly defaultIsStatement: boolean;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly operandCounts: readonly number[];
  readonly files: FileTables;
  readonly code: ByteReader;
}

function runUnit(unit: Unit, strings: DebugStrings): LineSequence[] {
  const program = readHeader(unit, strings);
  if (program === null) return [];
  const machine = new LineMachine(program);
  while (program.code.left > 0 && machine.step()) continue;
  return machine.sequences;
}

function readHeader(unit: Unit, strings: DebugStrings): Program | null {
  const { reader, offsetBytes } = unit;
  const version = reader.u16();
  if (version < 2 || version > 5) return null;
  if (version >= 5) reader.skip(2); // address and segment selector sizes
  const headerLength = Number(reader.unsigned(offsetBytes));
  if (headerLength > reader.left) return null;
  const header = reader.take(headerLength);
  const minimumLength = header.u8();
  if (version >= 4) header.skip(1); // operations per instruction: 1 for machines that are not VLIW
  const defaultIsStatement = header.u8() !== 0;
  const lineBase = header.i8();
  const lineRange = header.u8();
  const opcodeBase = header.u8();
  const operandCounts = [0];
  for (let i = 1; i < opcodeBase; i += 1) operandCounts.push(header.u8());
  const files = version >= 5 ? readEntryTable(header, { strings, offsetBytes }) : readLegacyTables(header);
  if (lineRange === 0) return null;
  return {
    version,
    minimumLength,
    defaultIsStatement,
    lineBase,
    lineRange,
    operandCounts,
    files,
    code: reader,
  };
}

// Standard and extended opcodes (DWARF 5, 6.2.5.2 and 6.2.5.3).
const LNS = {
  copy: 1,
  advancePc: 2,
  advanceLine: 3,
  setFile: 4,
  setColumn: 5,
  constAddPc: 8,
  fixedAdvancePc: 9,
};
const LNE = { endSequence: 1, setAddress: 2 };

class LineMachine {
  readonly sequences: LineSequence[] = [];
  private readonly program: Program;
  private rows: LineRow[] = [];
  private address = 0n;
  private file = 1;
  private line = 1;
  private column = 0;

  constructor(program: Program) {
    this.program = program;
  }

  /** Executes one opcode; false if the program is broken. */
  step(): boolean {
    const { code, operandCounts } = this.program;
    const opcode = code.u8();
    if (opcode >= operandCounts.length) this.special(opcode);
    else if (opcode === 0) this.extended();
    else this.standard(opcode);
    return !code.overrun;
  }

  private special(opcode: number): void {
    const { lineBase, lineRange, operandCounts } = this.program;
    const adjusted = opcode - operandCounts.length;
    this.advance(Math.floor(adjusted / lineRange));
    this.line += lineBase + (adjusted % lineRange);
    this.emit();
  }

  private extended(): void {
    const { code } = this.program;
    const body = code.take(Math.min(Number(code.uleb()), code.left));
    const opcode = body.u8();
    if (opcode === LNE.setAddress) this.address = body.unsigned(body.left === 4 ? 4 : 8);
    if (opcode !== LNE.endSequence) return;
    const start = this.rows[0]?.address;
    if (start !== undefined) this.sequences.push({ start, end: this.address, rows: this.rows });
    this.rows = [];
    this.address = 0n;
    this.file = 1;
    this.line = 1;
    this.column = 0;
  }

  private standard(opcode: number): void {
    const { code, operandCounts, lineRange, minimumLength } = this.program;
    if (opcode === LNS.copy) this.emit();
    else if (opcode === LNS.advancePc) this.address += code.uleb() * BigInt(minimumLength);
    else if (opcode === LNS.advanceLine) this.line += Number(code.sleb());
    else if (opcode === LNS.setFile) this.file = Number(code.uleb());
    else if (opcode === LNS.setColumn) this.column = Number(code.uleb());
    else if (opcode === LNS.constAddPc) this.advance(Math.floor((255 - operandCounts.length) / lineRange));
    else if (opcode === LNS.fixedAdvancePc) this.address += BigInt(code.u16());
    else for (let i = 0; i < (operandCounts[opcode] ?? 0); i += 1) code.uleb();
  }

  private advance(operations: number): void {
    this.address += BigInt(operations * this.program.minimumLength);
  }

  private emit(): void {
    const file = this.program.files.nameOf(this.file);
    const place = this.line === 0 ? null : { file, line: this.line, column: this.column };
    this.rows.push({ address: this.address, place });
  }
}
