// What a WordLang program must satisfy. A violation is a mistake of the toolchain.
//
// W1   Blocks: labels are unique and below `nextLabel`; the entry has no parameters and no predecessors; every edge
//      names a block and gives it as many arguments as it has parameters.
// W2   SSA: every value is below `nextValue`, is defined once, and its definition dominates every use
//      (in unreachable blocks only the definition must exist).
// W3   Calls: the callee exists and gets as many arguments as it has parameters; `dests` are all of its result words.
//      Foreign calls have four arguments.
// W4   Ends: `return` gives `resultWords` values, or 1 .. resultWords if the function returns a status; a tail call's
//      callee agrees in `returnsStatus` and has the same number of result words, or with a status at most as many.
// W5   Program: function names are unique; the entry exists; exported functions and the entry return no status;
//      global indices are below `globalWords`.
// W6   Constants are words; offsets fit 64 signed bits.
// W7   Without an isa there are no machine instructions or machine branches.
// W8   With one the only other instructions are `call`, `foreignCall` and `address`, and no generic `branch` is left.
// W9   Machine operands agree with spec/isa: as many as the instruction has (a branch's target left out), registers
//      for register operands (tied ones exactly where it is both read and written), encodable numbers for the others;
//      `memory` says whether the effect accesses memory; only branches write the pc, and they write nothing else.
// W10  Who reads condition flags stands in the block of who wrote them last, with no call between.

import type { Span } from "../../source/span.ts";
import { isaNamed } from "../../target/isa-named.ts";
import { toWord } from "../machine-word.ts";
import { duplicates, newReport, violate, type Report, type Violation } from "../violation.ts";
import type { Block, Edge, Function, Instr, Label, Program, Terminator } from "./ast.ts";
import { checkFlags, checkMachine, checkMachineBranch } from "./check-machine.ts";
import { checkSsa } from "./check-ssa.ts";
import { edgesOf, rolesOf } from "./operands.ts";

// What the rules of one function look at.
interface Context {
  readonly program: Program;
  readonly functions: ReadonlyMap<string, Function>;
  readonly f: Function;
  readonly report: Report;
}

/** All violations, in program order; empty for a well-formed program. */
export function check(program: Program): readonly Violation[] {
  const report = newReport();
  const functions = new Map(program.functions.map((f) => [f.name, f]));
  for (const name of duplicates(program.functions.map((f) => f.name))) {
    violate(report, "W5", `two functions \`${name}\``, functions.get(name)?.span ?? { start: -1, end: -1 });
  }
  if (!functions.has(program.entry))
    violate(report, "W5", `no entry \`${program.entry}\``, { start: -1, end: -1 });
  for (const f of program.functions) {
    report.function = f.name;
    checkFunction({ program, functions, f, report });
  }
  return report.violations;
}

function checkFunction(context: Context): void {
  const { f, report, program } = context;
  if (f.returnsStatus && (f.exported || f.name === program.entry)) {
    violate(report, "W5", "an exported function or the entry returns a status", f.span);
  }
  if (!checkBlocks(context)) return;
  for (const block of f.blocks) {
    for (const instr of block.body) checkInstr(instr, context);
    checkEnd(block.end, context);
  }
  const isa = isaNamed(program.isa);
  if (isa !== null) for (const block of f.blocks) checkFlags(block, isa, report);
  const before = report.violations.length;
  const hasUnknownMachine = report.violations
    .slice(0, before)
    .some((v) => v.rule === "W9" || v.rule === "W7");
  if (!hasUnknownMachine) checkSsa(f, rolesOf(isa), report);
}

// True if the graph is sound enough to walk.
function checkBlocks({ f, report }: Context): boolean {
  const before = report.violations.length;
  const blocks = new Map(f.blocks.map((b) => [b.label, b]));
  const [entry] = f.blocks;
  if (entry === undefined) violate(report, "W1", "no blocks", f.span);
  if (blocks.size !== f.blocks.length) violate(report, "W1", "two blocks with one label", f.span);
  if (entry !== undefined && entry.params.length > 0)
    violate(report, "W1", "the entry has parameters", f.span);
  for (const block of f.blocks) {
    if (block.label >= f.nextLabel) violate(report, "W1", `b${String(block.label)} >= nextLabel`, f.span);
    for (const edge of edgesOf(block.end)) checkEdge(edge, block, { blocks, entry: entry?.label, report });
  }
  return report.violations.length === before;
}

