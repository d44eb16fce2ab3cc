// Word → allocation problem: block parameters become copies on edges, calls get their words into place.
//
// Relies on: only machine instructions, addresses and calls in the body (after word-select). Edges that carry copies
// and leave a branch get a block of their own, unless their target has no other way in. Guarantees: machine registers
// are live only around calls, at the entry and at the exits, always next to a copies step.

import { bug } from "../../source/bug.ts";
import type { Span } from "../../source/span.ts";
import type * as word from "../../lang/word/ast.ts";
import { machineRoles } from "../../lang/stack/machine-roles.ts";
import type { TransferZone } from "../../lang/stack/ast.ts";
import type { Convention } from "../../target/convention.ts";
import { blockFrequencies } from "../analysis/block-frequency.ts";
import { isConstantInstruction } from "./constant-instruction.ts";
import { copiesStep, endTargets } from "./problem.ts";
import type {
  Block,
  ConstantStep,
  Copy,
  CopyPlace,
  End,
  Problem,
  Step,
  Temp,
  TempOperand,
} from "./problem.ts";

// A block under construction.
interface Draft {
  readonly label: word.Label;
  readonly steps: Step[];
  end: End;
}

interface Lowering {
  readonly convention: Convention;
  readonly params: ReadonlyMap<word.Label, readonly word.Value[]>;
  readonly waysIn: ReadonlyMap<word.Label, number>;
  /** Copies to put in front of a block: it has one way in, from a branch. */
  readonly entering: Map<word.Label, Step>;
  readonly extra: Draft[];
  nextLabel: word.Label;
}

/** The problem of one function. */
export function lowerFunction(f: word.Function, convention: Convention): Problem {
  const lowering: Lowering = {
    convention,
    params: new Map(f.blocks.map((b) => [b.label, b.params])),
    waysIn: countWaysIn(f),
    entering: new Map(),
    extra: [],
    nextLabel: f.nextLabel,
  };
  const drafts = f.blocks.map((b) => lowerBlock(b, lowering));
  const entry = drafts[0] ?? bug(`${f.name} has no blocks`, f.span);
  entry.steps.unshift(receiveParams(f, convention));
  for (const draft of drafts) {
    const copies = lowering.entering.get(draft.label);
    if (copies !== undefined) draft.steps.unshift(copies);
  }
  const blocks: readonly Block[] = [...drafts, ...lowering.extra];
  return finishProblem(blocks, convention.count + f.nextValue, convention);
}

/** Adds what follows from the blocks themselves: successors, frequencies, constants. */
export function finishProblem(blocks: readonly Block[], tempCount: number, convention: Convention): Problem {
  const position = new Map(blocks.map((b, i) => [b.label, i]));
  const successors = blocks.map((b) =>
    endTargets(b.end).map((label) => position.get(label) ?? bug(`no block ${String(label)}`, b.end.span)),
  );
  const trapping = blocks.map((b) => b.end.kind === "trap");
  const frequency = blockFrequencies(successors, trapping);
  return {
    blocks,
    tempCount,
    convention,
    successors,
    frequency,
    constants: findConstants(blocks, convention),
  };
}

function countWaysIn(f: word.Function): ReadonlyMap<word.Label, number> {
  const count = new Map<word.Label, number>();
  const note = (edge: word.Edge): void => void count.set(edge.label, (count.get(edge.label) ?? 0) + 1);
  for (const { end } of f.blocks) {
    if (end.kind === "jump") note(end.to);
    if (end.kind === "machineBranch" || end.kind === "branch") {
      note(end.then);
      note(end.else);
    }
  }
  return count;
}

function lowerBlock(block: word.Block, lowering: Lowering): Draft {
  const steps = block.body.flatMap((instr) => lowerInstr(instr, lowering.convention));
  const draft: Draft = { label: block.label, steps, end: { kind: "jump", to: 0, span: block.end.span } };
  draft.end = lowerEnd(block.end, draft, lowering);
  return draft;
}

