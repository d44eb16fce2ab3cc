// Instructions against QEMU over many register states: a program loops over records (contents of the registers that
// an instruction names and of a memory cell), runs the instruction on each and writes what became of them.
// What differs between architectures is a StateMachineText. Guarantees: `differences` compares every bit.

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { evaluateEffect } from "../../../spec/isa/effect-eval.ts";
import type { Expr, RegisterRef } from "../../../spec/isa/effect.ts";
import { forEachExpr, forEachStmt, stmtExprs } from "../../../spec/isa/effect.ts";
import { effectOf } from "../../../spec/isa/isa.ts";
import { PlainMachine } from "../../../spec/isa/plain-machine.ts";
import type { Instruction, Isa, OperandValues } from "../../../spec/isa/schema.ts";
import type { Random } from "../../isa/samples.ts";
import { sampleValues, wordOf } from "../../isa/samples.ts";
import { sampleLanes } from "./float-samples.ts";
import { withScratch } from "./gnu-tools.ts";

/** Where the program keeps what it works on; the linker is told. */
const PLACES = { text: 0x1_0000, cell: 0x4000_0000, input: 0x5000_0000, output: 0x7000_0000 } as const;
const CELL_BYTES = 32;

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
  /** Around the body: `count` rounds, moving both pointers by `bytes`. */
  readonly loop: (count: number, bytes: number, body: readonly string[]) => readonly string[];
  /** Writes `bytes` of output and leaves. */
  readonly finish: (bytes: number) => readonly string[];
  /** Contents of control registers; null for registers of numbers. */
  readonly control: (file: string, random: Random) => bigint | null;
  /** How a float of 32 or fewer bits stands in a 64-bit register of its own; null where registers have lanes. */
  readonly box: ((value: bigint, width: number, random: Random) => bigint) | null;
}

interface Slot {
  readonly file: string;
  readonly index: number;
  readonly width: number;
  readonly offset: number;
  readonly bytes: 8 | 16;
}

/** An instruction with fixed operands and the states that it is run on. */
interface Kernel {
  readonly instruction: Instruction;
  readonly values: OperandValues;
  readonly slots: readonly Slot[];
  readonly recordBytes: number;
  readonly states: readonly (readonly bigint[])[];
  readonly cells: readonly (readonly bigint[])[];
}

function exprsOf(isa: Isa, instruction: Instruction): Expr[] {
  const list: Expr[] = [];
  forEachStmt(effectOf(isa, instruction).body, (s) => {
    for (const e of stmtExprs(s)) forEachExpr(e, (node) => list.push(node));
  });
  return list;
}

function referencesOf(isa: Isa, instruction: Instruction): RegisterRef[] {
  const list = exprsOf(isa, instruction).flatMap((e) => (e.kind === "register" ? [e.register] : []));
  forEachStmt(effectOf(isa, instruction).body, (s) => {
    if (s.kind === "setRegister") list.push(s.register);
  });
  return list;
}

// The entry of a file that a reference means; null for a register that reads as zero.
function entryOf(ref: RegisterRef, values: OperandValues): { file: string; index: number } | null {
  const index = ref.index.kind === "fixed" ? ref.index.index : (values[ref.index.name] ?? 0);
  if (ref.class.special?.index !== index) return { file: ref.class.file, index };
  return ref.class.special.file === null ? null : { file: ref.class.special.file, index: 0 };
}

function slotsOf(isa: Isa, instruction: Instruction, values: OperandValues): Slot[] {
  const slots = new Map<string, Slot>();
  let offset = 0;
  for (const ref of referencesOf(isa, instruction)) {
    const entry = entryOf(ref, values);
    if (entry === null || slots.has(`${entry.file}${String(entry.index)}`)) continue;
    const width = isa.files.find((f) => f.name === entry.file)?.width ?? 64;
    const bytes = width > 64 ? 16 : 8;
    slots.set(`${entry.file}${String(entry.index)}`, { ...entry, width, offset, bytes });
    offset += bytes;
  }
  return [...slots.values()];
}

