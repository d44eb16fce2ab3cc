// PL031: Arm's real-time clock, which counts seconds. Relies on schema.ts.

import { primeCellIds } from "./prime-cell.ts";
import { field, register, type DeviceSpec } from "./schema.ts";

export const pl031Fields = { interrupt: { match: field(0) } };

export const pl031: DeviceSpec = {
  name: "pl031",
  doc: "Real-time clock with one alarm.",
  source: "ARM DDI 0224C, PrimeCell Real Time Clock (PL031) revision r1p3",
  bytes: 0x1000,
  accesses: [1, 2, 4, 8],
  compatible: ["arm,pl031", "arm,primecell"],
  registers: [
    register("dr", 0x00, "Seconds.", { access: "ro" }),
    register("mr", 0x04, "Seconds of the alarm."),
    register("lr", 0x08, "Sets the seconds."),
    register("cr", 0x0c, "Always on.", { reset: 1n }),
    register("imsc", 0x10, "Interrupt mask: 1 lets it through.", { fields: pl031Fields.interrupt }),
    register("ris", 0x14, "Interrupt before the mask.", { access: "ro", fields: pl031Fields.interrupt }),
    register("mis", 0x18, "Interrupt after the mask.", { access: "ro", fields: pl031Fields.interrupt }),
    register("icr", 0x1c, "A stored one clears the interrupt.", {
      access: "wo",
      fields: pl031Fields.interrupt,
    }),
    ...primeCellIds([0x31, 0x10, 0x14, 0x00]),
  ],
};
