// What a StackLang program must satisfy. A violation is a mistake of the toolchain.
//
// S1   Names of functions are unique and the entry exists; labels of a function are unique, every jump names one; the
//      entry block has no predecessor.
// S2   Machine instructions agree with spec/isa: operands, encodable numbers, `memory`; only branches write the pc.
// S3   No instruction writes a register of the environment; before stack-frames none writes the stack pointer, the
//      link register.
// S4   Slots are below `slots`; after stack-frames there are neither slots nor transfer words.
// S5   Transfer words of the own zone are among those of parameters, results and tail calls.
// S6   `saved` are exactly the callee-saved registers that the body writes, ascending; `calls` says whether it calls.
//      (After stack-frames the restoring loads write them, too.)
// S7   Callees exist; a call gives as many words as the callee takes and returns; a tail call's callee returns at most
//      as many as the caller.
// S8   Registers and slots hold something on every path before they are read (check-defined.ts).
// S9   Frame sizes are all null, or all multiples of the stack's alignment.
// S10  Who reads condition flags stands in the block of who wrote them last, with no call between.

import { STACK_ALIGN_BYTES } from "../../../spec/abi/internal-calls.ts";
import { NO_SPAN } from "../../source/span.ts";
import { conventionNamed } from "../../target/convention-named.ts";
import type { Convention } from "../../target/convention.ts";
import { FlagOrder, UNWRITTEN_FLAGS } from "../flag-order.ts";
import { duplicates, newReport, violate, type Report, type Violation } from "../violation.ts";
import type { Block, Function, Instr, Program, Register, Terminator } from "./ast.ts";
import { checkDefined } from "./check-defined.ts";
import { branchProblems, machineProblems } from "./check-machine.ts";
import { machineRoles } from "./machine-roles.ts";
import { endTargets, forEachWrite } from "./register-use.ts";

interface Context {
  readonly functions: ReadonlyMap<string, Function>;
  readonly convention: Convention;
  readonly f: Function;
  readonly report: Report;
}

/** All violations, in program order; empty for a well-formed program. */
export function check(program: Program): readonly Violation[] {
  const report = newReport();
  const convention = conventionNamed(program.isa);
  const functions = new Map(program.functions.map((f) => [f.name, f]));
  for (const name of duplicates(program.functions.map((f) => f.name))) {
    violate(report, "S1", `two functions \`${name}\``, NO_SPAN);
  }
  if (!functions.has(program.entry)) violate(report, "S1", `no entry \`${program.entry}\``, NO_SPAN);
  const framed = program.functions.filter((f) => f.frameBytes !== null).length;
  if (framed !== 0 && framed !== program.functions.length) {
    violate(report, "S9", "some functions have frames and some have not", NO_SPAN);
  }
  for (const f of program.functions) {
    report.function = f.name;
    checkFunction({ functions, convention, f, report });
  }
  return report.violations;
}

function checkFunction(context: Context): void {
  const { f, report, convention } = context;
  const before = report.violations.length;
  if (f.frameBytes !== null && f.frameBytes % STACK_ALIGN_BYTES !== 0) {
    violate(report, "S9", `a frame of ${String(f.frameBytes)} bytes`, f.span);
  }
  checkLabels(context);
  for (const block of f.blocks) {
    for (const instr of block.body) checkInstr(instr, context);
    checkEnd(block.end, context);
    checkFlags(block, context);
  }
  const isSound = !report.violations.slice(before).some((v) => v.rule === "S1" || v.rule === "S2");
  if (!isSound) return;
  checkWrites(context);
  checkDefined(f, convention, report);
}

function checkLabels({ f, report }: Context): void {
  const labels = new Set(f.blocks.map((b) => b.label));
  const [entry] = f.blocks;
  if (entry === undefined) violate(report, "S1", "no blocks", f.span);
  if (labels.size !== f.blocks.length) violate(report, "S1", "two blocks with one label", f.span);
  for (const { end } of f.blocks) {
    for (const label of endTargets(end)) {
      if (!labels.has(label)) violate(report, "S1", `no block b${String(label)}`, end.span);
      if (label === entry?.label) violate(report, "S1", "the entry has a predecessor", end.span);
    }
  }
}

