// The table of languages and passes: the only place that knows the order.
//
// `compile`, `explore`, the golden cases, the differential tests and later the playground all walk it
// (run-pipeline.ts). It is checked when the module loads: languages chain, names are unique, every `order` entry
// holds and gives its reason, which `pancake explore --list` prints.

import * as crepLang from "./lang/crep/index.ts";
import * as labLang from "./lang/lab/index.ts";
import * as loopLang from "./lang/loop/index.ts";
import { printedLine, type PrintedLine } from "./lang/printed-line.ts";
import * as panLang from "./lang/pan/index.ts";
import * as stackLang from "./lang/stack/index.ts";
import * as wasmLang from "./lang/wasm/index.ts";
import type { ParsedText } from "./lang/text-reader.ts";
import type { Violation } from "./lang/violation.ts";
import * as wordLang from "./lang/word/index.ts";
import type { Evaluator, World } from "./lang/world.ts";
import { crepArith } from "./passes/crep-arith.ts";
import { crepInline } from "./passes/crep-inline.ts";
import { crepReach } from "./passes/crep-reach.ts";
import { crepToLoop } from "./passes/crep-to-loop.ts";
import { labFilter } from "./passes/lab-filter.ts";
import { labJoin } from "./passes/lab-join.ts";
import { loopHandlers } from "./passes/loop-handlers.ts";
import { loopLive } from "./passes/loop-live.ts";
import { loopToWasm } from "./passes/loop-to-wasm.ts";
import { loopToWord } from "./passes/loop-to-word.ts";
import { lowerConveniences } from "./passes/lower-conveniences.ts";
import { panGlobals } from "./passes/pan-globals.ts";
import { panSimp } from "./passes/pan-simp.ts";
import { panStructs } from "./passes/pan-structs.ts";
import { panToCrep } from "./passes/pan-to-crep.ts";
import type { Pass, PassContext } from "./passes/pass.ts";
import { stackFrames } from "./passes/stack-frames.ts";
import { stackToLab } from "./passes/stack-to-lab.ts";
import { surfaceToPan } from "./passes/surface-to-pan.ts";
import { wordBranchless } from "./passes/word-branchless.ts";
import { wordCountdown } from "./passes/word-countdown.ts";
import { wordCse } from "./passes/word-cse.ts";
import { wordDce } from "./passes/word-dce.ts";
import { wordInduction } from "./passes/word-induction.ts";
import { wordJumps } from "./passes/word-jumps.ts";
import { wordLicm } from "./passes/word-licm.ts";
import { wordOffsets } from "./passes/word-offsets.ts";
import { wordRanges } from "./passes/word-ranges.ts";
import { wordSelect } from "./passes/word-select.ts";
import { wordSimp } from "./passes/word-simp.ts";
import { wordToStack } from "./passes/word-to-stack.ts";
import type { TargetForm } from "./options.ts";
import { bug } from "./source/bug.ts";
import type { StaticInfo } from "./static/index.ts";
import { printProgram } from "./syntax/index.ts";
import type * as tree from "./syntax/tree.ts";

/** A checked surface tree with what the checks found. */
export interface Surface {
  readonly program: tree.Program;
  readonly info: StaticInfo;
}

/** The program type of each language. */
export interface ProgramOf {
  readonly surface: Surface;
  readonly pan: panLang.Program;
  readonly crep: crepLang.Program;
  readonly loop: loopLang.Program;
  readonly word: wordLang.Program;
  readonly stack: stackLang.Program;
  readonly lab: labLang.Program;
  readonly wasm: wasmLang.Module;
}

export type Language = keyof ProgramOf;

/** A program together with its language. */
export type Stage = {
  readonly [L in Language]: { readonly language: L; readonly program: ProgramOf[L] };
}[Language];

/** Facts that passes establish inside a language and that its check then demands: the languages' `...Stage` types. */
export type StageFacts = Readonly<Record<string, boolean>>;

/** What can be done with a program of a language. Surface trees are printed only. */
export interface LanguageTools<L extends Language> {
  readonly print: (program: ProgramOf[L]) => string;
  /** The same line by line with the source of each line. */
  readonly printLines: (program: ProgramOf[L]) => readonly PrintedLine[];
  /** Reads the text form; null: it has none. */
  readonly parse: ((text: string) => ParsedText<ProgramOf[L]>) | null;
  readonly check: (program: ProgramOf[L], facts: StageFacts) => readonly Violation[];
  readonly evaluator: ((program: ProgramOf[L], world: World) => Evaluator) | null;
}