// Operand values that leave the program's registers alone and have a base register to aim with.
function chooseValues(
  text: StateMachineText,
  instruction: Instruction,
  random: Random,
  round: number,
): OperandValues {
  const { isa, reserved } = text;
  for (let attempt = 0; ; attempt += 1) {
    const values = sampleValues(isa, instruction, random, attempt === 0 ? round : 1000);
    const used = slotsOf(isa, instruction, values).filter((s) => s.file === "x");
    const aimless = basesOf(isa, instruction).some((ref) => entryOf(ref, values) === null);
    if (!aimless && !used.some((s) => reserved.includes(s.index))) return values;
  }
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

// The registers that addresses of memory accesses start from.
function basesOf(isa: Isa, instruction: Instruction): RegisterRef[] {
  const addresses = exprsOf(isa, instruction).flatMap((e) => (e.kind === "load" ? [e.address] : []));
  forEachStmt(effectOf(isa, instruction).body, (s) => {
    if (s.kind === "store") addresses.push(s.address);
  });
  const bases: RegisterRef[] = [];
  for (const address of addresses) {
    forEachExpr(address, (node) => {
      if (node.kind === "register") bases.push(node.register);
    });
  }
  return bases;
}

function aimAtCell(
  isa: Isa,
  kernel: Pick<Kernel, "instruction" | "values" | "slots">,
  state: bigint[],
): void {
  for (const base of basesOf(isa, kernel.instruction)) {
    const entry = entryOf(base, kernel.values);
    const at = kernel.slots.findIndex((s) => s.file === entry?.file && s.index === entry.index);
    const offset = kernel.values["imm"] ?? kernel.values["uimm"] ?? 0;
    state[at] = BigInt.asUintN(64, BigInt(PLACES.cell + 8 - offset));
  }
}

/** Kernels of one instruction: `operands` choices of operands with `states` states each. */
export function makeKernels(
  text: StateMachineText,
  instruction: Instruction,
  counts: { readonly operands: number; readonly states: number },
  random: Random,
): Kernel[] {
  return Array.from({ length: counts.operands }, (_, round) => {
    const values = chooseValues(text, instruction, random, round);
    const slots = slotsOf(text.isa, instruction, values);
    const recordBytes = slots.reduce((sum, s) => sum + s.bytes, CELL_BYTES);
    const states = Array.from({ length: counts.states }, () => {
      const state = stateOf(text, { instruction, slots }, random);
      aimAtCell(text.isa, { instruction, values, slots }, state);
      return state;
    });
    const cells = states.map(() => Array.from({ length: CELL_BYTES / 8 }, () => random.value64()));
    return { instruction, values, slots, recordBytes, states, cells };
  });
}

function kernelText(text: StateMachineText, kernel: Kernel): readonly string[] {
  const { slots, recordBytes, instruction } = kernel;
  const first = recordBytes - CELL_BYTES;
  const words = Array.from({ length: CELL_BYTES / 8 }, (_, i) => 8 * i);
  const directive = instruction.encoding.bits === 16 ? ".half" : ".word";
  const body = [
    ...words.flatMap((at) => text.fillCell(at, first + at)),
    ...slots.flatMap((s) => text.load(s.file, s.index, s.offset)),
    `${directive} 0x${wordOf(text.isa, instruction, kernel.values).toString(16)}`,
    ...slots.flatMap((s) => text.store(s.file, s.index, s.offset)),
    ...words.flatMap((at) => text.dumpCell(at, first + at)),
  ];
  return text.loop(kernel.states.length, recordBytes, body);
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

// What the effect makes of one record, in the order of the slots and then the cell.
function expected(isa: Isa, kernel: Kernel, state: number): bigint[] {
  const machine = new PlainMachine(isa.csrs);
  kernel.slots.forEach((s, i) => machine.writeReg(s.file, s.index, kernel.states[state]?.[i] ?? 0n));
  const cell = BigInt(PLACES.cell);
  kernel.cells[state]?.forEach((word, w) => {
    for (let b = 0; b < 8; b += 1)
      machine.memory.set(cell + BigInt(8 * w + b), Number((word >> BigInt(8 * b)) & 255n));
  });
  const lengthBytes = kernel.instruction.encoding.bits / 8;
  const input = { operands: kernel.values, pc: 0n, lengthBytes };
  const outcome = evaluateEffect(effectOf(isa, kernel.instruction), input, machine);
  if (outcome.kind === "trap") throw new Error(`${kernel.instruction.name}: ${outcome.cause}`);
  const access = { bytes: 8, aligned: false, acquire: false, release: false } as const;
  const words = (kernel.cells[state] ?? []).map(
    (_, w) => machine.load(cell + BigInt(8 * w), access) as bigint,
  ); // mapped
  return [...kernel.slots.map((s) => machine.readReg(s.file, s.index)), ...words];
}

/** Every state in which an effect and QEMU disagree, as text. */
export function differences(text: StateMachineText, kernels: readonly Kernel[]): string[] {
  const input = inputOf(kernels);
  const output = runUnderQemu(text, kernels, input);
  if (output.length !== input.length) throw new Error(`QEMU wrote ${String(output.length)} bytes`);
  const different: string[] = [];
  const hex = (list: readonly bigint[]): string => list.map((v) => v.toString(16)).join(" ");
  forEachRecord(kernels, output, (kernel, i, record) => {
    const wanted = expected(text.isa, kernel, i);
    const first = kernel.recordBytes - CELL_BYTES;
    const words = wanted
      .slice(kernel.slots.length)
      .map((_, w) => record.get({ offset: first + 8 * w, bytes: 8 }));
    const found = [...kernel.slots.map((slot) => record.get(slot)), ...words];
    if (wanted.every((v, at) => v === found[at])) return;
    const names = kernel.slots.map((s) => s.file + String(s.index)).join(" ");
    different.push(
      `${kernel.instruction.name} ${JSON.stringify(kernel.values)} (${names}) before ${hex(kernel.states[i] ?? [])}: ` +
        `ours ${hex(wanted)}, QEMU ${hex(found)}`,
    );
  });
  return different;
}
