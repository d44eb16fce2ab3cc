// Instructions against QEMU over many register states: a program loops over records (contents of the registers that
// an instruction names and of a memory cell), runs the instruction on each and writes what became of them.
// What differs between architectures is a StateMachineText. Guarantees: `differences` compares every bit that both machines have.

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { evaluateEffect } from "../../../spec/isa/effect-eval.ts";
import { effectOf } from "../../../spec/isa/isa.ts";
import { PlainMachine } from "../../../spec/isa/plain-machine.ts";
import type { Instruction, Isa, OperandValues } from "../../../spec/isa/schema.ts";
import type { Random } from "../../isa/samples.ts";
import { sampleValues, wordOf } from "../../isa/samples.ts";
import { sampleLanes } from "./float-samples.ts";
import { withScratch } from "./gnu-tools.ts";
import {
  aim,
  exprsOf,
  probe,
  shapeOf,
  slotAt,
  slotsOf,
  writesTwice,
  type Shape,
  type Slot,
} from "./state-shape.ts";

/** Where the program keeps what it works on; the linker is told. */
const PLACES = { text: 0x1_0000, cell: 0x4000_0000, input: 0x5000_0000, output: 0x7000_0000 } as const;
const CELL_BYTES = 96;
/** Where in the cell an access goes if its address is free; aligned accesses exactly there. */
const AIM = 16;
/** Constants behind an instruction that loads relative to its own address. */
const LITERAL = [0x0123456789abcdefn, 0xfedcba9876543210n, 0x8000000180000001n, 0x7ffffffe7fffffffn] as const;

/** One architecture's way of moving state. Offsets are from the record that a pointer of the program points to. */
export interface StateMachineText {
  readonly isa: Isa;
  /** Registers of file `x` that belong to the program. */
  readonly reserved: readonly number[];
  /** Tools of the assembler and the emulator. */
  readonly tools: string;
  readonly assemble: readonly string[];
  readonly qemu: readonly string[];
  /** Sets the pointers to cell, input and output. */
  readonly start: (places: typeof PLACES) => readonly string[];
  /** Lines that fill a register from the input record, and that write it to the output record. */
  readonly load: (file: string, index: number, offset: number) => readonly string[];
  readonly store: (file: string, index: number, offset: number) => readonly string[];
  /** Copies 8 bytes at `offset` of the input record to `at` of the cell, and back to the output record. */
  readonly fillCell: (at: number, offset: number) => readonly string[];
  readonly dumpCell: (at: number, offset: number) => readonly string[];
  /** Puts the address of a label, less `minus`, into a register of file `x`. */
  readonly address: (index: number, label: string, minus: bigint) => readonly string[];
  /** Writes a label's address to the output record, and a small number. */
  readonly storeAddress: (label: string, offset: number) => readonly string[];
  readonly storeNumber: (value: number, offset: number) => readonly string[];
  readonly jump: (label: string) => string;
  /** Bytes of `storeNumber` and `jump` together: the way past what notes that a jump was not taken. */
  readonly passBytes: number;
  /** Reserves `bytes` at `at` of the cell. */
  readonly reserve: (bytes: number, at: number) => readonly string[];
  /** Around the body: `count` rounds, moving both pointers by `bytes`. */
  readonly loop: (count: number, bytes: number, body: readonly string[]) => readonly string[];
  /** Writes `bytes` of output and leaves. */
  readonly finish: (bytes: number) => readonly string[];
  /** Bits of control registers that both have, where QEMU has more. */
  readonly sharedBits: ReadonlyMap<string, bigint>;
  /** Contents of control registers; null for registers of numbers. */
  readonly control: (file: string, random: Random) => bigint | null;
  /** How a float of 32 or fewer bits stands in a 64-bit register of its own; null where registers have lanes. */
  readonly box: ((value: bigint, width: number, random: Random) => bigint) | null;
}

/** An instruction with fixed operands and the states that it is run on. */
interface Kernel {
  readonly shape: Shape;
  readonly instruction: Instruction;
  readonly values: OperandValues;
  readonly slots: readonly Slot[];
  readonly recordBytes: number;
  readonly states: readonly (readonly bigint[])[];
  readonly cells: readonly (readonly bigint[])[];
}

