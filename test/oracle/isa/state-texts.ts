// How the programs of state-runner.ts move state, on each architecture. Relies on nothing but the assembler's syntax.

import { arm64 } from "../../../spec/isa/arm64/arm64.ts";
import { riscv64 } from "../../../spec/isa/riscv64/riscv64.ts";
import type { StateMachineText } from "./state-runner.ts";

const riscv = { input: "x18", output: "x19", cell: "x20", scratch: "x21", count: "x22" } as const;

/** RV64. */
export const riscvText: StateMachineText = {
  isa: riscv64,
  reserved: [18, 19, 20, 21, 22],
  tools: "riscv64-linux-gnu-",
  assemble: ["-march=rv64gc", "-mno-relax"],
  qemu: ["qemu-riscv64", "-cpu", "rv64,zba=true,zbb=true,zbs=true"],
  start: ({ cell, input, output }) => [
    ".option norvc",
    `li ${riscv.cell}, ${String(cell)}`,
    `li ${riscv.input}, ${String(input)}`,
    `li ${riscv.output}, ${String(output)}`,
  ],
  load: (file, index, offset) => {
    const from = `${String(offset)}(${riscv.input})`;
    if (file === "x") return [`ld x${String(index)}, ${from}`];
    if (file === "f") return [`fld f${String(index)}, ${from}`];
    return [`ld ${riscv.scratch}, ${from}`, `csrw ${file}, ${riscv.scratch}`];
  },
  store: (file, index, offset) => {
    const to = `${String(offset)}(${riscv.output})`;
    if (file === "x") return [`sd x${String(index)}, ${to}`];
    if (file === "f") return [`fsd f${String(index)}, ${to}`];
    return [`csrr ${riscv.scratch}, ${file}`, `sd ${riscv.scratch}, ${to}`];
  },
  fillCell: (at, offset) => [
    `ld ${riscv.scratch}, ${String(offset)}(${riscv.input})`,
    `sd ${riscv.scratch}, ${String(at)}(${riscv.cell})`,
  ],
  dumpCell: (at, offset) => [
    `ld ${riscv.scratch}, ${String(at)}(${riscv.cell})`,
    `sd ${riscv.scratch}, ${String(offset)}(${riscv.output})`,
  ],
  address: (index, label, minus) => [
    `lla x${String(index)}, ${label}`,
    `li ${riscv.scratch}, ${String(-minus)}`,
    `add x${String(index)}, x${String(index)}, ${riscv.scratch}`,
  ],
  storeAddress: (label, offset) => [
    `lla ${riscv.scratch}, ${label}`,
    `sd ${riscv.scratch}, ${String(offset)}(${riscv.output})`,
  ],
  storeNumber: (value, offset) => [
    `li ${riscv.scratch}, ${String(value)}`,
    `sd ${riscv.scratch}, ${String(offset)}(${riscv.output})`,
  ],
  jump: (label) => `j ${label}`,
  passBytes: 12,
  reserve: (bytes, at) => [
    `addi ${riscv.scratch}, ${riscv.cell}, ${String(at)}`,
    `lr.${bytes === 4 ? "w" : "d"} zero, (${riscv.scratch})`,
  ],
  loop: (count, bytes, body) => [
    `li ${riscv.count}, ${String(count)}`,
    "1:",
    ...body,
    `addi ${riscv.input}, ${riscv.input}, ${String(bytes)}`,
    `addi ${riscv.output}, ${riscv.output}, ${String(bytes)}`,
    `addi ${riscv.count}, ${riscv.count}, -1`,
    `bnez ${riscv.count}, 1b`,
  ],
  finish: (bytes) => [
    "li a0, 1",
    "li a1, 0x70000000",
    `li a2, ${String(bytes)}`,
    "li a7, 64",
    "ecall",
    "li a0, 0",
    "li a7, 93",
    "ecall",
  ],
  sharedBits: new Map(),
  control: (file, random) => {
    if (file === "frm") return BigInt(random.below(5));
    return file === "fflags" ? BigInt(random.below(2) * random.below(32)) : null;
  },
  // One in eight is no single at all.
  box: (value, width, random) =>
    random.below(8) === 0 ? value : BigInt.asUintN(64, (-1n << BigInt(width)) | value),
};

const arm = {
  input: "x28",
  output: "x27",
  cell: "x26",
  scratch: "x25",
  count: "x24",
  second: "x23",
} as const;
const flagBits: Readonly<Record<string, number>> = { flagN: 31, flagZ: 30, flagC: 29, flagV: 28 };

/** DN, FZ and RMode of fpcr; the sticky flags of fpsr. */
const FPCR = { rounding: 22n, flush: 1n << 24n, defaultNan: 1n << 25n };
const FPSR_FLAGS = 0x9fn;
const FPSR_QC = 1n << 27n;
const FPCR_BITS = (3n << FPCR.rounding) | FPCR.flush | FPCR.defaultNan;

// A scratch register that points to `offset` of a record, for registers that a scaled offset does not reach.
function armAt(record: string, offset: number): string {
  return `add ${arm.scratch}, ${record}, #${String(offset)}`;
}

