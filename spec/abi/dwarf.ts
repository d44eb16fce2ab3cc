// DWARF 4: the numbers that our debugging tables use (DWARF Debugging Information Format, version 4, chapter 7).
// Relies on nothing. Writers: compiler/object/dwarf/.

export const DWARF_VERSION = 4;
/** Version of `.debug_aranges`, which did not change with DWARF 4. */
export const ARANGES_VERSION = 2;
/** Version of `.debug_frame` entries that GNU tools write for 64-bit RISC-V. */
export const FRAME_VERSION = 1;

export const DW_TAG = { compile_unit: 0x11, subprogram: 0x2e } as const;
export const DW_CHILDREN = { no: 0, yes: 1 } as const;
export const DW_AT = {
  name: 0x03,
  stmt_list: 0x10,
  low_pc: 0x11,
  high_pc: 0x12,
  language: 0x13,
  comp_dir: 0x1b,
  producer: 0x25,
  decl_file: 0x3a,
  decl_line: 0x3b,
  external: 0x3f,
  frame_base: 0x40,
  ranges: 0x55,
} as const;
export const DW_FORM = {
  addr: 0x01,
  data2: 0x05,
  data8: 0x07,
  strp: 0x0e,
  udata: 0x0f,
  sec_offset: 0x17,
  exprloc: 0x18,
  flag_present: 0x19,
} as const;
/** C99: debuggers have no rules for Pancake, and C's expressions and names are the nearest. */
export const DW_LANG_C99 = 0x0c;
export const DW_OP_call_frame_cfa = 0x9c;

/** Opcodes of line programs. */
export const DW_LNS = {
  copy: 1,
  advance_pc: 2,
  advance_line: 3,
  set_file: 4,
  set_column: 5,
} as const;
export const DW_LNE = { end_sequence: 1, set_address: 2 } as const;
/** Arguments of the standard opcodes 1 to 12, as every line program header lists them. */
export const STANDARD_OPCODE_LENGTHS = [0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1] as const;

/** Call frame instructions. `advance_loc` and `offset` carry an operand in their low six bits. */
export const DW_CFA = {
  nop: 0,
  advance_loc: 0x40,
  offset: 0x80,
  restore: 0xc0,
  advance_loc2: 0x03,
  advance_loc4: 0x04,
  def_cfa: 0x0c,
  def_cfa_offset: 0x0e,
} as const;
