// Allocation → StackLang: every temporary becomes its register, slot or constant; copies become single moves.
//
// Guarantees: no move of a register to itself; `saved` lists exactly the callee-saved registers that are written.

import { bug } from "../../source/bug.ts";
import type { Block, Function, Instr, MachineOperand, Register, Terminator } from "../../lang/stack/ast.ts";
import { forEachWrite } from "../../lang/stack/register-use.ts";
import type { Span } from "../../source/span.ts";
import type { Convention } from "../../target/convention.ts";
import type { Allocation } from "./allocate.ts";
import { dropDeadCode } from "./dead-code.ts";
import { orderMoves, type Location, type MoveSource, type SingleMove } from "./parallel-moves.ts";
import type * as alloc from "./problem.ts";
import { tidyBlock } from "./tidy.ts";

/** What a function keeps through allocation. */
export type Signature = Pick<Function, "name" | "exported" | "paramWords" | "resultWords" | "span">;

export function emitFunction(signature: Signature, allocation: Allocation): Function {
  const { convention } = allocation.problem;
  const emitted = allocation.problem.blocks.map((block): Block => ({
    label: block.label,
    body: block.steps.flatMap((step) => emitStep(step, allocation)),
    end: emitEnd(block.end, allocation),
  }));
  const tidied = emitted.map((block) => tidyBlock(block, convention));
  const blocks = dropDeadCode({ blocks: tidied, resultWords: signature.resultWords }, convention);
  return {
    ...signature,
    slots: allocation.slots.count,
    saved: writtenCalleeSaved(blocks, convention),
    calls: blocks.some((b) => b.body.some((i) => i.kind === "call" || i.kind === "foreignCall")),
    blocks,
    frameBytes: null,
  };
}

function registerOf(temp: alloc.Temp, { problem, homes, registers }: Allocation): Register {
  const register = homes.has(temp) ? -1 : (registers[temp] ?? -1);
  return register >= 0
    ? register
    : bug(`temporary ${String(temp)} has no register of ${String(problem.tempCount)}`);
}

function emitOperands(
  operands: readonly alloc.TempOperand[],
  allocation: Allocation,
): readonly MachineOperand[] {
  return operands.map((o) => {
    if (o.kind === "imm") return o;
    const register = o.kind === "fixed" ? o.register : registerOf(o.temp, allocation);
    return { kind: "register", register };
  });
}

function emitStep(step: alloc.Step, allocation: Allocation): readonly Instr[] {
  switch (step.kind) {
    case "machine":
      return [emitMachine(step, allocation)];
    case "address":
      return [emitAddress(step, registerOf(step.dest, allocation))];
    case "copies":
      return emitCopies(step, allocation);
    case "call": {
      const { kind, callee, argWords, resultWords, span } = step;
      return [{ kind, callee, argWords, resultWords, span }];
    }
    case "foreignCall":
      return [{ kind: "foreignCall", name: step.name, span: step.span }];
  }
}

function emitAddress({ place, offset, span }: alloc.AddressStep, dest: Register): Instr {
  return { kind: "address", dest, place, offset, span };
}

function emitMachine(step: alloc.MachineStep, allocation: Allocation): Instr {
  const { ins, memory, span } = step;
  return { kind: "machine", ins, operands: emitOperands(step.operands, allocation), memory, span };
}

function emitEnd(end: alloc.End, allocation: Allocation): Terminator {
  switch (end.kind) {
    case "jump":
    case "trap":
      return end;
    case "machineBranch": {
      const { kind, ins, then, span } = end;
      return { kind, ins, operands: emitOperands(end.operands, allocation), then, else: end.else, span };
    }
    case "return":
      return { kind: "return", span: end.span };
    case "tailCall":
      return { kind: "tailCall", callee: end.callee, argWords: end.argWords, span: end.span };
  }
}

function emitCopies(step: alloc.CopiesStep, allocation: Allocation): readonly Instr[] {
  const moves = step.copies.map((copy) => ({
    dest: destination(copy.dest, allocation),
    source: source(copy.source, allocation),
  }));
  const used = step.copies
    .flatMap((c) => [c.dest, c.source])
    .map((p) => (p.kind === "transfer" && p.zone === "callee" ? p.index : -1));
  const resources = {
    scratch: allocation.problem.convention.scratch,
    spareIndex: used.reduce((most, index) => Math.max(most, index), -1) + 1,
  };
  return orderMoves(moves, resources).map((move) => emitMove(move, step.span, allocation));
}

function destination(place: alloc.CopyPlace, allocation: Allocation): Location {
  if (place.kind === "transfer") return place;
  const slot = allocation.slots.slotOf.get(place.temp);
  return slot === undefined
    ? { kind: "register", register: registerOf(place.temp, allocation) }
    : { kind: "slot", slot };
}

function source(place: alloc.CopyPlace, allocation: Allocation): MoveSource<alloc.ConstantStep> {
  if (place.kind === "temp" && allocation.homes.get(place.temp) === "constant") {
    const constant = allocation.problem.constants.get(place.temp);
    return constant === undefined
      ? bug(`temporary ${String(place.temp)} is no constant`)
      : { kind: "constant", constant };
  }
  return destination(place, allocation);
}

function emitMove(move: SingleMove<alloc.ConstantStep>, span: Span, allocation: Allocation): Instr {
  const { dest, source: from } = move;
  if (dest.kind === "register") return emitRead(dest.register, from, { span, allocation });
  if (from.kind !== "register") return bug("a move from memory to memory", span);
  const { register } = from;
  if (dest.kind === "slot") return { kind: "slotStore", slot: dest.slot, source: register, span };
  return { kind: "transferStore", zone: dest.zone, index: dest.index, source: register, span };
}

function emitRead(
  dest: Register,
  from: MoveSource<alloc.ConstantStep>,
  at: { readonly span: Span; readonly allocation: Allocation },
): Instr {
  const { span, allocation } = at;
  switch (from.kind) {
    case "register":
      return {
        kind: "machine",
        ...allocation.problem.convention.move(dest, from.register),
        memory: null,
        span,
      };
    case "slot":
      return { kind: "slotLoad", dest, slot: from.slot, span };
    case "transfer":
      return { kind: "transferLoad", dest, zone: from.zone, index: from.index, span };
    case "constant":
      return emitConstant(from.constant, dest);
  }
}

function emitConstant(constant: alloc.ConstantStep, dest: Register): Instr {
  if (constant.kind === "address") return emitAddress(constant, dest);
  const { ins, memory, span } = constant;
  const operands = constant.operands.map((o): MachineOperand => {
    if (o.kind === "imm") return o;
    return { kind: "register", register: o.kind === "fixed" ? o.register : dest };
  });
  return { kind: "machine", ins, operands, memory, span };
}

function writtenCalleeSaved(blocks: readonly Block[], convention: Convention): readonly Register[] {
  const written = new Set<Register>();
  for (const { body } of blocks) {
    for (const instr of body) forEachWrite(instr, convention, (r) => written.add(r));
  }
  return convention.calleeSaved.filter((r) => written.has(r)).sort((a, b) => a - b);
}
