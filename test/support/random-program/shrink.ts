// Makes a failing program smaller: drops functions, statements and declarations, opens nested statements, and replaces
// expressions by simpler ones, as long as the caller's predicate still holds.
//
// Only well-defined candidates reach the predicate: they pass the Pan check, terminate and reach no Error. Greedy and
// deterministic; ends when nothing smaller fails or the number of tries is used up.

import type { Block, Exp, Function, Program, Shape, Stmt } from "../../../compiler/lang/pan/ast.ts";
import { check } from "../../../compiler/lang/pan/check.ts";
import {
  expChildren,
  forEachExp,
  forEachStmt,
  mapExpChildren,
  mapStmtBlocks,
  mapStmtExps,
  stmtBlocks,
  stmtExps,
} from "../../../compiler/lang/pan/children.ts";
import { evaluator } from "../../../compiler/lang/pan/eval.ts";
import { programWorld } from "../program-world.ts";
import * as b from "./build.ts";
import { newRandom } from "./prng.ts";
import { sourceText } from "./source.ts";

export interface ShrinkOptions {
  /** Calls of the predicate at most; 3000 unless told. */
  readonly tries?: number;
  /** Steps that a candidate may take. */
  readonly fuel?: number;
}

export interface Shrunk {
  readonly tree: Program;
  readonly source: string;
  /** Calls of the predicate that it took. */
  readonly tries: number;
}

/** The smallest program found for which `stillFails` answers true; `tree` itself must. */
export function shrink(
  tree: Program,
  stillFails: (candidate: { readonly tree: Program; readonly source: string }) => boolean,
  options: ShrinkOptions = {},
): Shrunk {
  const most = options.tries ?? 3000;
  const fuel = options.fuel ?? 200_000;
  let best = tree;
  let tries = 0;
  const accept = (candidate: Program): boolean => {
    if (tries >= most || !isWellDefined(candidate, fuel)) return false;
    tries += 1;
    if (!stillFails({ tree: candidate, source: plainSource(candidate) })) return false;
    best = candidate;
    return true;
  };
  for (let again = true; again && tries < most;) {
    const before = sizeOf(best);
    for (const step of [dropFunctions, dropStatements, openNested, simplifyExps, dropDeclarations]) {
      step(() => best, accept);
    }
    again = sizeOf(best) < before;
  }
  return { tree: best, source: plainSource(best), tries };
}

function plainSource(tree: Program): string {
  return sourceText(tree, newRandom(0));
}

function isWellDefined(tree: Program, fuel: number): boolean {
  if (check(tree).length > 0) return false;
  const outcome = evaluator(tree, programWorld()).call(tree.entry, [], fuel);
  return outcome.kind === "returned" || outcome.kind === "exit";
}

function sizeOf(tree: Program): number {
  let size = tree.globals.length + tree.structs.length + tree.exceptions.length;
  for (const f of tree.functions) {
    size += 5;
    forEachStmt(f.body, (stmt) => {
      size += 3;
      for (const e of stmtExps(stmt)) forEachExp(e, (inner) => (size += inner.kind === "const" ? 1 : 2));
    });
  }
  return size;
}

type Step = (best: () => Program, accept: (candidate: Program) => boolean) => void;

/** The zero of a shape, where one can be written without knowing structs. */
function zero(shape: Shape, tree: Program): Exp {
  if (shape.kind === "word") return b.constant(0);
  if (shape.kind === "struct") return b.rawStruct(shape.fields.map((f) => zero(f, tree)));
  const fields = tree.structs.find((s) => s.name === shape.name)?.fields ?? [];
  const values = fields.map((f) => ({ name: f.name, value: zero(f.shape, tree) }));
  return { kind: "namedStruct", name: shape.name, fields: values, span: { start: -1, end: -1 } };
}

/** Without each function in turn; calls of it give zeros. */
const dropFunctions: Step = (best, accept) => {
  for (const { name } of best().functions) {
    const tree = best();
    const gone = tree.functions.find((f) => f.name === name);
    if (gone === undefined || name === tree.entry) continue;
    const functions = tree.functions
      .filter((f) => f !== gone)
      .map((f) => ({ ...f, body: withoutCalls(f.body, gone, tree) }));
    accept({ ...tree, functions });
  }
};

function withoutCalls(block: Block, gone: Function, tree: Program): Block {
  return block.map((stmt): Stmt => {
    const result = (): Exp => zero(gone.result, tree);
    if (stmt.kind === "decCall" && stmt.callee === gone.name) return b.dec(stmt.name, stmt.shape, result());
    if (stmt.kind === "tailCall" && stmt.callee === gone.name) return b.returns(result());
    if (stmt.kind === "call" && stmt.callee === gone.name) {
      return stmt.target === null
        ? b.simple("skip")
        : b.assign(stmt.target.scope, stmt.target.name, result());
    }
    return mapStmtBlocks(stmt, (inner) => withoutCalls(inner, gone, tree));
  });
}

