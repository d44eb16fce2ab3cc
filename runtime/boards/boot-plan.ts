// Where everything goes before the first instruction, and how the harts begin: QEMU's boot protocols.
//
// Relies on spec/boards, spec/abi and runtime/images. Pure: files in, loads and start states out. Sources: QEMU 7.2,
// docs/system/{riscv,arm}/virt.rst and its behaviour; Linux's booting documents of both ISAs.

import { FW_DYNAMIC } from "../../spec/abi/opensbi.ts";
import { DEFAULT_TEXT_OFFSET, IMAGE_ALIGNMENT } from "../../spec/abi/linux-image.ts";
import {
  deviceNamed,
  type Board,
  type BoardConfiguration,
  type BoardRange,
} from "../../spec/boards/board.ts";
import { isProblem } from "../images/elf-file.ts";
import { readKernelImage, type KernelImage, type Load } from "../images/kernel-image.ts";
import type { HartStart } from "../isa/system.ts";
import type { FwCfgFile } from "../devices/fw-cfg.ts";
import { hexAddress, problem, type Problem } from "../problem.ts";
import type { DeviceTreeNode } from "../../spec/boards/device-tree.ts";
import { deviceTreeBlob } from "./device-tree-blob.ts";
import { readDeviceTreeFile, withChosen } from "./device-tree-file.ts";
import { kernelEntries } from "./firmware-kernel.ts";
import { readLoaders, startAt, type Loaded, type LoaderImage } from "./loaders.ts";

/** What is given to a board. */
export interface BootFiles {
  readonly kernel: Uint8Array | null;
  /** Machine-level firmware or boot ROM; null: the machine's own if there is a kernel; `none`: none, not even that. */
  readonly bios: Uint8Array | "none" | null;
  readonly initrd: Uint8Array | null;
  /** A device tree instead of the board's own; missing: none. */
  readonly deviceTree?: Uint8Array | null;
  /** Further images; missing: none. */
  readonly loaders?: readonly LoaderImage[];
  /** Contents of flash banks by their names on the board. If the first bank is among them, harts start there. */
  readonly flash?: ReadonlyMap<string, FlashContents>;
  /** Files that guests find in fw_cfg. */
  readonly firmwareFiles?: readonly FwCfgFile[];
}

/** What a flash bank holds at power-on. */
export interface FlashContents {
  readonly image: Uint8Array;
  readonly isReadOnly: boolean;
}

/** A load with the name that users know it by. */
export interface NamedLoad extends Load {
  readonly what: string;
}

/** Contents of memory and flash, and the state of each hart. */
export interface BootPlan {
  readonly loads: readonly NamedLoad[];
  /** By the bank's name; others are empty. */
  readonly flash: ReadonlyMap<string, FlashContents>;
  readonly firmwareFiles: readonly FwCfgFile[];
  /** Entries of fw_cfg by key: a kernel that firmware is to start. */
  readonly firmwareEntries: ReadonlyMap<number, Uint8Array>;
  readonly starts: readonly HartStart[];
  /** True if the machine's own firmware answers calls: SBI, PSCI. */
  readonly hasFirmware: boolean;
  /** The kernel or firmware with symbols, for reports. */
  readonly elf: KernelImage | null;
  readonly configuration: BoardConfiguration;
}

const MIB = 1n << 20n;
const PAGE = 4096n;
/** Device trees are found by 32-bit code and lie below this. */
const LOW_MEMORY_END = 3072n * MIB;
const INITRD_DISTANCE = 128n * MIB;
const TREE_ALIGNMENT = 2n * MIB;
/** Numbers of argument registers. */
const RISCV_A0 = 10;
const RISCV_A1 = 11;
const RISCV_A2 = 12;

interface Images {
  readonly kernel: KernelImage | null;
  readonly kernelBytes: Uint8Array | null;
  readonly bios: KernelImage | null;
  readonly noBios: boolean;
  readonly initrd: Uint8Array | null;
  readonly extra: Loaded;
  /** The tree for a configuration. */
  readonly tree: (configuration: BoardConfiguration) => DeviceTreeNode;
  readonly flash: ReadonlyMap<string, FlashContents>;
}

