/**
 * word-branchless: WordLang → WordLang.  Upstream has none.
 *
 * A branch whose arms only choose between two constants becomes arithmetic on the truth value of its condition: 1 or 0
 * is the comparison itself, other pairs that differ by a power of two take a shift or an addition more.
 *
 * Needs:       W1, W2; no machine instructions. Finds what word-jumps has made of empty arms.
 * Establishes: nothing that later passes need.
 * Keeps:       everything else; blocks that are in a row now become one.
 * Cost:        linear.
 */

import { negateCompare, toWord, type Word } from "../lang/machine-word.ts";
import type { Block, Function, Instr, Program, Terminator, Value } from "../lang/word/ast.ts";
import { noRoles } from "../lang/word/operands.ts";
import { joinBlocks } from "./word-edit/join-blocks.ts";

export function wordBranchless(program: Program): Program {
  return { ...program, functions: program.functions.map(flattenFunction) };
}

function flattenFunction(f: Function): Function {
  const constants = new Map<Value, Word>();
  for (const block of f.blocks) {
    for (const instr of block.body) if (instr.kind === "const") constants.set(instr.dest, instr.value);
  }
  let nextValue = f.nextValue;
  const fresh = (): Value => nextValue++;
  const flattened: Block[] = [];
  const blocks = f.blocks.map((block): Block => {
    const choice = choiceOf(block.end, constants);
    const made = choice === null ? null : arithmeticOf(choice, fresh);
    if (choice === null || made === null) return block;
    flattened.push(block);
    const { end } = choice;
    const args = end.then.args.map((arg, i) => (i === choice.index ? made.value : arg));
    const to = { label: end.then.label, args };
    return { ...block, body: [...block.body, ...made.instrs], end: { kind: "jump", to, span: end.span } };
  });
  if (flattened.length === 0) return f;
  const flat = { ...f, blocks, nextValue };
  return joinBlocks(flat, noRoles) ?? flat;
}

type Branch = Extract<Terminator, { kind: "branch" }>;

/** A branch with both edges to one block, where only argument `index` differs: `yes` or `no`. */
interface Choice {
  readonly end: Branch;
  readonly index: number;
  readonly yes: Word;
  readonly no: Word;
}

function choiceOf(end: Terminator, constants: ReadonlyMap<Value, Word>): Choice | null {
  if (end.kind !== "branch" || end.then.label !== end.else.label) return null;
  const differing = end.then.args.flatMap((arg, i) => (arg === end.else.args[i] ? [] : [i]));
  const [index] = differing;
  if (index === undefined || differing.length !== 1) return null;
  const yes = constants.get(end.then.args[index] ?? -1);
  const no = constants.get(end.else.args[index] ?? -1);
  return yes === undefined || no === undefined ? null : { end, index, yes, no };
}

// base + (test << shift), where the test holds for the larger constant; null if that takes too much.
function arithmeticOf(
  { end, yes, no }: Choice,
  fresh: () => Value,
): { readonly instrs: readonly Instr[]; readonly value: Value } | null {
  const step = toWord(yes - no);
  const isUp = isPowerOfTwo(step);
  const size = isUp ? step : toWord(-step);
  const base = isUp ? no : yes;
  const shift = size.toString(2).length - 1;
  if (!isPowerOfTwo(size) || (shift !== 0 && base !== 0n)) return null;
  const { span, left, right } = end;
  const instrs: Instr[] = [];
  const constant = (value: Word): Value => {
    const dest = fresh();
    instrs.push({ kind: "const", dest, value, span });
    return dest;
  };
  let value = fresh();
  instrs.push({ kind: "compare", dest: value, op: isUp ? end.op : negateCompare[end.op], left, right, span });
  if (shift !== 0) {
    const amount = constant(BigInt(shift));
    const shifted = fresh();
    instrs.push({ kind: "op", dest: shifted, op: "lsl", left: value, right: amount, span });
    value = shifted;
  }
  if (base !== 0n) {
    const addend = constant(base);
    const sum = fresh();
    instrs.push({ kind: "op", dest: sum, op: "add", left: value, right: addend, span });
    value = sum;
  }
  return { instrs, value };
}

function isPowerOfTwo(word: Word): boolean {
  return word !== 0n && (word & (word - 1n)) === 0n;
}
