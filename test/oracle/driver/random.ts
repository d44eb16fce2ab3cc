// Random programs as drivers: with events between their statements, and what c/random.c must know of one.

import type { Block, Program, Stmt } from "../../../compiler/lang/pan/ast.ts";
import { mapStmtBlocks } from "../../../compiler/lang/pan/children.ts";
import { NO_SPAN } from "../../../compiler/source/span.ts";
import * as b from "../../support/random-program/build.ts";
import { SHARED_BYTES, SHARED_START } from "../../support/random-program/expressions.ts";
import { newRandom, type Random } from "../../support/random-program/prng.ts";

/** The program with foreign calls and shared accesses between its statements, by chance. */
export function eventful(tree: Program, seed: number): Program {
  const random = newRandom(seed ^ 0x3c6e_f372);
  const globals = tree.globals.filter((g) => g.shape.kind === "word").map((g) => g.name);
  const block = (stmts: Block): Block =>
    stmts.flatMap((stmt) => {
      const inner = mapStmtBlocks(stmt, block);
      return random.chance(25) ? [event(random, globals), inner] : [inner];
    });
  return { ...tree, functions: tree.functions.map((f) => ({ ...f, body: block(f.body) })) };
}

function event(random: Random, globals: readonly string[]): Stmt {
  const known = globals.length === 0 ? null : random.pick(globals);
  const value = known === null || random.chance(30) ? b.constant(random.word()) : b.global(known);
  const bytes = random.pick([1, 2, 4, 8] as const);
  const at = SHARED_START + bytes * random.below(SHARED_BYTES / bytes);
  const address = b.op("add", b.base(), b.constant(at));
  if (random.chance(40)) return b.foreign("puthex", value);
  if (known === null || random.chance(30))
    return { kind: "sharedStore", bytes, address, value, span: NO_SPAN };
  return { kind: "sharedLoad", bytes, scope: "global", name: known, address, span: NO_SPAN };
}

/** Definitions for c/random.c: its exported functions, each called with arguments by chance. */
export function randomDefines(tree: Program, seed: number): readonly string[] {
  const exported = tree.functions.filter((f) => f.exported);
  const calls = exported.map((f) => {
    const args = f.params.map(() => "chance()").join(",");
    return args === "" ? `call("${f.name}",${f.name},0,0);` : `CALL(${f.name},${args});`;
  });
  return [
    "HEAP_AT_SHARED",
    `SEED=${String(seed)}`,
    `DECLARE=${exported.map((f) => `word ${f.name}();`).join("")}`,
    `CALLS=${calls.join("")}`,
  ];
}
