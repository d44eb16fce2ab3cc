// Arm64's registers for gdb (GDB manual, "AArch64 Features"). Relies on registers.ts and spec/isa/arm64.

import { arm64 } from "../../../spec/isa/arm64/arm64.ts";
import { ofClass, programCounter, statusRegister, systemRegistersOf } from "./registers.ts";
import type { RegisterSetOf } from "./registers.ts";

const GENERAL = 32;

// Lanes of a vector register by type, number and the union's field.
const lanes = [
  ["d", "ieee_double", 2],
  ["s", "ieee_single", 4],
  ["u64", "uint64", 2],
  ["u32", "uint32", 4],
  ["u16", "uint16", 8],
  ["u8", "uint8", 16],
  ["q", "uint128", 1],
] as const;

const vectorTypes =
  lanes.map(([id, type, count]) => `<vector id="v${id}" type="${type}" count="${String(count)}"/>`).join("") +
  `<union id="vector">${lanes.map(([id]) => `<field name="${id}" type="v${id}"/>`).join("")}</union>`;

export const arm64Registers: RegisterSetOf = (hart) => {
  const general = ofClass(arm64.registerClass("xsp"), GENERAL, { type: "int", group: "general" }).map((r) =>
    r.name === "sp" ? { ...r, type: "data_ptr" } : r,
  );
  const control = { type: "int", group: "float" } as const;
  return {
    architecture: "aarch64",
    features: [
      {
        name: "org.gnu.gdb.aarch64.core",
        types: "",
        registers: [...general, programCounter, statusRegister("cpsr", 32)],
      },
      {
        name: "org.gnu.gdb.aarch64.fpu",
        types: vectorTypes,
        registers: [
          ...ofClass(arm64.registerClass("v"), 32, { type: "vector", group: "vector" }),
          ...ofClass(arm64.registerClass("fpsr"), 1, control),
          ...ofClass(arm64.registerClass("fpcr"), 1, control),
        ],
      },
      {
        name: "org.pancake.gdb.aarch64.system",
        types: "",
        registers: [
          ...ofClass(arm64.registerClass("tpidr_el0"), 1, { type: "int", group: "system" }),
          ...systemRegistersOf(arm64.csrs, hart, new Set(["tpidr_el0", "fpsr", "fpcr", "nzcv"])),
        ],
      },
    ],
  };
};