type PlannedImages = Omit<BootPlan, "firmwareFiles">;

const FIRST_BANK = "flash0";

/** The plan, or what is wrong with the files: codes R0002 to R0011, R0030 to R0033, M0211 to M0213. */
export function planBoot(
  board: Board,
  configuration: BoardConfiguration,
  files: BootFiles,
): BootPlan | Problem {
  const kernel = readImage("--kernel", files.kernel, board);
  if (kernel !== null && isProblem(kernel)) return kernel;
  const bios = readImage("--bios", files.bios === "none" ? null : files.bios, board);
  if (bios !== null && isProblem(bios)) return bios;
  const ownTree = files.deviceTree == null ? null : readDeviceTreeFile(files.deviceTree);
  if (files.deviceTree != null && ownTree === null) return problem("M0213");
  const tree: Images["tree"] = (placed) =>
    ownTree === null ? board.deviceTree(placed) : withChosen(ownTree, placed);
  const extra = readLoaders(files.loaders ?? [], board.isa);
  if (isProblem(extra)) return extra;
  const { initrd, flash = new Map<string, FlashContents>(), firmwareFiles = [] } = files;
  const kernelBytes = files.kernel;
  const images = { kernel, kernelBytes, bios, noBios: files.bios === "none", initrd, extra, tree, flash };
  const made = (board.isa === "arm64" ? planArm64 : planRiscv64)(board, configuration, images);
  if (isProblem(made)) return made;
  const starts = startAt(made.starts, extra);
  const loads = [...made.loads, ...named("--device loader", extra.loads)];
  const plan = { ...made, loads, starts, firmwareFiles };
  return misfit(board, plan) ?? flashMisfit(board, plan) ?? plan;
}

function readImage(option: string, bytes: Uint8Array | null, { isa }: Board): KernelImage | Problem | null {
  if (bytes === null) return null;
  if (bytes.length === 0) return problem("R0033", { option });
  const image = readKernelImage(bytes, isa);
  return isProblem(image) ? { ...image, message: `${option}: ${image.message}` } : image;
}

function named(what: string, loads: readonly Load[]): readonly NamedLoad[] {
  return loads.map((load) => ({ ...load, what }));
}

function flashMisfit(board: Board, { flash, configuration }: BootPlan): Problem | null {
  for (const device of board.devices(configuration)) {
    const found = flash.get(device.name)?.image.length ?? 0;
    const expected = Number(device.bytes);
    if (found > expected) return problem("M0212", { bank: device.name, expected, found });
  }
  return null;
}

// What is loaded outside of memory, or over something else.
function misfit(board: Board, { loads, configuration }: BootPlan): Problem | null {
  const ends = board.memory.address + configuration.memoryBytes;
  const ranges = [...loads]
    .filter(({ bytes }) => bytes.length > 0)
    .sort((a, b) => (a.address < b.address ? -1 : 1))
    .map(({ what, address, bytes }) => ({ what, start: address, end: address + BigInt(bytes.length) }));
  for (const [i, { what, start, end }] of ranges.entries()) {
    const inRom = board.bootRom !== null && start >= board.bootRom.address && end <= board.bootRom.address + board.bootRom.bytes; // prettier-ignore
    if (!inRom && (start < board.memory.address || end > ends)) {
      return problem("R0030", {
        what,
        start: hexAddress(start),
        end: hexAddress(end),
        memory: `${hexAddress(board.memory.address)} to ${hexAddress(ends)}`,
      });
    }
    const next = ranges[i + 1];
    if (next !== undefined && next.start < end) {
      const [first, second] = [
        `${what} at ${hexAddress(start)}`,
        `${next.what} at ${hexAddress(next.start)}`,
      ];
      return problem("R0031", { first, second });
    }
  }
  return null;
}

