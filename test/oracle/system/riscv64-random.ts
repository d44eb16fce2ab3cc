// Random privileged states of a RISC-V hart: what every test of one instruction starts from.
// Relies on riscv64-pair.ts. Values are legal in the fields that QEMU treats otherwise: UXL, VS, MPV, GVA and MPP.

import { STATUS } from "../../../spec/isa/riscv64/status.ts";
import { withField } from "../../../runtime/core/bit-field.ts";
import type { Random } from "../../isa/samples.ts";
import { RAM, type PrivilegedSetup } from "./riscv64-pair.ts";

const OTHERS = 0xc0_0000_0600n;

export type PrivilegeCode = 0n | 1n | 3n;

export function anyPrivilege(random: Random): PrivilegeCode {
  const all = [0n, 1n, 3n] as const;
  return all[random.below(3)] ?? 3n;
}

/** A value for mstatus or sstatus that both machines take. */
export function anyStatus(random: Random): bigint {
  const bits = (BigInt(random.next()) << 32n) | BigInt(random.next());
  const status = withField(bits & ~OTHERS, STATUS.UXL, 2n);
  return withField(status, STATUS.MPP, anyPrivilege(random));
}

export function pick<T>(random: Random, list: readonly T[]): T {
  const found = list[random.below(list.length)];
  if (found === undefined) throw new Error("nothing to pick from");
  return found;
}

/** Code of the test, and handlers far away from it. */
export const CODE = RAM.start;
export const MACHINE_VECTOR = RAM.start + 0x10_0000n;
export const SUPERVISOR_VECTOR = RAM.start + 0x20_0000n;

/** All memory open to every privilege: entry 15 matches everything that no other one does, and the others are off. */
export const OPEN_MEMORY = [
  ...Array.from({ length: 15 }, (_, i) => [`pmpaddr${String(i)}`, 0n] as const),
  ["pmpaddr15", (1n << 54n) - 1n],
  ["pmpcfg0", 0n],
  ["pmpcfg2", 0x1fn << 56n],
] as const;

/** Everything that traps and interrupts depend on, at random; memory is open, translation off. */
export function anyRegisters(random: Random): PrivilegedSetup["registers"] {
  const value = (): bigint => random.value64();
  const mode = (): bigint => BigInt(random.below(2));
  // A timer that is due or not is there only with STCE, which QEMU does not ask.
  const hasTimer = random.below(2) === 0;
  return [
    ["satp", 0n],
    ["menvcfg", (value() & 0xf1n) | (hasTimer ? 1n << 63n : 0n)],
    ["stimecmp", -1n],
    ["mstatus", anyStatus(random)],
    ["medeleg", value()],
    ["mideleg", value() & 0x222n],
    ["mie", value() & 0xaaan],
    ["mip", value() & 0x222n],
    ["mtvec", MACHINE_VECTOR | mode()],
    ["stvec", SUPERVISOR_VECTOR | mode()],
    ["mcounteren", value() & 0xffff_ffffn],
    ["scounteren", value() & 0xffff_ffffn],
    ["mcountinhibit", 0n],
    ["senvcfg", value()],
    ["mepc", value() & ~1n],
    ["sepc", value() & ~1n],
    ["mcause", value()],
    ["scause", value()],
    ["mtval", value()],
    ["stval", value()],
    ["mscratch", value()],
    ["sscratch", value()],
    ...OPEN_MEMORY,
  ];
}
