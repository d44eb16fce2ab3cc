// fw_cfg: QEMU's way to hand files to firmware. Relies on schema.ts.
//
// Selector and DMA address are big-endian; data is a stream of bytes.

import { field, register, type DeviceSpec } from "./schema.ts";

/** Entries that have numbers of their own, and where the files begin. */
export const FW_CFG_KEYS = {
  signature: 0x00,
  id: 0x01,
  cpus: 0x05,
  kernelSize: 0x08,
  initrdSize: 0x0b,
  kernelData: 0x11,
  initrdData: 0x12,
  argumentsSize: 0x14,
  argumentsData: 0x15,
  directory: 0x19,
  firstFile: 0x20,
} as const;

/** What the device id entry says: the data register is there (1), DMA is there (2). */
export const FW_CFG_FEATURES = 3;

/** What the DMA register reads as, first letter first. */
export const FW_CFG_DMA_SIGNATURE = "QEMU CFG";

/** One file in the directory: its size, its key, and its name in this many bytes, ending with a zero. */
export const FW_CFG_NAME_BYTES = 56;

export const fwCfgDmaFields = {
  error: field(0),
  read: field(1),
  skip: field(2),
  select: field(3),
  write: field(4),
  key: field(16, 16),
};

export const fwCfg: DeviceSpec = {
  name: "fw-cfg",
  doc: "Files for firmware, by key.",
  source: "QEMU documentation, QEMU Firmware Configuration (fw_cfg) Device",
  bytes: 0x18,
  accesses: [1, 2, 4, 8],
  compatible: ["qemu,fw-cfg-mmio"],
  registers: [
    register("data", 0x0, "The next bytes of the selected entry.", { bytes: 8 }),
    register("selector", 0x8, "Key of the entry to read from its start.", { bytes: 2, access: "wo" }),
    register("dma_high", 0x10, "High half of the address of a DMA command."),
    register("dma_low", 0x14, "Low half; storing it starts the command."),
  ],
};
