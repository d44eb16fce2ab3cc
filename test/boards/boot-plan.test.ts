// Where files go and how harts begin, for each kind of file and board.

import { expect, test } from "vitest";
import { planBoot, type BootFiles, type BootPlan } from "../../runtime/boards/boot-plan.ts";
import { deviceTreeBlob } from "../../runtime/boards/device-tree-blob.ts";
import { readDeviceTreeFile } from "../../runtime/boards/device-tree-file.ts";
import { isProblem } from "../../runtime/images/elf-file.ts";
import type { Board, BoardConfiguration } from "../../spec/boards/board.ts";
import { virtArm64 } from "../../spec/boards/virt-arm64.ts";
import { virtRiscv64 } from "../../spec/boards/virt-riscv64.ts";
import { FW_CFG_KEYS } from "../../spec/devices/fw-cfg.ts";
import { readDeviceTree } from "../support/device-tree-reader.ts";

const MIB = 1n << 20n;
const configuration: BoardConfiguration = {
  harts: 2,
  memoryBytes: 256n * MIB,
  hasHypervisor: false,
  gicVersion: 2,
  bootArguments: "console=ttyS0",
  initrd: null,
  randomSeed: new Uint8Array(32),
};
const nothing: BootFiles = { kernel: null, bios: null, initrd: null };

function linuxImage(magic: string, textOffset: bigint, imageBytes: bigint): Uint8Array {
  const bytes = new Uint8Array(4096);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(8, textOffset, true);
  view.setBigUint64(16, imageBytes, true);
  bytes.set(new TextEncoder().encode(magic), 56);
  return bytes;
}

// One loadable segment of four bytes at the start of both boards' files.
function elfFile(machine: number): Uint8Array {
  const bytes = new Uint8Array(64 + 56 + 4);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, 2, true);
  view.setUint16(18, machine, true);
  view.setBigUint64(32, 64n, true);
  view.setUint16(54, 56, true);
  view.setUint16(56, 1, true);
  view.setUint32(64, 1, true);
  view.setBigUint64(72, 120n, true);
  view.setBigUint64(96, 4n, true);
  view.setBigUint64(104, 4n, true);
  return bytes;
}

// The same for that place.
function elfAt(machine: number, address: bigint): Uint8Array {
  const bytes = elfFile(machine);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(24, address, true);
  view.setBigUint64(80, address, true);
  view.setBigUint64(88, address, true);
  return bytes;
}

function plan(board: Board, files: Partial<BootFiles>, changes: Partial<BoardConfiguration> = {}): BootPlan {
  const made = planBoot(board, { ...configuration, ...changes }, { ...nothing, ...files });
  if (isProblem(made)) throw new Error(made.message);
  return made;
}

function code(board: Board, files: Partial<BootFiles>, changes: Partial<BoardConfiguration> = {}): string {
  const made = planBoot(board, { ...configuration, ...changes }, { ...nothing, ...files });
  return isProblem(made) ? made.code : "none";
}

test("RISC-V: a Linux image starts in supervisor mode on the first hart, 2 MiB behind the start of memory", () => {
  const made = plan(virtRiscv64, { kernel: linuxImage("RSC\x05", 0x20_0000n, 20n * MIB) });
  expect(made.hasFirmware).toBe(true);
  expect(made.starts.map((s) => [s.pc, s.privilege, s.isOn])).toEqual([
    [0x8020_0000n, "S", true],
    [0x8020_0000n, "S", false],
  ]);
  const treeAt = made.starts[0]?.registers.get(11);
  expect(treeAt).toBe(0x8fe0_0000n);
  const tree = made.loads.find((load) => load.address === treeAt);
  const chosen = readDeviceTree(tree?.bytes ?? new Uint8Array()).get("/chosen");
  expect(new TextDecoder().decode(chosen?.get("bootargs"))).toBe("console=ttyS0\0");
});

test("RISC-V: firmware starts all harts in machine mode and hears where the kernel is", () => {
  const made = plan(virtRiscv64, { bios: new Uint8Array(4 * Number(MIB)), kernel: new Uint8Array([1]) });
  expect(made.starts.map((s) => [s.pc, s.privilege, s.isOn])).toEqual([
    [0x8000_0000n, "M", true],
    [0x8000_0000n, "M", true],
  ]);
  const dynamic = made.loads.find((load) => load.address === made.starts[0]?.registers.get(12))?.bytes;
  const view = new DataView(dynamic?.buffer ?? new ArrayBuffer(0));
  expect(view.getBigUint64(0, true)).toBe(0x4942_534fn);
  expect(view.getBigUint64(16, true)).toBe(0x8040_0000n);
});

test("Arm: a Linux image lies at its text offset, the tree behind the initial file system", () => {
  const kernel = linuxImage("ARM\x64", 0n, 30n * MIB);
  const made = plan(virtArm64, { kernel, initrd: new Uint8Array(100) });
  expect(made.starts.map((s) => [s.pc, s.privilege, s.isOn])).toEqual([
    [0x4020_0000n, "EL1", true],
    [0x4020_0000n, "EL1", false],
  ]);
  expect(made.configuration.initrd).toEqual({ address: 0x4800_0000n, bytes: 100n });
  expect(made.starts[0]?.registers.get(0)).toBe(0x4820_0000n);
});

