/**
 * word-branchless: WordLang → WordLang.  Upstream has none.
 *
 * A branch whose arms only choose between two constants becomes arithmetic on the truth value of its condition: 1 or 0
 * is the comparison itself, other pairs that differ by a power of two take a shift or an addition more. Where the
 * target has an instruction for it, so does a choice between a value and 0, or between two values.
 *
 * Needs:       W1, W2; no machine instructions. Finds what word-jumps has made of empty arms.
 * Establishes: nothing that later passes need.
 * Keeps:       everything else; blocks that are in a row now become one.
 * Cost:        linear.
 */

import { negateCompare, toSigned, toWord, type Word } from "../lang/machine-word.ts";
import type { Block, Edge, Function, Instr, Label, Program, Terminator, Value } from "../lang/word/ast.ts";
import { noRoles } from "../lang/word/operands.ts";
import type { Target } from "../target/target.ts";
import { targetNamed } from "../target/targets.ts";
import type { PassContext } from "./pass.ts";
import { joinBlocks, withoutUnreachable } from "./word-edit/join-blocks.ts";

export function wordBranchless(program: Program, { options }: PassContext): Program {
  const { target } = targetNamed(options.target);
  const has = (extension: string): boolean => options.extensions.includes(extension);
  const choosing: Choosing = {
    choices: target.choices(has),
    isCheap: (word) => target.constant(toSigned(word), has).length === 1,
  };
  return { ...program, functions: program.functions.map((f) => flattenFunction(f, choosing)) };
}

/** What the target can do. */
interface Choosing {
  readonly choices: ReturnType<Target["choices"]>;
  /** True for constants of one instruction. */
  readonly isCheap: (word: Word) => boolean;
}

function flattenFunction(f: Function, choosing: Choosing): Function {
  const constants = new Map<Value, Word>();
  for (const block of f.blocks) {
    for (const instr of block.body) if (instr.kind === "const") constants.set(instr.dest, instr.value);
  }
  let nextValue = f.nextValue;
  const labels = new Map(f.blocks.map((b) => [b.label, b]));
  const view: View = { ...choosing, constants, blocks: labels, fresh: () => nextValue++ };
  const blocks = f.blocks.map((block) => flattenBlock(block, view) ?? block);
  if (blocks.every((block, i) => block === f.blocks[i])) return f;
  const flat = withoutUnreachable({ ...f, blocks, nextValue });
  return joinBlocks(flat, noRoles) ?? flat;
}

interface View extends Choosing {
  readonly constants: ReadonlyMap<Value, Word>;
  readonly blocks: ReadonlyMap<Label, Block>;
  readonly fresh: () => Value;
}

function flattenBlock(block: Block, view: View): Block | null {
  const choice = choiceOf(block.end, view);
  if (choice === null) return null;
  const { span } = block.end;
  const instrs: Instr[] = [];
  const constant = (value: Word): Value => {
    const dest = view.fresh();
    instrs.push({ kind: "const", dest, value, span });
    return dest;
  };
  const making: Making = { instrs, constant, fresh: view.fresh };
  const chosen =
    pushArithmetic(choice, making) ??
    (view.choices === "none" ? null : pushMask(choice, making)) ??
    (view.choices === "any" ? pushChoice(choice, view.isCheap, making) : null);
  if (chosen === null) return null;
  const args = choice.args.map((arg) => {
    if (arg === CHOSEN) return chosen;
    return typeof arg === "bigint" ? constant(arg) : arg;
  });
  const end: Terminator = { kind: "jump", to: { label: choice.label, args }, span };
  return { ...block, body: [...block.body, ...instrs], end };
}

type Branch = Extract<Terminator, { kind: "branch" }>;

/** An argument of an edge as the branching block can make it: a value that it has, or a word. */
type Arg = Value | Word;
/** Stands for the argument that differs. */
const CHOSEN = "chosen";

/** A branch whose ways end in one block and differ there in one argument only: `yes` or `no`. */
interface Choice {
  readonly end: Branch;
  readonly label: Label;
  readonly args: readonly (Arg | typeof CHOSEN)[];
  readonly yes: Arg;
  readonly no: Arg;
}

function choiceOf(end: Terminator, view: View): Choice | null {
  if (end.kind !== "branch") return null;
  for (const then of waysOf(end.then, view)) {
    for (const otherwise of waysOf(end.else, view)) {
      const choice = then.label === otherwise.label ? choiceBetween(end, then, otherwise) : null;
      if (choice !== null) return choice;
    }
  }
  return null;
}

