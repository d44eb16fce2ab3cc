// Branches and exceptions (Arm DDI 0487, C4.1.93). Relies on rows.ts, sizes.ts, flags.ts.

import { ins, instructions } from "../rows.ts";
import type { InstructionRow } from "../schema.ts";
import { conditionHolds } from "./flags.ts";
import { bothSizes, type Size } from "./sizes.ts";

function zeroBranches(r: Size): InstructionRow[] {
  const t = `${r.x}t`;
  // prettier-ignore
  return [
    ins(r.name("cbz"),  `${r.sf} 011010 0 target[20:2] ${t}:5`, `${t}, target`, `if (${t} == 0) pc = pc + target`),
    ins(r.name("cbnz"), `${r.sf} 011010 1 target[20:2] ${t}:5`, `${t}, target`, `if (${t} != 0) pc = pc + target`),
  ];
}

// prettier-ignore
export const branches = instructions("Branches", () => [
  //  name     encoding, bit 31 first                             operands            effect
  ins("b",     "0 00101 target[27:2]",                            "target",           "pc = pc + target"),
  ins("bl",    "1 00101 target[27:2]",                            "target",           "x[30] = next; pc = pc + target"),
  ins("b.",    "0101010 0 target[20:2] 0 cond:4",                 "{cond} target",    `${conditionHolds}; if (holds) pc = pc + target`),
  ...bothSizes(zeroBranches),
  ins("tbz",   "bit[5] 011011 0 bit[4:0] target[15:2] xt:5",      "xt, #bit, target", "if ((xt >>u bit)[0] == 0) pc = pc + target"),
  ins("tbnz",  "bit[5] 011011 1 bit[4:0] target[15:2] xt:5",      "xt, #bit, target", "if ((xt >>u bit)[0] == 1) pc = pc + target"),
  ins("br",    "1101011 0 0 00 11111 000000 xn:5 00000",          "xn",               "pc = xn"),
  ins("blr",   "1101011 0 0 01 11111 000000 xn:5 00000",          "xn",               "let to = xn; x[30] = next; pc = to"),
  ins("ret",   "1101011 0 0 10 11111 000000 xn:5 00000",          "xn",               "pc = xn"),

  ins("svc",   "11010100 000 imm:16 000 01",                      "#imm",             "trap environmentCall(imm)"),
  ins("hvc",   "11010100 000 imm:16 000 10",                      "#imm",             "trap hypervisorCall(imm)"),
  ins("smc",   "11010100 000 imm:16 000 11",                      "#imm",             "trap monitorCall(imm)"),
  ins("brk",   "11010100 001 imm:16 000 00",                      "#imm",             "trap breakpoint(imm)"),
  ins("hlt",   "11010100 010 imm:16 000 00",                      "#imm",             "trap halt(imm)"),
  ins("udf",   "0000000000000000 imm:16",                         "#imm",             "trap illegalInstruction(imm)"),
]);
