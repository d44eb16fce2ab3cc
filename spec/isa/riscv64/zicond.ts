// Zicond: conditional zeroing (unprivileged manual, chapter 11). Relies on rows.ts.

import { ins, instructions } from "../rows.ts";

// prettier-ignore
export const zicond = instructions("Zicond", () => [
  ins("czero.eqz", "0000111 rs2:5 rs1:5 101 rd:5 0110011", "rd, rs1, rs2", "rd = rs2 == 0 ? 0 : rs1"),
  ins("czero.nez", "0000111 rs2:5 rs1:5 111 rd:5 0110011", "rd, rs1, rs2", "rd = rs2 != 0 ? 0 : rs1"),
]);