// Where QEMU 7.2 puts them: half of memory behind its start, at most 128 MiB, and never inside of the kernel.
test.each([
  [64n, 0x4240_0000n, 0x4230_0000n],
  [128n, 0x4420_0000n, 0x4400_0000n],
  [256n, 0x4820_0000n, 0x4800_0000n],
])("Arm: %d MiB of memory hold kernel, initial file system and tree", (mib, treeAt, initrdAt) => {
  const kernel = linuxImage("ARM\x64", 0n, 33n * MIB);
  const memoryBytes = mib * MIB;
  const made = plan(virtArm64, { kernel, initrd: new Uint8Array(100) }, { memoryBytes });
  expect(made.configuration.initrd?.address).toBe(initrdAt);
  expect(made.starts[0]?.registers.get(0)).toBe(treeAt);
  const alone = plan(virtArm64, { kernel }, { memoryBytes });
  expect(alone.starts[0]?.registers.get(0)).toBe(mib === 64n ? treeAt : initrdAt);
});

test("what does not fit is named", () => {
  const message = (files: Partial<BootFiles>): string => {
    const made = planBoot(virtArm64, configuration, { ...nothing, ...files });
    return isProblem(made) ? made.message : "";
  };
  const kernel = elfFile(183);
  expect(message({ kernel })).toMatch(/^--kernel would lie at 0x00000000 to /);
  const initrd = new Uint8Array(200 * Number(MIB));
  expect(message({ kernel: new Uint8Array(8), initrd })).toMatch(/^--initrd would lie at 0x48000000 to /);
  expect(message({ kernel: elfFile(243) })).toBe(
    "--kernel: expected a program for arm64, found one for riscv64",
  );
  const image = { bytes: new Uint8Array(4), address: 0x4008_0000n, hart: null, isRaw: true };
  expect(message({ kernel: new Uint8Array(8), loaders: [image] })).toBe(
    "--device loader at 0x40080000 overlaps --kernel at 0x40080000",
  );
});

test("Arm: firmware lies in flash, and the tree at the start of memory", () => {
  const made = plan(virtArm64, { bios: new Uint8Array([1, 2, 3]) }, { hasHypervisor: true });
  expect(made.flash.get("flash0")?.image).toEqual(new Uint8Array([1, 2, 3]));
  expect(made.starts[0]).toMatchObject({ pc: 0n, privilege: "EL2" });
  expect(made.loads.map((load) => load.address)).toEqual([0x4000_0000n]);
});

test("files that cannot be booted are problems", () => {
  expect(code(virtRiscv64, { kernel: new Uint8Array() })).toBe("R0033");
  expect(code(virtArm64, { bios: new Uint8Array() })).toBe("R0033");
  expect(code(virtRiscv64, { kernel: linuxImage("ARM\x64", 0n, 0n) })).toBe("R0004");
  expect(code(virtRiscv64, { kernel: new Uint8Array(300 * Number(MIB)) })).toBe("R0030");
  const large = { kernel: new Uint8Array(200 * Number(MIB)), initrd: new Uint8Array(1) };
  expect(code(virtArm64, large)).toBe("none");
  expect(code(virtArm64, { bios: elfFile(183) })).toBe("R0032");
  expect(code(virtArm64, { bios: elfFile(183).subarray(0, 20) })).toBe("R0002");
  expect(code(virtArm64, { kernel: elfFile(243) })).toBe("R0004");
});

test("RISC-V without firmware: machine mode at the start of memory, or at the kernel's own entry", () => {
  const raw = plan(virtRiscv64, { kernel: new Uint8Array(8), bios: "none" });
  expect(raw.loads[0]?.address).toBe(0x8000_0000n);
  expect(raw.starts[1]).toMatchObject({ pc: 0x8000_0000n, privilege: "M", isOn: true });
  // Where QEMU puts the device tree: the last 2 MiB below 3 GiB that have room for it.
  const treeAt = (memoryBytes: bigint): bigint | undefined =>
    plan(virtRiscv64, { kernel: new Uint8Array(8), bios: "none" }, { memoryBytes }).starts[0]?.registers.get(
      11,
    );
  expect([128n, 200n, 1024n, 2048n].map((mib) => treeAt(mib << 20n))).toEqual([
    0x87e0_0000n,
    0x8c60_0000n,
    0xbfe0_0000n,
    0xbfe0_0000n,
  ]);
  const elsewhere = plan(virtRiscv64, { kernel: elfAt(243, 0x8040_0000n), bios: "none" });
  expect(elsewhere.starts[0]?.pc).toBe(0x8040_0000n);
  const loaders = [{ bytes: new Uint8Array(4), address: 0x8000_0000n, hart: null, isRaw: false }];
  const both = plan(virtRiscv64, { kernel: elfAt(243, 0x8040_0000n), bios: "none", loaders });
  expect(both.starts[0]?.pc).toBe(0x8000_0000n);
});

