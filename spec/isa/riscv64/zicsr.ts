// Zicsr, Zifencei and the privileged instructions (unprivileged manual, chapters 5 and 6; privileged manual 3.3).
// Relies on rows.ts. A CSR is not read if the result is thrown away by csrrw, and not written if csrrs or csrrc has
// nothing to set: reads and writes of CSRs have side effects and rights of their own.

import { ins, instructions } from "../rows.ts";

// prettier-ignore
export const zicsr = instructions("Zicsr", () => [
  //  name      encoding, bit 31 first            operands        effect
  ins("csrrw",  "csr:12 rs1:5 001 rd:5 1110011",  "rd, csr, rs1", "if (index(rd) == 0) csr[csr] = rs1 else { let old = csr[csr]; csr[csr] = rs1; rd = old }"),
  ins("csrrs",  "csr:12 rs1:5 010 rd:5 1110011",  "rd, csr, rs1", "let old = csr[csr]; if (index(rs1) != 0) { let bits = written[csr]; csr[csr] = bits | rs1 }; rd = old"),
  ins("csrrc",  "csr:12 rs1:5 011 rd:5 1110011",  "rd, csr, rs1", "let old = csr[csr]; if (index(rs1) != 0) { let bits = written[csr]; csr[csr] = bits & ~rs1 }; rd = old"),
  ins("csrrwi", "csr:12 zimm:5 101 rd:5 1110011", "rd, csr, zimm", "if (index(rd) == 0) csr[csr] = zimm else { let old = csr[csr]; csr[csr] = zimm; rd = old }"),
  ins("csrrsi", "csr:12 zimm:5 110 rd:5 1110011", "rd, csr, zimm", "let old = csr[csr]; if (zimm != 0) { let bits = written[csr]; csr[csr] = bits | zimm }; rd = old"),
  ins("csrrci", "csr:12 zimm:5 111 rd:5 1110011", "rd, csr, zimm", "let old = csr[csr]; if (zimm != 0) { let bits = written[csr]; csr[csr] = bits & ~zimm }; rd = old"),
]);

// prettier-ignore
export const zifencei = instructions("Zifencei", () => [
  ins("fence.i", "000000000000 00000 001 00000 0001111", "", "fenceInstruction()"),
]);

// prettier-ignore
export const privileged = instructions("Privileged", () => [
  ins("mret",       "0011000 00010 00000 000 00000 1110011", "",         "pc = returnFromMachine()"),
  ins("sret",       "0001000 00010 00000 000 00000 1110011", "",         "pc = returnFromSupervisor()"),
  ins("wfi",        "0001000 00101 00000 000 00000 1110011", "",         "waitForInterrupt()"),
  ins("sfence.vma", "0001001 rs2:5 rs1:5 000 00000 1110011", "rs1, rs2", "fenceTranslation(rs1, rs2, index(rs1) != 0, index(rs2) != 0)"),
]);