/** The largest part of memory that nothing was loaded to and no program's segment claims, in whole pages. */
export function freeMemory(
  board: Board,
  { loads, elf, configuration }: BootPlan,
): { readonly start: bigint; readonly end: bigint } {
  const segments = elf?.kind === "elf" ? elf.elf.segments : [];
  const used = [
    ...loads.map(({ address, bytes }) => ({ start: address, end: address + BigInt(bytes.length) })),
    ...segments.map((s) => ({ start: s.physicalAddress, end: s.physicalAddress + s.memoryBytes })),
  ].sort((a, b) => (a.start < b.start ? -1 : 1));
  const memoryEnd = board.memory.address + configuration.memoryBytes;
  let best = { start: memoryEnd, end: memoryEnd };
  let from = board.memory.address;
  for (const { start, end } of [...used, best]) {
    const gapEnd = start - (start % PAGE);
    if (gapEnd <= memoryEnd && gapEnd - from > best.end - best.start) best = { start: from, end: gapEnd };
    const next = alignUp(end, PAGE);
    if (next > from) from = next;
  }
  return best;
}

// Parts of an image, those without an address of their own at `address`.
function loadsOf(image: KernelImage, address: bigint): readonly Load[] {
  return image.kind === "elf" ? image.loads : [{ address, bytes: image.bytes }];
}

function entryOf(image: KernelImage, address: bigint): bigint {
  return image.kind === "elf" ? image.entry : address;
}

// The first free address behind an image, what the kernel wants for itself included.
function endOf(image: KernelImage, address: bigint): bigint {
  const claimed = image.kind === "linux" ? address + image.imageBytes : address;
  const ends = loadsOf(image, address).map((load) => load.address + BigInt(load.bytes.length));
  return ends.reduce((latest, end) => (end > latest ? end : latest), claimed);
}

function alignUp(address: bigint, alignment: bigint): bigint {
  return ((address + alignment - 1n) / alignment) * alignment;
}

function planRiscv64(board: Board, configuration: BoardConfiguration, images: Images): PlannedImages {
  const { kernel, bios, noBios, extra, flash } = images;
  const base = board.memory.address;
  const biosEnd = bios === null ? base : endOf(bios, base);
  // Behind the firmware if there is one, or could be: kernels are linked for that place.
  const kernelAt = alignUp(biosEnd > base || noBios ? biosEnd : base + 1n, IMAGE_ALIGNMENT);
  const entry = kernel === null ? 0n : entryOf(kernel, kernelAt);
  const kernelEnd = kernel === null ? 0n : endOf(kernel, kernelAt);
  const initrd = initialFiles(images.initrd, initrdPlace(configuration, entry, kernelEnd));
  const placed = { ...configuration, initrd: rangeOf(initrd) };
  const tree = deviceTreeBlob(images.tree(placed));
  const memoryEnd = base + configuration.memoryBytes;
  const lowEnd = memoryEnd < LOW_MEMORY_END ? memoryEnd : LOW_MEMORY_END;
  const treeAt = ((lowEnd - BigInt(tree.length)) / TREE_ALIGNMENT) * TREE_ALIGNMENT;
  const hasFirmware = bios === null && !noBios && kernel !== null && !flash.has(FIRST_BANK);
  const dynamic = fwDynamic(kernel === null ? 0n : entry);
  const dynamicAt = board.bootRom === null ? 0n : board.bootRom.address;
  const loads = [
    ...(bios === null ? [] : named("--bios", loadsOf(bios, base))),
    ...(kernel === null ? [] : named("--kernel", loadsOf(kernel, kernelAt))),
    ...(initrd === null ? [] : named("--initrd", [initrd])),
    { what: "the device tree", address: treeAt, bytes: tree },
    { what: "what OpenSBI reads", address: dynamicAt, bytes: dynamic },
  ];
  const isLoaded = [...loads, ...extra.loads].some(({ address }) => address === base);
  // QEMU starts at the beginning of memory also if nothing is there.
  const machineEntry = bios !== null ? entryOf(bios, base) : isLoaded || kernel === null ? base : entry;
  const flashAt = deviceNamed(board.devices(configuration), FIRST_BANK).address;
  const start = (hart: number): HartStart => ({
    pc: flash.has(FIRST_BANK) ? flashAt : hasFirmware ? entry : machineEntry,
    registers: new Map([
      [RISCV_A0, BigInt(hart)],
      [RISCV_A1, treeAt],
      ...(hasFirmware ? [] : [[RISCV_A2, dynamicAt] as const]),
    ]),
    privilege: hasFirmware ? "S" : "M",
    isOn: !hasFirmware || hart === 0,
  });
  return {
    loads,
    flash,
    starts: Array.from({ length: configuration.harts }, (_, hart) => start(hart)),
    firmwareEntries: new Map(),
    hasFirmware,
    elf: kernel ?? bios,
    configuration: placed,
  };
}

