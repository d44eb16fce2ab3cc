// The drivers of test/corpus do their work: run by the Pan evaluator against small models of their devices.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { evaluator } from "../../compiler/lang/pan/index.ts";
import type { Evaluator, World } from "../../compiler/lang/world.ts";
import { lowerConveniences } from "../../compiler/passes/lower-conveniences.ts";
import { surfaceToPan } from "../../compiler/passes/surface-to-pan.ts";
import { checkProgram } from "../../compiler/static/index.ts";
import { parseUnit } from "../../compiler/syntax/index.ts";

const BASE = 0x1000n;
const REGISTERS = 0x9000_0000n;
const SHARED = 0xa000_0000n;

/** Shared memory as bytes, with registers of the device in front of it. */
interface Machine {
  readonly memory: DataView;
  readonly calls: string[];
  readonly call: (name: string, ...args: number[]) => bigint;
}

interface Device {
  readonly read?: (register: number) => bigint | null;
  readonly write?: (register: number, value: bigint) => void;
}

function load(file: string, setup: readonly bigint[], device: (memory: DataView) => Device): Machine {
  const text = readFileSync(join(import.meta.dirname, "../corpus", file), "utf8");
  const { unit, program } = parseUnit([{ path: file, text }]);
  const pan = surfaceToPan(lowerConveniences(program, checkProgram(program, unit.text).value));
  const memory = new DataView(new ArrayBuffer(65536));
  const registers = device(memory);
  const calls: string[] = [];
  const world: World = {
    base: BASE,
    memory: new Uint8Array(4096),
    foreignCall: (name, args) => {
      if (name !== "fence") calls.push(`${name}(${args.slice(0, 3).join(",")})`);
      return null;
    },
    sharedLoad: (bytes, address) => {
      if (address < SHARED) return registers.read?.(Number(address - REGISTERS)) ?? 0n;
      return readBytes(memory, bytes, Number(address - SHARED));
    },
    sharedStore: (bytes, address, value) => {
      if (address < SHARED) registers.write?.(Number(address - REGISTERS), value);
      else writeBytes(memory, bytes, Number(address - SHARED), value);
      return true;
    },
  };
  const words = new DataView(world.memory.buffer);
  setup.forEach((value, i) => words.setBigUint64(8 * i, value, true));
  const run: Evaluator = evaluator(pan, world);
  const call = (name: string, ...args: number[]): bigint => {
    const outcome = run.call(name, args.map(BigInt), 100_000);
    if (outcome.kind !== "returned") throw new Error(`${name}: ${JSON.stringify(outcome)}`);
    return outcome.values[0] ?? 0n;
  };
  expect(call("main")).toBe(0n);
  return { memory, calls, call };
}

function readBytes(memory: DataView, bytes: number, at: number): bigint {
  let value = 0n;
  for (let i = bytes - 1; i >= 0; i--) value = (value << 8n) | BigInt(memory.getUint8(at + i));
  return value;
}

function writeBytes(memory: DataView, bytes: number, at: number, value: bigint): void {
  for (let i = 0; i < bytes; i++) memory.setUint8(at + i, Number((value >> BigInt(8 * i)) & 255n));
}

describe("uart.pnk", () => {
  const [TX, TX_DATA, RX, RX_DATA] = [0x0, 0x100, 0x200, 0x300];
  const CAPACITY = 32;

  function uart() {
    const wire: number[] = [];
    const incoming: { readonly char: number; readonly error: number }[] = [];
    const enabled = { value: 0n };
    const at = (offset: number): bigint => SHARED + BigInt(offset);
    const setup = [REGISTERS, 0n, at(TX), at(TX_DATA), at(RX), at(RX_DATA), BigInt(CAPACITY), 0x02_01_00n];
    const machine = load("uart.pnk", setup, () => ({
      read: (register) => {
        const [next] = incoming;
        if (register === 5) return 0x20n | (next === undefined ? 0n : BigInt(1 | next.error));
        return register === 0 ? BigInt(incoming.shift()?.char ?? 0) : 0n;
      },
      write: (register, value) => {
        if (register === 0) wire.push(Number(value));
        if (register === 1) enabled.value = value;
      },
    }));
    return { ...machine, wire, incoming, enabled };
  }

  test("sends a FIFO's worth, asks for the interrupt while characters remain, and signals space once", () => {
    const { memory, call, calls, wire, enabled } = uart();
    for (let i = 0; i < 20; i++) memory.setUint8(TX_DATA + i, 65 + i);
    memory.setUint32(TX, 20, true);
    expect(call("notified", 1)).toBe(0n);
    expect(String.fromCharCode(...wire)).toBe("ABCDEFGHIJKLMNOP");
    expect(enabled.value).toBe(3n);
    call("notified", 0);
    expect(String.fromCharCode(...wire)).toBe("ABCDEFGHIJKLMNOPQRST");
    expect(enabled.value).toBe(1n);
    expect(calls).toEqual(["notify(1,0,0)", "irq_ack(0,0,0)"]);
    expect(call("counter", 0)).toBe(20n);
  });

  test("receives into the queue; counts damaged and lost characters", () => {
    const { memory, call, calls, incoming } = uart();
    incoming.push({ char: 104, error: 0 }, { char: 105, error: 4 });
    call("notified", 0);
    expect([memory.getUint32(RX, true), memory.getUint8(RX_DATA), memory.getUint8(RX_DATA + 1)]).toEqual([
      2, 104, 105,
    ]);
    expect(call("counter", 3)).toBe(1n);
    for (let i = 0; i < CAPACITY; i++) incoming.push({ char: i, error: 0 });
    call("notified", 0);
    expect([call("counter", 1), call("counter", 2)]).toEqual([BigInt(CAPACITY), 2n]);
    expect(calls.filter((name) => name === "notify(2,0,0)")).toHaveLength(2);
    expect(call("notified", 9)).toBe(1n);
  });
});

