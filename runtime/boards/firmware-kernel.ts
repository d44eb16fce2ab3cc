// What fw_cfg holds for firmware that is to start a kernel: the kernel, its initial file system and its arguments.
// Source: QEMU documentation, QEMU Firmware Configuration (fw_cfg) Device; keys in spec/devices/fw-cfg.ts.

import { FW_CFG_KEYS } from "../../spec/devices/fw-cfg.ts";

export interface FirmwareKernel {
  readonly kernel: Uint8Array;
  readonly initrd: Uint8Array | null;
  readonly bootArguments: string | null;
}

/** Entries by key: each part's size, then its bytes. The arguments end with a zero. */
export function kernelEntries({
  kernel,
  initrd,
  bootArguments,
}: FirmwareKernel): ReadonlyMap<number, Uint8Array> {
  const { kernelSize, kernelData, initrdSize, initrdData, argumentsSize, argumentsData } = FW_CFG_KEYS;
  const entries = new Map<number, Uint8Array>();
  const add = (sizeKey: number, dataKey: number, data: Uint8Array): void => {
    const size = new Uint8Array(4);
    new DataView(size.buffer).setUint32(0, data.length, true);
    entries.set(sizeKey, size).set(dataKey, data);
  };
  add(kernelSize, kernelData, kernel);
  if (initrd !== null) add(initrdSize, initrdData, initrd);
  if (bootArguments !== null)
    add(argumentsSize, argumentsData, new TextEncoder().encode(`${bootArguments}\0`));
  return entries;
}