function fwDynamic(nextAddress: bigint): Uint8Array {
  const { magic, version, supervisor, words } = FW_DYNAMIC;
  const values: Readonly<Record<string, bigint>> = { magic, version, nextAddress, nextMode: supervisor };
  const bytes = new Uint8Array(words.length * 8);
  const view = new DataView(bytes.buffer);
  words.forEach((word, i) => {
    view.setBigUint64(8 * i, values[word] ?? 0n, true);
  });
  return bytes;
}

// Half of memory behind `from`, at most the usual distance; further if the kernel reaches so far.
function initrdPlace({ memoryBytes }: BoardConfiguration, from: bigint, kernelEnd: bigint): bigint {
  const half = memoryBytes / 2n;
  const usual = from + (half < INITRD_DISTANCE ? half : INITRD_DISTANCE);
  return alignUp(usual > kernelEnd ? usual : kernelEnd, PAGE);
}

function initialFiles(bytes: Uint8Array | null, address: bigint): Load | null {
  return bytes === null ? null : { address, bytes };
}

function rangeOf(load: Load | null): BoardRange | null {
  return load === null ? null : { address: load.address, bytes: BigInt(load.bytes.length) };
}

function planArm64(board: Board, configuration: BoardConfiguration, images: Images): PlannedImages | Problem {
  const { kernel, bios } = images;
  const flash = new Map(images.flash);
  if (bios?.kind === "elf") return problem("R0032", {});
  if (bios !== null) flash.set(FIRST_BANK, { image: bios.bytes, isReadOnly: false });
  const hasFlash = flash.has(FIRST_BANK);
  const base = board.memory.address;
  const wanted =
    kernel?.kind === "linux" && kernel.imageBytes !== 0n ? kernel.textOffset : DEFAULT_TEXT_OFFSET;
  // The first page holds nothing that a kernel could be asked to share.
  const kernelAt = base + (wanted < PAGE ? wanted + IMAGE_ALIGNMENT : wanted);
  const initrdAt = initrdPlace(configuration, base, kernel === null ? 0n : endOf(kernel, kernelAt));
  // Firmware in flash finds kernel and initial file system in fw_cfg.
  const initrd = hasFlash ? null : initialFiles(images.initrd, initrdAt);
  const tree = deviceTreeBlob(images.tree({ ...configuration, initrd: rangeOf(initrd) }));
  const isLinux = !hasFlash && kernel !== null && kernel.kind !== "elf";
  // The next boundary of 2 MiB behind the initial file system, or where one would be.
  const treeAt = isLinux ? alignUp(initrdAt + BigInt(initrd?.bytes.length ?? 0), IMAGE_ALIGNMENT) : base;
  const flashAt = deviceNamed(board.devices(configuration), FIRST_BANK).address;
  const pc = hasFlash || kernel === null ? flashAt : entryOf(kernel, kernelAt);
  return {
    loads: [
      ...(kernel === null || hasFlash ? [] : named("--kernel", loadsOf(kernel, kernelAt))),
      ...(initrd === null ? [] : named("--initrd", [initrd])),
      { what: "the device tree", address: treeAt, bytes: tree },
    ],
    flash,
    starts: Array.from({ length: configuration.harts }, (_, hart) => ({
      pc,
      registers: new Map(isLinux ? [[0, treeAt]] : []),
      privilege: configuration.hasHypervisor ? "EL2" : "EL1",
      isOn: hart === 0,
    })),
    firmwareEntries:
      hasFlash && images.kernelBytes !== null
        ? kernelEntries({
            kernel: images.kernelBytes,
            initrd: images.initrd,
            bootArguments: configuration.bootArguments,
          })
        : new Map(),
    hasFirmware: !images.noBios,
    elf: kernel,
    configuration: { ...configuration, initrd: rangeOf(initrd) },
  };
}
