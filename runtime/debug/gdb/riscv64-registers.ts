// RISC-V's registers for gdb (GDB manual, "RISC-V Features"). Relies on registers.ts and spec/isa/riscv64.

import { riscv64 } from "../../../spec/isa/riscv64/riscv64.ts";
import { readCsrFields, writeCsrFields } from "../../../spec/isa/csr-fields.ts";
import type { Csr } from "../../../spec/isa/schema.ts";
import { ofClass, programCounter, statusRegister, systemRegistersOf } from "./registers.ts";
import type { DebugRegister, RegisterSetOf } from "./registers.ts";

// CSRs that are views of register files belong to floating point.
const views = riscv64.csrs.filter(({ fields }) => fields !== undefined);

function viewRegister({ name, fields = [] }: Csr): DebugRegister {
  return {
    name,
    bits: 32,
    type: "int",
    group: "float",
    read: ({ hart }) => readCsrFields(fields, (file) => hart.read(file, 0)),
    write: ({ hart }, value) => {
      writeCsrFields(fields, value, (file, part) => {
        hart.write(file, 0, part);
      });
      return true;
    },
  };
}

export const riscv64Registers: RegisterSetOf = (hart) => ({
  architecture: "riscv:rv64",
  features: [
    {
      name: "org.gnu.gdb.riscv.cpu",
      types: "",
      registers: [
        ...ofClass(riscv64.registerClass("x"), 32, { type: "int", group: "general" }),
        programCounter,
      ],
    },
    {
      name: "org.gnu.gdb.riscv.fpu",
      types: "",
      registers: [
        ...ofClass(riscv64.registerClass("f"), 32, { type: "ieee_double", group: "float" }),
        ...views.map(viewRegister),
      ],
    },
    { name: "org.gnu.gdb.riscv.virtual", types: "", registers: [statusRegister("priv", 64)] },
    {
      name: "org.gnu.gdb.riscv.csr",
      types: "",
      registers: systemRegistersOf(riscv64.csrs, hart, new Set(views.map(({ name }) => name))),
    },
  ],
});
