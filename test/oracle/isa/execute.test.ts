// The effects against QEMU: one program runs thousands of instructions with chosen registers and memory and dumps
// what they did; evaluateEffect must do the same. Non-system instructions of RV64IMAC, Zba, Zbb, Zbs (execute-float.test.ts has the others).
// (QEMU 7.2 has no Zicond: test/cases/isa has hand-written cases.)
//
// Each step of the program: load the registers that the instruction names, fill `cell`, note the pc, run the
// instruction, note which way it went, dump registers and cell.

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { evaluateEffect } from "../../../spec/isa/effect-eval.ts";
import type { Effect, Expr } from "../../../spec/isa/effect.ts";
import { forEachExpr, forEachStmt, stmtExprs } from "../../../spec/isa/effect.ts";
import { effectOf } from "../../../spec/isa/isa.ts";
import { riscv64 } from "../../../spec/isa/riscv64/riscv64.ts";
import type { Instruction, OperandValues } from "../../../spec/isa/schema.ts";
import { Random, sampleValues, wordOf } from "../../isa/samples.ts";
import { PlainMachine } from "../../../spec/isa/plain-machine.ts";
import { gnuLink, withScratch } from "./gnu-tools.ts";

const SEED = 20261103;
const ROUNDS = 24;
const TEXT = 0x10000;
const CELL = 0x4000_0000n;
const CELL_WORDS = 4;
// Registers of the program itself; none of them can be named by three bits.
const reserved = { input: 18, output: 19, cell: 20, scratch: 21, pc: 22, path: 23 };
const PC_NOTE_BYTES = 4;

interface Step {
  readonly instruction: Instruction;
  readonly values: OperandValues;
  /** Register numbers that are loaded before and dumped after. */
  readonly registers: readonly number[];
  readonly before: readonly bigint[];
  readonly cell: readonly bigint[];
  readonly isJump: boolean;
  /** The load-reserved that stands before a store-conditional, on the same address; null for none. */
  readonly reserves: "lr.w" | "lr.d" | null;
}

type MemoryAccess = Extract<Expr, { kind: "load" | "atomic" | "reserve" | "conditional" }>;

function allExprs(effect: Effect): Expr[] {
  const list: Expr[] = [];
  forEachStmt(effect.body, (s) => {
    for (const e of stmtExprs(s)) forEachExpr(e, (node) => list.push(node));
  });
  return list;
}

function registersOf(effect: Effect, values: OperandValues): number[] {
  const numbers = new Set<number>();
  const add = (index: { kind: "operand"; name: string } | { kind: "fixed"; index: number }): void => {
    numbers.add(index.kind === "fixed" ? index.index : (values[index.name] ?? 0));
  };
  for (const e of allExprs(effect)) if (e.kind === "register") add(e.register.index);
  forEachStmt(effect.body, (s) => {
    if (s.kind === "setRegister") add(s.register.index);
  });
  numbers.delete(0);
  return [...numbers];
}

// The register that an address or a jump starts from.
function baseRegister(e: Expr, values: OperandValues): number | null {
  let found: number | null = null;
  forEachExpr(e, (node) => {
    if (node.kind !== "register") return;
    const { index } = node.register;
    found = index.kind === "fixed" ? index.index : (values[index.name] ?? 0);
  });
  return found;
}

interface Access {
  readonly address: Expr;
  readonly bytes: number;
  readonly aligned: boolean;
}

function accessOf(effect: Effect): Access | null {
  let found: Access | null = null;
  const note = (a: Pick<MemoryAccess, "access" | "address">): void => {
    found = { address: a.address, bytes: a.access.bytes, aligned: a.access.aligned };
  };
  for (const e of allExprs(effect)) {
    if (e.kind === "load" || e.kind === "atomic" || e.kind === "reserve" || e.kind === "conditional") note(e);
  }
  forEachStmt(effect.body, (s) => {
    if (s.kind === "store") note(s);
  });
  return found;
}

function jumpBase(effect: Effect): Expr | null {
  let found: Expr | null = null;
  const locals = new Map<string, Expr>();
  forEachStmt(effect.body, (s) => {
    if (s.kind === "let") locals.set(s.name, s.value);
    if (s.kind === "setPc")
      found = s.value.kind === "local" ? (locals.get(s.value.name) ?? s.value) : s.value;
  });
  return found;
}

function isTestable(i: Instruction): boolean {
  if (["Zicsr", "Privileged", "Zicond", "F", "D", "Zcd"].includes(i.group)) return false;
  return !["ecall", "ebreak", "c.ebreak"].includes(i.name);
}

