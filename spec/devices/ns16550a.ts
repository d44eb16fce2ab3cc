// NS16550A: the UART of PCs and of RISC-V boards. Relies on schema.ts.
//
// While LCR.DLAB is set, offsets 0 and 1 are the bytes of the divisor instead.

import { field, register, type DeviceSpec } from "./schema.ts";

/** Bytes that each FIFO holds. */
export const NS16550A_FIFO_BYTES = 16;

/** Interrupt causes as IIR gives them, without the FIFO bits, by urgency. */
export const NS16550A_CAUSES = {
  lineStatus: 0x06,
  dataAvailable: 0x04,
  timeout: 0x0c,
  transmitEmpty: 0x02,
  modemStatus: 0x00,
  none: 0x01,
} as const;

/** Receive trigger levels by FCR's two top bits. */
export const NS16550A_TRIGGERS: readonly number[] = [1, 4, 8, 14];

export const ns16550aFields = {
  ier: { erbfi: field(0), etbei: field(1), elsi: field(2), edssi: field(3) },
  iir: { cause: field(0, 4), fifos: field(6, 2) },
  fcr: { enable: field(0), rxReset: field(1), txReset: field(2), dma: field(3), trigger: field(6, 2) },
  lcr: {
    wls: field(0, 2),
    stb: field(2),
    pen: field(3),
    eps: field(4),
    stick: field(5),
    brk: field(6),
    dlab: field(7),
  },
  mcr: { dtr: field(0), rts: field(1), out1: field(2), out2: field(3), loop: field(4) },
  lsr: {
    dr: field(0),
    oe: field(1),
    pe: field(2),
    fe: field(3),
    bi: field(4),
    thre: field(5),
    temt: field(6),
  },
  msr: {
    dcts: field(0),
    ddsr: field(1),
    teri: field(2),
    ddcd: field(3),
    cts: field(4),
    dsr: field(5),
    ri: field(6),
    dcd: field(7),
  },
};

const { ier, iir, fcr, lcr, mcr, lsr, msr } = ns16550aFields;
const oneByte = { bytes: 1 } as const;

export const ns16550a: DeviceSpec = {
  name: "ns16550a",
  doc: "UART with 16-byte FIFOs.",
  source: "PC16550D data sheet (National Semiconductor, June 1995), section 8",
  bytes: 0x100,
  accesses: [1, 2, 4, 8],
  compatible: ["ns16550a"],
  registers: [
    register("rbr", 0, "Oldest byte received (DLAB: low byte of the divisor).", { ...oneByte, access: "ro" }),
    register("thr", 0, "Byte to send (DLAB: low byte of the divisor).", { ...oneByte, access: "wo" }),
    register("ier", 1, "Interrupt enables (DLAB: high byte of the divisor).", { ...oneByte, fields: ier }),
    register("iir", 2, "Most urgent interrupt cause.", { ...oneByte, access: "ro", reset: 1n, fields: iir }),
    register("fcr", 2, "FIFO control.", { ...oneByte, access: "wo", fields: fcr }),
    register("lcr", 3, "Line control.", { ...oneByte, fields: lcr }),
    register("mcr", 4, "Modem control.", { ...oneByte, reset: 0x08n, fields: mcr }),
    register("lsr", 5, "Line status.", { ...oneByte, access: "ro", reset: 0x60n, fields: lsr }),
    register("msr", 6, "Modem status.", { ...oneByte, access: "ro", reset: 0xb0n, fields: msr }),
    register("scr", 7, "Scratch.", oneByte),
  ],
};