/** All blocks of the program, numbered in the order of `mapBlock`. */
function countBlocks(tree: Program): number {
  let count = 0;
  const visit = (block: Block): void => {
    count += 1;
    for (const stmt of block) stmtBlocks(stmt).forEach(visit);
  };
  for (const f of tree.functions) visit(f.body);
  return count;
}

/** The program with block number `wanted` replaced. */
function mapBlock(tree: Program, wanted: number, change: (block: Block) => Block): Program {
  let count = -1;
  const visit = (block: Block): Block => {
    count += 1;
    if (count === wanted) return change(block);
    return block.map((stmt) => mapStmtBlocks(stmt, visit));
  };
  return { ...tree, functions: tree.functions.map((f) => ({ ...f, body: visit(f.body) })) };
}

function blockNumber(tree: Program, wanted: number): Block {
  let found: Block = [];
  mapBlock(tree, wanted, (block) => (found = block));
  return found;
}

/** Without runs of statements: halves first, single ones last. */
const dropStatements: Step = (best, accept) => {
  for (let number = 0; number < countBlocks(best()); number++) {
    for (let run = blockNumber(best(), number).length; run >= 1; run = Math.floor(run / 2)) {
      for (let at = blockNumber(best(), number).length - run; at >= 0; at -= run) {
        accept(mapBlock(best(), number, (block) => [...block.slice(0, at), ...block.slice(at + run)]));
      }
    }
  }
};

/** `if`, `while`, blocks and handlers replaced by a part of theirs. */
const openNested: Step = (best, accept) => {
  for (let number = 0; number < countBlocks(best()); number++) {
    for (let at = 0; at < blockNumber(best(), number).length; at++) {
      const stmt = blockNumber(best(), number)[at];
      if (stmt === undefined) continue;
      for (const part of partsOf(stmt)) {
        const candidate = mapBlock(best(), number, (block) => [
          ...block.slice(0, at),
          ...part,
          ...block.slice(at + 1),
        ]);
        if (accept(candidate)) break;
      }
    }
  }
};

function partsOf(stmt: Stmt): readonly Block[] {
  if (stmt.kind === "call" && stmt.handler !== null) return [[{ ...stmt, handler: null }], stmt.handler.body];
  if (stmt.kind === "if" && stmt.else.length > 0) {
    return [stmt.then, stmt.else, [{ ...stmt, else: [] }]];
  }
  return stmtBlocks(stmt);
}

/** Replaces each expression by a constant or by a part of it. */
const simplifyExps: Step = (best, accept) => {
  for (let number = 0; number < countExps(best()); number++) {
    const e = expNumber(best(), number);
    if (e === null || e.kind === "const" || e.kind === "baseAddr") continue;
    const inside = expChildren(e);
    for (const simpler of [b.constant(0), b.constant(1), ...inside, ...inside.flatMap(expChildren)]) {
      if (accept(mapExp(best(), number, () => simpler))) break;
    }
  }
};

/** The program with expression number `wanted` replaced, outermost first. */
function mapExp(tree: Program, wanted: number, change: (e: Exp) => Exp): Program {
  let count = -1;
  const visitExp = (e: Exp): Exp => {
    count += 1;
    return count === wanted ? change(e) : mapExpChildren(e, visitExp);
  };
  const visit = (block: Block): Block =>
    block.map((stmt) => mapStmtBlocks(mapStmtExps(stmt, visitExp), visit));
  return { ...tree, functions: tree.functions.map((f) => ({ ...f, body: visit(f.body) })) };
}

function countExps(tree: Program): number {
  let count = 0;
  for (const f of tree.functions) {
    forEachStmt(f.body, (stmt) => {
      for (const e of stmtExps(stmt)) forEachExp(e, () => (count += 1));
    });
  }
  return count;
}

function expNumber(tree: Program, wanted: number): Exp | null {
  const found: Exp[] = [];
  mapExp(tree, wanted, (e) => {
    found.push(e);
    return e;
  });
  return found[0] ?? null;
}

/** Without globals, exceptions and structs; the check refuses what is still used. */
const dropDeclarations: Step = (best, accept) => {
  for (const { name } of best().globals) {
    accept({ ...best(), globals: best().globals.filter((g) => g.name !== name) });
  }
  for (const { name } of best().exceptions) {
    accept({ ...best(), exceptions: best().exceptions.filter((e) => e.name !== name) });
  }
  for (const { name } of best().structs) {
    accept({ ...best(), structs: best().structs.filter((s) => s.name !== name) });
  }
  for (const f of best().functions) {
    const plain = best().functions.map((g) =>
      g.name === f.name ? { ...g, inline: false, exported: false } : g,
    );
    if (f.inline || f.exported) accept({ ...best(), functions: plain });
  }
};