// Operand values that leave the program's registers alone and whose accesses and jumps can be aimed.
function chooseValues(
  text: StateMachineText,
  instruction: Instruction,
  random: Random,
  round: number,
): OperandValues {
  const { isa, reserved } = text;
  const shape = shapeOf(isa, instruction);
  for (let attempt = 0; attempt < 1000; attempt += 1) {
    const sampled = sampleValues(isa, instruction, random, attempt === 0 ? round : 1000);
    const values =
      shape.distance === null
        ? sampled
        : { ...sampled, [shape.distance]: distanceOf(text, instruction, shape) };
    const slots = slotsOf(isa, instruction, values);
    if (slots.some((s) => s.file === "x" && reserved.includes(s.index))) continue;
    if (writesTwice(isa, instruction, values)) continue;
    const state = slots.map(() => 0n);
    if (aim(text.isa, { instruction, values, slots, shape }, state, BigInt(PLACES.cell + AIM))) return values;
  }
  throw new Error(`${instruction.name}: no operands that can be aimed`);
}

// Past a literal, past the note that a jump was not taken, or anywhere (adr).
function distanceOf(text: StateMachineText, instruction: Instruction, shape: Shape): number {
  const length = instruction.encoding.bits / 8;
  return shape.jumps ? length + text.passBytes : 2 * length;
}

// Widths of floats that the instruction reads; registers hold numbers of these.
function floatWidth(isa: Isa, instruction: Instruction): number {
  for (const e of exprsOf(isa, instruction)) {
    if (e.kind === "float") return e.args[0]?.width ?? 64;
  }
  return instruction.name.endsWith(".s") || instruction.name.endsWith(".x.w") ? 32 : 64;
}

function stateOf(
  text: StateMachineText,
  kernel: Pick<Kernel, "instruction" | "slots">,
  random: Random,
): bigint[] {
  const width = floatWidth(text.isa, kernel.instruction);
  const state: bigint[] = [];
  let before: bigint | null = null;
  for (const slot of kernel.slots) {
    const control = text.control(slot.file, random);
    if (control !== null) state.push(control);
    else if (slot.file === "x")
      state.push(random.below(3) === 0 ? sampleLanes(random, width, 64, null) : random.value64());
    else {
      const boxed = text.box !== null && width < 64;
      const lanes = sampleLanes(random, width, boxed ? width : slot.width, before);
      before = lanes;
      state.push(text.box !== null && boxed ? text.box(lanes, width, random) : lanes);
    }
  }
  return state;
}

/** Kernels of one instruction: `operands` choices of operands with `states` states each. */
export function makeKernels(
  text: StateMachineText,
  instruction: Instruction,
  counts: { readonly operands: number; readonly states: number },
  random: Random,
): Kernel[] {
  const shape = shapeOf(text.isa, instruction);
  return Array.from({ length: counts.operands }, (_, round) => {
    const values = chooseValues(text, instruction, random, round);
    const slots = slotsOf(text.isa, instruction, values);
    const recordBytes = slots.reduce((sum, s) => sum + s.bytes, CELL_BYTES + PATH_BYTES);
    const states = Array.from({ length: counts.states }, () => {
      const state = stateOf(text, { instruction, slots }, random);
      const off = shape.aligned > 0 ? 0 : random.below(12);
      aim(text.isa, { instruction, values, slots, shape }, state, BigInt(PLACES.cell + AIM + off));
      return state;
    });
    const cells = states.map(() => Array.from({ length: CELL_BYTES / 8 }, () => random.value64()));
    return { shape, instruction, values, slots, recordBytes, states, cells };
  });
}

/** In front of a record's cell: the instruction's address, and which way it went (1 on, 2 past the note of that). */
const PATH_BYTES = 16;

function kernelText(text: StateMachineText, kernel: Kernel): readonly string[] {
  const { slots, recordBytes, shape } = kernel;
  const cell = recordBytes - CELL_BYTES;
  const path = cell - PATH_BYTES;
  const words = Array.from({ length: CELL_BYTES / 8 }, (_, i) => 8 * i);
  const body = [
    ...words.flatMap((at) => text.fillCell(at, cell + at)),
    ...(shape.conditionalBytes === 0 ? [] : text.reserve(shape.conditionalBytes, AIM)),
    ...slots.flatMap((s) => text.load(s.file, s.index, s.offset)),
    ...aimJump(text, kernel),
    ...instructionText(text, kernel, path + 8),
    ...(shape.notesPc ? text.storeAddress("3b", path) : text.storeNumber(0, path)),
    ...slots.flatMap((s) => text.store(s.file, s.index, s.offset)),
    ...words.flatMap((at) => text.dumpCell(at, cell + at)),
  ];
  return text.loop(kernel.states.length, recordBytes, body);
}

