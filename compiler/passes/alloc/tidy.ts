// The last look at a block after allocation: what a register or slot holds already is not fetched again.
//
// Numbers the words that registers and slots hold, block by block. A move, load, store or constant whose destination
// holds the word already goes; a load whose word is in another register, and an address that is, becomes a move.

import type { Instr, Register } from "../../lang/stack/ast.ts";
import { forEachWrite } from "../../lang/stack/register-use.ts";
import type { Convention } from "../../target/convention.ts";
import { isPureInstruction } from "./constant-instruction.ts";

type Word = number;

interface Known {
  readonly convention: Convention;
  readonly inRegister: Map<Register, Word>;
  readonly inSlot: Map<number, Word>;
  /** Words that an instruction without register operands makes, by its text. */
  readonly constants: Map<string, Word>;
  words: number;
}

export function tidyBlock(body: readonly Instr[], convention: Convention): readonly Instr[] {
  const known: Known = {
    convention,
    inRegister: new Map(),
    inSlot: new Map(),
    constants: new Map(),
    words: 0,
  };
  return body.flatMap((instr) => {
    const kept = tidyInstr(instr, known);
    return kept === null ? [] : [kept];
  });
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
      return instr;
    }
    case "call":
    case "foreignCall":
      for (const r of known.convention.callerSaved) known.inRegister.delete(r);
      return instr;
    case "transferLoad":
      known.inRegister.delete(instr.dest);
      return instr;
    case "transferStore":
      return instr;
  }
}

function wordIn<K>(places: Map<K, Word>, place: K, known: Known): Word {
  const word = places.get(place);
  if (word !== undefined) return word;
  known.words += 1;
  places.set(place, known.words);
  return known.words;
}

function tidyMachine(instr: Extract<Instr, { kind: "machine" }>, known: Known): Instr | null {
  const { convention, inRegister } = known;
  const [dest, source] = instr.operands;
  const isMove = convention.isMove(instr.ins, instr.operands);
  if (
    isMove &&
    dest?.kind === "register" &&
    source?.kind === "register" &&
    source.register !== convention.zero
  ) {
    return tidyMove(instr, { dest: dest.register, source: source.register }, known);
  }
  const constant = constantOf(instr, convention);
  if (constant !== null) return tidyConstant(instr, constant.dest, constant.key, known);
  forEachWrite(instr, convention, (r) => inRegister.delete(r));
  return instr;
}

// The only register operands are the written one and the zero register.
function constantOf(
  instr: Extract<Instr, { kind: "machine" }>,
  convention: Convention,
): { readonly dest: Register; readonly key: string } | null {
  const [first, ...rest] = instr.operands;
  const isConstant = rest.every((o) => o.kind === "imm" || o.register === convention.zero);
  if (first?.kind !== "register" || !isConstant || instr.memory !== null) return null;
  const written: Register[] = [];
  forEachWrite(instr, convention, (r) => written.push(r));
  if (written.length !== 1 || written[0] !== first.register) return null;
  if (!isPureInstruction(instr.ins, convention)) return null;
  const operands = rest.map((o) => (o.kind === "imm" ? String(o.value) : "zero"));
  return { dest: first.register, key: [instr.ins, ...operands].join(" ") };
}

function tidyMove<T extends Instr>(
  instr: T,
  { dest, source }: { readonly dest: Register; readonly source: Register },
  known: Known,
): T | null {
  const word = wordIn(known.inRegister, source, known);
  if (known.inRegister.get(dest) === word) return null;
  known.inRegister.set(dest, word);
  return instr;
}

// An address may take two instructions, so a copy of it is better; one instruction is as good as a move.
function tidyConstant(instr: Instr, dest: Register, key: string, known: Known): Instr | null {
  const word = known.constants.get(key) ?? (known.words += 1);
  known.constants.set(key, word);
  if (known.inRegister.get(dest) === word) return null;
  const holder = instr.kind === "address" ? holderOf(word, known) : null;
  known.inRegister.set(dest, word);
  return holder === null ? instr : moveInstr(dest, holder, instr, known);
}

function tidyLoad(instr: Extract<Instr, { kind: "slotLoad" }>, known: Known): Instr | null {
  const word = wordIn(known.inSlot, instr.slot, known);
  if (known.inRegister.get(instr.dest) === word) return null;
  const holder = holderOf(word, known);
  known.inRegister.set(instr.dest, word);
  return holder === null ? instr : moveInstr(instr.dest, holder, instr, known);
}

function holderOf(word: Word, known: Known): Register | null {
  for (const [register, held] of known.inRegister) if (held === word) return register;
  return null;
}

function moveInstr(dest: Register, source: Register, { span }: Pick<Instr, "span">, known: Known): Instr {
  return { kind: "machine", ...known.convention.move(dest, source), memory: null, span };
}
