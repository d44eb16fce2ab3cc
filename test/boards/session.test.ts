// Sessions: input at recorded instants, replays, snapshots. The guest echoes what is typed, by interrupt.

import { expect, test } from "vitest";
import {
  readRecording,
  recordingEnd,
  recordingHeader,
  recordingLine,
} from "../../runtime/boards/recording.ts";
import { Session, type InputEvent } from "../../runtime/boards/session.ts";
import { isProblem } from "../../runtime/images/elf-file.ts";
import { assembled } from "../runtime/support/assembled.ts";
import { testMachine, type TestMachine } from "./support.ts";

const MS = 1_000_000n;

// Waits for the PLIC's source 10 in context 1 and sends every byte back, plus the low bits of the time.
const echo = `
  .globl _start
_start:
  li s0, 0x10000000
  li s1, 0xc000000
  li t0, 1
  sw t0, 40(s1)
  li t1, 0xc002080
  li t0, 0x400
  sw t0, 0(t1)
  li s2, 0xc201000
  sw zero, 0(s2)
  li t0, 1
  sb t0, 1(s0)
  la t0, handler
  csrw stvec, t0
  li t0, 0x200
  csrw sie, t0
  csrsi sstatus, 2
1:
  wfi
  j 1b
  .balign 4
handler:
  lw t0, 4(s2)
2:
  lbu t1, 5(s0)
  andi t1, t1, 1
  beqz t1, 3f
  lbu t2, 0(s0)
  sb t2, 0(s0)
  rdtime t3
  andi t3, t3, 7
  addi t3, t3, '0'
  sb t3, 0(s0)
  j 2b
3:
  sw t0, 4(s2)
  sret
`;
const kernel = assembled(echo, "riscv64", 0x8020_0000n);

interface Run extends TestMachine {
  readonly session: Session;
  readonly events: InputEvent[];
}

function start(replay?: readonly InputEvent[]): Run {
  const made = testMachine({ isa: "riscv64", files: { kernel } });
  const events: InputEvent[] = [];
  const { machine } = made;
  const sinks = new Map([["serial", (bytes: Uint8Array) => machine.serial?.receive(bytes) ?? 0]]);
  const onInput = (event: InputEvent): void => void events.push(event);
  const session = new Session({ machine, sinks, onInput, ...(replay === undefined ? {} : { replay }) });
  return { ...made, session, events };
}

function typed(run: Run, text: string): void {
  run.session.offer("serial", new TextEncoder().encode(text));
}

function recorded(): Run {
  const run = start();
  run.session.run(MS, true);
  typed(run, "ab");
  run.session.run(3n * MS + 17n, true);
  typed(run, "c");
  run.session.run(5n * MS, true);
  run.session.passIdle(5n * MS);
  return run;
}

test("typed bytes reach the guest, and the guest waits for more", () => {
  const run = recorded();
  expect(run.output().replace(/\d/g, "")).toBe("abc");
  expect(run.session.run(6n * MS, false).kind).toBe("idle");
});

test("a replay has the same output and ends in the same state", () => {
  const first = recorded();
  const text = [
    recordingHeader("m"),
    ...first.events.map(recordingLine),
    recordingEnd({ atNs: first.machine.now(), stateHash: first.machine.stateHash() }),
  ].join("");
  const read = readRecording(text);
  if (isProblem(read)) throw new Error(read.message);
  expect(read.events).toEqual(first.events);
  const second = start(read.events);
  second.session.run(5n * MS, true);
  second.session.passIdle(5n * MS);
  expect(second.output()).toBe(first.output());
  expect(second.machine.stateHash()).toBe(read.end?.stateHash);
});

test("a snapshot goes on in another machine as it would have here", () => {
  const first = start();
  first.session.run(MS, true);
  typed(first, "x");
  first.session.run(MS + 500n, true);
  const snapshot = structuredClone(first.machine.snapshot());
  const second = start();
  second.machine.restore(snapshot);
  expect(second.machine.stateHash()).toBe(first.machine.stateHash());
  for (const run of [first, second]) {
    typed(run, "yz");
    run.session.run(2n * MS, true);
  }
  expect(second.machine.stateHash()).toBe(first.machine.stateHash());
  expect(first.output().endsWith(second.output())).toBe(true);
});

test("damaged recordings are problems with a line", () => {
  const good = recordingHeader("m");
  const lines = [
    "",
    "{",
    "[]",
    `{"at":"1"}`,
    `{"at":1,"to":"serial","bytes":"00"}`,
    `{"at":"1","to":"serial","bytes":"0"}`,
  ];
  for (const line of lines.slice(1)) {
    const read = readRecording(`${good}${line}\n`);
    expect(isProblem(read) ? [read.code, read.message] : []).toEqual([
      "R0040",
      "line 2 of the recording cannot be read",
    ]);
  }
  const empty = readRecording("");
  expect(isProblem(empty) ? empty.code : null).toBe("R0040");
});