export const languages: { readonly [L in Language]: LanguageTools<L> } = {
  surface: {
    print: (s) => printProgram(s.program),
    printLines: (s) =>
      printProgram(s.program)
        .trimEnd()
        .split("\n")
        .map((text) => printedLine(text)),
    parse: null,
    check: () => [],
    evaluator: null,
  },
  pan: panLang,
  crep: crepLang,
  loop: loopLang,
  word: wordLang,
  stack: stackLang,
  lab: labLang,
  wasm: wasmLang,
};

// Where the pipeline forks: the languages that only one form of target has. Machine targets go on from Loop through
// Word, Stack and Lab; structured ones leave there.
const languageForms: Readonly<Partial<Record<Language, TargetForm>>> = {
  word: "machine",
  stack: "machine",
  lab: "machine",
  wasm: "structured",
};

/** True if programs for targets of this form pass through the entry. */
export function isFor(form: TargetForm, entry: Pick<PassEntry, "to">): boolean {
  return (languageForms[entry.to] ?? form) === form;
}

export interface PassEntry {
  readonly name: string;
  readonly from: Language;
  readonly to: Language;
  /** Runs at this optimisation level and above. */
  readonly since: 0 | 1 | 2;
  /** What holds after it, beyond what held before, as long as the language does not change. */
  readonly facts: StageFacts;
  readonly run: (stage: Stage, context: PassContext) => Stage;
}

function pass<From extends Language, To extends Language>(
  name: string,
  [from, to]: readonly [From, To],
  run: Pass<ProgramOf[From], ProgramOf[To]>,
  details: { readonly since?: 0 | 1 | 2; readonly facts?: StageFacts } = {},
): PassEntry {
  return {
    name,
    from,
    to,
    since: details.since ?? 0,
    facts: details.facts ?? {},
    run: (stage, context) => makeStage(to, run(programOf(stage, from), context)),
  };
}

/** The program of `stage`, which is of language `language`. */
export function programOf<L extends Language>(stage: Stage, language: L): ProgramOf[L] {
  if (stage.language !== language) bug(`expected a ${language} program, found ${stage.language}`);
  // TypeScript cannot relate the tag of a mapped union to its member; the test above does.
  return stage.program as ProgramOf[L];
}

/** Pairs a program with its language. */
export function makeStage<L extends Language>(language: L, program: ProgramOf[L]): Stage {
  // As above: the two parameters are related by L.
  return { language, program } as Stage;
}

const onSurface: Pass<Surface, Surface> = (s) => ({ ...s, program: lowerConveniences(s.program, s.info) });

// prettier-ignore
export const pipeline: readonly PassEntry[] = [
  pass("lower-conveniences", ["surface", "surface"], onSurface),
  pass("surface-to-pan",     ["surface", "pan"],     (s) => surfaceToPan(s.program)),
  pass("pan-simp",           ["pan", "pan"],         panSimp,     { facts: { simplified: true } }),
  pass("pan-structs",        ["pan", "pan"],         panStructs,  { facts: { raw: true } }),
  pass("pan-globals",        ["pan", "pan"],         panGlobals,  { facts: { plainGlobals: true } }),
  pass("pan-to-crep",        ["pan", "crep"],        panToCrep),
  pass("crep-inline",        ["crep", "crep"],       crepInline,  { since: 1 }),
  pass("crep-reach",         ["crep", "crep"],       crepReach),
  pass("crep-arith",         ["crep", "crep"],       crepArith,   { since: 1 }),
  pass("crep-to-loop",       ["crep", "loop"],       crepToLoop),
  pass("loop-handlers",      ["loop", "loop"],       loopHandlers),
  pass("loop-live",          ["loop", "loop"],       loopLive,    { facts: { live: true } }),
  pass("loop-to-wasm",       ["loop", "wasm"],       loopToWasm),
  pass("loop-to-word",       ["loop", "word"],       loopToWord),
  pass("word-simp",          ["word", "word"],       wordSimp,    { since: 1 }),
  pass("word-cse",           ["word", "word"],       wordCse,     { since: 1 }),
  pass("word-licm",          ["word", "word"],       wordLicm,    { since: 1 }),
  pass("word-offsets",       ["word", "word"],       wordOffsets, { since: 1 }),
  pass("word-induction",     ["word", "word"],       wordInduction, { since: 1 }),
  pass("word-jumps",         ["word", "word"],       wordJumps,   { since: 1 }),
  pass("word-ranges",        ["word", "word"],       wordRanges,  { since: 1 }),
  pass("word-branchless",    ["word", "word"],       wordBranchless, { since: 1 }),
  pass("word-dce",           ["word", "word"],       wordDce,     { since: 1 }),
  pass("word-countdown",     ["word", "word"],       wordCountdown, { since: 1 }),
  pass("word-select",        ["word", "word"],       wordSelect),
  pass("word-to-stack",      ["word", "stack"],      wordToStack),
  pass("stack-frames",       ["stack", "stack"],     stackFrames),
  pass("stack-to-lab",       ["stack", "lab"],       stackToLab),
  pass("lab-filter",         ["lab", "lab"],         labFilter),
  pass("lab-join",           ["lab", "lab"],         labJoin,     { since: 1 }),
];

