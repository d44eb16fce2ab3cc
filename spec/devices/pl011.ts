// PL011: Arm's UART. Relies on schema.ts.

import { primeCellIds } from "./prime-cell.ts";
import { field, register, type DeviceSpec } from "./schema.ts";

/** Bytes that each FIFO holds. */
export const PL011_FIFO_BYTES = 16;

/** Interrupt bits, the same in IMSC, RIS, MIS and ICR. */
const interrupts = {
  rim: field(0),
  ctsm: field(1),
  dcdm: field(2),
  dsrm: field(3),
  rx: field(4),
  tx: field(5),
  rt: field(6),
  fe: field(7),
  pe: field(8),
  be: field(9),
  oe: field(10),
};

export const pl011Fields = {
  fr: {
    cts: field(0),
    dsr: field(1),
    dcd: field(2),
    busy: field(3),
    rxfe: field(4),
    txff: field(5),
    rxff: field(6),
    txfe: field(7),
    ri: field(8),
  },
  lcrH: {
    brk: field(0),
    pen: field(1),
    eps: field(2),
    stp2: field(3),
    fen: field(4),
    wlen: field(5, 2),
    sps: field(7),
  },
  cr: {
    uarten: field(0),
    siren: field(1),
    sirlp: field(2),
    lbe: field(7),
    txe: field(8),
    rxe: field(9),
    dtr: field(10),
    rts: field(11),
    out1: field(12),
    out2: field(13),
    rtsen: field(14),
    ctsen: field(15),
  },
  ifls: { tx: field(0, 3), rx: field(3, 3) },
  dmacr: { rxdmae: field(0), txdmae: field(1), dmaonerr: field(2) },
  interrupts,
};

const { fr, lcrH, cr, ifls, dmacr } = pl011Fields;

export const pl011: DeviceSpec = {
  name: "pl011",
  doc: "UART with 16-byte FIFOs.",
  source: "ARM DDI 0183G, PrimeCell UART (PL011) revision r1p5",
  bytes: 0x1000,
  accesses: [1, 2, 4, 8],
  compatible: ["arm,pl011", "arm,primecell"],
  registers: [
    register("dr", 0x000, "Loaded: the oldest byte received, with its errors. Stored: a byte to send."),
    register("rsr", 0x004, "Errors of the byte loaded last; a store clears them."),
    register("fr", 0x018, "Flags.", { access: "ro", reset: 0x90n, fields: fr }),
    register("ilpr", 0x020, "IrDA low-power counter."),
    register("ibrd", 0x024, "Integer part of the divisor."),
    register("fbrd", 0x028, "Fractional part of the divisor, in 64ths."),
    register("lcr_h", 0x02c, "Line control.", { fields: lcrH }),
    register("cr", 0x030, "Control.", { reset: 0x300n, fields: cr }),
    register("ifls", 0x034, "FIFO levels that interrupt.", { reset: 0x12n, fields: ifls }),
    register("imsc", 0x038, "Interrupt mask: 1 lets it through.", { fields: interrupts }),
    register("ris", 0x03c, "Interrupts before the mask.", { access: "ro", fields: interrupts }),
    register("mis", 0x040, "Interrupts after the mask.", { access: "ro", fields: interrupts }),
    register("icr", 0x044, "Stored ones clear interrupts.", { access: "wo", fields: interrupts }),
    register("dmacr", 0x048, "DMA control.", { fields: dmacr }),
    ...primeCellIds([0x11, 0x10, 0x14, 0x00]),
  ],
};
