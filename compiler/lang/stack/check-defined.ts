// Rule S8 of check.ts: on every path, a register or slot holds something before it is read.
//
// Forward over the graph: a set of registers and slots as one big integer a block, met by intersection. At the entry
// arguments hold something, and what every function may rely on; after a call only its results, what the callee must
// keep, and the frame.

import type { Convention } from "../../target/convention.ts";
import { violate, type Report } from "../violation.ts";
import type { Block, Function, Instr, Register } from "./ast.ts";
import { endTargets, forEachEndRead, forEachRead, forEachWrite } from "./register-use.ts";

// Bit r: register r; bit count + s: slot s.
type Defined = bigint;

interface DefinedContext {
  readonly f: Function;
  readonly convention: Convention;
  readonly report: Report;
  readonly spoilt: Defined;
}

/** Relies on labels being sound (S1) and instructions known (S2). */
export function checkDefined(f: Function, convention: Convention, report: Report): void {
  const context = { f, convention, report, spoilt: bits(convention.callerSaved) };
  const atStart = solve(context);
  for (const block of f.blocks) {
    const start = atStart.get(block.label);
    if (start !== undefined) walkBlock(block, start, context, true);
  }
}

function bits(registers: readonly Register[]): Defined {
  return registers.reduce((set, r) => set | (1n << BigInt(r)), 0n);
}

// What is defined where each reachable block starts.
function solve(context: DefinedContext): ReadonlyMap<number, Defined> {
  const { f, convention } = context;
  const blocks = new Map(f.blocks.map((b) => [b.label, b]));
  const [entry] = f.blocks;
  const atStart = new Map<number, Defined>();
  if (entry === undefined) return atStart;
  const always = [
    ...convention.calleeSaved,
    ...convention.reserved,
    convention.stackPointer,
    convention.link,
  ];
  atStart.set(entry.label, bits([...always, ...convention.words.slice(0, f.paramWords)]));
  const work = [entry];
  for (let block = work.pop(); block !== undefined; block = work.pop()) {
    const end = walkBlock(block, atStart.get(block.label) ?? 0n, context, false);
    for (const label of endTargets(block.end)) {
      const target = blocks.get(label);
      const before = atStart.get(label);
      const after = before === undefined ? end : before & end;
      if (target === undefined || before === after) continue;
      atStart.set(label, after);
      work.push(target);
    }
  }
  return atStart;
}

function walkBlock(block: Block, start: Defined, context: DefinedContext, reports: boolean): Defined {
  const { f, convention, report } = context;
  let defined = start;
  const holds = (bit: number): boolean => ((defined >> BigInt(bit)) & 1n) === 1n;
  const need = (r: Register, span: Instr["span"]): void => {
    if (reports && !holds(r)) violate(report, "S8", `register ${String(r)} may hold nothing`, span);
  };
  for (const instr of block.body) {
    forEachRead(instr, convention, (r) => {
      need(r, instr.span);
    });
    if (instr.kind === "slotLoad" && reports && !holds(convention.count + instr.slot)) {
      violate(report, "S8", `slot ${String(instr.slot)} may hold nothing`, instr.span);
    }
    if (instr.kind === "call" || instr.kind === "foreignCall") defined &= ~context.spoilt;
    forEachWrite(instr, convention, (r) => {
      defined |= 1n << BigInt(r);
    });
    if (instr.kind === "slotStore") defined |= 1n << BigInt(convention.count + instr.slot);
  }
  forEachEndRead(block.end, convention, (r) => {
    need(r, block.end.span);
  });
  const [first] = convention.words;
  if (block.end.kind === "return" && f.resultWords > 0 && first !== undefined) need(first, block.end.span);
  return defined;
}
