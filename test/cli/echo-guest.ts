// A guest for tests of the command: a RISC-V kernel that echoes what is typed.

import { assembled } from "../runtime/support/assembled.ts";

/** Rounds of two instructions over each character. */
const DELAY_ROUNDS = 200_000;

/**
 * The ELF file. It echoes until `q`, then switches off; at `t` it writes 2 * 5 + 1 to `tohost`, whose symbol is there.
 * With a delay each character takes some milliseconds, so that a run can be interrupted.
 */
export function echoGuest({ isSlow }: { readonly isSlow: boolean }): Uint8Array {
  const delay = `
  li t3, ${String(DELAY_ROUNDS)}
3: addi t3, t3, -1
  bnez t3, 3b`;
  const text = `
  .globl _start
_start:
  li t0, 0x10000000
1: lbu t1, 5(t0)
  andi t1, t1, 1
  beqz t1, 1b
  lbu t2, 0(t0)
  sb t2, 0(t0)${isSlow ? delay : ""}
  li t3, 't'
  beq t2, t3, 2f
  li t3, 'q'
  bne t2, t3, 1b
  li a7, 0x53525354
  li a6, 0
  li a0, 0
  li a1, 0
  ecall
2: la t0, tohost
  li t1, 11
  sd t1, 0(t0)
  j .
  .balign 8
  .globl tohost
tohost:
  .quad 0
`;
  return assembled(text, "riscv64", 0x8020_0000n);
}