export interface Order {
  readonly first: string;
  readonly then: string;
  readonly because: string;
}

// prettier-ignore
export const order: readonly Order[] = [
  { first: "lower-conveniences", then: "surface-to-pan", because: "PanLang has stock Pancake only" },
  { first: "pan-simp",      then: "pan-structs",   because: "later Pan passes have no case for annotations" },
  { first: "pan-structs",   then: "pan-globals",   because: "initialisers move into code, where shapes must be raw" },
  { first: "pan-globals",   then: "pan-to-crep",   because: "Crep writes globals by plain assignment only" },
  { first: "crep-inline",   then: "crep-reach",    because: "functions whose every call was inlined become unreachable" },
  { first: "crep-inline",   then: "crep-arith",    because: "constant arguments fold in the inlined body" },
  { first: "loop-handlers", then: "loop-live",     because: "a dropped handler keeps nothing live" },
  { first: "loop-live",     then: "loop-to-word",  because: "loop-to-word makes block parameters from the live sets" },
  { first: "loop-live",     then: "loop-to-wasm",  because: "variables share locals by the live sets of loops" },
  { first: "word-simp",     then: "word-offsets",  because: "address sums must have been folded to one constant" },
  { first: "word-cse",      then: "word-licm",     because: "a value computed twice in a loop is moved once" },
  { first: "word-offsets",  then: "word-induction", because: "what has become an offset needs no counter" },
  { first: "word-induction", then: "word-jumps",   because: "blocks in front of loops may be joined to others" },
  { first: "word-induction", then: "word-dce",     because: "what the new counters replace is dead" },
  { first: "word-jumps",    then: "word-branchless", because: "arms must have become bare edges" },
  { first: "word-jumps",    then: "word-ranges",   because: "the ways that two tests share must have become one edge" },
  { first: "word-ranges",   then: "word-branchless", because: "a range is tested by one condition" },
  { first: "word-licm",     then: "word-jumps",    because: "blocks in front of loops may be left empty" },
  { first: "word-cse",      then: "word-offsets",  because: "value numbering sees equal addresses before they differ by offsets" },
  { first: "word-offsets",  then: "word-dce",      because: "additions folded into offsets are dead afterwards" },
  { first: "word-dce",      then: "word-countdown", because: "a counter that something reads keeps its value" },
  { first: "word-dce",      then: "word-select",   because: "selection covers every use, dead ones too" },
  { first: "stack-frames",  then: "stack-to-lab",  because: "Lab has no slots" },
  { first: "lab-filter",    then: "lab-join",      because: "lines that have no effect stand between those to be joined" },
];

checkTable(pipeline, order);

/** Throws if the table is not sound: names, chaining of languages, order. */
export function checkTable(passes: readonly PassEntry[], orders: readonly Order[]): void {
  const position = new Map<string, number>();
  passes.forEach((entry, index) => {
    if (position.has(entry.name)) bug(`pass ${entry.name} stands twice in the pipeline`);
    position.set(entry.name, index);
  });
  for (const form of ["machine", "structured"] as const) checkChain(passes.filter((p) => isFor(form, p)));
  for (const { first, then, because } of orders) {
    const a = position.get(first);
    const b = position.get(then);
    if (a === undefined || b === undefined) bug(`order names an unknown pass: ${first}, ${then}`);
    if (a >= b) bug(`${first} must come before ${then}: ${because}`);
  }
}

function checkChain(passes: readonly PassEntry[]): void {
  passes.forEach((entry, index) => {
    const before = passes[index - 1];
    if (before !== undefined && before.to !== entry.from)
      bug(`${entry.name} takes ${entry.from}, ${before.name} gives ${before.to}`);
  });
}