function checkInstr(instr: Instr, context: Context): void {
  const { f, report, convention } = context;
  switch (instr.kind) {
    case "machine":
      for (const problem of machineProblems(convention.isa, instr))
        violate(report, "S2", problem, instr.span);
      return;
    case "slotLoad":
    case "slotStore":
      if (f.frameBytes !== null) violate(report, "S4", "a slot after stack-frames", instr.span);
      if (instr.slot >= f.slots) violate(report, "S4", `no slot ${String(instr.slot)}`, instr.span);
      return;
    case "transferLoad":
    case "transferStore":
      if (f.frameBytes !== null) violate(report, "S4", "a transfer word after stack-frames", instr.span);
      if (instr.zone === "own" && instr.index >= ownTransferWords(context)) {
        violate(report, "S5", `no transfer word ${String(instr.index)}`, instr.span);
      }
      return;
    case "call": {
      const callee = checkCallee(instr.callee, instr.argWords, context, instr.span);
      if (callee === undefined || callee.resultWords === instr.resultWords) return;
      const counts = `${String(callee.resultWords)} result words, ${String(instr.resultWords)} expected`;
      violate(report, "S7", `\`${instr.callee}\` has ${counts}`, instr.span);
      return;
    }
    case "address":
    case "foreignCall":
  }
}

function ownTransferWords({ f, convention }: Context): number {
  const tails = f.blocks.map((b) => (b.end.kind === "tailCall" ? b.end.argWords : 0));
  const most = tails.reduce((a, b) => Math.max(a, b), Math.max(f.paramWords, f.resultWords));
  return Math.max(0, most - convention.words.length);
}

function checkCallee(
  name: string,
  argWords: number,
  { functions, report }: Context,
  span: Instr["span"],
): Function | undefined {
  const callee = functions.get(name);
  if (callee === undefined) violate(report, "S7", `no function \`${name}\``, span);
  else if (callee.paramWords !== argWords) {
    const counts = `${String(callee.paramWords)} words, ${String(argWords)} given`;
    violate(report, "S7", `\`${name}\` takes ${counts}`, span);
  }
  return callee;
}

function checkEnd(end: Terminator, context: Context): void {
  const { f, report, convention } = context;
  switch (end.kind) {
    case "machineBranch":
      for (const problem of branchProblems(convention.isa, end)) violate(report, "S2", problem, end.span);
      return;
    case "tailCall": {
      const callee = checkCallee(end.callee, end.argWords, context, end.span);
      if (callee === undefined || callee.resultWords <= f.resultWords) return;
      violate(report, "S7", `a tail call of \`${end.callee}\`, which returns more words`, end.span);
      return;
    }
    case "jump":
    case "return":
    case "trap":
  }
}

// S10.
function checkFlags({ body, end }: Block, { convention, report }: Context): void {
  const flags = new FlagOrder();
  for (const code of [...body, end]) {
    if (code.kind === "call" || code.kind === "foreignCall") flags.forget();
    if (code.kind !== "machine" && code.kind !== "machineBranch") continue;
    const found = machineRoles(convention.isa, code.ins);
    if (found !== null && !flags.accepts(found.use))
      violate(report, "S10", `\`${code.ins}\`: ${UNWRITTEN_FLAGS}`, code.span);
  }
}

// S3 and S6.
function checkWrites({ f, report, convention }: Context): void {
  const written = new Set<Register>();
  const isFramed = f.frameBytes !== null;
  for (const block of f.blocks) {
    for (const instr of block.body) {
      forEachWrite(instr, convention, (r) => {
        written.add(r);
        const isFrames = r === convention.stackPointer || r === convention.link;
        if (convention.reserved.includes(r) || (isFrames && !isFramed) || r >= convention.count) {
          violate(report, "S3", `register ${String(r)} is written`, instr.span);
        }
      });
    }
  }
  const expected = convention.calleeSaved.filter((r) => written.has(r)).sort((a, b) => a - b);
  if (expected.join() !== f.saved.join()) {
    violate(report, "S6", `saved should be ${expected.join(", ") || "empty"}`, f.span);
  }
  const calls = f.blocks.some((b) => b.body.some((i) => i.kind === "call" || i.kind === "foreignCall"));
  if (calls !== f.calls) violate(report, "S6", "`calls` is wrong", f.span);
}
