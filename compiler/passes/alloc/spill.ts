// Gives temporaries a home outside registers: every instruction that names one gets a short-lived temporary instead,
// filled before or stored after by a copy. Copies may name homed temporaries themselves (a load, a store, a move
// between slots), so nothing changes there. The defining step of a constant goes; its uses make it again.
//
// A short-lived temporary is shared by neighbouring instructions, REUSE_STEPS apart at most and with no copy or call
// between, so that a handful of them at most live at once: they always find registers.

import { copiesStep, endUses } from "./problem.ts";
import type {
  Block,
  CopyPlace,
  End,
  Homes,
  MachineStep,
  Problem,
  Step,
  Temp,
  TempOperand,
} from "./problem.ts";

const REUSE_STEPS = 3;

export interface Rewritten {
  readonly problem: Problem;
  /** The temporaries made here. */
  readonly shortLived: readonly Temp[];
}

interface Rewriting {
  readonly problem: Problem;
  /** Homes given in this round only: earlier ones are rewritten already. */
  readonly homes: Homes;
  readonly shortLived: Temp[];
  nextTemp: Temp;
}

// What stands in for a homed temporary at the moment, in one block.
interface StandIn {
  readonly temp: Temp;
  readonly step: number;
}

/** Rewrites all instructions that name temporaries of `homes`. */
export function rewriteHomed(problem: Problem, homes: Homes): Rewritten {
  const rewriting: Rewriting = { problem, homes, shortLived: [], nextTemp: problem.tempCount };
  const blocks = problem.blocks.map((block) => rewriteBlock(block, rewriting));
  return {
    problem: { ...problem, blocks, tempCount: rewriting.nextTemp },
    shortLived: rewriting.shortLived,
  };
}

function rewriteBlock(block: Block, rewriting: Rewriting): Block {
  const steps: Step[] = [];
  const standIns = new Map<Temp, StandIn>();
  block.steps.forEach((step, i) => {
    if (step.kind === "machine") rewriteMachine(step, i, { rewriting, standIns, steps });
    else if (step.kind === "address") rewriteAddress(step, { rewriting, steps });
    else {
      standIns.clear();
      steps.push(step);
    }
  });
  const fill = { rewriting, standIns, steps };
  const end = rewriteEnd(block.end, block.steps.length, fill);
  return { ...block, steps, end };
}

interface Filling {
  readonly rewriting: Rewriting;
  readonly standIns: Map<Temp, StandIn>;
  readonly steps: Step[];
}

function rewriteMachine(step: MachineStep, at: number, fill: Filling): void {
  const { homes } = fill.rewriting;
  if (step.defs.some((t) => homes.get(t) === "constant")) return;
  const read = substitution(step.uses, at, fill, step);
  const written = new Map<Temp, Temp>();
  for (const temp of step.defs) {
    if (homes.has(temp)) written.set(temp, read.get(temp) ?? newStandIn(temp, at, fill));
  }
  if (read.size === 0 && written.size === 0) {
    fill.steps.push(step);
    return;
  }
  fill.steps.push({
    ...step,
    operands: replaceOperands(step, read, written),
    uses: step.uses.map((t) => read.get(t) ?? t),
    defs: step.defs.map((t) => written.get(t) ?? t),
  });
  for (const [temp, standIn] of written) fill.steps.push(copyStep(temp, standIn, step));
}

// A temporary that a step both uses and defines is one operand (a tied one), with one stand-in.
function replaceOperands(
  step: { readonly operands: readonly TempOperand[] },
  read: ReadonlyMap<Temp, Temp>,
  written: ReadonlyMap<Temp, Temp>,
): readonly TempOperand[] {
  return step.operands.map((o) =>
    o.kind === "temp" ? { kind: "temp", temp: read.get(o.temp) ?? written.get(o.temp) ?? o.temp } : o,
  );
}

function rewriteAddress(
  step: Extract<Step, { kind: "address" }>,
  fill: Pick<Filling, "rewriting" | "steps">,
): void {
  const { rewriting, steps } = fill;
  const home = rewriting.homes.get(step.dest);
  if (home === undefined) steps.push(step);
  if (home !== "memory") return;
  const temp = newTemp(rewriting);
  steps.push({ ...step, dest: temp, defs: [temp] }, copyStep(step.dest, temp, step));
}

function rewriteEnd(end: End, at: number, fill: Filling): End {
  if (end.kind !== "machineBranch") return end;
  const read = substitution(endUses(end), at, fill, end);
  if (read.size === 0) return end;
  return {
    ...end,
    operands: replaceOperands(end, read, new Map()),
    uses: end.uses.map((t) => read.get(t) ?? t),
  };
}

// Stand-ins for the homed ones among `uses`, filled by copies where none is at hand.
function substitution(
  uses: readonly Temp[],
  at: number,
  fill: Filling,
  blame: Pick<Step, "span">,
): ReadonlyMap<Temp, Temp> {
  const map = new Map<Temp, Temp>();
  for (const temp of uses) {
    if (!fill.rewriting.homes.has(temp) || map.has(temp)) continue;
    const known = fill.standIns.get(temp);
    if (known !== undefined && at - known.step <= REUSE_STEPS) {
      map.set(temp, known.temp);
      continue;
    }
    const standIn = newStandIn(temp, at, fill);
    fill.steps.push(copyStep(standIn, temp, blame));
    map.set(temp, standIn);
  }
  return map;
}

function newStandIn(temp: Temp, step: number, { rewriting, standIns }: Filling): Temp {
  const standIn = newTemp(rewriting);
  standIns.set(temp, { temp: standIn, step });
  return standIn;
}

function newTemp(rewriting: Rewriting): Temp {
  const temp = rewriting.nextTemp;
  rewriting.nextTemp += 1;
  rewriting.shortLived.push(temp);
  return temp;
}

function copyStep(dest: Temp, source: Temp, { span }: Pick<Step, "span">): Step {
  const place = (temp: Temp): CopyPlace => ({ kind: "temp", temp });
  return copiesStep([{ dest: place(dest), source: place(source) }], span);
}