// A jump by register goes to label 4, whatever the instruction adds to the register.
function aimJump(text: StateMachineText, kernel: Kernel): readonly string[] {
  const { target } = kernel.shape;
  if (target === null) return [];
  const slot = kernel.slots[slotAt(kernel, target)];
  if (slot === undefined) return [];
  const added = BigInt.asIntN(
    64,
    probe(
      text.isa,
      kernel,
      kernel.slots.map(() => 0n),
    ),
  );
  return text.address(slot.index, "4f", added);
}

// The instruction at label 3, and for jumps the note of the way, whose other end is label 4.
function instructionText(text: StateMachineText, kernel: Kernel, at: number): readonly string[] {
  const { instruction, shape, values } = kernel;
  const directive = instruction.encoding.bits === 16 ? ".half" : ".word";
  const word = `3: ${directive} 0x${wordOf(text.isa, instruction, values).toString(16)}`;
  if (shape.loadsLiteral) {
    const constants = LITERAL.map((v) => `.quad 0x${v.toString(16)}`);
    return [word, text.jump("5f"), ...constants, "5:", ...text.storeNumber(1, at)];
  }
  if (!shape.jumps) return [word, ...text.storeNumber(1, at)];
  return [word, ...text.storeNumber(1, at), text.jump("5f"), "4:", ...text.storeNumber(2, at), "5:"];
}

class Record {
  private readonly view: DataView;
  constructor(view: DataView) {
    this.view = view;
  }

  get(slot: { offset: number; bytes: 8 | 16 }): bigint {
    const low = this.view.getBigUint64(slot.offset, true);
    return slot.bytes === 8 ? low : (this.view.getBigUint64(slot.offset + 8, true) << 64n) | low;
  }

  set(slot: { offset: number; bytes: 8 | 16 }, value: bigint): void {
    this.view.setBigUint64(slot.offset, BigInt.asUintN(64, value), true);
    if (slot.bytes === 16) this.view.setBigUint64(slot.offset + 8, value >> 64n, true);
  }
}

function forEachRecord(
  kernels: readonly Kernel[],
  bytes: Uint8Array,
  visit: (kernel: Kernel, state: number, record: Record) => void,
): void {
  let at = bytes.byteOffset;
  for (const kernel of kernels) {
    kernel.states.forEach((_, i) => {
      visit(kernel, i, new Record(new DataView(bytes.buffer, at, kernel.recordBytes)));
      at += kernel.recordBytes;
    });
  }
}

function inputOf(kernels: readonly Kernel[]): Uint8Array {
  const total = kernels.reduce((sum, k) => sum + k.recordBytes * k.states.length, 0);
  const bytes = new Uint8Array(total);
  forEachRecord(kernels, bytes, (kernel, i, record) => {
    kernel.slots.forEach((slot, s) => record.set(slot, kernel.states[i]?.[s] ?? 0n));
    const first = kernel.recordBytes - CELL_BYTES;
    kernel.cells[i]?.forEach((word, w) => record.set({ offset: first + 8 * w, bytes: 8 }, word));
  });
  return bytes;
}

function runUnderQemu(text: StateMachineText, kernels: readonly Kernel[], input: Uint8Array): Uint8Array {
  return withScratch((path) => {
    writeFileSync(path("input"), input);
    const lines = [
      ".globl _start\n_start:",
      ...text.start(PLACES),
      ...kernels.flatMap((k) => kernelText(text, k)),
      ...text.finish(input.length),
      `.section .cell, "aw", %nobits\n.space ${String(CELL_BYTES)}`,
      `.section .input, "aw"\n.incbin "${path("input")}"`,
      `.section .output, "aw", %nobits\n.space ${String(input.length)}`,
    ];
    writeFileSync(path("in.s"), `${lines.join("\n")}\n`);
    execFileSync(`${text.tools}as`, [...text.assemble, "-o", path("in.o"), path("in.s")]);
    const places = Object.entries(PLACES).map(
      ([name, at]) => `--section-start=.${name}=0x${at.toString(16)}`,
    );
    execFileSync(`${text.tools}ld`, [...places, "-o", path("program"), path("in.o")]);
    const [emulator = "", ...options] = text.qemu;
    return new Uint8Array(execFileSync(emulator, [...options, path("program")], { maxBuffer: 1 << 30 }));
  });
}

