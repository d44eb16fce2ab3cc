// What the outside tools of each ISA are called, and the text that differs between machines in the tests' programs.

import type { ObjectMachine } from "../../../compiler/object/object-file.ts";

export interface OracleIsa {
  readonly name: ObjectMachine;
  /** Before the name of a GNU tool. */
  readonly prefix: string;
  readonly qemu: string;
  /** The register of a function's first argument. */
  readonly firstArgument: string;
  /** `_start` without a library: runs the C function `start` and ends with its result. */
  readonly start: string;
  /** C: `sys(number, a, b, c)`, a system call. */
  readonly systemCall: string;
  /** Options of gcc for C that meets programs of the bare machine. */
  readonly bareOptions: readonly string[];
  /** Options of GNU as for the code of plain `gcc -c`. */
  readonly assemblerOptions: readonly string[];
  /** Ways to compile C that ask for different relocations. */
  readonly compilations: readonly (readonly string[])[];
}

const riscv64: OracleIsa = {
  name: "riscv64",
  prefix: "riscv64-linux-gnu-",
  qemu: "qemu-riscv64",
  firstArgument: "a0",
  start: `
    .globl _start
_start:
    .option push
    .option norelax
    la gp, __global_pointer$
    .option pop
    andi sp, sp, -16
    call start
    li a7, 93
    ecall
`,
  systemCall: `
static long sys(long n, long a, long b, long c) {
  register long a0 asm("a0") = a; register long a1 asm("a1") = b;
  register long a2 asm("a2") = c; register long a7 asm("a7") = n;
  asm volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a7) : "memory");
  return a0;
}
`,
  bareOptions: ["-march=rv64imac", "-mabi=lp64"],
  assemblerOptions: ["-march=rv64gc", "-mabi=lp64d"],
  compilations: [
    ["-O2", "-g", "-ffunction-sections", "-fdata-sections"],
    ["-O0", "-fPIE"],
    ["-O2", "-fPIC", "-falign-functions=32"],
    ["-Os", "-fno-pic", "-mcmodel=medany", "-mno-relax"],
    ["-O1", "-fcommon", "-fno-pic", "-mcmodel=medlow"],
    ["-O2", "-march=rv64imac", "-mabi=lp64", "-g3"],
  ],
};

const arm64: OracleIsa = {
  name: "arm64",
  prefix: "aarch64-linux-gnu-",
  qemu: "qemu-aarch64",
  firstArgument: "x0",
  start: `
    .globl _start
_start:
    bl start
    mov x8, #93
    svc #0
`,
  systemCall: `
static long sys(long n, long a, long b, long c) {
  register long x0 asm("x0") = a; register long x1 asm("x1") = b;
  register long x2 asm("x2") = c; register long x8 asm("x8") = n;
  asm volatile("svc #0" : "+r"(x0) : "r"(x1), "r"(x2), "r"(x8) : "memory");
  return x0;
}
`,
  bareOptions: ["-mgeneral-regs-only"],
  assemblerOptions: [],
  compilations: [
    ["-O2", "-g", "-ffunction-sections", "-fdata-sections"],
    ["-O0", "-fPIE"],
    ["-O2", "-fPIC", "-falign-functions=32"],
    ["-Os", "-fno-pic", "-mgeneral-regs-only"],
    ["-O1", "-fcommon", "-fno-pic", "-mcmodel=tiny"],
    ["-O2", "-fPIE", "-mcmodel=tiny"],
    ["-O2", "-fno-pic", "-mcmodel=large", "-g3"],
    ["-O2", "-fpic", "-mno-outline-atomics"],
  ],
};

export const oracleIsas: Readonly<Record<ObjectMachine, OracleIsa>> = { riscv64, arm64 };