// Operand values that leave the program's registers alone.
function chooseValues(instruction: Instruction, random: Random, round: number): OperandValues {
  for (let attempt = 0; ; attempt += 1) {
    const values = sampleValues(riscv64, instruction, random, attempt === 0 ? round : 1000);
    const used = registersOf(effectOf(riscv64, instruction), values);
    if (!used.some((r) => Object.values(reserved).includes(r))) return values;
  }
}

// Makes one step that starts at `pc` (where its register loads begin).
function makeStep(instruction: Instruction, random: Random, round: number, start: number): Step {
  const effect = effectOf(riscv64, instruction);
  const length = instruction.encoding.bits / 8;
  const target = jumpBase(effect);
  let values = chooseValues(instruction, random, round);
  // The way over the two instructions that note the path not taken.
  if (instruction.operands.some((o) => o.kind.kind === "target")) values = { ...values, target: length + 8 };
  const registers = registersOf(effect, values);
  const before = registers.map(() => random.value64());
  const cell = Array.from({ length: CELL_WORDS }, () => random.value64());
  if (registers.length > 1 && random.below(3) === 0) before[1] = before[0] ?? 0n;
  const access = accessOf(effect);
  const imm = BigInt(values["imm"] ?? values["uimm"] ?? 0);
  const setBase = (e: Expr, value: bigint): boolean => {
    const base = baseRegister(e, values);
    const at = base === null ? -1 : registers.indexOf(base);
    if (at < 0) return false;
    before[at] = BigInt.asUintN(64, value - imm);
    return true;
  };
  if (access !== null) {
    const offset = access.aligned ? random.below(2) * access.bytes : random.below(8);
    if (!setBase(access.address, CELL + 8n + BigInt(offset)))
      return makeStep(instruction, random, 1000, start);
  }
  if (target !== null && baseRegister(target, values) !== null) {
    const pc = start + 4 * setupLength(registers.length) + PC_NOTE_BYTES; // jumps reserve nothing
    const to = BigInt(pc + length + 8 + random.below(2));
    if (!setBase(target, to)) return makeStep(instruction, random, 1000, start);
  }
  const pair = { "sc.w": "lr.w", "sc.d": "lr.d" } as const;
  const isPair = instruction.name === "sc.w" || instruction.name === "sc.d";
  const reserves = isPair && random.below(3) > 0 ? pair[instruction.name] : null;
  return { instruction, values, registers, before, cell, isJump: target !== null, reserves };
}

// Instructions before the pc is noted: register loads, cell, the input pointer.
function setupLength(registers: number): number {
  return registers + 2 * CELL_WORDS + 1;
}

function stepText(step: Step): string[] {
  const x = (n: number): string => `x${String(n)}`;
  const { input, output, cell, scratch, pc, path } = reserved;
  const lines: string[] = [];
  step.cell.forEach((_, i) => {
    lines.push(`ld ${x(scratch)}, ${String(8 * (step.registers.length + i))}(${x(input)})`);
    lines.push(`sd ${x(scratch)}, ${String(8 * i)}(${x(cell)})`);
  });
  step.registers.forEach((r, i) => lines.push(`ld ${x(r)}, ${String(8 * i)}(${x(input)})`));
  lines.push(`addi ${x(input)}, ${x(input)}, ${String(8 * (step.registers.length + CELL_WORDS))}`);
  if (step.reserves !== null) lines.push(`${step.reserves} ${x(scratch)}, (${x(step.values["rs1"] ?? 0)})`);
  lines.push(`auipc ${x(pc)}, 0`);
  const word = wordOf(riscv64, step.instruction, step.values);
  const directive = step.instruction.encoding.bits === 16 ? ".half" : ".word";
  lines.push(`${directive} 0x${word.toString(16)}`);
  if (step.isJump) lines.push(`addi ${x(path)}, zero, 1`, "j . + 8", `addi ${x(path)}, zero, 2`);
  else lines.push(`addi ${x(path)}, zero, 1`);
  const dumped = [pc, path, ...step.registers];
  dumped.forEach((r, i) => lines.push(`sd ${x(r)}, ${String(8 * i)}(${x(output)})`));
  step.cell.forEach((_, i) => {
    lines.push(`ld ${x(scratch)}, ${String(8 * i)}(${x(cell)})`);
    lines.push(`sd ${x(scratch)}, ${String(8 * (dumped.length + i))}(${x(output)})`);
  });
  lines.push(`addi ${x(output)}, ${x(output)}, ${String(8 * (dumped.length + CELL_WORDS))}`);
  return lines;
}

const prologue = [
  `lui x${String(reserved.cell)}, 0x40000`,
  `lui x${String(reserved.input)}, 0x50000`,
  `lui x${String(reserved.output)}, 0x60000`,
];

function bytesOf(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + (line.startsWith(".half") ? 2 : 4), 0);
}

