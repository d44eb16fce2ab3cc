// RV64IMAFDC with Zicsr, Zifencei, Zba, Zbb, Zbs, Zicond: the tables of this folder as one Isa.
// Relies on isa.ts. The order of groups is the order of `Isa.instructions`.

import { defineIsa } from "../isa.ts";
import type { Isa } from "../schema.ts";
import { aliases } from "./aliases.ts";
import { csrs, unnamedCsrs } from "./csrs.ts";
import { helpers, traps } from "./machine.ts";
import { floatRules } from "./float.ts";
import { operandKinds } from "./operands.ts";
import { classes, files } from "./registers.ts";
import { rv64a } from "./rv64a.ts";
import { rv64c } from "./rv64c.ts";
import { rv64cd, rv64d } from "./rv64d.ts";
import { rv64f } from "./rv64f.ts";
import { rv64i } from "./rv64i.ts";
import { rv64m } from "./rv64m.ts";
import { zba, zbb, zbs } from "./zb.ts";
import { zicond } from "./zicond.ts";
import { privileged, zicsr, zifencei } from "./zicsr.ts";

/** The RISC-V description that compiler and machine share. */
export const riscv64: Isa = defineIsa({
  name: "riscv64",
  wordWidth: 64,
  wide: { mask: 0b11, match: 0b11 },
  // Base implementations ignore the fields of fence and fence.i that finer fences may use (unprivileged manual, 2.7 and
  // 5): rs1 and rd, fm unless the whole is fence.tso, and the immediate of fence.i.
  ignoredFields: [
    { mask: 0x707f, match: 0x000f, ignored: 0xf00f_8f80 },
    { mask: 0x707f, match: 0x100f, ignored: 0xffff_8f80 },
  ],
  files,
  classes,
  operandKinds,
  csrs,
  csrWidth: 12,
  unnamedCsrs,
  traps,
  helpers,
  float: floatRules,
  groups: [
    rv64i,
    rv64m,
    rv64a,
    rv64f,
    rv64d,
    rv64c,
    rv64cd,
    zicsr,
    zifencei,
    privileged,
    zba,
    zbb,
    zbs,
    zicond,
  ],
  aliases,
});
