// Takes out of a block what only the frame's inside needs: moves into callee-saved registers and slots, and constants
// made in callee-saved registers. Reads of what was put off go to the source, which must keep its word.

import type { Block, Instr, MachineOperand, Register } from "../../lang/stack/ast.ts";
import { machineRoles } from "../../lang/stack/machine-roles.ts";
import { forEachRead, forEachWrite } from "../../lang/stack/register-use.ts";
import { bug } from "../../source/bug.ts";
import type { Convention } from "../../target/convention.ts";

/** What was put off, in order, and where its words are meanwhile (null: nowhere, it is a constant). */
export interface PutOff {
  readonly instrs: readonly Instr[];
  readonly registers: ReadonlyMap<Register, Register | null>;
  readonly slots: ReadonlyMap<number, Register>;
}

interface Draft {
  readonly convention: Convention;
  readonly instrs: Instr[];
  readonly registers: Map<Register, Register | null>;
  readonly slots: Map<number, Register>;
  readonly body: Instr[];
}

/** The block without what could be put off, and all of that; null if the block needs the frame nonetheless. */
export function putOff(
  block: Block,
  before: PutOff,
  convention: Convention,
): { readonly block: Block; readonly put: PutOff } | null {
  const draft: Draft = {
    convention,
    instrs: [...before.instrs],
    registers: new Map(before.registers),
    slots: new Map(before.slots),
    body: [],
  };
  if (!block.body.every((instr) => placeInstr(instr, draft))) return null;
  const { end } = block;
  if (end.kind !== "machineBranch") return null;
  const operands = renameReads(end.ins, end.operands, draft);
  if (operands === null) return null;
  const { instrs, registers, slots, body } = draft;
  return { block: { ...block, body, end: { ...end, operands } }, put: { instrs, registers, slots } };
}

/** The block with reads of what was put off turned to the sources, as long as they keep their words; null: it cannot. */
export function renameBlock(
  block: Block,
  before: PutOff,
  convention: Convention,
): { readonly block: Block; readonly known: PutOff } | null {
  const draft: Draft = {
    convention,
    instrs: [],
    registers: new Map(before.registers),
    slots: new Map(before.slots),
    body: [],
  };
  for (const instr of block.body) {
    const renamed = renameInstr(instr, draft);
    if (renamed === null) return null;
    forEachWrite(renamed, convention, (r) => {
      forgetSource(r, draft);
    });
    draft.body.push(renamed);
  }
  const known = { instrs: [], registers: draft.registers, slots: draft.slots };
  const { end } = block;
  if (end.kind !== "machineBranch") return { block: { ...block, body: draft.body }, known };
  const operands = renameReads(end.ins, end.operands, draft);
  return operands === null
    ? null
    : { block: { ...block, body: draft.body, end: { ...end, operands } }, known };
}

function renameInstr(instr: Instr, draft: Draft): Instr | null {
  if (instr.kind === "address") return instr;
  if (instr.kind === "slotLoad") {
    const source = draft.slots.get(instr.slot);
    if (source === undefined) return null;
    return { kind: "machine", ...draft.convention.move(instr.dest, source), memory: null, span: instr.span };
  }
  if (instr.kind !== "machine") return null;
  const operands = renameReads(instr.ins, instr.operands, draft);
  return operands === null ? null : { ...instr, operands };
}

function forgetSource(register: Register, { registers, slots }: Draft): void {
  for (const [saved, source] of registers) if (source === register) registers.set(saved, null);
  for (const [slot, source] of slots) if (source === register) slots.delete(slot);
}

