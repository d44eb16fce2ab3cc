// The last look at a block after allocation: what a register or slot holds already is not fetched again.
//
// Numbers the words that registers and slots hold, block by block. A move, load, store or constant whose destination
// holds the word already goes; a load whose word is in another register, and an address that is, becomes a move.
// Reads go to the register that has held the word longest, so that moves become dead (dead-code.ts drops them).

import type { Block, Instr, MachineOperand, Register } from "../../lang/stack/ast.ts";
import { machineRoles } from "../../lang/stack/machine-roles.ts";
import { forEachWrite } from "../../lang/stack/register-use.ts";
import { bug } from "../../source/bug.ts";
import type { Convention } from "../../target/convention.ts";
import { isPureInstruction } from "./constant-instruction.ts";

type Word = number;
type MachineInstr = Extract<Instr, { kind: "machine" }>;

interface Known {
  readonly convention: Convention;
  /** In the order in which the registers got their words. */
  readonly inRegister: Map<Register, Word>;
  readonly inSlot: Map<number, Word>;
  /** Words that an instruction without register operands makes, by its text. */
  readonly constants: Map<string, Word>;
  words: number;
}

export function tidyBlock(block: Block, convention: Convention): Block {
  const known: Known = {
    convention,
    inRegister: new Map(),
    inSlot: new Map(),
    constants: new Map(),
    words: 0,
  };
  const body = block.body.flatMap((instr) => {
    const kept = tidyInstr(instr, known);
    return kept === null ? [] : [kept];
  });
  const { end } = block;
  if (end.kind !== "machineBranch") return { ...block, body };
  return { ...block, body, end: { ...end, operands: renameReads(end.ins, end.operands, known) } };
}

// Null: the instruction has no effect.
function tidyInstr(instr: Instr, known: Known): Instr | null {
  switch (instr.kind) {
    case "machine":
      return tidyMachine(instr, known);
    case "address":
      return tidyConstant(instr, instr.dest, `${instr.place}+${String(instr.offset)}`, known);
    case "slotLoad":
      return tidyLoad(instr, known);
    case "slotStore": {
      const word = wordIn(known.inRegister, instr.source, known);
      if (known.inSlot.get(instr.slot) === word) return null;
      known.inSlot.set(instr.slot, word);
      return { ...instr, source: oldestHolder(instr.source, known) };
    }
    case "call":
    case "foreignCall":
      for (const r of known.convention.callerSaved) known.inRegister.delete(r);
      return instr;
    case "transferLoad":
      known.inRegister.delete(instr.dest);
      return instr;
    case "transferStore":
      return { ...instr, source: oldestHolder(instr.source, known) };
  }
}

function tidyMachine(instr: MachineInstr, known: Known): Instr | null {
  const { convention, inRegister } = known;
  const move = moveOf(instr, convention);
  if (move !== null) return tidyMove(instr, move, known);
  const constant = constantOf(instr, convention);
  if (constant !== null) return tidyConstant(instr, constant.dest, constant.key, known);
  const operands = renameReads(instr.ins, instr.operands, known);
  forEachWrite(instr, convention, (r) => inRegister.delete(r));
  return { ...instr, operands };
}

interface RegisterMove {
  readonly dest: Register;
  readonly source: Register;
}

// A move of the zero register is a constant.
function moveOf({ ins, operands }: MachineInstr, convention: Convention): RegisterMove | null {
  const position = convention.copiedOperand(ins, operands) ?? -1;
  const [dest, source] = [operands[0], operands[position]];
  if (dest?.kind !== "register" || source?.kind !== "register") return null;
  if (source.register === machineRoles(convention.isa, ins)?.zeros[position]) return null;
  return { dest: dest.register, source: source.register };
}

function tidyMove(instr: MachineInstr, { dest, source }: RegisterMove, known: Known): Instr | null {
  const word = wordIn(known.inRegister, source, known);
  if (known.inRegister.get(dest) === word) return null;
  const oldest = oldestHolder(source, known);
  hold(dest, word, known);
  return { ...instr, ...known.convention.move(dest, oldest) };
}

// The only register operands are the written one and the zero register.
function constantOf(
  instr: MachineInstr,
  convention: Convention,
): { readonly dest: Register; readonly key: string } | null {
  const [first, ...rest] = instr.operands;
  const found = machineRoles(convention.isa, instr.ins);
  if (found === null || found.use.readsFlags || found.use.writesFlags) return null;
  const isConstant = rest.every((o, i) => o.kind === "imm" || o.register === found.zeros[i + 1]);
  if (first?.kind !== "register" || found.roles[0] !== "def" || !isConstant || instr.memory !== null)
    return null;
  const written: Register[] = [];
  forEachWrite(instr, convention, (r) => written.push(r));
  if (written.length !== 1 || written[0] !== first.register) return null;
  if (!isPureInstruction(instr.ins, convention)) return null;
  const operands = rest.map((o) => (o.kind === "imm" ? String(o.value) : "zero"));
  return { dest: first.register, key: [instr.ins, ...operands].join(" ") };
}

// An address may take two instructions, so a copy of it is better; one instruction is as good as a move.
function tidyConstant(instr: Instr, dest: Register, key: string, known: Known): Instr | null {
  const word = known.constants.get(key) ?? (known.words += 1);
  known.constants.set(key, word);
  if (known.inRegister.get(dest) === word) return null;
  const holder = instr.kind === "address" ? holderOf(word, known) : null;
  hold(dest, word, known);
  return holder === null ? instr : moveInstr(dest, holder, instr, known);
}

function tidyLoad(instr: Extract<Instr, { kind: "slotLoad" }>, known: Known): Instr | null {
  const word = wordIn(known.inSlot, instr.slot, known);
  if (known.inRegister.get(instr.dest) === word) return null;
  const holder = holderOf(word, known);
  hold(instr.dest, word, known);
  return holder === null ? instr : moveInstr(instr.dest, holder, instr, known);
}

function wordIn<K>(places: Map<K, Word>, place: K, known: Known): Word {
  const word = places.get(place);
  if (word !== undefined) return word;
  known.words += 1;
  places.set(place, known.words);
  return known.words;
}

function hold(register: Register, word: Word, known: Known): void {
  known.inRegister.delete(register);
  known.inRegister.set(register, word);
}

// The register that has held the word longest.
function holderOf(word: Word, known: Known): Register | null {
  for (const [register, held] of known.inRegister) if (held === word) return register;
  return null;
}

function oldestHolder(register: Register, known: Known): Register {
  const word = known.inRegister.get(register);
  return word === undefined ? register : (holderOf(word, known) ?? register);
}

// Operands that are only read.
function renameReads(
  ins: string,
  operands: readonly MachineOperand[],
  known: Known,
): readonly MachineOperand[] {
  const { roles, zeros } = machineRoles(known.convention.isa, ins) ?? bug(`no instruction \`${ins}\``);
  return operands.map((o, i) =>
    o.kind === "register" && roles[i] === "use" && o.register !== zeros[i]
      ? { kind: "register", register: oldestHolder(o.register, known) }
      : o,
  );
}

function moveInstr(dest: Register, source: Register, { span }: Pick<Instr, "span">, known: Known): Instr {
  return { kind: "machine", ...known.convention.move(dest, source), memory: null, span };
}