test("further images: where they go, who starts there, and what they may not do", () => {
  const image = { bytes: new Uint8Array(4), address: 0x4800_0000n, hart: 1, isRaw: false };
  const elf = { bytes: elfAt(183, 0x4900_0000n), address: null, hart: 0, isRaw: false };
  const made = plan(virtArm64, { loaders: [image, elf] });
  expect(made.loads.slice(-2).map(({ address }) => address)).toEqual([0x4800_0000n, 0x4900_0000n]);
  expect(made.starts.map(({ pc }) => pc)).toEqual([0x4900_0000n, 0x4800_0000n]);
  expect(code(virtArm64, { loaders: [{ ...image, address: null }] })).toBe("M0211");
  expect(code(virtArm64, { loaders: [{ ...elf, isRaw: true }] })).toBe("M0211");
  expect(code(virtArm64, { loaders: [image, image] })).toBe("R0031");
  expect(code(virtRiscv64, { loaders: [elf] })).toBe("R0004");
  expect(code(virtRiscv64, { loaders: [{ ...image, address: 0n }] })).toBe("R0030");
});

test("flash: harts start in the first bank; what is too large is refused", () => {
  const contents = { image: new Uint8Array(4), isReadOnly: true };
  for (const [board, at] of [
    [virtRiscv64, 0x2000_0000n],
    [virtArm64, 0n],
  ] as const) {
    const made = plan(board, { kernel: new Uint8Array(64), flash: new Map([["flash0", contents]]) });
    expect(made.starts[0]?.pc).toBe(at);
    const second = plan(board, { kernel: new Uint8Array(64), flash: new Map([["flash1", contents]]) });
    expect(second.starts[0]?.pc).not.toBe(at);
    const large = { image: new Uint8Array((64 << 20) + 1), isReadOnly: true };
    expect(code(board, { kernel: new Uint8Array(64), flash: new Map([["flash1", large]]) })).toBe("M0212");
  }
});

test("a device tree of one's own gets the kernel's arguments, and is otherwise as it was", () => {
  const board = virtRiscv64;
  const own = deviceTreeBlob(board.deviceTree({ ...configuration, bootArguments: "old" }));
  const kernel = linuxImage("RSC\x05", 0n, 4096n);
  const made = plan(board, { kernel, initrd: new Uint8Array(16), deviceTree: own });
  const tree = made.loads.find(({ bytes }) => bytes[0] === 0xd0)?.bytes ?? new Uint8Array();
  expect(
    readDeviceTreeFile(tree)
      ?.children.map(({ name }) => name)
      .sort(),
  ).toEqual(
    board
      .deviceTree(configuration)
      .children.map(({ name }) => name)
      .sort(),
  );
  const chosen = readDeviceTreeFile(tree)?.children.find(({ name }) => name === "chosen");
  const text = (name: string): string =>
    Buffer.from(chosen?.properties.flatMap(([key, v]) => (key === name && v.kind === "bytes" ? [...v.bytes] : [])) ?? []).toString("latin1"); // prettier-ignore
  expect(text("bootargs")).toBe("console=ttyS0\0");
  expect(text("stdout-path")).toBe("/soc/serial@10000000\0");
  expect(text("linux,initrd-start")).toHaveLength(8);
  // Cut off or altered anywhere, it is another tree or none.
  expect(code(board, { kernel, deviceTree: own.subarray(0, 39) })).toBe("M0213");
  expect(code(board, { kernel, deviceTree: new Uint8Array(100) })).toBe("M0213");
  for (let at = 0; at < own.length; at += 13) {
    const altered = own.slice();
    altered[at] = (altered[at] ?? 0) ^ 0xff;
    expect(() => readDeviceTreeFile(altered)).not.toThrow();
    expect(() => readDeviceTreeFile(own.subarray(0, at))).not.toThrow();
  }
});

test("firmware in Arm's flash finds the kernel in fw_cfg, not in memory", () => {
  const kernel = Uint8Array.of(1, 2, 3);
  const files = { ...nothing, bios: new Uint8Array(64), kernel, initrd: Uint8Array.of(9) };
  const plan = planBoot(virtArm64, configuration, files);
  if (isProblem(plan)) throw new Error(plan.message);
  const { kernelSize, kernelData, initrdSize, argumentsData } = FW_CFG_KEYS;
  const entry = (key: number): readonly number[] => [...(plan.firmwareEntries.get(key) ?? [])];
  expect([entry(kernelSize), entry(kernelData), entry(initrdSize)]).toEqual([
    [3, 0, 0, 0],
    [1, 2, 3],
    [1, 0, 0, 0],
  ]);
  expect(Buffer.from(entry(argumentsData)).toString()).toBe("console=ttyS0\0");
  // Nothing but the device tree.
  expect(plan.loads).toHaveLength(1);
  expect(plan.configuration.initrd).toBeNull();
});
