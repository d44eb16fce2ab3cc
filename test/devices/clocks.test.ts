// The real-time clocks, the GPIO and the test finisher.

import { expect, test } from "vitest";
import { EPOCH_START_SECONDS } from "../../runtime/core/clock.ts";
import { GoldfishRtc } from "../../runtime/devices/goldfish-rtc.ts";
import { Pl031 } from "../../runtime/devices/pl031.ts";
import { Pl061 } from "../../runtime/devices/pl061.ts";
import { SifiveTest } from "../../runtime/devices/sifive-test.ts";
import { Bench, load32, store32 } from "./support/bench.ts";

const SECOND = 1_000_000_000n;

test("PL031 counts seconds, can be set, and wakes at the second asked for", () => {
  const bench = new Bench();
  const rtc = new Pl031({ name: "rtc", timeline: bench.timeline, line: bench.line("rtc") });
  bench.advance(2n * SECOND + 1n);
  expect(load32(rtc, 0)).toBe(Number(EPOCH_START_SECONDS) + 2);
  store32(rtc, 0x10, 1);
  store32(rtc, 0x08, 1000);
  store32(rtc, 0x04, 1002);
  bench.advance(2n * SECOND - 2n);
  expect([load32(rtc, 0), bench.levels["rtc"]]).toEqual([1001, false]);
  bench.advance(1n);
  expect([load32(rtc, 0), bench.levels["rtc"], load32(rtc, 0x18)]).toEqual([1002, true, 1]);
  store32(rtc, 0x1c, 1);
  expect(bench.levels["rtc"]).toBe(false);
});

test("the Goldfish clock counts nanoseconds, latches its high half, and wakes", () => {
  const bench = new Bench();
  const rtc = new GoldfishRtc({ name: "rtc", timeline: bench.timeline, line: bench.line("rtc") });
  bench.advance(5n);
  const now = BigInt(load32(rtc, 0)) | (BigInt(load32(rtc, 4)) << 32n);
  expect(now).toBe(EPOCH_START_SECONDS * SECOND + 5n);
  const alarm = now + 100n;
  store32(rtc, 0x10, 1);
  store32(rtc, 0x0c, Number(alarm >> 32n));
  store32(rtc, 0x08, Number(alarm & 0xffffffffn));
  bench.advance(99n);
  expect([bench.levels["rtc"], load32(rtc, 0x18)]).toEqual([false, 1]);
  bench.advance(1n);
  expect([bench.levels["rtc"], load32(rtc, 0x18)]).toEqual([true, 0]);
  store32(rtc, 0x1c, 1);
  expect(bench.levels["rtc"]).toBe(false);
});

test("PL061: the address masks data; edges stay until cleared, levels do not", () => {
  const bench = new Bench();
  const output = bench.line("output0");
  const gpio = new Pl061({ name: "gpio", line: bench.line("gpio"), outputs: [output] });
  store32(gpio, 0x400, 0x0f);
  store32(gpio, 0x03 << 2, 0xff);
  expect([load32(gpio, 0x3fc), load32(gpio, 0x02 << 2), bench.levels["output0"]]).toEqual([3, 2, true]);
  // Line 4 interrupts on its rising edge, line 5 while high.
  store32(gpio, 0x404, 0x20);
  store32(gpio, 0x40c, 0x30);
  store32(gpio, 0x41c, 0xff);
  store32(gpio, 0x410, 0x30);
  gpio.input(4).set(true);
  gpio.input(4).set(false);
  expect([load32(gpio, 0x418), bench.levels["gpio"]]).toEqual([0x10, true]);
  store32(gpio, 0x41c, 0x10);
  expect(bench.levels["gpio"]).toBe(false);
  gpio.input(5).set(true);
  store32(gpio, 0x41c, 0x20);
  expect([load32(gpio, 0x418), bench.levels["gpio"]]).toEqual([0x20, true]);
});

test("the test finisher powers off, fails with a code, or resets", () => {
  const heard: string[] = [];
  const finisher = new SifiveTest({
    name: "test",
    powerOff: (code) => heard.push(`off ${code}`),
    resetMachine: () => heard.push("reset"),
  });
  for (const command of [0x5555, 0x0007_3333, 0x7777, 0x1234]) store32(finisher, 0, command);
  finisher.store(0, 0x5555n, 2);
  expect(heard).toEqual(["off 0", "off 7", "reset", "off 0"]);
});
