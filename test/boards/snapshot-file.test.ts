// Snapshots in files: the state comes back in another machine, and files that are none are refused.

import { describe, expect, test } from "vitest";
import { Session } from "../../runtime/boards/session.ts";
import {
  readSnapshotFile,
  restoreSnapshotFile,
  snapshotFile,
  type SnapshotFile,
} from "../../runtime/boards/snapshot-file.ts";
import { decodePlain, encodePlain, hasShapeOf } from "../../runtime/core/plain-data.ts";
import { memoryImage, OverlayDisk } from "../../runtime/devices/virtio/disk.ts";
import { VirtioBlock } from "../../runtime/devices/virtio/block.ts";
import { VirtioConsole } from "../../runtime/devices/virtio/console.ts";
import { VirtioEntropy } from "../../runtime/devices/virtio/entropy.ts";
import type { VirtioFunction } from "../../runtime/devices/virtio/function.ts";
import { VirtioNetwork } from "../../runtime/devices/virtio/network.ts";
import { nodePacker } from "../../runtime/host/node-packer.ts";
import { isProblem } from "../../runtime/images/elf-file.ts";
import { assembled } from "../runtime/support/assembled.ts";
import { testMachine, type TestMachine } from "./support.ts";

type Isa = "riscv64" | "arm64";

// Counts in a register and in memory, for ever.
const programs: Readonly<Record<Isa, readonly [string, bigint]>> = {
  riscv64: [".globl _start\n_start:\n la t0, cell\n1: addi t1, t1, 1\n sd t1, 0(t0)\n j 1b\n.balign 4096\ncell: .quad 0\n", 0x8020_0000n], // prettier-ignore
  arm64: [".globl _start\n_start:\n adr x0, cell\n1: add x1, x1, #1\n str x1, [x0]\n b 1b\n.balign 4096\ncell: .quad 0\n", 0x4020_0000n], // prettier-ignore
};

function made(isa: Isa, gicVersion: 2 | 3 = 2): TestMachine & { readonly disk: OverlayDisk } {
  const [text, base] = programs[isa];
  const disk = new OverlayDisk(memoryImage(new Uint8Array(4096)));
  const channel = { send: () => undefined, ready: () => undefined };
  const plugged = new Map<string, VirtioFunction>([
    ["virtio0", new VirtioBlock({ disk, serial: "" })],
    ["virtio1", new VirtioEntropy(1n)],
    ["virtio2", new VirtioConsole(channel)],
    ["virtio3", new VirtioNetwork({ mac: new Uint8Array(6), send: () => undefined })],
  ]);
  const files = { kernel: assembled(text, isa, base) };
  return {
    ...testMachine({ isa, files, configuration: { gicVersion, harts: 2 }, options: { plugged } }),
    disk,
  };
}

const NAMES = { madeOf: { "--smp": "2" }, disks: {} };

function fileOf({ machine }: TestMachine): Uint8Array {
  return snapshotFile(
    { machine, session: new Session({ machine, sinks: new Map() }).saveState() },
    NAMES,
    nodePacker,
  );
}

function read(file: Uint8Array): SnapshotFile {
  const found = readSnapshotFile(file, nodePacker);
  if (isProblem(found)) throw new Error(found.message);
  return found;
}

describe.each([
  ["riscv64", 2],
  ["arm64", 2],
  ["arm64", 3],
] as const)("%s, version %i of the interrupt controller", (isa, gicVersion) => {
  test("another machine goes on as this one does, and its file has the same bytes", () => {
    const [first, second] = [made(isa, gicVersion), made(isa, gicVersion)];
    first.disk.write(1, new Uint8Array(512).fill(7));
    first.machine.run(123_450n, true);
    const file = fileOf(first);
    expect(file.length).toBeLessThan(20_000);
    expect(restoreSnapshotFile(read(file), second.machine)).toBeNull();
    expect(Buffer.compare(fileOf(second), file)).toBe(0);
    expect(second.disk.read(1, 1)?.[0]).toBe(7);
    for (const { machine } of [first, second]) machine.run(999_990n, true);
    expect(second.machine.stateHash()).toBe(first.machine.stateHash());
  });
});

test("the first line says what the machine was", () => {
  const at = made("riscv64");
  at.machine.run(1000n, true);
  const [line = ""] = new TextDecoder().decode(fileOf(at)).split("\n");
  expect(JSON.parse(line)).toMatchObject({
    format: "pancake-snapshot 1",
    madeOf: { "--smp": "2" },
    atNs: "1000",
    instructions: "100",
    stateHash: at.machine.stateHash(),
  });
});

test("files that are none, cut off, altered or of another format", () => {
  const file = fileOf(made("riscv64"));
  const code = (bytes: Uint8Array): string => {
    const found = readSnapshotFile(bytes, nodePacker);
    return isProblem(found) ? `${found.code} ${found.message}` : "fine";
  };
  const text = (part: string): Uint8Array => new TextEncoder().encode(part);
  expect(code(new Uint8Array())).toMatch(/^M0200.*an empty file/);
  for (const other of ["{}\n", "\n", "null\n", "7\n", '{"format":"x"}\n', "no line end", "\0".repeat(100)]) {
    expect(code(text(other))).toMatch(/^M0200/);
  }
  expect(code(text('{"format":"pancake-snapshot 2"}\n'))).toMatch(/^M0201.*snapshot 1.*snapshot 2/);
  expect(code(text('{"format":"pancake-snapshot 1"}\n'))).toMatch(/^M0202/);
  const start = file.indexOf(10) + 1;
  for (const length of [start, start + 1, file.length - 1]) {
    expect(code(file.subarray(0, length))).toMatch(/^M0202 .* expected \d+ bytes of state, found \d+/);
  }
  const altered = file.slice();
  altered[file.length - 9] = (altered[file.length - 9] ?? 0) ^ 1;
  expect(code(altered)).toMatch(/^M0202.*altered/);
});

test("a whole file of another machine is refused before anything is put back", () => {
  const at = made("arm64");
  const before = at.machine.stateHash();
  expect(restoreSnapshotFile(read(fileOf(made("riscv64"))), at.machine)?.code).toBe("M0202");
  expect(at.machine.stateHash()).toBe(before);
  const { facts, ...rest } = read(fileOf(made("arm64")));
  const wrong = { ...rest, facts: { ...facts, stateHash: "0" } };
  expect(restoreSnapshotFile(wrong, at.machine)?.code).toBe("M0204");
});

test("plain data comes back, and bytes that are none never throw", () => {
  const value = {
    list: [null, true, false, 1.5, -0, "é", -(1n << 70n), new Uint8Array([1, 2])],
    map: new Map<unknown, unknown>([[3, new Map()], ["k", []]]), // prettier-ignore
  };
  const bytes = encodePlain(value);
  expect(decodePlain(bytes)).toEqual({ value });
  expect(
    hasShapeOf(value, { list: [null, false, true, 0, 0, "", 0n, new Uint8Array()], map: new Map() }),
  ).toBe(true);
  for (const model of [{ list: [] }, [], 3, new Map(), { list: [], map: {} }]) {
    expect(hasShapeOf(value, model)).toBe(false);
  }
  for (let cut = 0; cut < bytes.length; cut += 1) expect(decodePlain(bytes.subarray(0, cut))).toBeNull();
  for (const at of bytes.keys()) {
    const changed = bytes.slice();
    changed[at] = 0xff;
    expect(() => decodePlain(changed)).not.toThrow();
  }
  expect(decodePlain(new Uint8Array(200).fill(7))).toBeNull();
  expect(() => encodePlain(() => 1)).toThrow();
});
