// PLIC: the platform-level interrupt controller of RISC-V boards. Relies on schema.ts.

import { register, type DeviceSpec } from "./schema.ts";

/** Highest priority; zero never interrupts. */
export const PLIC_MAX_PRIORITY = 7;

/** How many sources and contexts (a privilege of a hart that takes interrupts) there are. */
export interface PlicShape {
  /** Sources are 1 .. sources - 1. */
  readonly sources: number;
  readonly contexts: number;
}

/** Words of a bit for each source. The device tree calls `sources` the last one, so kernels touch its word too. */
export const plicWords = (sources: number): number => Math.floor(sources / 32) + 1;

/** The window of a PLIC of this shape. */
export function plic({ sources, contexts }: PlicShape): DeviceSpec {
  const words = plicWords(sources);
  const enables = Array.from({ length: contexts }, (_, context) =>
    register(`enable${context}`, 0x2000 + 0x80 * context, `Sources that context ${context} takes.`, {
      count: words,
    }),
  );
  return {
    name: "plic",
    doc: "Priorities, enables and claims of external interrupts.",
    source: "RISC-V Platform-Level Interrupt Controller Specification 1.0.0",
    bytes: 0x600000,
    accesses: [4],
    compatible: ["sifive,plic-1.0.0", "riscv,plic0"],
    registers: [
      register("priority", 0x4, "Of source 1 and up; 0 never interrupts.", { count: sources }),
      register("pending", 0x1000, "One bit a source.", { access: "ro", count: words }),
      ...enables,
      register("threshold", 0x200000, "The context takes only higher priorities.", {
        count: contexts,
        stride: 0x1000,
      }),
      register("claim", 0x200004, "Loaded: claims the best source, 0 if none. Stored: completes it.", {
        count: contexts,
        stride: 0x1000,
      }),
    ],
  };
}
