// System instructions (Arm DDI 0487, C4.1.93): hints, barriers, system registers. Relies on rows.ts.

import { ins, instructions } from "../rows.ts";
import type { InstructionRow } from "../schema.ts";

// System registers that are register files: their bits after 1101010100 L 1, how they are read, how they are written.
// prettier-ignore
const files = [
  { name: "nzcv",      bits: "1 011 0100 0010 000", read: "zext4(concat(concat(flagN, flagZ), concat(flagC, flagV))) << 28",
    write: "let all = xt; flagN = all[31]; flagZ = all[30]; flagC = all[29]; flagV = all[28]" },
  { name: "fpcr",      bits: "1 011 0100 0100 000", read: "zext32(fpcr)", write: "fpcr = xt[31:0]" },
  { name: "fpsr",      bits: "1 011 0100 0100 001", read: "zext32(fpsr)", write: "fpsr = xt[31:0]" },
  { name: "tpidr_el0", bits: "1 011 1101 0000 010", read: "tpidr_el0",    write: "tpidr_el0 = xt" },
];

// What the rows for all system registers leave to those above.
const others = files.map(({ bits }) => `csr != ${String(parseInt(bits.replaceAll(" ", ""), 2))}`).join(", ");

function fileRows(): InstructionRow[] {
  return files.flatMap(({ name, bits, read, write }) => [
    ins(`mrs:${name}`, `1101010100 1 1 ${bits} xt:5`, `xt, ${name}`, `xt = ${read}`),
    ins(`msr:${name}`, `1101010100 0 1 ${bits} xt:5`, `${name}, xt`, write),
  ]);
}

// prettier-ignore
export const system = instructions("System", [
  //  name    encoding, bit 31 first                        operands   effect
  ...fileRows(),
  ins("mrs",  `1101010100 1 1 csr:15 xt:5; ${others}`,      "xt, csr", "xt = csr[csr]"),
  ins("msr",  `1101010100 0 1 csr:15 xt:5; ${others}`,      "csr, xt", "csr[csr] = xt"),

  ins("nop",  "11010101000000110010 0000 000 11111",        "",        ""),
  ins("wfi",  "11010101000000110010 0000 011 11111",        "",        "waitForInterrupt()"),
  ins("hint", "11010101000000110010 imm:7 11111; imm != 0, imm != 3", "#imm", "hint(imm)"),
  ins("dsb",  "11010101000000110011 barrier:4 100 11111",   "barrier", "fence(0, barrier)"),
  ins("dmb",  "11010101000000110011 barrier:4 101 11111",   "barrier", "fence(1, barrier)"),
  ins("isb",  "11010101000000110011 barrier:4 110 11111",   "barrier", "fenceInstruction(barrier)"),
]);
