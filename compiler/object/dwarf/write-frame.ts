// `.debug_frame`: how to find the caller's frame and registers at every instruction. DWARF 4, 6.4.
// Relies on table-writer.ts. Register numbers are DWARF's, which on our machines are the machine's.

import { DW_CFA, FRAME_VERSION } from "../../../spec/abi/dwarf.ts";
import type { FrameRegisters } from "../machine/machine-format.ts";
import type { FrameRow, FrameTable } from "../object-file.ts";
import type { CodeMap } from "./code-map.ts";
import type { TableWriter } from "./table-writer.ts";
import { SECTION_LABELS } from "./write-info.ts";

/** Saved registers lie at multiples of this from the CFA. */
const DATA_ALIGNMENT = -8;
const CIE_ID = 0xffffffff;

/** Writes the whole section. */
export function writeFrames(table: TableWriter, map: CodeMap, registers: FrameRegisters): void {
  const { out } = table;
  table.counted(
    () => {
      out.u32(CIE_ID);
      out.u8(FRAME_VERSION);
      out.u8(0);
      out.uleb(1);
      out.sleb(DATA_ALIGNMENT);
      out.u8(registers.link);
      out.u8(DW_CFA.def_cfa);
      out.uleb(registers.stackPointer);
      out.uleb(0);
    },
    8,
    DW_CFA.nop,
  );
  for (const section of map.sections) {
    for (const frame of section.frames) writeEntry(table, section.start, frame);
  }
}

function writeEntry(table: TableWriter, start: string, frame: FrameTable): void {
  const { out } = table;
  table.counted(
    () => {
      table.reference(SECTION_LABELS[".debug_frame"], 0, 4);
      table.reference(start, frame.start, 8);
      out.u64(frame.size);
      let before: FrameRow = { offset: frame.start, cfaRegister: -1, cfaOffset: 0, saved: [] };
      for (const row of frame.rows) {
        writeFrameRow(table, row, before);
        before = row;
      }
    },
    8,
    DW_CFA.nop,
  );
}

function writeFrameRow({ out }: TableWriter, row: FrameRow, before: FrameRow): void {
  const step = row.offset - before.offset;
  if (step > 0) advance({ out }, step);
  if (row.cfaOffset !== before.cfaOffset) {
    out.u8(DW_CFA.def_cfa_offset);
    out.uleb(row.cfaOffset);
  }
  for (const { register, cfaOffset } of row.saved) {
    if (before.saved.some((s) => s.register === register && s.cfaOffset === cfaOffset)) continue;
    out.u8(DW_CFA.offset + register);
    out.uleb(cfaOffset / DATA_ALIGNMENT);
  }
  for (const { register } of before.saved) {
    if (!row.saved.some((s) => s.register === register)) out.u8(DW_CFA.restore + register);
  }
}

function advance({ out }: Pick<TableWriter, "out">, step: number): void {
  if (step < 64) out.u8(DW_CFA.advance_loc + step);
  else if (step < 0x10000) {
    out.u8(DW_CFA.advance_loc2);
    out.u16(step);
  } else {
    out.u8(DW_CFA.advance_loc4);
    out.u32(step);
  }
}
