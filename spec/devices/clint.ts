// CLINT: the core-local interruptor of RISC-V boards, software interrupts and timer of each hart. Relies on schema.ts.

import { register, type DeviceSpec } from "./schema.ts";

/** Ticks of `mtime` per second on QEMU's virt. */
export const CLINT_HZ = 10_000_000n;

/** The window for `harts` harts. */
export function clint(harts: number): DeviceSpec {
  return {
    name: "clint",
    doc: "Software interrupts and the timer of each hart.",
    source: "SiFive FU540-C000 manual, chapter 9; RISC-V ACLINT specification 1.0-rc4",
    bytes: 0x10000,
    accesses: [4, 8],
    compatible: ["sifive,clint0", "riscv,clint0"],
    registers: [
      register("msip", 0x0, "Bit 0 is the hart's machine software interrupt.", { count: harts }),
      register("mtimecmp", 0x4000, "The timer interrupt is pending while mtime >= mtimecmp.", {
        bytes: 8,
        count: harts,
      }),
      register("mtime", 0xbff8, "The time that all harts share.", { bytes: 8 }),
    ],
  };
}
