// What virtio devices and their drivers agree on, whatever the transport: numbers, bits and layouts in memory.
// Relies on nothing. Source: Virtual I/O Device (VIRTIO) Version 1.2 (OASIS), sections as named; all little-endian.

/** Section 5. */
export const VIRTIO_DEVICE = { none: 0, network: 1, block: 2, console: 3, entropy: 4 } as const;

/** Section 2.1. */
export const VIRTIO_STATUS = {
  acknowledge: 1,
  driver: 2,
  driverOk: 4,
  featuresOk: 8,
  needsReset: 64,
  failed: 128,
} as const;

/** Feature bits of every device (section 6); the first two are legacy ones (6.3). */
export const VIRTIO_FEATURE = {
  notifyOnEmpty: 1n << 24n,
  anyLayout: 1n << 27n,
  indirectDescriptors: 1n << 28n,
  eventIndex: 1n << 29n,
  version1: 1n << 32n,
} as const;

/** Bits of InterruptStatus (4.2.2). */
export const VIRTIO_INTERRUPT = { usedBuffer: 1, configuration: 2 } as const;

/** A descriptor (2.7.5): address u64, length u32, flags u16, next u16. */
export const VIRTQ_DESCRIPTOR = {
  bytes: 16,
  length: 8,
  flags: 12,
  next: 14,
  flag: { next: 1, deviceWrites: 2, indirect: 4 },
} as const;

/** The driver's ring (2.7.6): flags u16, index u16, heads u16 each, then the index whose use it wants to hear of. */
export const VIRTQ_AVAILABLE = { index: 2, ring: 4, entryBytes: 2, flag: { noInterrupt: 1 } } as const;

/** The device's ring (2.7.8): flags u16, index u16, (head u32, written bytes u32) each, then an index as above. */
export const VIRTQ_USED = { index: 2, ring: 4, entryBytes: 8 } as const;

/** Block devices (5.2). Sectors are 512 bytes whatever the block size is. */
export const VIRTIO_BLOCK = {
  sectorBytes: 512,
  feature: { segmentMax: 1n << 2n, readOnly: 1n << 5n, blockSize: 1n << 6n, flush: 1n << 9n },
  /** Offsets in the configuration: capacity u64, then as named. */
  configuration: { capacity: 0, segmentMax: 12, blockSize: 20, bytes: 60 },
  /** type u32, reserved u32, sector u64. */
  header: { bytes: 16, type: 0, sector: 8 },
  request: { in: 0, out: 1, flush: 4, getId: 8 },
  status: { ok: 0, failed: 1, unsupported: 2 },
  idBytes: 20,
} as const;

/** Network cards (5.1): queue 0 receives, queue 1 transmits. */
export const VIRTIO_NETWORK = {
  queue: { receive: 0, transmit: 1 },
  feature: { mac: 1n << 5n, mergeBuffers: 1n << 15n, status: 1n << 16n },
  /** MAC address, then status u16. */
  configuration: { mac: 0, status: 6, bytes: 8 },
  linkUp: 1,
  /** Header in front of each frame; the count of merged buffers at its end exists from version 1 on. */
  header: { bytes: 12, legacyBytes: 10, bufferCount: 10 },
} as const;

/**
 * Consoles (5.3). Queues: two of port 0, two for control, then two of each further port; of each pair, the first one
 * receives. The control queues and further ports exist with the multiport feature.
 */
export const VIRTIO_CONSOLE = {
  queue: { receive: 0, transmit: 1, controlReceive: 2, controlTransmit: 3, perPort: 2 },
  feature: { multiport: 1n << 1n },
  /** Offset of u32 in the configuration. */
  configuration: { maxPorts: 4, bytes: 12 },
  /** port u32, event u16, value u16 (5.3.6.2). */
  control: { bytes: 8, event: 4, value: 6 },
  event: { deviceReady: 0, deviceAdd: 1, portReady: 3, consolePort: 4, portOpen: 6 },
} as const;