function lowerInstr(instr: word.Instr, convention: Convention): readonly Step[] {
  const temp = (value: word.Value): Temp => convention.count + value;
  switch (instr.kind) {
    case "machine":
      return lowerMachine(instr, convention);
    case "address":
      return [lowerAddress(instr, temp(instr.dest))];
    case "call":
      return lowerCall(instr, convention);
    case "foreignCall":
      return lowerForeignCall(instr, convention);
    case "const":
    case "op":
    case "compare":
    case "addCarry":
    case "load":
    case "store":
    case "getGlobal":
    case "setGlobal":
    case "sharedLoad":
    case "sharedStore":
      return bug(`word-to-stack needs selected instructions, found \`${instr.kind}\``, instr.span);
  }
}

function lowerAddress({ place, span }: Extract<word.Instr, { kind: "address" }>, dest: Temp): Step {
  return { kind: "address", dest, defs: [dest], place, offset: 0n, span };
}

// A tied operand's old value is copied to where the new one will be.
function lowerMachine(
  instr: Extract<word.Instr, { kind: "machine" }>,
  convention: Convention,
): readonly Step[] {
  const { ins, memory, span } = instr;
  const operands = operandsOf(instr.operands, convention);
  const { uses, defs } = operandTemps(ins, operands, { convention, span });
  const [dest, source] = [defs[0], uses[0]];
  if (dest !== undefined && source !== undefined && convention.copiedOperand(ins, operands) !== null) {
    return [copiesStep([{ dest: tempPlace(dest), source: tempPlace(source) }], span)];
  }
  const tied = instr.operands.flatMap((o): Copy[] => {
    if (o.kind !== "tied") return [];
    return [{ dest: tempPlace(convention.count + o.value), source: tempPlace(convention.count + o.from) }];
  });
  return [...someCopies(tied, span), { kind: "machine", ins, operands, memory, uses, defs, span }];
}

function operandsOf(operands: readonly word.MachineOperand[], convention: Convention): TempOperand[] {
  return operands.map((o): TempOperand => {
    const isValue = o.kind === "value" || o.kind === "tied";
    return isValue ? { kind: "temp", temp: convention.count + o.value } : o;
  });
}

function operandTemps(
  ins: string,
  operands: readonly TempOperand[],
  at: { readonly convention: Convention; readonly span: Span },
): { readonly uses: readonly Temp[]; readonly defs: readonly Temp[] } {
  const found = machineRoles(at.convention.isa, ins) ?? bug(`no instruction \`${ins}\``, at.span);
  const uses: Temp[] = [];
  const defs: Temp[] = [];
  operands.forEach((operand, i) => {
    if (operand.kind !== "temp") return;
    const role = found.roles[i];
    if (role !== "def") uses.push(operand.temp);
    if (role === "def" || role === "both") defs.push(operand.temp);
  });
  return { uses, defs };
}

function tempPlace(temp: Temp): CopyPlace {
  return { kind: "temp", temp };
}

// Word `index` of arguments or results at a border.
function borderPlace(index: number, zone: TransferZone, convention: Convention): CopyPlace {
  const register = convention.words[index];
  if (register !== undefined) return tempPlace(register);
  return { kind: "transfer", zone, index: index - convention.words.length };
}

function intoBorder(values: readonly word.Value[], zone: TransferZone, convention: Convention): Copy[] {
  return values.map((value, i) => ({
    dest: borderPlace(i, zone, convention),
    source: tempPlace(convention.count + value),
  }));
}

function outOfBorder(values: readonly word.Value[], zone: TransferZone, convention: Convention): Copy[] {
  return values.map((value, i) => ({
    dest: tempPlace(convention.count + value),
    source: borderPlace(i, zone, convention),
  }));
}

function someCopies(copies: readonly Copy[], span: Span): readonly Step[] {
  return copies.length === 0 ? [] : [copiesStep(copies, span)];
}

function receiveParams(f: word.Function, convention: Convention): Step {
  return copiesStep(outOfBorder(f.params, "own", convention), f.span);
}

