// `.debug_line`: addresses to source lines, one sequence a code section. DWARF 4, 6.2. Relies on table-writer.ts.

import { DW_LNE, DW_LNS, DWARF_VERSION, STANDARD_OPCODE_LENGTHS } from "../../../spec/abi/dwarf.ts";
import type { LineRow } from "../object-file.ts";
import type { CodeMap, MappedSection } from "./code-map.ts";
import type { TableWriter } from "./table-writer.ts";

// Special opcodes cover line steps -5 .. 8 and all address steps that fit: the values that GNU as uses.
const LINE_BASE = -5;
const LINE_RANGE = 14;
const OPCODE_BASE = STANDARD_OPCODE_LENGTHS.length + 1;

/** Number of each file in the table; numbers count from 1. */
export function fileNumbers(map: CodeMap): ReadonlyMap<string, number> {
  return new Map(map.files.map((file, i) => [file, i + 1]));
}

/** Writes the whole section. */
export function writeLines(table: TableWriter, map: CodeMap): void {
  const numbers = fileNumbers(map);
  table.counted(() => {
    table.out.u16(DWARF_VERSION);
    table.counted(() => {
      writeHeader(table, map);
    });
    for (const section of map.sections) writeSequence(table, section, numbers);
  });
}

// Folders are written into the file names; tools accept both forms.
function writeHeader({ out }: TableWriter, map: CodeMap): void {
  out.u8(1);
  out.u8(1);
  out.u8(1);
  out.u8(LINE_BASE & 0xff);
  out.u8(LINE_RANGE);
  out.u8(OPCODE_BASE);
  for (const length of STANDARD_OPCODE_LENGTHS) out.u8(length);
  out.u8(0);
  for (const file of map.files) {
    out.string(file);
    for (let i = 0; i < 3; i += 1) out.uleb(0);
  }
  out.u8(0);
}

function extended({ out }: TableWriter, opcode: number, length: number): void {
  out.u8(0);
  out.uleb(length + 1);
  out.u8(opcode);
}

function writeSequence(
  table: TableWriter,
  section: MappedSection,
  numbers: ReadonlyMap<string, number>,
): void {
  const [first] = section.lines;
  if (first === undefined) return;
  extended(table, DW_LNE.set_address, 8);
  table.reference(section.start, first.offset, 8);
  let state = { offset: first.offset, file: 1, line: 1, column: 0 };
  for (const row of section.lines)
    state = writeRow(table, row, { ...state, number: numbers.get(row.file) ?? 1 });
  table.out.u8(DW_LNS.advance_pc);
  table.out.uleb(section.sizeBytes - state.offset);
  extended(table, DW_LNE.end_sequence, 0);
}

interface LineState {
  readonly offset: number;
  readonly file: number;
  readonly line: number;
  readonly column: number;
}

function writeRow(
  { out }: TableWriter,
  row: LineRow,
  before: LineState & { readonly number: number },
): LineState {
  if (before.number !== before.file) {
    out.u8(DW_LNS.set_file);
    out.uleb(before.number);
  }
  if (row.column !== before.column) {
    out.u8(DW_LNS.set_column);
    out.uleb(row.column);
  }
  const lineStep = row.line - before.line;
  const pcStep = row.offset - before.offset;
  const special = lineStep - LINE_BASE + LINE_RANGE * pcStep + OPCODE_BASE;
  if (lineStep >= LINE_BASE && lineStep < LINE_BASE + LINE_RANGE && special <= 255) out.u8(special);
  else {
    if (pcStep > 0) {
      out.u8(DW_LNS.advance_pc);
      out.uleb(pcStep);
    }
    if (lineStep !== 0) {
      out.u8(DW_LNS.advance_line);
      out.sleb(lineStep);
    }
    out.u8(DW_LNS.copy);
  }
  return { offset: row.offset, file: before.number, line: row.line, column: row.column };
}
