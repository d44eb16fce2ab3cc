// Semihosting: what a program asks of the debugger or emulator that it runs in. Numbers, blocks, modes, features.
// Relies on nothing. Sources: Semihosting for AArch32 and AArch64 (Arm IHI 0100, release 2023Q3, sections 4 to 9);
// RISC-V Semihosting 1.0 (chapters 2 and 3), which takes Arm's operations over. Blocks consist of 64-bit words here.

/** Operations by name (Arm 6). */
export const SEMIHOSTING_OPERATION = {
  open: 0x01,
  close: 0x02,
  writeCharacter: 0x03,
  writeString: 0x04,
  write: 0x05,
  read: 0x06,
  readCharacter: 0x07,
  isError: 0x08,
  isTerminal: 0x09,
  seek: 0x0a,
  fileLength: 0x0c,
  temporaryName: 0x0d,
  remove: 0x0e,
  rename: 0x0f,
  clock: 0x10,
  time: 0x11,
  system: 0x12,
  errorNumber: 0x13,
  commandLine: 0x15,
  heapInfo: 0x16,
  exit: 0x18,
  exitExtended: 0x20,
  elapsed: 0x30,
  tickFrequency: 0x31,
} as const;

export type SemihostingOperation = keyof typeof SEMIHOSTING_OPERATION;

/** Bytes of a word in parameter blocks. */
export const SEMIHOSTING_WORD_BYTES = 8;

/** The reason of an exit that is one of the program; its code is the block's second word (Arm 6.8). */
export const SEMIHOSTING_APPLICATION_EXIT = 0x2_0026n;

/** Names of files that are not files (Arm 5.1, 6.14): the console, and what the host can do. */
export const SEMIHOSTING_CONSOLE = ":tt";
export const SEMIHOSTING_FEATURES = ":semihosting-features";

/** Open modes of fopen, in fours: read, write, append (Arm 6.14); the console is input, output and errors by them. */
export const SEMIHOSTING_MODES = { perKind: 4, kinds: ["input", "output", "error"] } as const;

/** What the features file holds (Arm 5.1): a magic number, then feature bits. */
export const SEMIHOSTING_FEATURE_BYTES = [0x53, 0x48, 0x46, 0x42, 0b11] as const;

/** Error numbers, those of C libraries. */
export const SEMIHOSTING_ERROR = { noEntry: 2, badHandle: 9, access: 13, fault: 14, invalid: 22 } as const;

/** Numbers in the main register file: the operation and its result, and the parameter. */
export interface SemihostingRegisters {
  readonly operation: number;
  readonly parameter: number;
}

/** Arm 4.1: hlt with this immediate; w0, x1. */
export const ARM64_SEMIHOSTING = {
  immediate: 0xf000n,
  registers: { operation: 0, parameter: 1 },
} as const;

/** RISC-V 2: `slli zero, zero, 31`, `ebreak`, `srai zero, zero, 7`, none of them compressed; a0, a1. */
export const RISCV_SEMIHOSTING = {
  sequence: [0x01f0_1013, 0x0010_0073, 0x4070_5013],
  /** Which of them traps. */
  trapping: 1,
  registers: { operation: 10, parameter: 11 },
} as const;
