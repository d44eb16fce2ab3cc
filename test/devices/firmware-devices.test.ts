// Flash and fw_cfg, as firmware uses them.

import { expect, test } from "vitest";
import { CfiFlash } from "../../runtime/devices/cfi-flash.ts";
import { FwCfg } from "../../runtime/devices/fw-cfg.ts";
import { load32, store32 } from "./support/bench.ts";

const SECTOR = 0x40000;
const both = (command: number): number => command | (command << 16);

function flashOf(image: Uint8Array, isReadOnly = false): CfiFlash {
  return new CfiFlash({ name: "flash0", bytes: 32 << 20, image, isReadOnly });
}

test("flash is its image until it is erased and programmed", () => {
  const flash = flashOf(Uint8Array.of(1, 2, 3, 4, 5));
  expect([load32(flash, 0), flash.load(4, 2), load32(flash, 0x100000)]).toEqual([0x04030201, 5n, 0]);
  store32(flash, 8, both(0x20));
  store32(flash, 8, both(0xd0));
  expect(load32(flash, 0)).toBe(both(0x80));
  store32(flash, 0, both(0x40));
  store32(flash, 0x10, 0x12345678);
  store32(flash, 0, both(0xff));
  expect([load32(flash, 0), load32(flash, 0x10), load32(flash, SECTOR)]).toEqual([0xffffffff, 0x12345678, 0]);
  flash.reset();
  expect(flash.snapshot().subarray(0x0f, 0x15)).toEqual(Uint8Array.of(0xff, 0x78, 0x56, 0x34, 0x12, 0xff));
});

test("a buffered write takes as many words as it announced", () => {
  const flash = flashOf(new Uint8Array(0));
  store32(flash, SECTOR, both(0xe8));
  expect(load32(flash, SECTOR)).toBe(both(0x80));
  store32(flash, SECTOR, both(1));
  store32(flash, SECTOR, 0xaaaaaaaa);
  store32(flash, SECTOR + 4, 0xbbbbbbbb);
  store32(flash, SECTOR, both(0xd0));
  store32(flash, SECTOR, both(0xff));
  expect([load32(flash, SECTOR), load32(flash, SECTOR + 4)]).toEqual([0xaaaaaaaa, 0xbbbbbbbb]);
});

test("read-only flash says that it cannot, until the status is cleared", () => {
  const flash = flashOf(Uint8Array.of(9), true);
  store32(flash, 0, both(0x10));
  store32(flash, 0, 0);
  expect(load32(flash, 0)).toBe(both(0x90));
  store32(flash, 0, both(0x50));
  expect(load32(flash, 0)).toBe(9);
});

function fwCfgWith(memory: Uint8Array): FwCfg {
  return new FwCfg({
    name: "fw-cfg",
    memory: {
      read: (address, count) =>
        Number(address) + count <= memory.length
          ? memory.slice(Number(address), Number(address) + count)
          : null,
      write: (address, bytes) => {
        if (Number(address) + bytes.length > memory.length) return false;
        memory.set(bytes, Number(address));
        return true;
      },
    },
    files: [
      { name: "etc/second", data: Uint8Array.of(7, 8, 9) },
      { name: "etc/first", data: Uint8Array.of(1) },
    ],
    entries: new Map([[5, Uint8Array.of(2, 0)]]),
  });
}

test("fw_cfg: the signature, then entries as streams of bytes", () => {
  const device = fwCfgWith(new Uint8Array(0));
  const select = (key: number): void => device.store(8, BigInt(((key & 0xff) << 8) | (key >> 8)), 2);
  expect(load32(device, 0)).toBe(0x554d4551);
  select(0x19);
  expect([load32(device, 0), load32(device, 0), load32(device, 0)]).toEqual([
    0x02000000, 0x01000000, 0x00002000,
  ]);
  expect(String.fromCharCode(...Array.from({ length: 9 }, () => Number(device.load(0, 1))))).toBe(
    "etc/first",
  );
  select(0x21);
  expect([device.load(0, 1), device.load(0, 4)]).toEqual([7n, 0x0908n]);
  select(0x77);
  expect(device.load(0, 8)).toBe(0n);
  expect(device.load(0x10, 8)).toBe(0x47464320554d4551n);
});

test("fw_cfg: DMA selects, copies and reports", () => {
  const memory = new Uint8Array(0x100).fill(0xee);
  const device = fwCfgWith(memory);
  const command = new DataView(memory.buffer, 0x20, 16);
  const run = (control: number, length: number, address: bigint): number => {
    command.setUint32(0, control);
    command.setUint32(4, length);
    command.setBigUint64(8, address);
    store32(device, 0x10, 0);
    store32(device, 0x14, 0x20000000);
    return command.getUint32(0);
  };
  expect(run((0x21 << 16) | 0xa, 4, 0x80n)).toBe(0);
  expect([...memory.subarray(0x7f, 0x85)]).toEqual([0xee, 7, 8, 9, 0, 0xee]);
  expect(run((0x21 << 16) | 0xc, 1, 0n)).toBe(0);
  expect([run(2, 1, 0x90n), memory[0x90]]).toEqual([0, 8]);
  expect(run(2, 16, 0xfffn)).toBe(1);
  expect(run(0x10, 1, 0x80n)).toBe(1);
});
