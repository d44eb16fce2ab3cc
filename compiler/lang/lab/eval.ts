// The semantics of LabLang: lines one after the other, jumps by label, calls with symbolic return addresses.
//
// The program must pass check.ts. The processor (compiler/lang/stack/processor.ts) holds it to the internal calling
// convention at every call and return. Fuel: one unit a call and a jump backwards. `trap stackExhausted` ends the run
// as `exhausted`.

import { transferOffset } from "../../../spec/abi/internal-calls.ts";
import { bug } from "../../source/bug.ts";
import { runMachine, RETURN, spendFuel, stopWithError } from "../eval/machine.ts";
import { toWord, type Word } from "../machine-word.ts";
import {
  checkBorder,
  checkLink,
  forgetBelow,
  keepTransfer,
  loadStack,
  newProcessor,
  openBorder,
  placeAddress,
  putArguments,
  runForeignCall,
  spoilRegisters,
  stackPointer,
  storeTransfer,
  takeResults,
  writeRegister,
  type Border,
  type Processor,
} from "../stack/processor.ts";
import { branchRunner, machineRunner } from "../stack/run-machine.ts";
import type { Evaluator, Outcome, World } from "../world.ts";
import type { Line, Program, Section } from "./ast.ts";

interface Activation {
  readonly code: SectionCode;
  readonly border: Border;
  line: number;
}

/** What a line does: something on the processor, or a move of control. */
type Run = (state: State, a: Activation) => Control;
type Control = "next" | "exhausted";

interface SectionCode {
  readonly section: Section;
  readonly runs: readonly Run[];
}

interface State {
  readonly p: Processor;
  readonly code: (name: string) => SectionCode;
  readonly activations: Activation[];
}

/** Makes `program` ready to run; globals are 0 at the start. */
export function evaluator(program: Program, world: World): Evaluator {
  const p = newProcessor(world, program.globalWords, program.isa);
  const sections = new Map(program.sections.map((s) => [s.name, s]));
  const compiled = new Map<string, SectionCode>();
  const code = (name: string): SectionCode => {
    const known = compiled.get(name);
    if (known !== undefined) return known;
    const section = sections.get(name) ?? bug(`no section ${name}`);
    const made = { section, runs: compileLines(section, p) };
    compiled.set(name, made);
    return made;
  };
  return { call: (name, args, fuel) => callFromOutside({ p, code, activations: [] }, { name, args, fuel }) };
}

interface OutsideCall {
  readonly name: string;
  readonly args: readonly Word[];
  readonly fuel: number;
}

function callFromOutside(state: State, { name, args, fuel }: OutsideCall): Outcome {
  const { p } = state;
  const { section } = state.code(name);
  if (section.paramWords !== args.length) bug(`evaluator: ${name} takes ${String(section.paramWords)} words`);
  p.registers[p.convention.stackPointer] = p.stackTop;
  storeTransfer(p, putArguments(p, args));
  const ended = { exhausted: false };
  const { span, paramWords } = section;
  const blame = { name, span, paramWords, body: null, compile: (): never => bug("not compiled") };
  const outcome = runMachine(p.machine, blame, fuel, () => {
    enter(state, name, openBorder(p));
    ended.exhausted = !run(state);
    if (!ended.exhausted) p.machine.values = takeResults(p, section.resultWords, (i) => transferResult(p, i));
    return RETURN;
  });
  return ended.exhausted ? { kind: "exhausted" } : outcome;
}

function transferResult(p: Processor, index: number): Word {
  return loadStack(p, toWord(stackPointer(p) + BigInt(transferOffset(index))), { start: -1, end: -1 });
}

function enter({ p, code, activations }: State, name: string, border: Border): void {
  spendFuel(p.machine);
  const callee = code(name);
  activations.push({ code: callee, border, line: 0 });
  const { paramWords } = callee.section;
  const params = p.convention.words.slice(0, paramWords);
  for (const r of p.convention.callerSaved) {
    if (r !== p.convention.link && !params.includes(r)) p.registers[r] = undefined;
  }
  forgetBelow(p, transferWords(p, paramWords));
}

function transferWords(p: Processor, words: number): number {
  return Math.max(0, words - p.convention.words.length);
}

// False: the stack is exhausted.
function run(state: State): boolean {
  const { activations } = state;
  for (let a = activations.at(-1); a !== undefined; a = activations.at(-1)) {
    const step = a.code.runs[a.line] ?? bug(`${a.code.section.name} runs off its end`);
    a.line += 1;
    if (step(state, a) === "exhausted") return false;
  }
  return true;
}

function compileLines(section: Section, p: Processor): readonly Run[] {
  const position = new Map<number, number>();
  section.lines.forEach((line, i) => {
    if (line.kind === "label") position.set(line.label, i);
  });
  return section.lines.map((line) => compileLine(line, position, p));
}

function compileLine(line: Line, position: ReadonlyMap<number, number>, p: Processor): Run {
  switch (line.kind) {
    case "label":
      return () => "next";
    case "machine":
      return always(machineRunner(p, line));
    case "address":
      return always(() => {
        writeRegister(p, line.dest, toWord(placeAddress(p, line.place) + line.offset), line.span);
      });
    case "jump":
      return (_, a) => goTo(a, position.get(line.to), p);
    case "branch": {
      const test = branchRunner(p, line);
      return (_, a) => (test() ? goTo(a, position.get(line.to), p) : "next");
    }
    case "call":
      return (state) => {
        enter(state, line.callee, openBorder(p));
        return "next";
      };
    case "tailCall":
      return (state, a) => {
        leave(state, a);
        enter(state, line.callee, a.border);
        return "next";
      };
    case "foreignCall":
      return always(() => {
        runForeignCall(p, line.name, line.span);
      });
    case "return":
      return (state, a) => {
        leave(state, a);
        spoilRegisters(p, a.code.section.resultWords);
        keepTransfer(p, transferWords(p, a.code.section.resultWords));
        return "next";
      };
    case "trap":
      return () => {
        if (line.reason === "stackExhausted") return "exhausted";
        const why = line.reason === "unreachable" ? "unreachable code was reached" : "uncaught exception";
        return stopWithError(why, line.span);
      };
  }
}

function always(run: () => void): Run {
  return () => {
    run();
    return "next";
  };
}

function goTo(a: Activation, to: number | undefined, p: Processor): Control {
  if (to === undefined) return bug(`a jump to nowhere in ${a.code.section.name}`);
  if (to < a.line) spendFuel(p.machine);
  a.line = to;
  return "next";
}

function leave({ p, activations }: State, a: Activation): void {
  checkBorder(p, a.border, a.code.section.name);
  checkLink(p, a.border, a.code.section.name);
  activations.pop();
}
