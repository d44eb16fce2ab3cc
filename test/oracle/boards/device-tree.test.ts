// The boards' device trees against those that QEMU makes for the same machine, node by node and property by property.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { deviceTreeBlob } from "../../../runtime/boards/device-tree-blob.ts";
import type { Board, BoardConfiguration } from "../../../spec/boards/board.ts";
import { virtArm64 } from "../../../spec/boards/virt-arm64.ts";
import { virtRiscv64 } from "../../../spec/boards/virt-riscv64.ts";
import { readDeviceTree, type TreeNodes } from "../../support/device-tree-reader.ts";

// What our boards do not have, as their files say.
const ABSENT: Readonly<Record<Board["isa"], RegExp>> = {
  riscv64: /^\/soc\/pci@|^\/platform-bus@|^\/pmu$/,
  arm64: /^\/pcie@|\/v2m@|\/its@|^\/platform-bus@/,
};
const NOT_COMPARED = new Set(["rng-seed", "kaslr-seed", "phandle", "riscv,isa"]);
// Properties with references: cells in a group, of which the first is a phandle.
const REFERENCES: Readonly<Record<string, number>> = {
  "interrupt-parent": 1,
  "interrupts-extended": 2,
  cpu: 1,
  clocks: 1,
  gpios: 3,
  regmap: 1,
};

const plain: BoardConfiguration = {
  harts: 1,
  memoryBytes: 128n << 20n,
  hasHypervisor: false,
  gicVersion: 2,
  bootArguments: null,
  initrd: null,
  randomSeed: new Uint8Array(32),
};

interface Setting {
  readonly board: Board;
  readonly configuration: BoardConfiguration;
  readonly qemu: string;
  readonly machine: readonly string[];
}

function setting(board: Board, changes: Partial<BoardConfiguration>, options = ""): Setting {
  const isArm = board.isa === "arm64";
  return {
    board,
    configuration: { ...plain, ...changes },
    qemu: isArm ? "qemu-system-aarch64" : "qemu-system-riscv64",
    machine: ["-M", `virt${options}`, ...(isArm ? ["-cpu", "cortex-a53"] : [])],
  };
}

const settings: readonly Setting[] = [
  setting(virtRiscv64, {}),
  setting(virtRiscv64, { harts: 4, memoryBytes: 512n << 20n }),
  setting(virtArm64, {}),
  setting(virtArm64, { harts: 4, hasHypervisor: true }, ",virtualization=on"),
  setting(virtArm64, { harts: 2, gicVersion: 3, memoryBytes: 1024n << 20n }, ",gic-version=3"),
  setting(virtArm64, { gicVersion: 3, hasHypervisor: true }, ",gic-version=3,virtualization=on"),
];

function fromQemu({ qemu, machine, configuration }: Setting): TreeNodes {
  const file = join(mkdtempSync(join(tmpdir(), "pancake-dtb-")), "qemu.dtb");
  const [kind = "", board = "", ...cpu] = machine;
  const size = ["-smp", String(configuration.harts), "-m", `${String(configuration.memoryBytes >> 20n)}M`];
  const quiet = ["-nodefaults", "-nic", "none", "-display", "none"];
  const done = spawnSync(qemu, [kind, `${board},dumpdtb=${file}`, ...cpu, ...size, ...quiet], {
    encoding: "utf8",
  });
  expect(done.status, done.stderr).toBe(0);
  return readDeviceTree(readFileSync(file));
}

// One text for each property, references as paths.
function lines(tree: TreeNodes, absent: RegExp): ReadonlySet<string> {
  const paths = new Map<number, string>();
  for (const [path, properties] of tree) {
    const bytes = properties.get("phandle");
    if (bytes !== undefined) paths.set(cells(bytes)[0] ?? 0, path);
  }
  const all = [...tree].flatMap(([path, properties]) => {
    if (absent.test(path)) return [];
    return [...properties].flatMap(([name, bytes]) =>
      NOT_COMPARED.has(name) ? [] : [`${path} ${name} ${valueText(name, bytes, paths)}`],
    );
  });
  return new Set(all);
}

function valueText(name: string, bytes: Uint8Array, paths: ReadonlyMap<number, string>): string {
  const group = REFERENCES[name];
  if (group === undefined) return Buffer.from(bytes).toString("hex");
  return cells(bytes)
    .map((cell, i) => (i % group === 0 ? (paths.get(cell) ?? "?") : String(cell)))
    .join(" ");
}

function cells(bytes: Uint8Array): readonly number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / 4 }, (_, i) => view.getUint32(4 * i));
}

test.each(settings)("$board.name with $configuration.harts harts: as QEMU's", (chosen) => {
  const absent = ABSENT[chosen.board.isa];
  const theirs = lines(fromQemu(chosen), absent);
  const ours = lines(readDeviceTree(deviceTreeBlob(chosen.board.deviceTree(chosen.configuration))), absent);
  expect([...theirs].filter((line) => !ours.has(line))).toEqual([]);
  expect([...ours].filter((line) => !theirs.has(line))).toEqual([]);
});
