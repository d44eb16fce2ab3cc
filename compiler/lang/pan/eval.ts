// The semantics of PanLang (reference/pancake-language.md, section 7), as closures made once per function.
//
// Values are flat: a struct is its words, left to right. The program must pass check.ts. Annotations and `skip` do
// nothing; Error is an outcome with the span of the expression or statement at fault.

import { bug } from "../../source/bug.ts";
import { newMachine, type Code, type CompiledBody, type Frame } from "../eval/machine.ts";
import { newEvaluator } from "../eval/control.ts";
import type { Evaluator, World } from "../world.ts";
import type { Function, Program, Shape } from "./ast.ts";
import { compileValue, type Place, type ValueContext } from "./eval-exp.ts";
import { compileBlock, type BodyContext } from "./eval-stmt.ts";
import { newScopes } from "./scope.ts";
import { structTable, wordCounter } from "./shape.ts";

/** Makes `program` ready to run. The first call runs the initialisers of the globals, in order, then the entry. */
export function evaluator(program: Program, world: World): Evaluator {
  const structs = structTable(program);
  const words = wordCounter(structs);
  const globals = new Map<string, Place>();
  let globalWords = 0;
  for (const g of program.globals) {
    globals.set(g.name, { start: globalWords, shape: g.shape, words: words(g.shape) });
    globalWords += words(g.shape);
  }
  const machine = newMachine(world, globalWords);
  const codes = new Map<string, Code>();
  const exceptions = new Map(program.exceptions.map((e, index) => [e.name, index]));
  const shared: SharedContext = { machine, structs, words, globals, codes, exceptions };
  for (const f of program.functions) codes.set(f.name, codeOf(f, shared));
  return newEvaluator(machine, codes, program.entry, () => {
    initialiseGlobals(program, shared);
  });
}

type SharedContext = Omit<ValueContext, "locals"> &
  Pick<BodyContext, "codes" | "exceptions"> & { readonly words: (shape: Shape) => number };

function codeOf(f: Function, shared: SharedContext): Code {
  const paramWords = f.params.reduce((sum, p) => sum + shared.words(p.shape), 0);
  return {
    name: f.name,
    span: f.span,
    paramWords,
    body: null,
    compile: () => compileFunction(f, shared),
  };
}

function compileFunction(f: Function, shared: SharedContext): CompiledBody {
  let slots = 0;
  const locals = newScopes<Place>();
  const declare = (name: string, shape: Shape): Place => {
    const place = { start: slots, shape, words: shared.words(shape) };
    slots += place.words;
    locals.declare(name, place);
    return place;
  };
  for (const p of f.params) declare(p.name, p.shape);
  const run = compileBlock(f.body, { ...shared, locals, declare });
  return { slots, run };
}

/** Runs as a body of its own, before the entry. */
function initialiseGlobals(program: Program, shared: SharedContext): void {
  const context: ValueContext = { ...shared, locals: newScopes<Place>() };
  for (const g of program.globals) {
    const place = shared.globals.get(g.name) ?? bug(`global ${g.name} has no place`);
    const frame: Frame = [];
    compileValue(
      g.value,
      context,
    )(frame).forEach((word, i) => {
      shared.machine.globals[place.start + i] = word;
    });
  }
}
