// PL061: Arm's general-purpose input and output, eight lines. Relies on schema.ts.

import { primeCellIds } from "./prime-cell.ts";
import { register, type DeviceSpec } from "./schema.ts";

export const PL061_LINES = 8;

export const pl061: DeviceSpec = {
  name: "pl061",
  doc: "Eight lines, each an input that interrupts or an output.",
  source: "ARM DDI 0190B, PrimeCell General Purpose Input/Output (PL061) revision r1p0",
  bytes: 0x1000,
  accesses: [1, 2, 4, 8],
  compatible: ["arm,pl061", "arm,primecell"],
  registers: [
    register("data", 0x000, "Levels; bits 9:2 of the address say which lines are accessed.", { count: 256 }),
    register("dir", 0x400, "1: the line is an output."),
    register("is", 0x404, "1: the level interrupts, 0: an edge."),
    register("ibe", 0x408, "1: both edges interrupt."),
    register("iev", 0x40c, "1: high or rising interrupts, 0: low or falling."),
    register("ie", 0x410, "Interrupt mask: 1 lets it through."),
    register("ris", 0x414, "Interrupts before the mask.", { access: "ro" }),
    register("mis", 0x418, "Interrupts after the mask.", { access: "ro" }),
    register("ic", 0x41c, "Stored ones clear edges.", { access: "wo" }),
    register("afsel", 0x420, "1: the line belongs to other hardware."),
    ...primeCellIds([0x61, 0x10, 0x04, 0x00]),
  ],
};
