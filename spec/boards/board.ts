// The shape of a board: which devices are where, and who interrupts whom. Relies on device-tree.ts.
// One file a board; the emulated machine, its device tree and the system builder take every number from there.

import { node, twoCells, type DeviceTreeNode, type PropertyText } from "./device-tree.ts";

export type BoardName = "virt-riscv64" | "virt-arm64";

/** A device of the board. */
export interface BoardDevice {
  /** Unique: `uart0`. */
  readonly name: string;
  /** The description in spec/devices, or `virtio-mmio`. */
  readonly kind: string;
  readonly address: bigint;
  /** Size of its window. */
  readonly bytes: bigint;
  /** Input of the interrupt controller: a PLIC source, or a shared interrupt of the GIC (0 is the first one, ID 32). */
  readonly interrupt: number | null;
}

/** An address range without a device of its own kind: RAM, boot ROM. */
export interface BoardRange {
  readonly address: bigint;
  readonly bytes: bigint;
}

/** What differs between two machines of one board. */
export interface BoardConfiguration {
  readonly harts: number;
  readonly memoryBytes: bigint;
  /** Arm: EL2 exists. */
  readonly hasHypervisor: boolean;
  /** Arm: 2 or 3. */
  readonly gicVersion: 2 | 3;
  /** What a kernel finds in `/chosen`. */
  readonly bootArguments: string | null;
  readonly initrd: BoardRange | null;
  /** Bytes that the guest may stir into its random numbers: 32 of them. */
  readonly randomSeed: Uint8Array;
}

/** The device with that name in a board's list, which must have it. */
export function deviceNamed(devices: readonly BoardDevice[], name: string): BoardDevice {
  const found = devices.find((d) => d.name === name);
  if (found === undefined) throw new Error(`the board has no ${name}`);
  return found;
}

export interface Board {
  readonly name: BoardName;
  readonly isa: "riscv64" | "arm64";
  readonly doc: string;
  readonly maxHarts: number;
  /** maxBytes: three of the four GiB that translated code can address; the rest is for its tables. */
  readonly memory: { readonly address: bigint; readonly maxBytes: bigint };
  /** Null: harts start in the first flash bank. */
  readonly bootRom: BoardRange | null;
  /** The devices of a machine with that configuration, by address. */
  readonly devices: (configuration: BoardConfiguration) => readonly BoardDevice[];
  readonly deviceTree: (configuration: BoardConfiguration) => DeviceTreeNode;
}

/** What a kernel is told in `/chosen`: its arguments and where its initial file system is, each only if there is one. */
export function chosenFacts({
  bootArguments,
  initrd,
}: BoardConfiguration): Readonly<Record<string, PropertyText>> {
  return {
    ...(bootArguments === null ? {} : { bootargs: bootArguments }),
    ...(initrd === null
      ? {}
      : {
          "linux,initrd-end": twoCells(initrd.address + initrd.bytes),
          "linux,initrd-start": twoCells(initrd.address),
        }),
  };
}

/** The node that tells a kernel about its console, its arguments and its first file system. */
export function chosenNode(configuration: BoardConfiguration, consolePath: string): DeviceTreeNode {
  return node("chosen", {
    ...chosenFacts(configuration),
    "rng-seed": configuration.randomSeed,
    "stdout-path": consolePath,
  });
}
