// The semantics of LabLang: lines one after the other, jumps by label, calls with symbolic return addresses.
//
// The program must pass check.ts. The processor (compiler/lang/stack/processor.ts) holds it to the internal calling
// convention at every call and return. Fuel: one unit a call and a jump backwards. `trap stackExhausted` ends the run
// as `exhausted`.

import { bug } from "../../source/bug.ts";
import { spendFuel, stopWithError } from "../eval/machine.ts";
import { callFromOutside, loadTransfer } from "../stack/outside-call.ts";
import {
  checkBorder,
  checkLink,
  keepTransfer,
  newProcessor,
  openBorder,
  runForeignCall,
  spoilRegisters,
  spoilUnused,
  transferWords,
  type Border,
  type Processor,
} from "../stack/processor.ts";
import { addressRunner, branchRunner, machineRunner } from "../stack/run-machine.ts";
import { trapText } from "../trap-reason.ts";
import type { Evaluator, World } from "../world.ts";
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
  return {
    call: (name, args, fuel) => {
      const state: State = { p, code, activations: [] };
      return callFromOutside(
        p,
        code(name).section,
        { args, fuel },
        {
          run: () => {
            enter(state, name, openBorder(p));
            return run(state);
          },
          transferResult: (index) => loadTransfer(p, index),
        },
      );
    },
  };
}

function enter({ p, code, activations }: State, name: string, border: Border): void {
  spendFuel(p.machine);
  const callee = code(name);
  activations.push({ code: callee, border, line: 0 });
  spoilUnused(p, callee.section.paramWords);
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
      return always(addressRunner(p, line));
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
        return stopWithError(trapText[line.reason], line.span);
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
