// Semihosting on both boards: every operation, input that is waited for, and the same instructions without it.

import { describe, expect, test } from "vitest";
import type { MachineObserver } from "../../runtime/boards/machine.ts";
import type { SemihostingOptions } from "../../runtime/firmware/semihosting.ts";
import {
  semihostingProgram,
  TRANSCRIPT,
  type SemihostingCall,
  type SemihostingIsa,
} from "../support/semihosting-program.ts";
import { testMachine, type TestMachine } from "./support.ts";

const SECOND_NS = 1_000_000_000n;

function run(
  isa: SemihostingIsa,
  { calls, data }: { readonly calls: readonly SemihostingCall[]; readonly data: string },
  options: Partial<SemihostingOptions> | null = {},
): TestMachine & { readonly printed: () => string } {
  const sent: number[] = [];
  const channel = { send: (byte: number) => sent.push(byte), ready: () => undefined };
  const whole = { channel, hasInput: false, commandLine: "kernel -x", atUser: false, ...options };
  const made = testMachine({
    isa,
    files: { kernel: semihostingProgram(isa, calls, data), ...(isa === "riscv64" ? { bios: "none" } : {}) },
    ...(options === null ? {} : { options: { semihosting: whole } }),
  });
  return { ...made, printed: () => String.fromCharCode(...sent) };
}

const lines = (...words: (bigint | string)[]): string =>
  words
    .map((w) => (typeof w === "string" ? w : `${BigInt.asUintN(64, w).toString(16).padStart(16, "0")}\n`))
    .join("");

describe.each(["riscv64", "arm64"] as const)("%s", (isa) => {
  test("console, features, errors, command line and exit code", () => {
    const { machine, printed } = run(isa, TRANSCRIPT);
    expect(machine.run(SECOND_NS, true)).toEqual({ kind: "power", request: { kind: "off", exitCode: 7 } });
    const expected = lines("hello\nhwritten\n", 0n, -1n, -1n, 2n, 5n, 0n, 1n, 0n, "SHFB", 0n, SECOND_NS, 0n, "kernel -x", -1n); // prettier-ignore
    expect(printed()).toBe(expected);
  });

  test("time is virtual; the heap is memory that nothing else has", () => {
    const { machine, printed } = run(isa, {
      calls: [
        { operation: "time", parameter: 0 },
        { operation: "clock", parameter: 0 },
        { operation: "heapInfo", parameter: "block" },
        { operation: "isTerminal", parameter: "output" },
        { operation: "system", parameter: "block" },
        { operation: 0x99, parameter: 0 },
        { operation: "exitExtended", parameter: "block" },
      ],
      data: "output: .quad 2\nblock: .quad heap\nheap: .quad 0, 0, 0, 0\n",
    });
    expect(machine.run(SECOND_NS, true)).toEqual({ kind: "power", request: { kind: "off", exitCode: 1 } });
    expect(printed()).toBe(lines(1_767_225_600n, 0n, 0n, 1n, -1n, -1n));
  });

  test("a read waits, takes no time, and goes on as often as it was looked at", () => {
    const calls: SemihostingCall[] = [
      { operation: "readCharacter", parameter: 0 },
      { operation: "open", parameter: "openInput", into: "read", isQuiet: true },
      { operation: "read", parameter: "read" },
      { operation: "writeString", parameter: "room", isQuiet: true },
    ];
    const data =
      'name: .asciz ":tt"\n .balign 8\nopenInput: .quad name, 0, 3\nread: .quad 0, room, 7\nroom: .quad 0\n';
    const [often, once] = [1, 2].map(() => run(isa, { calls, data }, { hasInput: true }));
    if (often === undefined || once === undefined) throw new Error("no machines");
    for (let ns = 100n; ns < 100_000n; ns += 100n) often.machine.run(ns, false);
    expect(often.machine.run(100_000n, false)).toMatchObject({ kind: "idle" });
    once.machine.run(100_000n, false);
    for (const { machine, printed } of [often, once]) {
      machine.sleepUntil(100_000n);
      machine.semihosting?.receive(new TextEncoder().encode("abc"));
      machine.run(200_000n, false);
      expect(printed()).toBe(lines(97n, 5n, "bc"));
    }
    expect(often.machine.stateHash()).toBe(once.machine.stateHash());
  });

  test("without it, and for programs that may not ask, the instruction traps", () => {
    const { machine, printed } = run(isa, TRANSCRIPT, null);
    const causes: string[] = [];
    const trap: MachineObserver["trap"] = (_, { cause }) => void causes.push(cause);
    machine.observer = { trap, interrupt: () => undefined };
    machine.run(10_000n, true);
    expect(printed()).toBe("");
    expect(causes[0]).toBe({ riscv64: "breakpoint", arm64: "halt" }[isa]);
  });

  test("blocks that are nowhere are errors, and nothing else", () => {
    const operations = ["open", "close", "write", "read", "isError", "isTerminal", "seek", "fileLength", "commandLine", "heapInfo", "elapsed", "writeCharacter", "writeString"] as const; // prettier-ignore
    const calls = operations.map((operation) => ({ operation, parameter: 64 }));
    const { machine, printed } = run(isa, { calls, data: "" }, { hasInput: true });
    expect(machine.run(1_000_000n, true)).toEqual({ kind: "limit" });
    expect(printed().split("\n")).toHaveLength(operations.length + 1);
  });
});
