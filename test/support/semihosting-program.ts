// A bare program that makes semihosting calls and prints their results, for either ISA: for our machine and for QEMU.
// Relies on test/runtime/support/assembled.ts.

import { ARM64_SEMIHOSTING, RISCV_SEMIHOSTING, SEMIHOSTING_OPERATION, type SemihostingOperation } from "../../spec/abi/semihosting.ts"; // prettier-ignore
import { assembled } from "../runtime/support/assembled.ts";

export type SemihostingIsa = "riscv64" | "arm64";

/** A call: what its parameter register holds is a label of the data, or a number. */
export interface SemihostingCall {
  readonly operation: SemihostingOperation | number;
  readonly parameter: string | number;
  /** Where the result goes, besides being printed; missing: nowhere. */
  readonly into?: string;
  /** True: the result is not printed. */
  readonly isQuiet?: boolean;
}

interface Assembly {
  readonly base: bigint;
  readonly request: string;
  /** Loads the two operands. */
  readonly operands: (operation: number, parameter: string | number) => string;
  readonly keep: (label: string) => string;
  /** A call of `print`, which prints the result register. */
  readonly print: string;
  readonly routine: string;
}

const assemblies: Readonly<Record<SemihostingIsa, Assembly>> = {
  riscv64: {
    base: 0x8000_0000n,
    request: `.word ${RISCV_SEMIHOSTING.sequence.join(", ")}`,
    operands: (operation, parameter) =>
      `li a0, ${String(operation)}\n ${typeof parameter === "number" ? "li" : "la"} a1, ${String(parameter)}`,
    keep: (label) => `la t0, ${label}\n sd a0, 0(t0)`,
    print: "jal print",
    routine: `
print:
  la t0, digits
  li t1, 60
1: srl t2, a0, t1
  andi t2, t2, 15
  addi t2, t2, 48
  li t3, 58
  blt t2, t3, 2f
  addi t2, t2, 39
2: sb t2, 0(t0)
  addi t0, t0, 1
  addi t1, t1, -4
  bgez t1, 1b
  li a0, ${String(SEMIHOSTING_OPERATION.writeString)}
  la a1, digits
  .word ${RISCV_SEMIHOSTING.sequence.join(", ")}
  ret`,
  },
  arm64: {
    base: 0x4020_0000n,
    request: `hlt #${String(ARM64_SEMIHOSTING.immediate)}`,
    operands: (operation, parameter) =>
      `mov x0, #${String(operation)}\n ${typeof parameter === "number" ? `mov x1, #${String(parameter)}` : `adr x1, ${parameter}`}`,
    keep: (label) => `adr x9, ${label}\n str x0, [x9]`,
    print: "bl print",
    routine: `
print:
  adr x9, digits
  mov x10, #60
1: lsr x11, x0, x10
  and x11, x11, #15
  add x11, x11, #48
  cmp x11, #58
  b.lt 2f
  add x11, x11, #39
2: strb w11, [x9], #1
  subs x10, x10, #4
  b.ge 1b
  mov x0, #${String(SEMIHOSTING_OPERATION.writeString)}
  adr x1, digits
  hlt #${String(ARM64_SEMIHOSTING.immediate)}
  ret`,
  },
};

/** The executable; it loops for ever after its last call. `data`: assembly text with the labels of parameters. */
export function semihostingProgram(
  isa: SemihostingIsa,
  calls: readonly SemihostingCall[],
  data: string,
): Uint8Array {
  const { base, request, operands, keep, print, routine } = assemblies[isa];
  const steps = calls.flatMap(({ operation, parameter, into, isQuiet = false }) => [
    operands(typeof operation === "number" ? operation : SEMIHOSTING_OPERATION[operation], parameter),
    request,
    ...(into === undefined ? [] : [keep(into)]),
    ...(isQuiet ? [] : [print]),
  ]);
  // Data on pages of their own: stores beside code cost translations.
  const text = `
  .globl _start
_start:
  ${steps.join("\n  ")}
9: j 9b
${routine}
  .balign 4096
digits: .asciz "0123456789abcdef\\n"
  .balign 8
${data}
`;
  return assembled(isa === "arm64" ? text.replace("j 9b", "b 9b") : text, isa, base);
}

/** Calls of every operation whose result does not depend on who answers, and their data; the end is exit code 7. */
export const TRANSCRIPT: { readonly calls: readonly SemihostingCall[]; readonly data: string } = {
  calls: [
    { operation: "writeString", parameter: "hello", isQuiet: true },
    { operation: "writeCharacter", parameter: "hello", isQuiet: true },
    { operation: "open", parameter: "openOutput", into: "write", isQuiet: true },
    { operation: "write", parameter: "write" },
    { operation: "fileLength", parameter: "features" },
    { operation: "errorNumber", parameter: 0, isQuiet: true },
    { operation: "open", parameter: "openMissing" },
    { operation: "errorNumber", parameter: 0 },
    { operation: "open", parameter: "openFeatures", into: "features", isQuiet: true },
    { operation: "fileLength", parameter: "features" },
    { operation: "read", parameter: "features" },
    { operation: "seek", parameter: "seek", isQuiet: true },
    { operation: "isError", parameter: "minusOne" },
    { operation: "isError", parameter: "nought" },
    { operation: "writeString", parameter: "room", isQuiet: true },
    { operation: "close", parameter: "features" },
    { operation: "tickFrequency", parameter: 0 },
    { operation: "elapsed", parameter: "ticks", isQuiet: true },
    { operation: "commandLine", parameter: "line" },
    { operation: "writeString", parameter: "lineRoom", isQuiet: true },
    { operation: "commandLine", parameter: "shortLine" },
    { operation: "exit", parameter: "leave" },
  ],
  data: `
hello: .asciz "hello\\n"
console: .asciz ":tt"
missing: .asciz "no-such-file"
special: .asciz ":semihosting-features"
text: .asciz "written\\n"
  .balign 8
openOutput: .quad console, 4, 3
openMissing: .quad missing, 0, 12
openFeatures: .quad special, 0, 21
write: .quad 0, text, 8
features: .quad 99, room, 4
seek: .quad 0, 0
minusOne: .quad -1
nought: .quad 0
ticks: .quad 0
line: .quad lineRoom, 100
shortLine: .quad lineRoom, 3
leave: .quad 0x20026, 7
room: .quad 0, 0
lineRoom: .quad 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
`,
};