/** Where an edge leads, with arguments. */
interface Way {
  readonly label: Label;
  readonly args: readonly Arg[];
}

// The edge itself, and what is behind the block that it names if that only makes constants and jumps.
function waysOf(edge: Edge, { constants, blocks }: View): readonly Way[] {
  const known = (value: Value): Arg => constants.get(value) ?? value;
  const direct: Way = { label: edge.label, args: edge.args.map(known) };
  const block = blocks.get(edge.label);
  if (block?.end.kind !== "jump" || !block.body.every((instr) => instr.kind === "const")) return [direct];
  const given = new Map(block.params.map((param, i) => [param, direct.args[i] ?? param]));
  const args = block.end.to.args.map((value) => given.get(value) ?? known(value));
  return [direct, { label: block.end.to.label, args }];
}

function choiceBetween(end: Branch, then: Way, otherwise: Way): Choice | null {
  const differing = then.args.flatMap((arg, i) => (arg === otherwise.args[i] ? [] : [i]));
  const [index] = differing;
  if (index === undefined || differing.length !== 1) return null;
  const yes = then.args[index];
  const no = otherwise.args[index];
  if (yes === undefined || no === undefined) return null;
  const args = then.args.map((arg, i) => (i === index ? CHOSEN : arg));
  return { end, label: then.label, args, yes, no };
}

interface Making {
  readonly instrs: Instr[];
  readonly constant: (word: Word) => Value;
  readonly fresh: () => Value;
}

// base + (test << shift), where the test holds for the larger constant; null if that takes too much.
function pushArithmetic({ end, yes, no }: Choice, { instrs, constant, fresh }: Making): Value | null {
  if (typeof yes !== "bigint" || typeof no !== "bigint") return null;
  const step = toWord(yes - no);
  const isUp = isPowerOfTwo(step);
  const size = isUp ? step : toWord(-step);
  const base = isUp ? no : yes;
  const shift = size.toString(2).length - 1;
  if (!isPowerOfTwo(size) || (shift !== 0 && base !== 0n)) return null;
  const { span, left, right } = end;
  const test = fresh();
  instrs.push({ kind: "compare", dest: test, op: isUp ? end.op : negateCompare[end.op], left, right, span });
  if (shift === 0 && base === 0n) return test;
  const operand = constant(shift !== 0 ? BigInt(shift) : base);
  const result = fresh();
  const op = shift !== 0 ? "lsl" : "add";
  instrs.push({ kind: "op", dest: result, op, left: test, right: operand, span });
  return result;
}

// A value or 0: the value under a mask of all ones or none, made of the test.
function pushMask({ end, yes, no }: Choice, { instrs, constant, fresh }: Making): Value | null {
  const { span, left, right, op } = end;
  const kept = no === 0n ? yes : no;
  if ((yes !== 0n && no !== 0n) || typeof kept === "bigint") return null;
  const test = fresh();
  instrs.push({ kind: "compare", dest: test, op: no === 0n ? op : negateCompare[op], left, right, span });
  const zero = constant(0n);
  const mask = fresh();
  const dest = fresh();
  instrs.push({ kind: "op", dest: mask, op: "sub", left: zero, right: test, span });
  instrs.push({ kind: "op", dest, op: "and", left: kept, right: mask, span });
  return dest;
}

// One of two values: the second with what differs exchanged under a mask of all ones or none. Null if making both
// costs more than the branch.
function pushChoice(
  { end, yes, no }: Choice,
  isCheap: Choosing["isCheap"],
  { instrs, constant, fresh }: Making,
): Value | null {
  const { span, left, right, op } = end;
  if ([yes, no].some((arg) => typeof arg === "bigint" && !isCheap(arg))) return null;
  const valueOf = (arg: Arg): Value => (typeof arg === "bigint" ? constant(arg) : arg);
  const [first, second] = [valueOf(yes), valueOf(no)];
  const [test, zero] = [fresh(), constant(0n)];
  instrs.push({ kind: "compare", dest: test, op, left, right, span });
  const push = (name: "xor" | "sub" | "and", a: Value, b: Value): Value => {
    const dest = fresh();
    instrs.push({ kind: "op", dest, op: name, left: a, right: b, span });
    return dest;
  };
  const difference = push("xor", first, second);
  return push("xor", second, push("and", difference, push("sub", zero, test)));
}

function isPowerOfTwo(word: Word): boolean {
  return word !== 0n && (word & (word - 1n)) === 0n;
}
