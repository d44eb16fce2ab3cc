/**
 * word-offsets: WordLang → WordLang.  Upstream: the address part of word_instScript.sml (inst_select).
 *
 * Moves constants that are added to an address into the offset of the load, store or shared access, as far as the
 * target's instructions take them; a constant address becomes a round one, that neighbours share, and an offset.
 *
 * A counter's next value stays the address that it is: as an offset of its last value both would be live.
 *
 * Needs:       W1, W2; no machine instructions. Finds most after word-simp (sums of constants are one constant).
 * Establishes: nothing that later passes need. Additions that nobody reads any more are left for word-dce.
 * Keeps:       everything else.
 * Cost:        linear.
 */

import { toSigned, toWord, type Word } from "../lang/machine-word.ts";
import type { Block, Function, Instr, Program, Value } from "../lang/word/ast.ts";
import { edgesOf } from "../lang/word/operands.ts";
import { targetNamed } from "../target/targets.ts";
import type { Target } from "../target/target.ts";
import type { PassContext } from "./pass.ts";

export function wordOffsets(program: Program, { options }: PassContext): Program {
  const { target } = targetNamed(options.target);
  return { ...program, functions: program.functions.map((f) => foldOffsets(f, target)) };
}

interface Folding {
  readonly target: Target;
  readonly sums: ReadonlyMap<Value, { readonly base: Value; readonly constant: Word }>;
  readonly constants: ReadonlyMap<Value, Word>;
  readonly fresh: () => Value;
}

function foldOffsets(f: Function, target: Target): Function {
  let nextValue = f.nextValue;
  const folding: Folding = { target, ...sumsOf(f), fresh: () => nextValue++ };
  const blocks = f.blocks.map((block) => foldBlock(block, folding));
  return { ...f, blocks, nextValue };
}

function sumsOf(f: Function): Pick<Folding, "sums" | "constants"> {
  const constants = new Map<Value, Word>();
  for (const block of f.blocks) {
    for (const instr of block.body) if (instr.kind === "const") constants.set(instr.dest, instr.value);
  }
  const nextOf = nextValues(f);
  const sums = new Map<Value, { base: Value; constant: Word }>();
  for (const block of f.blocks) {
    for (const instr of block.body) {
      if (instr.kind !== "op" || instr.op !== "add" || nextOf.get(instr.left)?.has(instr.dest) === true)
        continue;
      const constant = constants.get(instr.right);
      if (constant !== undefined) sums.set(instr.dest, { base: instr.left, constant });
    }
  }
  return { sums, constants };
}

// What edges pass for each block parameter.
function nextValues(f: Function): ReadonlyMap<Value, ReadonlySet<Value>> {
  const paramsOf = new Map(f.blocks.map((block) => [block.label, block.params]));
  const values = new Map<Value, Set<Value>>();
  for (const block of f.blocks) {
    for (const { label, args } of edgesOf(block.end)) {
      (paramsOf.get(label) ?? []).forEach((param, i) => {
        const arg = args[i] ?? param;
        const known = values.get(param);
        if (known === undefined) values.set(param, new Set([arg]));
        else known.add(arg);
      });
    }
  }
  return values;
}

function foldBlock(block: Block, folding: Folding): Block {
  const body: Instr[] = [];
  const rounded = new Map<Word, Value>();
  for (const instr of block.body) {
    switch (instr.kind) {
      case "load":
      case "store":
      case "sharedLoad":
      case "sharedStore":
        body.push(foldAccess(instr, { body, rounded }, folding));
        break;
      case "const":
      case "op":
      case "compare":
      case "addCarry":
      case "address":
      case "getGlobal":
      case "setGlobal":
      case "call":
      case "foreignCall":
      case "machine":
        body.push(instr);
    }
  }
  return { ...block, body };
}

type Access = Extract<Instr, { kind: "load" | "store" | "sharedLoad" | "sharedStore" }>;

// Where new constants go, and those of the block that are there already.
interface Made {
  readonly body: Instr[];
  readonly rounded: Map<Word, Value>;
}

function foldAccess(start: Access, made: Made, folding: Folding): Access {
  let access = start;
  for (
    let sum = folding.sums.get(access.address);
    sum !== undefined;
    sum = folding.sums.get(access.address)
  ) {
    const offset = BigInt.asIntN(64, access.offset + toSigned(sum.constant));
    if (folding.target.splitOffset(offset, access.bytes).high !== 0n) break;
    access = { ...access, address: sum.base, offset };
  }
  const constant = folding.constants.get(access.address);
  return constant === undefined ? access : foldConstant(access, constant, made, folding);
}

function foldConstant(access: Access, constant: Word, made: Made, { target, fresh }: Folding): Access {
  const { high, low } = target.splitOffset(
    BigInt.asIntN(64, toSigned(constant) + access.offset),
    access.bytes,
  );
  const word = toWord(high);
  const known = made.rounded.get(word) ?? fresh();
  if (!made.rounded.has(word)) {
    made.rounded.set(word, known);
    made.body.push({ kind: "const", dest: known, value: word, span: access.span });
  }
  return { ...access, address: known, offset: low };
}