describe("ethernet.pnk", () => {
  const [RX_RING, TX_RING, RX_ACTIVE, RX_FREE, TX_ACTIVE, TX_FREE] = [0x0, 0x100, 0x200, 0x400, 0x600, 0x800];

  function ethernet() {
    const status = { value: 0n };
    const at = (offset: number): bigint => SHARED + BigInt(offset);
    const setup = [
      REGISTERS,
      at(RX_RING),
      at(TX_RING),
      at(RX_ACTIVE),
      at(RX_FREE),
      at(TX_ACTIVE),
      at(TX_FREE),
    ];
    const machine = load("ethernet.pnk", setup, () => ({
      read: (register) => (register === 8 ? status.value : 0n),
      write: (register, value) => {
        if (register === 8) status.value &= ~value;
      },
    }));
    const { memory } = machine;
    const put = (queue: number, address: bigint, length: number): void => {
      const tail = memory.getUint16(queue, true);
      memory.setBigUint64(queue + 8 + 16 * (tail % 16), address, true);
      memory.setUint16(queue + 16 + 16 * (tail % 16), length, true);
      memory.setUint16(queue, tail + 1, true);
    };
    const entries = (queue: number): readonly string[] =>
      Array.from({ length: memory.getUint16(queue, true) }, (_, i) => {
        const entry = queue + 8 + 16 * (i % 16);
        return `${memory.getBigUint64(entry, true).toString(16)}:${String(memory.getUint16(entry + 8, true))}`;
      });
    /** The device gives descriptor `slot` back, with `length` bytes in it. */
    const complete = (ring: number, slot: number, length: number): void => {
      memory.setBigUint64(ring + 16 * slot + 8, BigInt(length), true);
    };
    return { ...machine, status, put, entries, complete };
  }

  test("transmits through the ring and returns the buffers", () => {
    const { call, calls, put, entries, complete, status } = ethernet();
    for (let i = 0; i < 10; i++) put(TX_ACTIVE, BigInt(0x4000 + 0x800 * i), 100 + i);
    call("notified", 1);
    expect(entries(TX_FREE)).toEqual([]);
    for (let slot = 0; slot < 3; slot++) complete(TX_RING, slot, 100 + slot);
    status.value = 2n;
    call("notified", 0);
    expect(entries(TX_FREE)).toEqual(["4000:100", "4800:101", "5000:102"]);
    expect(call("traffic_low", 0)).toBe(1045n);
    expect(calls).toEqual(["notify(1,0,0)", "irq_ack(0,0,0)"]);
    expect(status.value).toBe(0n);
  });

  test("receives, gives new buffers to the device, and reports device errors", () => {
    const { call, calls, put, entries, complete, status } = ethernet();
    for (let i = 0; i < 3; i++) put(RX_FREE, BigInt(0x8000 + 0x800 * i), 0);
    expect(call("notified", 2)).toBe(0n);
    complete(RX_RING, 0, 60);
    complete(RX_RING, 1, 1500);
    status.value = 5n;
    call("notified", 0);
    expect(entries(RX_ACTIVE)).toEqual(["8000:60", "8800:1500"]);
    expect(call("traffic_low", 1)).toBe(1560n);
    expect(calls).toEqual(["report(5,0,0)", "notify(2,0,0)", "irq_ack(0,0,0)"]);
  });
});

describe("timer.pnk", () => {
  test("delivers timeouts in the order of their deadlines and keeps the alarm at the earliest", () => {
    const clock = { now: 1n << 33n };
    const alarm = { low: 0n, high: 0n, armed: false };
    const { call, calls } = load("timer.pnk", [REGISTERS, 8n], () => ({
      read: (register) =>
        register === 0 ? clock.now & 0xffff_ffffn : register === 4 ? clock.now >> 32n : 0n,
      write: (register, value) => {
        if (register === 12) alarm.high = value;
        if (register === 8) [alarm.low, alarm.armed] = [value, true];
        if (register === 20) alarm.armed = false;
      },
    }));
    const start = clock.now;
    const armedFor = (): bigint | null => (alarm.armed ? ((alarm.high << 32n) | alarm.low) - start : null);
    const delays = [50, 20, 70, 10, 40, 30];
    delays.forEach((delay, client) => expect(call("set_timeout", client, delay)).toBe(0n));
    expect(armedFor()).toBe(10_000n);
    expect(call("set_timeout", 3, 60)).toBe(0n);
    expect(armedFor()).toBe(20_000n);
    expect(call("set_timeout", 8, 1)).toBe((1n << 64n) - 1n);
    expect([call("cancel", 5), call("cancel", 5), call("cancel", 31)]).toEqual([1n, 0n, 0n]);
    const fire = (): bigint => {
      clock.now += 50_000n;
      alarm.armed = false;
      return call("notified", 63);
    };
    expect(fire()).toBe(3n);
    expect(call("get_time")).toBe(clock.now);
    expect(armedFor()).toBe(60_000n);
    expect(fire()).toBe(2n);
    expect(armedFor()).toBe(null);
    expect(calls.filter((name) => name.startsWith("notify"))).toEqual(
      [1, 4, 0, 3, 2].map((c) => `notify(${String(c)},0,0)`),
    );
    expect([call("delivered", 3), call("delivered", 5)]).toEqual([1n, 0n]);
  });
});