interface Program {
  readonly steps: readonly Step[];
  readonly text: string;
  readonly outputWords: number;
}

function makeProgram(): Program {
  const random = new Random(SEED);
  const steps: Step[] = [];
  const lines = [...prologue];
  let [at, outputWords] = [TEXT + 4 * prologue.length, 0];
  for (const instruction of riscv64.instructions.filter(isTestable)) {
    for (let round = 0; round < ROUNDS; round += 1) {
      const step = makeStep(instruction, random, round, at);
      const text = stepText(step);
      steps.push(step);
      lines.push(...text);
      at += bytesOf(text);
      outputWords += 2 + step.registers.length + CELL_WORDS;
    }
  }
  const write = ["li a0, 1", "lui a1, 0x60000", `li a2, ${String(8 * outputWords)}`, "li a7, 64", "ecall"];
  const exit = ["li a0, 0", "li a7, 93", "ecall"];
  const input = steps.flatMap((s) => [...s.before, ...s.cell]).map((v) => `.dword 0x${v.toString(16)}`);
  const text = [
    ".option norvc\n.globl _start\n_start:",
    ...lines,
    ...write,
    ...exit,
    '.section .cell, "aw", @nobits\n.space 64',
    '.section .input, "aw"',
    ...input,
    `.section .output, "aw", @nobits\n.space ${String(8 * outputWords + 64)}`,
  ].join("\n");
  return { steps, text, outputWords };
}

function runUnderQemu(program: Program): BigUint64Array {
  return withScratch((path) => {
    writeFileSync(path("in.s"), `${program.text}\n`);
    const places = { ".text": TEXT, ".cell": Number(CELL), ".input": 0x5000_0000, ".output": 0x6000_0000 };
    gnuLink(path("in.s"), path("out"), places);
    const cpu = "rv64,zba=true,zbb=true,zbs=true";
    const output = execFileSync("qemu-riscv64", ["-cpu", cpu, path("out")], { maxBuffer: 1 << 28 });
    return new BigUint64Array(new Uint8Array(output).buffer);
  });
}

// What the effect says that the step does, in the layout of the dump.
function expected(step: Step, machine: PlainMachine, pc: bigint): bigint[] {
  step.registers.forEach((r, i) => machine.writeReg("x", r, step.before[i] ?? 0n));
  step.cell.forEach((word, i) => {
    for (let b = 0; b < 8; b += 1) {
      machine.memory.set(CELL + BigInt(8 * i + b), Number((word >> BigInt(8 * b)) & 255n));
    }
  });
  const lengthBytes = step.instruction.encoding.bits / 8;
  const input = { operands: step.values, pc, lengthBytes };
  if (step.reserves !== null) {
    const bytes = step.reserves === "lr.w" ? 4 : 8;
    const address = machine.readReg("x", step.values["rs1"] ?? 0);
    machine.reserve(address, { bytes, aligned: true, acquire: false, release: false });
  }
  const outcome = evaluateEffect(effectOf(riscv64, step.instruction), input, machine);
  if (outcome.kind === "trap") throw new Error(`${step.instruction.name}: ${outcome.cause}`);
  const way =
    outcome.pc === pc + BigInt(lengthBytes) ? 1n : outcome.pc === pc + BigInt(lengthBytes + 8) ? 2n : 3n;
  const registers = step.registers.map((r) => machine.readReg("x", r));
  const access = { bytes: 8, aligned: false, acquire: false, release: false } as const;
  const cell = step.cell.map((_, i) => machine.load(CELL + BigInt(8 * i), access) as bigint); // it is mapped
  return [way, ...registers, ...cell];
}

describe("effects of non-system instructions", () => {
  it("do what QEMU does", () => {
    const program = makeProgram();
    expect(program.steps.some((s) => s.reserves !== null)).toBe(true);
    const dump = runUnderQemu(program);
    expect(dump.length).toBe(program.outputWords);
    const different: string[] = [];
    const machine = new PlainMachine();
    let at = 0;
    for (const step of program.steps) {
      const pc = (dump[at] ?? 0n) + BigInt(PC_NOTE_BYTES);
      const wanted = expected(step, machine, pc);
      const found = [...dump.subarray(at + 1, at + 1 + wanted.length)];
      at += 1 + wanted.length;
      if (wanted.some((v, i) => v !== found[i])) {
        const show = (list: readonly bigint[]): string => list.map((v) => v.toString(16)).join(" ");
        different.push(
          `${step.instruction.name} ${JSON.stringify(step.values)} before ${show(step.before)}: ` +
            `ours ${show(wanted)}, QEMU ${show(found)}`,
        );
      }
    }
    expect(program.steps.length).toBeGreaterThan(3000);
    expect(different.slice(0, 20)).toEqual([]);
  });
});
