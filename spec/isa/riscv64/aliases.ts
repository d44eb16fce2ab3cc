// Other ways to write RV64 instructions (RISC-V assembly programmer's manual, "pseudoinstructions").
// Relies on rows.ts. Several instructions are separated by `;`. Among `alias` rows the first that fits is what
// the disassembler prints. Filled in the order of the instructions they stand for.

import type { Alias } from "../schema.ts";

export const aliases: readonly Alias[] = [];
