// PL011: flags, interrupts before and after the mask, FIFO and single-byte mode, identification.

import { expect, test } from "vitest";
import { Pl011 } from "../../runtime/devices/pl011.ts";
import { Bench, load32, store32 } from "./support/bench.ts";

const DR = 0x00;
const FR = 0x18;
const LCR_H = 0x2c;
const IMSC = 0x38;
const RIS = 0x3c;
const MIS = 0x40;
const ICR = 0x44;
const RX = 1 << 4;
const TX = 1 << 5;

function uartOn(bench: Bench): Pl011 {
  return new Pl011({ name: "uart0", line: bench.line("uart"), channel: bench.channel("uart") });
}

test("a byte stored leaves at once and raises TX", () => {
  const bench = new Bench();
  const uart = uartOn(bench);
  uart.store(DR, 0x41n, 1);
  expect([load32(uart, RIS), load32(uart, MIS), bench.levels["uart"]]).toEqual([TX, 0, false]);
  store32(uart, IMSC, TX);
  expect([load32(uart, MIS), bench.levels["uart"]]).toEqual([TX, true]);
  store32(uart, ICR, TX);
  expect([bench.levels["uart"], bench.sent["uart"]]).toEqual([false, [0x41]]);
});

test("the first byte raises RX, the last one loaded lowers it", () => {
  const bench = new Bench();
  const uart = uartOn(bench);
  store32(uart, LCR_H, 0x70);
  store32(uart, IMSC, RX);
  uart.receive(Uint8Array.of(1, 2));
  expect([bench.levels["uart"], load32(uart, FR)]).toEqual([true, 0x80]);
  expect([load32(uart, DR), bench.levels["uart"], load32(uart, DR)]).toEqual([1, true, 2]);
  expect([bench.levels["uart"], load32(uart, FR)]).toEqual([false, 0x90]);
});

test("without FIFO one byte is full", () => {
  const uart = uartOn(new Bench());
  uart.receive(Uint8Array.of(5, 6));
  expect(load32(uart, FR)).toBe(0xc0);
  expect([load32(uart, DR), load32(uart, FR), load32(uart, DR), load32(uart, FR)]).toEqual([
    5, 0xc0, 6, 0x90,
  ]);
});

test("identifies itself", () => {
  const uart = uartOn(new Bench());
  const ids = Array.from({ length: 8 }, (_, index) => load32(uart, 0xfe0 + 4 * index));
  expect(ids).toEqual([0x11, 0x10, 0x14, 0, 0x0d, 0xf0, 0x05, 0xb1]);
});
