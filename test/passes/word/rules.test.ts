// Every selection rule of every target computes what its pattern says: each alone, on random constants and arguments.
//
// The pattern becomes a generic function and is selected with no other rule; both forms run and must agree. A rule
// that never applies is a failure, so that no rule rots.

import { describe, expect, test } from "vitest";
import { check, evaluator, type Function, type Instr, type Program, type Terminator, type Value } from "../../../compiler/lang/word/index.ts"; // prettier-ignore
import type { ArithOp, CompareOp, ShiftOp } from "../../../compiler/lang/machine-word.ts";
import { selectFunction, type SelectSetting } from "../../../compiler/passes/word-select/function.ts";
import type { TargetName } from "../../../compiler/options.ts";
import { InternalError } from "../../../compiler/source/bug.ts";
import { NO_SPAN } from "../../../compiler/source/span.ts";
import type { IsaName } from "../../../compiler/target/isa-named.ts";
import { parseRule } from "../../../compiler/target/pattern-parse.ts";
import type { Pattern, Rule, RuleText } from "../../../compiler/target/pattern.ts";
import { RuleSet } from "../../../compiler/target/select.ts";
import { targetNamed } from "../../../compiler/target/targets.ts";
import { newRandom, type Random } from "../../support/random-program/prng.ts";
import { machineTargets } from "../../support/machine-targets.ts";
import { programWorld } from "../../support/program-world.ts";

const WORLD_BASE = 0x10_0000n;
const compareOps: Readonly<Record<string, CompareOp>> = {
  eq: "equal",
  ne: "notEqual",
  lt: "less",
  ge: "notLess",
  ltu: "lower",
  geu: "notLower",
};

function interesting(random: Random): bigint {
  const power = 1n << BigInt(random.below(64));
  const small = BigInt(random.below(5000)) - 2500n;
  const choices = [small, power, power - 1n, power + 1n, ~power, -power, BigInt(random.below(65)), 0n, 0xffn];
  return BigInt.asUintN(64, choices[random.below(choices.length)] ?? 0n);
}

// A generic function of one pattern: parameters are the pattern's registers.
interface Made {
  readonly f: Function;
  readonly usesMemory: boolean;
}

function functionOf(rule: Rule, constants: readonly bigint[], random: Random): Made {
  const body: Instr[] = [];
  const params = Array.from({ length: rule.registers }, (_, i): Value => i);
  let next = rule.registers;
  const span = NO_SPAN;
  const constant = (value: bigint): Value => {
    body.push({ kind: "const", dest: next, value: BigInt.asUintN(64, value), span });
    return next++;
  };
  const bools = new Map<number, Value>();
  const leaf = (p: Pattern): Value => {
    switch (p.kind) {
      case "register":
        if (!p.bool) return p.slot;
        if (!bools.has(p.slot)) bools.set(p.slot, constant(BigInt(random.below(2))));
        return bools.get(p.slot) ?? 0;
      case "constant":
        return constant(constants[p.slot] ?? 0n);
      case "literal":
        return constant(p.value(constants) ?? 0n);
      case "op":
        return operation(p)[0] ?? 0;
    }
  };
  const op = (name: ArithOp | ShiftOp, left: Value, right: Value): Value => {
    const dest = next++;
    body.push({ kind: "op", dest, op: name, left, right, span });
    return dest;
  };
  // The bytes one by one; the offset is a rule's only constant, if it has one.
  const swap = (value: Value, bits: number): Value => {
    const offset = constants[0] ?? 0n;
    const bytes = Array.from({ length: bits / 8 }, (_, i) => {
      const from = BigInt.asUintN(6, offset + BigInt(bits - 8 - 8 * i));
      const byte = op("and", op("lsr", value, constant(from)), constant(0xffn));
      return op("lsl", byte, constant(BigInt(8 * i)));
    });
    return bytes.reduce((sum, byte) => op("or", sum, byte));
  };
  let usesMemory = false;
  const operation = (p: Extract<Pattern, { kind: "op" }>): readonly Value[] => {
    const access = /^(load|store)(8|16|32|64)$/.exec(p.op);
    if (access !== null) {
      usesMemory = true;
      const bytes = ({ "8": 1, "16": 2, "32": 4, "64": 8 } as const)[access[2] ?? ""] ?? 8;
      const [addressPattern, offsetPattern, valuePattern] = p.args;
      const address = addressPattern === undefined ? 0 : leaf(addressPattern);
      const offset = offsetPattern?.kind === "constant" ? (constants[offsetPattern.slot] ?? 0n) : 0n;
      const where = { address, offset: BigInt.asIntN(64, offset), span };
      if (access[1] === "store") {
        const value = valuePattern === undefined ? 0 : leaf(valuePattern);
        body.push(
          bytes === 2
            ? { kind: "sharedStore", bytes, ...where, value }
            : { kind: "store", bytes, ...where, value },
        );
        return [];
      }
      const dest = next++;
      body.push(
        bytes === 2 ? { kind: "sharedLoad", bytes, ...where, dest } : { kind: "load", bytes, ...where, dest },
      );
      return [dest];
    }
    const [left = 0, right = 0, carryIn = 0] = p.args.map(leaf);
    const swapped = /^swap(16|32|64)$/.exec(p.op)?.[1];
    if (swapped !== undefined) return [swap(left, Number(swapped))];
    if (p.op === "addcarry") {
      const [sum, carry] = [next++, next++];
      body.push({ kind: "addCarry", sum, carry, left, right, carryIn, span });
      return [sum, carry];
    }
    const dest = next++;
    const compare = compareOps[p.op];
    if (compare !== undefined) body.push({ kind: "compare", dest, op: compare, left, right, span });
    // Every other name of a pattern is the operation's own.
    else body.push({ kind: "op", dest, op: p.op as "add", left, right, span });
    return [dest];
  };
  return { f: finish(rule, { params, body, operation, leaf, constant, nextValue: () => next }), usesMemory };
}