/** Arm64. */
export const arm64Text: StateMachineText = {
  isa: arm64,
  reserved: [23, 24, 25, 26, 27, 28],
  tools: "aarch64-linux-gnu-",
  assemble: ["-march=armv8.2-a"],
  qemu: ["qemu-aarch64", "-cpu", "max"],
  start: ({ cell, input, output }) => [
    `movz ${arm.cell}, #${String(cell >> 16)}, lsl #16`,
    `movz ${arm.input}, #${String(input >> 16)}, lsl #16`,
    `movz ${arm.output}, #${String(output >> 16)}, lsl #16`,
  ],
  load: (file, index, offset) => {
    const word = `ldr ${arm.scratch}, [${arm.input}, #${String(offset)}]`;
    if (file === "v") return [armAt(arm.input, offset), `ldr q${String(index)}, [${arm.scratch}]`];
    if (file === "x" && index !== 31) return [`ldr x${String(index)}, [${arm.input}, #${String(offset)}]`];
    if (file === "x") return [word, `mov sp, ${arm.scratch}`];
    const bit = flagBits[file];
    if (bit === undefined) return [word, `msr ${file}, ${arm.scratch}`];
    const insert = `bfi ${arm.second}, ${arm.scratch}, #${String(bit)}, #1`;
    return [word, `mrs ${arm.second}, nzcv`, insert, `msr nzcv, ${arm.second}`];
  },
  store: (file, index, offset) => {
    const word = `str ${arm.scratch}, [${arm.output}, #${String(offset)}]`;
    if (file === "v") return [armAt(arm.output, offset), `str q${String(index)}, [${arm.scratch}]`];
    if (file === "x" && index !== 31) return [`str x${String(index)}, [${arm.output}, #${String(offset)}]`];
    if (file === "x") return [`mov ${arm.scratch}, sp`, word];
    const bit = flagBits[file];
    if (bit === undefined) return [`mrs ${arm.scratch}, ${file}`, word];
    const extract = `ubfx ${arm.scratch}, ${arm.scratch}, #${String(bit)}, #1`;
    return [`mrs ${arm.scratch}, nzcv`, extract, word];
  },
  fillCell: (at, offset) => [
    `ldr ${arm.scratch}, [${arm.input}, #${String(offset)}]`,
    `str ${arm.scratch}, [${arm.cell}, #${String(at)}]`,
  ],
  dumpCell: (at, offset) => [
    `ldr ${arm.scratch}, [${arm.cell}, #${String(at)}]`,
    `str ${arm.scratch}, [${arm.output}, #${String(offset)}]`,
  ],
  // Nothing is ever added to a jump's register.
  address: (index, label) => [`adr x${String(index)}, ${label}`],
  storeAddress: (label, offset) => [
    `adr ${arm.scratch}, ${label}`,
    `str ${arm.scratch}, [${arm.output}, #${String(offset)}]`,
  ],
  storeNumber: (value, offset) => [
    `mov ${arm.scratch}, #${String(value)}`,
    `str ${arm.scratch}, [${arm.output}, #${String(offset)}]`,
  ],
  jump: (label) => `b ${label}`,
  passBytes: 12,
  reserve: (bytes, at) => {
    const register = bytes === 8 ? "xzr" : "wzr";
    const letter = bytes === 1 ? "b" : bytes === 2 ? "h" : "";
    const address = `[${arm.scratch}]`;
    const pair = `ldxp xzr, ${arm.second}, ${address}`;
    return [armAt(arm.cell, at), bytes === 16 ? pair : `ldxr${letter} ${register}, ${address}`];
  },
  loop: (count, bytes, body) => [
    `mov ${arm.count}, #${String(count)}`,
    "1:",
    ...body,
    `add ${arm.input}, ${arm.input}, #${String(bytes)}`,
    `add ${arm.output}, ${arm.output}, #${String(bytes)}`,
    `sub ${arm.count}, ${arm.count}, #1`,
    `cbnz ${arm.count}, 1b`,
  ],
  finish: (bytes) => [
    "mov x0, #1",
    "mov x1, #0x70000000",
    `ldr x2, =${String(bytes)}`,
    "mov x8, #64",
    "svc #0",
    "mov x0, #0",
    "mov x8, #93",
    "svc #0",
  ],
  // Of fpcr and fpsr, QEMU's `max` has more bits than Armv8.0 without AArch32.
  sharedBits: new Map([
    ["fpcr", FPCR_BITS],
    ["fpsr", FPSR_QC | FPSR_FLAGS],
  ]),
  control: (file, random) => {
    if (flagBits[file] !== undefined) return BigInt(random.below(2));
    if (file === "fpsr") return random.below(2) === 0 ? 0n : BigInt(random.next()) & (FPSR_QC | FPSR_FLAGS);
    if (file !== "fpcr") return null;
    const rounding = BigInt(random.below(4)) << FPCR.rounding;
    const flush = random.below(4) === 0 ? FPCR.flush : 0n;
    return rounding | flush | (random.below(4) === 0 ? FPCR.defaultNan : 0n);
  },
  box: null,
};
