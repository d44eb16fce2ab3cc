// NS16550A: interrupt causes by urgency, FIFOs and trigger levels, divisor, loopback, flow control towards the host.

import { expect, test } from "vitest";
import { INPUT_QUEUE_BYTES } from "../../runtime/devices/byte-channel.ts";
import { Ns16550a } from "../../runtime/devices/ns16550a.ts";
import { Bench } from "./support/bench.ts";

const REGISTER = { data: 0, ier: 1, iir: 2, fcr: 2, lcr: 3, mcr: 4, lsr: 5, msr: 6, scr: 7 };

function uartOn(bench: Bench): {
  uart: Ns16550a;
  get: (name: keyof typeof REGISTER) => number;
  put: (name: keyof typeof REGISTER, value: number) => void;
} {
  const uart = new Ns16550a({
    name: "uart0",
    timeline: bench.timeline,
    line: bench.line("uart"),
    channel: bench.channel("uart"),
    clockHz: 3_686_400,
  });
  return {
    uart,
    get: (name) => Number(uart.load(REGISTER[name], 1)),
    put: (name, value) => uart.store(REGISTER[name], BigInt(value), 1),
  };
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test("a byte stored leaves at once; THRE interrupts until IIR is loaded", () => {
  const bench = new Bench();
  const { get, put } = uartOn(bench);
  put("ier", 2);
  expect([bench.levels["uart"], get("iir"), get("iir"), bench.levels["uart"]]).toEqual([true, 2, 1, false]);
  put("data", 0x41);
  expect(bench.sent["uart"]).toEqual([0x41]);
  expect([get("lsr"), get("iir")]).toEqual([0x60, 2]);
});

test("FIFO: data interrupts at the trigger level, below it after four characters", () => {
  const bench = new Bench();
  const { uart, get, put } = uartOn(bench);
  put("fcr", 0x41);
  put("ier", 1);
  uart.receive(bytes("ab"));
  expect([get("iir"), get("lsr") & 1]).toEqual([0xc1, 1]);
  bench.advance(10_000_000n);
  expect([get("iir"), bench.levels["uart"]]).toEqual([0xcc, true]);
  expect(get("data")).toBe(0x61);
  expect(get("iir")).toBe(0xc1);
  uart.receive(bytes("cde"));
  expect(get("iir")).toBe(0xc4);
  expect([0, 1, 2, 3, 4].map(() => get("data"))).toEqual([0x62, 0x63, 0x64, 0x65, 0]);
  expect([get("lsr"), bench.levels["uart"]]).toEqual([0x60, false]);
});

test("without FIFOs one byte waits at a time", () => {
  const bench = new Bench();
  const { uart, get, put } = uartOn(bench);
  put("ier", 1);
  uart.receive(bytes("xy"));
  expect([get("iir"), get("data"), get("iir"), get("data"), get("iir")]).toEqual([4, 0x78, 4, 0x79, 1]);
});

test("the host keeps what does not fit and is asked for it when the queue is empty", () => {
  const bench = new Bench();
  const { uart, get, put } = uartOn(bench);
  put("fcr", 1);
  const many = new Uint8Array(INPUT_QUEUE_BYTES + 100).fill(7);
  expect(uart.receive(many)).toBe(INPUT_QUEUE_BYTES);
  expect(uart.receive(many)).toBe(16);
  for (let count = 0; count < INPUT_QUEUE_BYTES + 15; count += 1) get("data");
  expect(bench.asked["uart"]).toBe(1);
  expect([get("data"), get("lsr") & 1]).toEqual([7, 0]);
});

test("DLAB shows the divisor instead of data and enables", () => {
  const { get, put } = uartOn(new Bench());
  put("ier", 5);
  put("lcr", 0x83);
  put("data", 0x34);
  put("ier", 0x12);
  expect([get("data"), get("ier")]).toEqual([0x34, 0x12]);
  put("lcr", 0x03);
  expect(get("ier")).toBe(5);
});

test("loopback joins outputs with inputs and lets the FIFO overrun", () => {
  const bench = new Bench();
  const { get, put } = uartOn(bench);
  put("fcr", 1);
  put("ier", 4);
  put("mcr", 0x1f);
  expect(get("msr")).toBe(0xf0);
  put("mcr", 0x11);
  expect(get("msr")).toBe(0x20);
  for (let byte = 1; byte <= 17; byte += 1) put("data", byte);
  expect([bench.sent["uart"], get("iir"), get("lsr"), get("lsr")]).toEqual([[], 0xc6, 0x63, 0x61]);
  expect(get("data")).toBe(1);
});