// What the effect makes of one record: the way it goes, the slots, the cell.
function expected(text: StateMachineText, kernel: Kernel, state: number, pc: bigint): bigint[] {
  const { isa } = text;
  const { instruction, shape, slots } = kernel;
  const machine = new PlainMachine(isa.csrs);
  slots.forEach((s, i) => machine.writeReg(s.file, s.index, kernel.states[state]?.[i] ?? 0n));
  fillMemory(machine, BigInt(PLACES.cell), kernel.cells[state] ?? []);
  const lengthBytes = instruction.encoding.bits / 8;
  if (shape.loadsLiteral) fillMemory(machine, pc + BigInt(2 * lengthBytes), LITERAL);
  const passed = pc + BigInt(lengthBytes + text.passBytes);
  const jump = shape.target === null ? undefined : slots[slotAt(kernel, shape.target)];
  if (jump !== undefined) {
    const added = probe(
      isa,
      kernel,
      slots.map(() => 0n),
    );
    machine.writeReg(jump.file, jump.index, BigInt.asUintN(64, passed - added));
  }
  if (shape.conditionalBytes > 0) machine.reserve(BigInt(PLACES.cell + AIM), { ...PLAIN, bytes: 8 });
  const input = { operands: kernel.values, pc, lengthBytes };
  const outcome = evaluateEffect(effectOf(isa, instruction), input, machine);
  if (outcome.kind === "trap") throw new Error(`${instruction.name}: ${outcome.cause}`);
  const way = outcome.pc === pc + BigInt(lengthBytes) ? 1n : outcome.pc === passed ? 2n : 3n;
  const words = (kernel.cells[state] ?? []).map(
    (_, w) => machine.load(BigInt(PLACES.cell + 8 * w), { ...PLAIN, bytes: 8 }) as bigint,
  ); // mapped
  return [way, ...slots.map((s) => machine.readReg(s.file, s.index)), ...words];
}

const PLAIN = { aligned: false, acquire: false, release: false, asUser: false } as const;

function fillMemory(machine: PlainMachine, at: bigint, words: readonly bigint[]): void {
  words.forEach((word, w) => {
    for (let b = 0; b < 8; b += 1)
      machine.memory.set(at + BigInt(8 * w + b), Number((word >> BigInt(8 * b)) & 255n));
  });
}

const ALL_BITS = (1n << 128n) - 1n;

/** Every state in which an effect and QEMU disagree, as text. */
export function differences(text: StateMachineText, kernels: readonly Kernel[]): string[] {
  const input = inputOf(kernels);
  const output = runUnderQemu(text, kernels, input);
  if (output.length !== input.length) throw new Error(`QEMU wrote ${String(output.length)} bytes`);
  const different: string[] = [];
  const hex = (list: readonly bigint[]): string => list.map((v) => v.toString(16)).join(" ");
  forEachRecord(kernels, output, (kernel, i, record) => {
    const cell = kernel.recordBytes - CELL_BYTES;
    const number = (offset: number): bigint => record.get({ offset, bytes: 8 });
    const wanted = expected(text, kernel, i, number(cell - PATH_BYTES));
    const words = wanted.slice(kernel.slots.length + 1).map((_, w) => number(cell + 8 * w));
    const shared = (slot: Slot): bigint => record.get(slot) & (text.sharedBits.get(slot.file) ?? ALL_BITS);
    const found = [number(cell - 8), ...kernel.slots.map(shared), ...words];
    if (wanted.every((v, at) => v === found[at])) return;
    const names = kernel.slots.map((s) => s.file + String(s.index)).join(" ");
    different.push(
      `${kernel.instruction.name} ${JSON.stringify(kernel.values)} (${names}) before ${hex(kernel.states[i] ?? [])}: ` +
        `ours ${hex(wanted)}, QEMU ${hex(found)}`,
    );
  });
  return different;
}
