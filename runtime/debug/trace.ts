// What a machine does, line by line: instructions, device accesses, interrupts, exceptions, virtqueues.
//
// Relies on the observers of runtime/boards and devices. Names come from spec: registers from spec/devices, instructions
// from the disassembler. Guarantees: the same run gives the same lines; tracing changes nothing in the machine.

import type { DeviceSpec } from "../../spec/devices/schema.ts";
import type { Machine, MachineOutcome } from "../boards/machine.ts";
import type { BusDevice } from "../core/bus.ts";
import { VirtioMmio } from "../devices/virtio/transport.ts";
import type { Chain } from "../devices/virtio/virtqueue.ts";
import { createDisassembler, type Disassembler } from "../isa/disassembler.ts";
import { readGuest } from "./debug-memory.ts";

/** What can be traced. */
export const TRACE_KINDS = ["instructions", "mmio", "interrupts", "exceptions", "virtqueues"] as const;
export type TraceKind = (typeof TRACE_KINDS)[number];

export interface TraceOptions {
  readonly machine: Machine;
  readonly kinds: ReadonlySet<TraceKind>;
  /** text: for people; ndjson: an object a line. */
  readonly format: "text" | "ndjson";
  /** Takes whole lines. */
  readonly write: (line: string) => void;
}

/** Somebody who runs a machine: a session, or a debugger. */
export interface Runner {
  run(untilNs: bigint, skipIdle: boolean): MachineOutcome;
}

type Fields = Readonly<Record<string, string | number>>;

const MAX_INSTRUCTION_BYTES = 4;

/** Starts to trace; what is returned runs the machine, as `runner` does. */
export function traced(runner: Runner, options: TraceOptions): Runner {
  const { machine, kinds } = options;
  const lines = new TraceLines(options);
  if (kinds.has("mmio")) {
    machine.bus.observe(({ device, kind, offset, bytes, value }) => {
      lines.line("mmio", { access: kind, device: device.name, register: registerAt(device, offset, kind), bytes, value: hex(value) }); // prettier-ignore
    });
  }
  if (kinds.has("virtqueues")) observeQueues(machine, lines);
  machine.observer = {
    trap: (system, { cause, value }) => {
      if (!kinds.has("exceptions")) return;
      const { index, hart } = system;
      lines.line("exception", { hart: index, mode: system.mode().name, pc: hex(hart.pc), cause, value: hex(value) }); // prettier-ignore
    },
    interrupt: (system, pc) => {
      if (!kinds.has("interrupts")) return;
      const { index, hart } = system;
      lines.line("interrupt", { hart: index, pc: hex(pc), mode: system.mode().name, handler: hex(hart.pc) });
    },
  };
  return kinds.has("instructions") ? new InstructionTrace(runner, machine, lines) : runner;
}

class TraceLines {
  private readonly options: TraceOptions;
  private held: string[] | null = null;

  constructor(options: TraceOptions) {
    this.options = options;
  }

  line(kind: string, fields: Fields): void {
    const text = this.format(this.options.machine.now(), kind, fields);
    if (this.held === null) this.options.write(text);
    else this.held.push(text);
  }

  /** Runs `step`, then writes the lines that it answers, then those of what happened in it. */
  inOrder(step: () => readonly Fields[]): void {
    const ns = this.options.machine.now();
    const held: string[] = [];
    this.held = held;
    const first = step().map((fields) => this.format(ns, "instruction", fields));
    this.held = null;
    for (const text of [...first, ...held]) this.options.write(text);
  }

  private format(now: bigint, kind: string, fields: Fields): string {
    const ns = String(now);
    return this.options.format === "ndjson"
      ? `${JSON.stringify({ ns, kind, ...fields })}\n`
      : `${ns} ${kind} ${textOf(fields)}\n`;
  }
}

function textOf(fields: Fields): string {
  return Object.entries(fields)
    .map(([name, value]) => (name === "text" ? String(value) : `${name}=${String(value)}`))
    .join(" ");
}

// One instruction at a time, whichever hart has its turn; its line comes before those of what it does.
class InstructionTrace implements Runner {
  private readonly runner: Runner;
  private readonly machine: Machine;
  private readonly lines: TraceLines;
  private readonly disassembler: Disassembler;

  constructor(runner: Runner, machine: Machine, lines: TraceLines) {
    this.runner = runner;
    this.machine = machine;
    this.lines = lines;
    this.disassembler = createDisassembler(machine.isa);
  }

  run(untilNs: bigint, skipIdle: boolean): MachineOutcome {
    const { machine } = this;
    while (machine.now() < untilNs) {
      const now = machine.now();
      const outcome = this.step();
      if (outcome.kind === "idle" && skipIdle && outcome.until !== null) {
        machine.sleepUntil(outcome.until < untilNs ? outcome.until : untilNs);
      } else if (outcome.kind !== "limit" || machine.now() === now) return outcome;
    }
    return { kind: "limit" };
  }

  private step(): MachineOutcome {
    const { machine, runner, lines } = this;
    const before = machine.harts.map(({ hart: { pc, retired } }, index) => {
      return { index, pc, retired, word: this.wordAt(index, pc) };
    });
    let outcome: MachineOutcome = { kind: "limit" };
    lines.inOrder(() => {
      outcome = runner.run(machine.now() + 1n, false);
      const done = before.filter(({ index, retired }) => machine.harts[index]?.hart.retired !== retired);
      return done.flatMap(({ index, pc, word }) => (word === null ? [] : [this.fieldsOf(index, pc, word)]));
    });
    return outcome;
  }

  private fieldsOf(index: number, pc: bigint, word: number): Fields {
    return { hart: index, pc: hex(pc), text: this.disassembler.line(word, pc).text };
  }

  private wordAt(index: number, pc: bigint): number | null {
    const bytes = readGuest(this.machine, index, pc, MAX_INSTRUCTION_BYTES);
    return bytes.length < 2 ? null : bytes.reduceRight((word, byte) => word * 256 + byte, 0);
  }
}

function observeQueues(machine: Machine, lines: TraceLines): void {
  for (const { device } of machine.bus.devices()) {
    if (!(device instanceof VirtioMmio)) continue;
    for (const [queue, virtqueue] of device.queues.entries()) {
      const tell = (what: string, { head, readable, writable }: Chain, more: Fields): void => {
        const counts = { readable: sumBytes(readable), writable: sumBytes(writable) };
        lines.line("virtqueue", { device: device.name, queue, what, head, ...counts, ...more });
      };
      virtqueue.observer = {
        taken: (chain) => {
          tell("taken", chain, {});
        },
        given: (chain, written) => {
          tell("given", chain, { written });
        },
      };
    }
  }
}

function sumBytes(buffers: Chain["readable"]): number {
  return buffers.reduce((sum, { bytes }) => sum + bytes, 0);
}

// The register that an access begins in, as spec/devices calls it; its offset where none is.
function registerAt(device: BusDevice, offset: number, kind: "load" | "store"): string {
  const { spec } = device as BusDevice & { readonly spec?: DeviceSpec };
  const refused = { load: "wo", store: "ro" }[kind];
  for (const { name, offset: first, bytes, count, stride, access } of spec?.registers ?? []) {
    const index = count === 1 ? 0 : Math.floor((offset - first) / stride);
    const start = first + index * stride;
    if (access === refused || index < 0 || index >= count || offset < start || offset >= start + bytes) {
      continue;
    }
    return count === 1 ? name : `${name}[${String(index)}]`;
  }
  return hex(BigInt(offset));
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}
