// An instruction set for tests of the engine: RV64 with a file of 128-bit registers, a flag, and instructions on them
// that no real architecture need have. Relies on spec/isa; each effect is one row with an encoding of its own.

import { defineIsa } from "../../../spec/isa/isa.ts";
import { riscv64 } from "../../../spec/isa/riscv64/riscv64.ts";
import { ins, instructions } from "../../../spec/isa/rows.ts";
import type { InstructionRow, Isa, RegisterClass } from "../../../spec/isa/schema.ts";
import { createDecoder } from "../../../runtime/isa/decoder.ts";
import type { IsaBinding } from "../../../runtime/isa/binding.ts";
import { riscv64Binding } from "../../../runtime/isa/riscv64.ts";

// prettier-ignore
const effects: readonly string[] = [
  "vd = vn + vm", "vd = vn - vm", "vd = vn & vm", "vd = vn | vm", "vd = vn ^ vm", "vd = ~vn", "vd = -vm",
  "vd = vn << trunc7(rs1)", "vd = vn >>u trunc7(rs1)", "vd = vn >>s trunc7(rs1)",
  "vd = vn << 3", "vd = vn << 64", "vd = vn << 77", "vd = vn >>u 1", "vd = vn >>u 64", "vd = vn >>u 120", "vd = vn >>s 65",
  "vd = concat(vn[63:0], vm[127:64])", "vd = concat(vn[31:0], vm[95:0])", "vd = concat(vn[99:0], vm[27:0])",
  "vd = zext70(vn[77:8])", "vd = sext100(vn)", "vd = sext64(rs1)", "vd = sext33(rs1)", "vd = zext32(rs1)", "vd = sext8(vn)",
  "let a = vn[99:0] + vm[99:0]; vd = zext100(a)", "let a = vn[70:0] - vm[70:0]; vd = sext71(a)",
  "vd = vn == vm ? vn : vm", "vd = vn <s vm ? vn : vm", "vd = vn <u vm ? vm : vn", "vd = vn <=s vm ? vn : vm", "vd = vn <=u vm ? vm : vn",
  "vd = vn[99:0] <s vm[99:0] ? vm : vn", "vd = flag ? vn : vm",
  "rd = vn[90:27]", "rd = zext32(vn[70:39])", "rd = vn[127:64]", "rd = sext16(vn[127:112])", "rd = vn[63:0]",
  "flag = vn <u vm", "flag = ~flag", "flag = rs1[63:63]", "rd = zext1(flag)", "rd = flag ? rs1 : 7", "flag = vn != vm",
  "vd = zext64(rs1)", "half = zext32(rs1)", "rd = half + rs1",
];

const memoryEffects: readonly string[] = [
  "vd = load128(rs1)",
  "store128(rs1, vn)",
  "let a = load64(rs1); let b = load64(rs1 + 8); vd = concat(b, a)",
  "store128(rs1, vn + vm)",
];

// The four opcodes that RISC-V leaves to others.
const opcodes = ["0001011", "0101011", "1011011", "1111011"] as const;

function row(name: string, effect: string, number: number): InstructionRow {
  const uses = (field: string): boolean => new RegExp(`\\b${field}\\b`).test(effect);
  const place = (...fields: string[]): string => {
    const used = fields.find(uses);
    return used === undefined ? "00000" : `${used}:5`;
  };
  const code = (number % 32).toString(2).padStart(5, "0");
  const opcode = opcodes[Math.floor(number / 32)] ?? "";
  const encoding = [code, place("vm"), place("vn"), place("rs1"), place("vd", "rd"), opcode].join(" ");
  return ins(name, encoding, ["vd", "rd", "vn", "vm", "rs1"].filter(uses).join(", "), effect);
}

const computing = effects.map((effect, i) => row(`wide${String(i)}`, effect, i));
const accessing = memoryEffects.map((effect, i) => row(`memory${String(i)}`, effect, effects.length + i));

function registers(name: string, file: string, width: number, count: number): RegisterClass {
  const names = Array.from({ length: count }, (_, i) => (count === 1 ? name : `${name}${String(i)}`));
  return { name, file, width, first: 0, count, special: null, names, aliases: {} };
}

/** RV64 with wide registers. */
export const wideIsa: Isa = defineIsa({
  ...riscv64,
  name: "wide",
  files: [...riscv64.files, { name: "v", width: 128, count: 32 }, { name: "flag", width: 1, count: 1 }],
  classes: [
    ...riscv64.classes,
    registers("v", "v", 128, 32),
    registers("flag", "flag", 1, 1),
    // One register's low half by name: a narrow view of a wide file.
    { ...registers("half", "v", 64, 1), first: 5 },
  ],
  operandKinds: {
    ...riscv64.operandKinds,
    vd: { kind: "register", class: "v" },
    vn: { kind: "register", class: "v" },
    vm: { kind: "register", class: "v" },
  },
  groups: [...riscv64.groups, instructions("Wide", [...computing, ...accessing])],
});

export const wideBinding: IsaBinding = { ...riscv64Binding, isa: wideIsa, decoder: createDecoder(wideIsa) };

/** Names of the instructions that touch no memory, and of those that do (at `rs1`). */
export const WIDE = {
  computing: computing.map((r) => r.name),
  accessing: accessing.map((r) => r.name),
} as const;