// Puts the instruction off or keeps it in the block; false if neither is possible.
function placeInstr(instr: Instr, draft: Draft): boolean {
  switch (instr.kind) {
    case "slotStore": {
      const source = sourceOf(instr.source, draft);
      if (source === null || draft.slots.has(instr.slot)) return false;
      draft.slots.set(instr.slot, source);
      draft.instrs.push({ ...instr, source });
      return true;
    }
    case "slotLoad": {
      const source = draft.slots.get(instr.slot);
      if (source === undefined || !mayWrite(instr.dest, draft)) return false;
      const code = draft.convention.move(instr.dest, source);
      draft.body.push({ kind: "machine", ...code, memory: null, span: instr.span });
      return true;
    }
    case "address":
      return placeWriting(instr, instr.dest, draft);
    case "machine":
      return placeMachine(instr, draft);
    case "call":
    case "foreignCall":
    case "transferLoad":
    case "transferStore":
      return false;
  }
}

function placeMachine(instr: Extract<Instr, { kind: "machine" }>, draft: Draft): boolean {
  const { convention } = draft;
  const copied = convention.copiedOperand(instr.ins, instr.operands) ?? -1;
  const [first, second] = [instr.operands[0], instr.operands[copied]];
  const isMove = first?.kind === "register" && second?.kind === "register";
  if (isMove && convention.calleeSaved.includes(first.register)) {
    const isZero = second.register === machineRoles(convention.isa, instr.ins)?.zeros[copied];
    const source = isZero ? null : sourceOf(second.register, draft);
    if (source === null || draft.registers.has(first.register)) return false;
    draft.registers.set(first.register, source);
    draft.instrs.push({ ...instr, ...convention.move(first.register, source) });
    return true;
  }
  const operands = renameReads(instr.ins, instr.operands, draft);
  if (operands === null) return false;
  const written: Register[] = [];
  forEachWrite(instr, convention, (r) => written.push(r));
  const [dest] = written;
  if (dest === undefined) {
    draft.body.push({ ...instr, operands });
    return true;
  }
  return written.length === 1 && placeWriting({ ...instr, operands }, dest, draft);
}

// An instruction that writes `dest` and, if that is callee-saved, reads nothing, flags included.
function placeWriting(instr: Instr, dest: Register, draft: Draft): boolean {
  const { convention } = draft;
  if (!convention.calleeSaved.includes(dest)) {
    if (!mayWrite(dest, draft)) return false;
    draft.body.push(instr);
    return true;
  }
  const use = instr.kind === "machine" ? machineRoles(convention.isa, instr.ins)?.use : undefined;
  let reads = instr.kind === "machine" && instr.memory !== null;
  if (use?.readsFlags === true || use?.writesFlags === true) reads = true;
  forEachRead(instr, convention, () => {
    reads = true;
  });
  if (reads || draft.registers.has(dest)) return false;
  draft.registers.set(dest, null);
  draft.instrs.push(instr);
  return true;
}

// Sources of what was put off must keep their words; callee-saved registers belong to the frame.
function mayWrite(register: Register, { registers, slots, convention }: Draft): boolean {
  if (convention.calleeSaved.includes(register)) return false;
  return ![...registers.values(), ...slots.values()].includes(register);
}

// Where the word of `register` is outside of the frame; null if nowhere.
function sourceOf(register: Register, { registers, convention }: Draft): Register | null {
  const source = registers.get(register);
  if (source !== undefined) return source;
  return convention.calleeSaved.includes(register) ? null : register;
}

function renameReads(
  ins: string,
  operands: readonly MachineOperand[],
  draft: Draft,
): readonly MachineOperand[] | null {
  const { roles, zeros } = machineRoles(draft.convention.isa, ins) ?? bug(`no instruction \`${ins}\``);
  const renamed: MachineOperand[] = [];
  for (const [i, operand] of operands.entries()) {
    if (operand.kind !== "register" || roles[i] === "def" || operand.register === zeros[i]) {
      renamed.push(operand);
      continue;
    }
    const source = sourceOf(operand.register, draft);
    if (source === null || (roles[i] === "both" && source !== operand.register)) return null;
    renamed.push({ kind: "register", register: source });
  }
  return renamed;
}