function lowerCall(instr: Extract<word.Instr, { kind: "call" }>, convention: Convention): readonly Step[] {
  const { callee, args, dests, span } = instr;
  return [
    ...someCopies(intoBorder(args, "callee", convention), span),
    {
      kind: "call",
      callee,
      argWords: args.length,
      resultWords: dests.length,
      uses: convention.words.slice(0, args.length),
      defs: convention.words.slice(0, dests.length),
      span,
    },
    ...someCopies(outOfBorder(dests, "callee", convention), span),
  ];
}

function lowerForeignCall(
  instr: Extract<word.Instr, { kind: "foreignCall" }>,
  convention: Convention,
): readonly Step[] {
  const { name, args, span } = instr;
  const uses = convention.foreignWords.slice(0, args.length);
  if (uses.length < args.length) bug(`foreign call with ${String(args.length)} arguments`, span);
  const copies = args.map((value, i): Copy => ({
    dest: tempPlace(uses[i] ?? 0),
    source: tempPlace(convention.count + value),
  }));
  return [...someCopies(copies, span), { kind: "foreignCall", name, uses, span }];
}

function lowerEnd(end: word.Terminator, draft: Draft, lowering: Lowering): End {
  const { convention } = lowering;
  switch (end.kind) {
    case "jump":
      draft.steps.push(...edgeCopies(end.to, end.span, lowering));
      return { kind: "jump", to: end.to.label, span: end.span };
    case "machineBranch":
      return lowerBranch(end, lowering);
    case "branch":
      return bug("word-to-stack needs selected branches", end.span);
    case "return": {
      draft.steps.push(...someCopies(intoBorder(end.values, "own", convention), end.span));
      return { kind: "return", uses: convention.words.slice(0, end.values.length), span: end.span };
    }
    case "tailCall": {
      const { callee, args, span } = end;
      draft.steps.push(...someCopies(intoBorder(args, "own", convention), span));
      const uses = convention.words.slice(0, args.length);
      return { kind: "tailCall", callee, argWords: args.length, uses, span };
    }
    case "trap":
      return end;
  }
}

function lowerBranch(end: Extract<word.Terminator, { kind: "machineBranch" }>, lowering: Lowering): End {
  const operands = operandsOf(end.operands, lowering.convention);
  const { uses } = operandTemps(end.ins, operands, { convention: lowering.convention, span: end.span });
  const then = branchTarget(end.then, end.span, lowering);
  const otherwise = branchTarget(end.else, end.span, lowering);
  return { kind: "machineBranch", ins: end.ins, operands, uses, then, else: otherwise, span: end.span };
}

// The label to branch to; the edge's copies go into the target or into a block between.
function branchTarget(edge: word.Edge, span: Span, lowering: Lowering): word.Label {
  const [copies] = edgeCopies(edge, span, lowering);
  if (copies === undefined) return edge.label;
  if (lowering.waysIn.get(edge.label) === 1) {
    lowering.entering.set(edge.label, copies);
    return edge.label;
  }
  const label = lowering.nextLabel;
  lowering.nextLabel += 1;
  lowering.extra.push({ label, steps: [copies], end: { kind: "jump", to: edge.label, span } });
  return label;
}

function edgeCopies(edge: word.Edge, span: Span, lowering: Lowering): readonly Step[] {
  const params = lowering.params.get(edge.label) ?? bug(`no block ${String(edge.label)}`, span);
  const { count } = lowering.convention;
  const copies = params.map((param, i): Copy => {
    const arg = edge.args[i] ?? bug("an edge with too few arguments", span);
    return { dest: tempPlace(count + param), source: tempPlace(count + arg) };
  });
  return someCopies(copies, span);
}

// Temporaries that only one step defines, if that step can be repeated anywhere.
function findConstants(blocks: readonly Block[], convention: Convention): ReadonlyMap<Temp, ConstantStep> {
  const constants = new Map<Temp, ConstantStep>();
  for (const { steps } of blocks) {
    for (const step of steps) {
      if (step.kind === "address") constants.set(step.dest, step);
      const dest = step.kind === "machine" ? step.defs[0] : undefined;
      if (step.kind === "machine" && dest !== undefined && isConstantInstruction(step, convention)) {
        constants.set(dest, step);
      }
    }
  }
  return constants;
}
