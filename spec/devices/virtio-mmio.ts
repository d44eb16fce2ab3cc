// The memory-mapped transport of virtio devices, version 2 and the legacy version 1. Relies on schema.ts.

import { register, type DeviceSpec } from "./schema.ts";

export const VIRTIO_MMIO = {
  /** "virt" */
  magic: 0x7472_6976n,
  vendor: 0x554d_4551n,
  version: { legacy: 1n, modern: 2n },
  configuration: 0x100,
} as const;

/** A window of `bytes`, with `configurationBytes` of the device's own registers. */
export function virtioMmio(bytes: number): DeviceSpec {
  const ro = { access: "ro" } as const;
  const wo = { access: "wo" } as const;
  return {
    name: "virtio-mmio",
    doc: "A virtio device: who it is, what it can do, where its queues are.",
    source: "VIRTIO 1.2, 4.2.2 and 4.2.4 (legacy)",
    bytes,
    accesses: [1, 2, 4, 8],
    compatible: ["virtio,mmio"],
    registers: [
      register("magic_value", 0x000, "The letters virt.", ro),
      register("version", 0x004, "2; 1 for the legacy layout.", ro),
      register("device_id", 0x008, "What device this is; 0: none.", ro),
      register("vendor_id", 0x00c, "Who made it.", ro),
      register("device_features", 0x010, "32 bits of what the device can do.", ro),
      register("device_features_sel", 0x014, "Which 32 bits.", wo),
      register("driver_features", 0x020, "32 bits of what the driver will use.", wo),
      register("driver_features_sel", 0x024, "Which 32 bits.", wo),
      register("guest_page_size", 0x028, "Legacy: bytes of the pages that queue_pfn counts.", wo),
      register("queue_sel", 0x030, "The queue that the following registers mean.", wo),
      register("queue_num_max", 0x034, "Its largest size; 0: no such queue.", ro),
      register("queue_num", 0x038, "Its size.", wo),
      register("queue_align", 0x03c, "Legacy: the used ring lies at a multiple of this.", wo),
      register("queue_pfn", 0x040, "Legacy: the page where the queue begins; 0: not in use."),
      register("queue_ready", 0x044, "1: the queue is in use."),
      register("queue_notify", 0x050, "The number of a queue with new buffers.", wo),
      register("interrupt_status", 0x060, "Why there is an interrupt.", ro),
      register("interrupt_ack", 0x064, "Ones take the causes away.", wo),
      register("status", 0x070, "How far the driver is; 0 resets the device."),
      register("queue_desc_low", 0x080, "Address of the descriptors.", wo),
      register("queue_desc_high", 0x084, "Its upper half.", wo),
      register("queue_driver_low", 0x090, "Address of the driver's ring.", wo),
      register("queue_driver_high", 0x094, "Its upper half.", wo),
      register("queue_device_low", 0x0a0, "Address of the device's ring.", wo),
      register("queue_device_high", 0x0a4, "Its upper half.", wo),
      register("config_generation", 0x0fc, "Changes whenever the configuration does.", ro),
      register("config", VIRTIO_MMIO.configuration, "The device's own registers.", {
        bytes: 1,
        count: bytes - VIRTIO_MMIO.configuration,
      }),
    ],
  };
}
