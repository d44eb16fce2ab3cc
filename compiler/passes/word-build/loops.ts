// Loops of LoopLang to WordLang; part of loop-to-word.
//
// A loop that begins with a cheap test (loop-shape.ts) is inverted: the test stands once before it and once at its
// bottom, where every `continue` meets, so an iteration makes one jump. Any other loop keeps its head.

import type { Block, Stmt, Var } from "../../lang/loop/ast.ts";
import type { Edge, Label } from "../../lang/word/ast.ts";
import { bug } from "../../source/bug.ts";
import { guardedLoop, neededAfterTest, summaryOf, type GuardedLoop } from "./loop-shape.ts";
import { define, operandValue, scopeAt, type Translation } from "./translation.ts";
import { edgeTo, newJoin, startJoin } from "./variables.ts";

type Loop = Extract<Stmt, { kind: "loop" }>;
type TranslateBlock = (block: Block, t: Translation) => void;

/** `translateBlock` translates the pieces. */
export function translateLoop(loop: Loop, t: Translation, translateBlock: TranslateBlock): void {
  const shape = guardedLoop(loop.body);
  if (shape === null) translatePlainLoop(loop, t, translateBlock);
  else translateGuardedLoop(loop, shape, t, translateBlock);
}

function translatePlainLoop(loop: Loop, t: Translation, translateBlock: TranslateBlock): void {
  const { builder, variables } = t;
  const mark = variables.mark();
  const after = newJoin(builder, loop.liveOut);
  const { assigned } = summaryOf(loop.body);
  const carried = [...loop.liveIn].filter((v) => assigned.has(v) && variables.get(v) !== undefined);
  const head = builder.label();
  const headEdge = (): Edge => edgeWith(head, carried, t);
  builder.jump(headEdge(), loop.span);
  startHead(head, carried, t);
  t.scopes.push({ after, continueEdge: headEdge, continueLive: loop.liveIn });
  translateBlock(loop.body, t);
  t.scopes.pop();
  if (builder.reachable) builder.jump(headEdge(), loop.span);
  variables.restore(mark);
  startJoin(after, t);
}

function translateGuardedLoop(
  loop: Loop,
  shape: GuardedLoop,
  t: Translation,
  translateBlock: TranslateBlock,
): void {
  const { builder, variables } = t;
  const mark = variables.mark();
  const after = newJoin(builder, loop.liveOut);
  const head = builder.label();
  const carriedOf = carriedVariables(loop, shape, t);
  const test = (carried: readonly Var[]): void => {
    const stay = edgeWith(head, carried, t);
    const leave = edgeTo(after, variables);
    const { op } = shape.condition;
    const left = operandValue(shape.condition.left, t, loop.span);
    const right = operandValue(shape.condition.right, t, loop.span);
    const [then, otherwise] = shape.staysIf ? [stay, leave] : [leave, stay];
    builder.end({ kind: "branch", op, left, right, then, else: otherwise, span: loop.span });
  };
  translateBlock(shape.prefix, t);
  const carried = carriedOf.filter((v) => variables.get(v) !== undefined);
  test(carried);
  startHead(head, carried, t);
  const bottom = newJoin(builder, loop.liveIn);
  t.scopes.push({ after, continueEdge: () => edgeTo(bottom, variables), continueLive: loop.liveIn });
  translateBlock(shape.stay, t);
  t.scopes.pop();
  if (builder.reachable) builder.jump(edgeTo(bottom, variables), loop.span);
  variables.restore(mark);
  startJoin(bottom, t);
  if (builder.reachable) {
    translateBlock(shape.prefix, t);
    test(carried);
  }
  variables.restore(mark);
  startJoin(after, t);
}

// Variables whose value at the head of the inverted loop differs from one iteration to the next and may be read.
function carriedVariables(loop: Loop, shape: GuardedLoop, t: Translation): Var[] {
  const inLoop = summaryOf(loop.body).assigned;
  const inPrefix = summaryOf(shape.prefix).assigned;
  const needed = neededAfterTest(shape);
  const live = [loop.liveOut, ...liveAtExits(shape.stay, t)];
  const isNeeded = (v: Var): boolean => needed(v) || live.some((set) => set.has(v));
  return [...inLoop]
    .filter((v) => (inPrefix.has(v) || loop.liveIn.has(v)) && isNeeded(v))
    .sort((a, b) => a - b);
}

// Live sets of the places outside the loop that `stay` jumps to.
function liveAtExits(stay: Block, t: Translation): ReadonlySet<Var>[] {
  const { breaks, continues } = summaryOf(stay);
  const outside = (depths: ReadonlySet<number>): number[] =>
    [...depths].filter((d) => d > 0).map((d) => d - 1);
  return [
    ...outside(breaks).map((d) => new Set(scopeAt(d, t).after.variables)),
    ...outside(continues).map((d) => new Set(scopeAt(d, t).continueLive)),
  ];
}

function edgeWith(label: Label, carried: readonly Var[], t: Translation): Edge {
  return { label, args: carried.map((v) => t.variables.get(v) ?? bug(`variable ${String(v)} has no value`)) };
}

function startHead(head: Label, carried: readonly Var[], t: Translation): void {
  t.builder.start(
    head,
    carried.map((v) => define(v, t)),
  );
}
