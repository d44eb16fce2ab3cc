// System instructions (Arm DDI 0487, C4.1.93): hints, barriers, system registers, cache and translation maintenance.
// Relies on rows.ts. `sys` is written by the names of its operations: aliases in system-operations.ts.

import { ins, instructions } from "../rows.ts";
import type { InstructionRow } from "../schema.ts";

// System registers that are register files: their bits after 1101010100 L 1, how they are read, how they are written.
// Bits that are not there ignore writes: of fpcr there are DN, FZ and RMode (float.ts), and no trapping exceptions; of
// fpsr QC and the accrued flags.
// prettier-ignore
const files = [
  { name: "nzcv",      bits: "1 011 0100 0010 000", read: "zext4(concat(concat(flagN, flagZ), concat(flagC, flagV))) << 28",
    write: "let all = xt; flagN = all[31]; flagZ = all[30]; flagC = all[29]; flagV = all[28]" },
  { name: "fpcr",      bits: "1 011 0100 0100 000", read: "zext32(fpcr)", write: "fpcr = xt[31:0] & 0x03c00000" },
  { name: "fpsr",      bits: "1 011 0100 0100 001", read: "zext32(fpsr)", write: "fpsr = xt[31:0] & 0x0800009f" },
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

// Fields of PSTATE that an immediate sets: op1 and op2.
// prettier-ignore
const stateFields = [
  { name: "uao",     bits: 1, op1: "000", op2: "011" },
  { name: "pan",     bits: 1, op1: "000", op2: "100" },
  { name: "spsel",   bits: 1, op1: "000", op2: "101" },
  { name: "ssbs",    bits: 1, op1: "011", op2: "001" },
  { name: "dit",     bits: 1, op1: "011", op2: "010" },
  { name: "daifset", bits: 4, op1: "011", op2: "110" },
  { name: "daifclr", bits: 4, op1: "011", op2: "111" },
];

const stateRows = stateFields.map(({ name, bits, op1, op2 }) =>
  ins(
    `msr:${name}`,
    `1101010100 0 00 ${op1} 0100 ${"000".slice(0, 4 - bits)} imm:${String(bits)} ${op2} 11111`,
    `${name}, #imm`,
    `setState(${String(parseInt(op1 + op2, 2))}, imm)`,
  ),
);

// prettier-ignore
export const system = instructions("System", () => [
  //  name     encoding, bit 31 first                       operands   effect
  ...fileRows(),
  ins("mrs",   `1101010100 1 1 csr:15 xt:5; ${others}`,     "xt, csr", "xt = csr[csr]"),
  ins("msr",   `1101010100 0 1 csr:15 xt:5; ${others}`,     "csr, xt", "csr[csr] = xt"),
  ...stateRows,

  ins("nop",   "11010101000000110010 0000 000 11111",       "",        ""),
  ins("wfi",   "11010101000000110010 0000 011 11111",       "",        "waitForInterrupt()"),
  ins("wfe",   "11010101000000110010 0000 010 11111",       "",        "waitForEvent()"),
  ins("sev",   "11010101000000110010 0000 100 11111",       "",        "sendEvent(1)"),
  ins("sevl",  "11010101000000110010 0000 101 11111",       "",        "sendEvent(0)"),
  ins("hint",  "11010101000000110010 imm:7 11111; imm != 0, imm != 2, imm != 3, imm != 4, imm != 5", "#imm", "hint(imm)"),
  ins("dsb",   "11010101000000110011 barrier:4 100 11111",  "barrier", "fence(0, barrier)"),
  ins("dmb",   "11010101000000110011 barrier:4 101 11111",  "barrier", "fence(1, barrier)"),
  ins("isb",   "11010101000000110011 isb:4 110 11111",      "isb",     "fenceInstruction(isb)"),

  ins("sys",   "1101010100 0 01 op1:3 crn:4 crm:4 op2:3 xt:5", "#op1, crn, crm, #op2, xt", "systemOperation(op1, crn, crm, op2, xt)"),
  ins("sysl",  "1101010100 1 01 op1:3 crn:4 crm:4 op2:3 xt:5", "xt, #op1, crn, crm, #op2", "xt = systemOperationWithResult(op1, crn, crm, op2)"),
  ins("eret",  "1101011 0100 11111 000000 11111 00000",     "",        "pc = returnFromException()"),
]);