interface EdgeContext {
  readonly blocks: ReadonlyMap<Label, Block>;
  readonly entry: Label | undefined;
  readonly report: Report;
}

function checkEdge(edge: Edge, from: Block, { blocks, entry, report }: EdgeContext): void {
  const what = `edge b${String(from.label)} -> b${String(edge.label)}`;
  const to = blocks.get(edge.label);
  if (to === undefined) violate(report, "W1", `${what}: no such block`, from.end.span);
  else if (to.params.length !== edge.args.length) {
    const counts = `${String(to.params.length)} parameters, ${String(edge.args.length)} arguments`;
    violate(report, "W1", `${what}: ${counts}`, from.end.span);
  }
  if (edge.label === entry) violate(report, "W1", `${what}: the entry has a predecessor`, from.end.span);
}

const AFTER_SELECT: readonly Instr["kind"][] = ["machine", "call", "foreignCall", "address"];

function checkInstr(instr: Instr, context: Context): void {
  const { program, report } = context;
  if (program.isa !== null && !AFTER_SELECT.includes(instr.kind)) {
    violate(report, "W8", `generic \`${instr.kind}\` after word-select`, instr.span);
  }
  switch (instr.kind) {
    case "const":
      if (toWord(instr.value) !== instr.value) violate(report, "W6", "constant is not a word", instr.span);
      return;
    case "load":
    case "store":
    case "sharedLoad":
    case "sharedStore":
      if (BigInt.asIntN(64, instr.offset) !== instr.offset)
        violate(report, "W6", "offset too large", instr.span);
      return;
    case "getGlobal":
    case "setGlobal":
      if (instr.index < program.globalWords) return;
      {
        violate(report, "W5", `global ${String(instr.index)} does not exist`, instr.span);
        return;
      }
    case "call": {
      checkCall(instr, context);
      return;
    }
    case "foreignCall":
      if (instr.args.length !== 4) violate(report, "W3", "a foreign call has four arguments", instr.span);
      return;
    case "machine": {
      checkMachine(instr, isaNamed(program.isa), report);
      return;
    }
    case "op":
    case "compare":
    case "addCarry":
    case "address":
      return;
  }
}

function checkCall(instr: Extract<Instr, { kind: "call" }>, context: Context): void {
  const callee = checkCallee(instr, context);
  if (callee === undefined || callee.resultWords === instr.dests.length) return;
  const counts = `${String(callee.resultWords)} result words, ${String(instr.dests.length)} destinations`;
  violate(context.report, "W3", `call of ${instr.callee}: ${counts}`, instr.span);
}

function checkCallee(
  call: { readonly callee: string; readonly args: readonly number[]; readonly span: Span },
  { functions, report }: Context,
): Function | undefined {
  const callee = functions.get(call.callee);
  if (callee === undefined) violate(report, "W3", `no function \`${call.callee}\``, call.span);
  else if (callee.params.length !== call.args.length) {
    const counts = `${String(callee.params.length)} parameters, ${String(call.args.length)} arguments`;
    violate(report, "W3", `call of ${call.callee}: ${counts}`, call.span);
  }
  return callee;
}

function checkEnd(end: Terminator, context: Context): void {
  const { f, report, program } = context;
  switch (end.kind) {
    case "return": {
      const count = end.values.length;
      const fits = f.returnsStatus ? count >= 1 && count <= f.resultWords : count === f.resultWords;
      if (!fits)
        violate(report, "W4", `${String(count)} values for ${String(f.resultWords)} words`, end.span);
      return;
    }
    case "tailCall": {
      const callee = checkCallee(end, context);
      if (callee === undefined) return;
      const fits = f.returnsStatus
        ? callee.resultWords <= f.resultWords
        : callee.resultWords === f.resultWords;
      if (callee.returnsStatus === f.returnsStatus && fits) return;
      violate(report, "W4", `tail call of ${end.callee} with another convention`, end.span);
      return;
    }
    case "branch":
      if (program.isa !== null) violate(report, "W8", "generic branch after word-select", end.span);
      return;
    case "machineBranch": {
      checkMachineBranch(end, isaNamed(program.isa), report);
      return;
    }
    case "jump":
    case "trap":
      return;
  }
}
