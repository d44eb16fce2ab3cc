// Files that `pancake machine` puts into a board before the first instruction.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { bootFiles } from "../../tools/cli/machine/boot-words.ts";
import type { MachineWords } from "../../tools/cli/machine/words.ts";
import { assembled } from "../runtime/support/assembled.ts";
import { pancake, pancakeProcess, scratchFolder } from "./pancake.ts";

const scratch = scratchFolder();
const file = scratch.write("four", new Uint8Array([1, 2, 3, 4]));
const empty = { device: [], drive: [], fwCfg: [], snapshot: false } as Partial<MachineWords> as MachineWords;

test("further images, data and program counters", () => {
  const device = [
    `loader,file=${file},addr=0x80000000,cpu-num=1`,
    "loader,addr=16,data=0x1234,data-len=4",
    "loader,addr=16,data=0x1234,data-len=2,data-be=on",
    "loader,addr=0x10,cpu-num=0",
    "virtio-rng-device",
  ];
  expect(bootFiles({ ...empty, device }, 2).loaders).toEqual([
    { bytes: Buffer.from([1, 2, 3, 4]), address: 0x8000_0000n, hart: 1, isRaw: false },
    { bytes: new Uint8Array([0x34, 0x12, 0, 0]), address: 16n, hart: null, isRaw: true },
    { bytes: new Uint8Array([0x12, 0x34]), address: 16n, hart: null, isRaw: true },
    { bytes: null, address: 16n, hart: 0, isRaw: true },
  ]);
});

test("flash banks by number or in order, and files for firmware", () => {
  const drive = [
    `if=pflash,unit=1,file=${file},readonly=on`,
    `if=pflash,format=raw,file=${file}`,
    "file=disk",
  ];
  const fwCfg = ["name=opt/a,string=text", `opt/b,file=${file}`];
  const made = bootFiles({ ...empty, drive, fwCfg }, 1);
  expect([...(made.flash ?? [])].map(([bank, { isReadOnly }]) => [bank, isReadOnly])).toEqual([
    ["flash1", true],
    ["flash0", false],
  ]);
  expect(made.firmwareFiles?.map(({ name, data }) => [name, data.length])).toEqual([
    ["opt/a", 4],
    ["opt/b", 4],
  ]);
});

describe("mistakes", () => {
  const board = ["machine", "-M", "virt-riscv64", "-kernel", file];
  test.each([
    [["-device", "loader"], "needs `file=PATH` or `addr=ADDRESS`"],
    [["-device", `loader,file=${file},addr=here`], "expected a number in `addr=here`"],
    [["-device", `loader,file=${file},addr=0x80000000,cpu-num=4`], "there is no hart 4"],
    [["-device", "loader,addr=0,data=1"], "data needs `data-len=`"],
    [["-device", "loader,addr=0,size=1"], "no property `size`"],
    [["-drive", `if=pflash,file=${file},unit=2`], "flash banks 0 and 1"],
    [["-pflash", file, "-pflash", file, "-pflash", file], "flash banks 0 and 1"],
    [["-drive", "if=pflash"], "needs `file=PATH`"],
    [["-drive", `if=pflash,file=${file},format=qcow2`], "format is `raw`"],
    [["-bios", file, "-pflash", file], "give one of them"],
    [["-drive", `if=scsi,file=${file}`], "if is none, virtio or pflash, found `scsi`"],
    [["-fw_cfg", "name=opt/a"], "--fw-cfg takes"],
    [["-fw_cfg", `name=${"x".repeat(56)},string=a`], "--fw-cfg takes"],
    [["-device", "virtio-blk-pci,drive=d"], "write `virtio-blk-device` for `virtio-blk-pci`"],
  ])("%j", async (words, message) => {
    const shown = await pancake([...board, ...words]);
    expect(shown.stderr).toContain(message);
    expect(shown.status).toBe(2);
  });
  test.each([
    [["-device", `loader,file=${file}`], "M0211"],
    [["-dtb", file], "M0213"],
  ])("%j: files of the wrong kind", async (words, code) => {
    const shown = await pancake([...board, ...words]);
    expect(shown).toMatchObject({ status: 1, stderr: expect.stringContaining(`error[${code}]`) as string });
  });
});

test("what a guest programs into flash is in its file afterwards, unless it is a snapshot", () => {
  // Word program, then power-off through the finisher.
  const text = `
  .globl _start
_start:
  li t0, 0x22000100
  li t1, 0x00400040
  sw t1, 0(t0)
  li t1, 0x44434241
  sw t1, 0(t0)
  li t0, 0x100000
  li t1, 0x5555
  sw t1, 0(t0)
  j .
`;
  const elf = scratch.write("flash.elf", assembled(text, "riscv64", 0x8000_0000n));
  const bank = scratch.write("bank", new Uint8Array(4096));
  const words = ["machine", "-M", "virt-riscv64", "-bios", "none", "-kernel", elf];
  const drive = `if=pflash,unit=1,format=raw,file=${bank}`;
  expect(pancakeProcess([...words, "-drive", drive, "-snapshot"]).status).toBe(0);
  expect(readFileSync(bank)[0x100]).toBe(0);
  expect(pancakeProcess([...words, "-drive", drive]).status).toBe(0);
  expect(readFileSync(bank).subarray(0x100, 0x104).toString()).toBe("ABCD");
});
