// The semantics of WordLang, as closures made once per function. The program must pass check.ts.
//
// Places: `heapBase` is the world's base, `heapTop` its end, `globals` lie at GLOBALS_OFFSET (eval-context.ts) from the base, outside of
// any local memory. Result words that a short `return` leaves out read as UNSPECIFIED. One unit of fuel is spent by
// every call and every jump backwards in layout order, so endless loops end.

import { isaNamed } from "../../target/isa-named.ts";
import type { Isa } from "../../../spec/isa/schema.ts";
import { newEvaluator } from "../eval/control.ts";
import {
  newMachine,
  RETURN,
  spendFuel,
  stopWithError,
  TAIL,
  type Code,
  type CompiledBody,
  type Exec,
  type Frame,
} from "../eval/machine.ts";
import { comparison, type Test } from "../eval/operations.ts";
import { bug } from "../../source/bug.ts";
import { trapText } from "../trap-reason.ts";
import type { Evaluator, World } from "../world.ts";
import type { Block, Edge, Function, Label, Program, Terminator, Value } from "./ast.ts";
import { read, type EvalContext } from "./eval-context.ts";
import { compileInstr } from "./eval-instr.ts";
import { compileMachineBranch } from "./eval-machine.ts";
import { forEachDef, rolesOf } from "./operands.ts";

/** Makes `program` ready to run; globals are 0 at the start. */
export function evaluator(program: Program, world: World): Evaluator {
  const machine = newMachine(world, program.globalWords);
  const isa = isaNamed(program.isa);
  const flags = new Map<string, bigint>();
  const codes = new Map<string, Code>();
  for (const f of program.functions) {
    const compile = (): CompiledBody => compileFunction(f, { machine, isa, flags, codes });
    codes.set(f.name, { name: f.name, span: f.span, paramWords: f.params.length, body: null, compile });
  }
  return newEvaluator(machine, codes, program.entry);
}

// A jump made ready: copies arguments to parameters and answers the position of the block to go on with.
type Go = (frame: Frame) => number;

interface CompiledBlock {
  readonly body: readonly Exec[];
  /** The position of the next block, or LEFT after setting `machine.values` (and `machine.callee`). */
  readonly end: Go;
}

const LEFT_BY_RETURN = -1;
const LEFT_BY_TAIL_CALL = -2;

function compileFunction(f: Function, program: Omit<EvalContext, "slot">): CompiledBody {
  const slots = slotsOf(f, program.isa);
  const context: EvalContext = {
    ...program,
    slot: (value) => slots.get(value) ?? bug(`%${String(value)} has no slot`),
  };
  const positions = new Map(f.blocks.map((b, i) => [b.label, i]));
  const params = new Map(f.blocks.map((b) => [b.label, b.params]));
  const blocks = f.blocks.map((block) => compileBlock(block, context, { positions, params }));
  const run = (frame: Frame): number => {
    let at = 0;
    for (;;) {
      const block = blocks[at] ?? bug(`jump out of ${f.name}`);
      for (const instr of block.body) instr(frame);
      const next = block.end(frame);
      if (next < 0) return next === LEFT_BY_RETURN ? RETURN : TAIL;
      if (next <= at) spendFuel(program.machine);
      at = next;
    }
  };
  return { slots: slots.size, run };
}

function slotsOf(f: Function, isa: Isa | null): ReadonlyMap<Value, number> {
  const slots = new Map<Value, number>();
  const add = (value: Value): void => void slots.set(value, slots.size);
  const roles = rolesOf(isa);
  f.params.forEach(add);
  for (const block of f.blocks) {
    block.params.forEach(add);
    for (const instr of block.body) forEachDef(instr, roles, add);
  }
  return slots;
}

interface Blocks {
  readonly positions: ReadonlyMap<Label, number>;
  readonly params: ReadonlyMap<Label, readonly Value[]>;
}

function compileBlock(block: Block, context: EvalContext, blocks: Blocks): CompiledBlock {
  return {
    body: block.body.map((instr) => compileInstr(instr, context)),
    end: compileEnd(block.end, context, blocks),
  };
}

function compileEnd(end: Terminator, context: EvalContext, blocks: Blocks): Go {
  const { machine, slot } = context;
  switch (end.kind) {
    case "jump":
      return compileEdge(end.to, context, blocks);
    case "branch": {
      const left = slot(end.left);
      const right = slot(end.right);
      const test = comparison(
        end.op,
        (f) => read(f, left),
        (f) => read(f, right),
      );
      return compileChoice(test, end, context, blocks);
    }
    case "machineBranch":
      return compileChoice(compileMachineBranch(end, context), end, context, blocks);
    case "return": {
      const slots = end.values.map(slot);
      return (frame) => {
        machine.values = slots.map((s) => read(frame, s));
        return LEFT_BY_RETURN;
      };
    }
    case "tailCall": {
      const slots = end.args.map(slot);
      const code = context.codes.get(end.callee) ?? bug(`no function ${end.callee}`);
      return (frame) => {
        machine.values = slots.map((s) => read(frame, s));
        machine.callee = code;
        return LEFT_BY_TAIL_CALL;
      };
    }
    case "trap":
      return () => stopWithError(trapText[end.reason], end.span);
  }
}

function compileChoice(
  test: Test,
  end: { readonly then: Edge; readonly else: Edge },
  context: EvalContext,
  blocks: Blocks,
): Go {
  const then = compileEdge(end.then, context, blocks);
  const otherwise = compileEdge(end.else, context, blocks);
  return (frame) => (test(frame) ? then(frame) : otherwise(frame));
}

// Arguments are all read before any parameter is written.
function compileEdge(edge: Edge, context: EvalContext, blocks: Blocks): Go {
  const position = blocks.positions.get(edge.label) ?? bug(`no block b${String(edge.label)}`);
  const sources = edge.args.map(context.slot);
  const dests = (blocks.params.get(edge.label) ?? []).map(context.slot);
  if (sources.length === 0) return () => position;
  return (frame) => {
    const values = sources.map((s) => frame[s]);
    for (let i = 0; i < dests.length; i++) frame[dests[i] ?? 0] = values[i];
    return position;
  };
}
