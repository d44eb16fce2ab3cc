// An instruction set for tests of the engine: RV64 with a file of 128-bit registers, a flag, and instructions on them
// that no real architecture need have. Relies on spec/isa; each effect is one row with an encoding of its own.

import { defineIsa } from "../../../spec/isa/isa.ts";
import { riscv64 } from "../../../spec/isa/riscv64/riscv64.ts";
import { ins, instructions } from "../../../spec/isa/rows.ts";
import type { InstructionRow, Isa, RegisterClass } from "../../../spec/isa/schema.ts";
import { createDecoder } from "../../../runtime/isa/decoder.ts";
import type { IsaBinding } from "../../../runtime/isa/binding.ts";
import { riscv64Binding } from "../../../runtime/isa/riscv64/user.ts";

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

// Every float function on doubles and singles that the engine may do by the host's operations, with the flags that the
// architecture accrues and a dynamic rounding.
const floatEffects: readonly string[] = [64, 32].flatMap((bits) => {
  const operand = (field: string): string => (bits === 64 ? field : `${field}[31:0]`);
  const [n, m, a] = [operand("fn"), operand("fm"), operand("fa")];
  const width = String(bits);
  const floats = (call: string): string =>
    `let r = ${call}; fd = ${bits === 64 ? "r[63:0]" : "zext32(r[31:0])"}; accrued = r[${String(bits + 4)}:${width}]`;
  const integers = (call: string, size: number): string =>
    `let r = ${call}; rd = sext${String(size)}(r); accrued = r[${String(size + 4)}:${String(size)}]`;
  const bitsOf = (call: string): string => `let r = ${call}; rd = zext4(r[3:0]); accrued = r[8:4]`;
  const source = (size: number): string => (size === 64 ? "rs1" : "trunc32(rs1)");
  // prettier-ignore
  return [
    ...["fadd", "fsub", "fmul", "fdiv"].map((name) => floats(`${name}${width}(${n}, ${m}, rounding, accrued)`)),
    ...["fmin", "fmax", "fminnum", "fmaxnum"].map((name) => floats(`${name}${width}(${n}, ${m}, 0, accrued)`)),
    floats(`fsqrt${width}(${n}, rounding, accrued)`),
    floats(`fma${width}(${n}, ${m}, ${a}, rounding, accrued)`),
    ...["fcmp", "fcmps"].map((name) => bitsOf(`${name}${width}(${n}, ${m}, 0, accrued)`)),
    ...[0, 1, 2, 3, 4].map((mode) => floats(`frint${width}(${n}, ${String(mode)}, accrued)`)),
    floats(`frintx${width}(${n}, rounding, accrued)`),
    bits === 64 ? `let r = f64tof32(fn, rounding, accrued); fd = zext32(r[31:0]); accrued = r[36:32]`
      : `let r = f32tof64(fn[31:0], rounding, accrued); fd = r[63:0]; accrued = r[68:64]`,
    ...[64, 32].flatMap((size) => ["s", "u"].flatMap((sign) => [
      integers(`f${width}to${sign}${String(size)}(${n}, 1, accrued)`, size),
      integers(`f${width}to${sign}${String(size)}(${n}, rounding, accrued)`, size),
      floats(`${sign}${String(size)}tof${width}(${source(size)}, rounding, accrued)`),
    ])),
  ];
});

const controls: readonly string[] = [
  "rounding = rs1[2:0]",
  "accrued = rs1[4:0]",
  "rd = zext5(accrued)",
  "fd = rs1",
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
  const encoding = [
    code,
    place("vm", "fm"),
    place("vn", "fn"),
    place("rs1", "fa"),
    place("vd", "rd", "fd"),
    opcode,
  ].join(" ");
  return ins(
    name,
    encoding,
    ["vd", "rd", "fd", "vn", "vm", "fn", "fm", "fa", "rs1"].filter(uses).join(", "),
    effect,
  );
}

// Numbers of encodings go on from list to list.
function rows(prefix: string, list: readonly string[], first: number): InstructionRow[] {
  return list.map((effect, i) => row(`${prefix}${String(i)}`, effect, first + i));
}
const computing = rows("wide", effects, 0);
const accessing = rows("memory", memoryEffects, effects.length);
const floating = rows("float", floatEffects, effects.length + memoryEffects.length);
const controlling = rows("control", controls, effects.length + memoryEffects.length + floatEffects.length);

function registers(name: string, file: string, width: number, count: number): RegisterClass {
  const names = Array.from({ length: count }, (_, i) => (count === 1 ? name : `${name}${String(i)}`));
  return { name, file, width, first: 0, count, special: null, names, aliases: {} };
}

/** RV64 with wide registers. */
export const wideIsa: Isa = defineIsa({
  ...riscv64,
  name: "wide",
  files: [
    ...riscv64.files,
    { name: "v", width: 128, count: 32 },
    { name: "flag", width: 1, count: 1 },
    { name: "rounding", width: 3, count: 1 },
    { name: "accrued", width: 5, count: 1 },
  ],
  classes: [
    ...riscv64.classes,
    registers("v", "v", 128, 32),
    registers("flag", "flag", 1, 1),
    registers("rounding", "rounding", 3, 1),
    registers("accrued", "accrued", 5, 1),
    registers("float", "v", 64, 32),
    // One register's low half by name: a narrow view of a wide file.
    { ...registers("half", "v", 64, 1), first: 5 },
  ],
  operandKinds: {
    ...riscv64.operandKinds,
    vd: { kind: "register", class: "v" },
    vn: { kind: "register", class: "v" },
    vm: { kind: "register", class: "v" },
    fd: { kind: "register", class: "float" },
    fn: { kind: "register", class: "float" },
    fm: { kind: "register", class: "float" },
    fa: { kind: "register", class: "float" },
  },
  groups: [
    ...riscv64.groups,
    instructions("Wide", () => [...computing, ...accessing, ...floating, ...controlling]),
  ],
});

export const wideBinding: IsaBinding = { ...riscv64Binding, isa: wideIsa, decoder: createDecoder(wideIsa) };

/** Names of the instructions: without memory, with memory (at `rs1`), on floats, on rounding and flags. */
export const WIDE = {
  computing: computing.map((r) => r.name),
  accessing: accessing.map((r) => r.name),
  floating: floating.map((r) => r.name),
  controlling: controlling.map((r) => r.name),
} as const;