interface Making {
  readonly params: readonly Value[];
  readonly body: Instr[];
  readonly operation: (p: Extract<Pattern, { kind: "op" }>) => readonly Value[];
  readonly leaf: (p: Pattern) => Value;
  readonly constant: (value: bigint) => Value;
  readonly nextValue: () => number;
}

function finish(rule: Rule, make: Making): Function {
  const span = NO_SPAN;
  const head = {
    name: "main",
    exported: false,
    params: make.params,
    returnsStatus: false,
    names: new Map(),
    span,
  };
  if (!rule.branch) {
    const values = make.operation(rule.pattern);
    const end: Terminator = { kind: "return", values, span };
    const blocks = [{ label: 0, params: [], body: make.body, end }];
    return { ...head, resultWords: values.length, blocks, nextValue: make.nextValue(), nextLabel: 1 };
  }
  const [left = 0, right = 0] = rule.pattern.args.map(make.leaf);
  const op = compareOps[rule.pattern.op] ?? "equal";
  const edge = (label: number): { label: number; args: readonly Value[] } => ({ label, args: [] });
  const answer = (label: number, dest: Value): Function["blocks"][number] => ({
    label,
    params: [],
    body: [{ kind: "const", dest, value: BigInt(label), span }],
    end: { kind: "return", values: [dest], span },
  });
  const next = make.nextValue();
  const branch: Terminator = { kind: "branch", op, left, right, then: edge(1), else: edge(2), span };
  const blocks = [
    { label: 0, params: [], body: make.body, end: branch },
    answer(1, next),
    answer(2, next + 1),
  ];
  return { ...head, resultWords: 1, blocks, nextValue: next + 2, nextLabel: 3 };
}

function run(
  program: Program,
  args: readonly bigint[],
): { readonly result: unknown; readonly touched: unknown } {
  const world = programWorld({ base: WORLD_BASE, bytes: 256 });
  for (let i = 0; i < world.memory.length; i++) world.memory[i] = (i * 167 + 13) & 0xff;
  const outcome = evaluator(program, world).call("main", args, 100);
  const result = outcome.kind === "returned" ? outcome.values.map(String) : outcome.kind;
  const touched = [...world.memory].flatMap((byte, i) => (byte === ((i * 167 + 13) & 0xff) ? [] : [i, byte]));
  return { result, touched };
}

interface Setting {
  readonly isa: IsaName;
  readonly rule: Rule;
  readonly select: SelectSetting;
}

function settingOf(text: RuleText, name: TargetName): Setting {
  const { name: isa, target: whole } = targetNamed(name);
  const target = { ...whole, rules: [text] };
  const has = (): boolean => true;
  return { isa, rule: parseRule(text, target), select: { target, has, rules: new RuleSet(target, has) } };
}

function holds({ isa, rule, select }: Setting, random: Random): boolean {
  const constants = Array.from({ length: rule.constants }, () => BigInt.asIntN(64, interesting(random)));
  const { f, usesMemory } = functionOf(rule, constants, random);
  const program: Program = { isa: null, functions: [f], exceptions: [], globalWords: 0, entry: "main" };
  let selected: Program;
  try {
    selected = { ...program, isa, functions: [selectFunction(f, select)] };
  } catch (error) {
    if (error instanceof InternalError && error.message.startsWith("no rule")) return false;
    throw error;
  }
  expect(check(program)).toEqual([]);
  expect(check(selected)).toEqual([]);
  for (let i = 0; i < 8; i++) {
    const args = f.params.map((_, at) => {
      if (!usesMemory) return interesting(random);
      // An address, and indexes that stay near it.
      return at === 0 ? WORLD_BASE + 128n : BigInt(random.below(2) * random.below(16));
    });
    const expected = run(program, args);
    // What happens after Error is free.
    if (expected.result === "error") continue;
    expect(run(selected, args), `${constants.join(", ")}; ${args.join(", ")}`).toEqual(expected);
  }
  return true;
}

describe.each(machineTargets)("%s", (name) => {
  test.each(targetNamed(name).target.rules)("$pattern => $template", (text) => {
    const random = newRandom(20_26);
    const setting = settingOf(text, name);
    let applied = 0;
    for (let attempt = 0; attempt < 4000 && applied < 4; attempt++) if (holds(setting, random)) applied += 1;
    expect(applied, "the rule never applies").toBeGreaterThan(0);
  });
});
