// Cases of kind `isa`: instructions of spec/isa, one line each: their bytes, and what they do to a state.
//
//     div a0, a1, a2 | a1=7 a2=-2            input: text | registers, [address]=bytes, CSRs
//     b3c5 … div a0, a1, a2 => a0=-3         result: bytes, what they decode to, what changed
//
// Several instructions are separated by `;`. The pc is 0x1000 at the start.

import { createDisassembler } from "../../../runtime/isa/disassembler.ts";
import { arm64 } from "../../../spec/isa/arm64/arm64.ts";
import { encodeInstruction } from "../../../spec/isa/encoding.ts";
import { evaluateEffect } from "../../../spec/isa/effect-eval.ts";
import { effectOf } from "../../../spec/isa/isa.ts";
import { registerNumber } from "../../../spec/isa/operand-text.ts";
import { PlainMachine } from "../../../spec/isa/plain-machine.ts";
import { riscv64 } from "../../../spec/isa/riscv64/riscv64.ts";
import type { Instruction, Isa } from "../../../spec/isa/schema.ts";
import { parseInstruction } from "../../../spec/isa/syntax.ts";
import type { GoldenKind } from "../runner.ts";
import { requireSection } from "../runner.ts";

const START = 0x1000n;
const isas: Readonly<Record<string, Isa>> = { riscv64, arm64 };

/** Runs an `isa` case: each input line gives one result line. */
export const isaKind: GoldenKind = {
  name: "isa",
  summary: "instructions: bytes, decoding and effect on a state",
  budgetLines: 60,
  run: (golden) => {
    const isa = isas[golden.kindArguments[0] ?? ""] ?? riscv64;
    return requireSection(golden, "input")
      .split("\n")
      .map((line) => (line.trim() === "" ? "" : resultOf(isa, line)))
      .join("\n");
  },
};

function resultOf(isa: Isa, line: string): string {
  const [text = "", state = ""] = line.split("|");
  const machine = new PlainMachine(isa.csrs);
  const problem = setState(isa, machine, state.trim());
  if (problem !== null) return problem;
  const before = snapshot(isa, machine);
  const shown: string[] = [];
  let [pc, expectedPc] = [START, START];
  for (const part of text.split(";")) {
    const step = runOne(isa, part.trim(), pc, machine);
    shown.push(step.shown);
    if (step.pc === null) return shown.join("; ");
    expectedPc = pc + BigInt(step.lengthBytes);
    pc = step.pc;
    if (pc !== expectedPc) break;
  }
  const changes = changed(before, snapshot(isa, machine));
  if (pc !== expectedPc) changes.push(`pc=0x${pc.toString(16)}`);
  return `${shown.join("; ")} => ${[...changes, ...machine.helped].join(" ") || "nothing"}`;
}

interface Ran {
  readonly shown: string;
  readonly lengthBytes: number;
  /** Where execution goes on; null after a mistake or a trap. */
  readonly pc: bigint | null;
}

function runOne(isa: Isa, text: string, pc: bigint, machine: PlainMachine): Ran {
  const parsed = parseInstruction(isa, text);
  if (parsed === null) return { shown: `no such instruction: ${text}`, lengthBytes: 0, pc: null };
  const { instruction, values } = parsed;
  const encoded = encodeInstruction(isa, instruction, values);
  if (!encoded.ok) {
    const { operand, value, range } = encoded;
    const without = range.excluded.length === 0 ? "" : ` without ${range.excluded.join(", ")}`;
    const limits = `${String(range.min)}..${String(range.max)} by ${String(range.step)}${without}`;
    return { shown: `${operand} = ${String(value)} is not in ${limits}`, lengthBytes: 0, pc: null };
  }
  const line = createDisassembler(isa, { aliases: false }).line(encoded.word, pc);
  const lengthBytes = instruction.encoding.bits / 8;
  const shown = `${hexOf(instruction, encoded.word)} ${line.text}`;
  const outcome = evaluateEffect(effectOf(isa, instruction), { operands: values, pc, lengthBytes }, machine);
  if (outcome.kind === "next") return { shown, lengthBytes, pc: outcome.pc };
  const trap = `trap ${outcome.cause}(0x${outcome.value.toString(16)})`;
  return { shown: `${shown} => ${trap}`, lengthBytes, pc: null };
}

// Bytes in the order of memory.
function hexOf(instruction: Instruction, word: number): string {
  const bytes = Array.from({ length: instruction.encoding.bits / 8 }, (_, i) => (word >>> (8 * i)) & 255);
  return bytes.map((b) => b.toString(16).padStart(2, "0")).join("");
}

// `a0=-1 [0x2000]=0a0b0c0d mepc=5`; the message for an item that is none of these.
function setState(isa: Isa, machine: PlainMachine, state: string): string | null {
  for (const item of state.split(/\s+/).filter((part) => part !== "")) {
    const [, place = "", value = ""] = /^(\[?\w+\]?)=(-?\w+)$/.exec(item) ?? [];
    const register = registerOf(isa, place);
    const csr = isa.csrs.find((c) => c.name === place);
    const word = (width = 64): bigint =>
      BigInt.asUintN(width, value.startsWith("-") ? -BigInt(value.slice(1)) : BigInt(value));
    if (place.startsWith("[")) {
      const address = BigInt(place.slice(1, -1));
      (value.match(/../g) ?? []).forEach((byte, i) =>
        machine.memory.set(address + BigInt(i), parseInt(byte, 16)),
      );
    } else if (register !== null) machine.writeReg(register.file, register.index, word(register.width));
    else if (csr?.fields !== undefined) machine.writeCsr(csr.number, word());
    else if (csr !== undefined) machine.csrs.set(csr.number, word());
    else return `cannot read the state \`${item}\``;
  }
  return null;
}

// The register with that name in any class.
function registerOf(isa: Isa, name: string): { file: string; index: number; width: number } | null {
  for (const c of isa.classes) {
    const index = registerNumber(c, name);
    if (index !== null) return { file: c.file, index, width: c.width };
  }
  return null;
}

// Everything that a case can see, each register by the first name that it has.
function snapshot(isa: Isa, machine: PlainMachine): Map<string, string> {
  const all = new Map<string, string>();
  const seen = new Set<string>();
  for (const { file, first, names, special } of isa.classes) {
    names.forEach((name, i) => {
      const place = `${file} ${String(first + i)}`;
      if (special?.index === first + i || seen.has(place)) return;
      seen.add(place);
      all.set(name, small(machine.readReg(file, first + i)));
    });
  }
  for (const { name, number } of isa.csrs) {
    const value = machine.csrs.get(number);
    if (value !== undefined) all.set(name, small(value));
  }
  for (const [address, byte] of machine.memory) {
    all.set(`[0x${address.toString(16)}]`, byte.toString(16).padStart(2, "0"));
  }
  return all;
}

// Decimal near zero, hexadecimal beyond.
function small(value: bigint): string {
  const signed = value < 1n << 64n ? BigInt.asIntN(64, value) : value;
  return signed > -10_000n && signed < 10_000n ? String(signed) : `0x${value.toString(16)}`;
}

function changed(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  return [...after]
    .filter(([name, value]) => before.get(name) !== value)
    .map(([name, value]) => `${name}=${value}`);
}
