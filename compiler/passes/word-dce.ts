/**
 * word-dce: WordLang → WordLang.  Upstream: remove_dead in word_allocScript.sml, without cut-sets.
 *
 * Drops instructions whose results nobody reads, block parameters that only dead code or they themselves need, and
 * unreachable blocks. Stores, shared accesses, calls and every jump stay: an endless loop is behaviour.
 *
 * Needs:       W1, W2.
 * Establishes: every pure instruction and every block parameter is read by something that happens.
 * Keeps:       everything else.
 * Cost:        linear.
 */

import type { Block, Edge, Function, Program, Value } from "../lang/word/ast.ts";
import { wordGraph } from "../lang/word/graph.ts";
import { edgesOf, forEachDef, forEachOwnEndUse, forEachUse, isPure, mapEdges, rolesOf, type Roles } from "../lang/word/operands.ts"; // prettier-ignore
import { isaNamed } from "../target/isa-named.ts";
import { definitionsOf } from "./word-edit/uses.ts";

export function wordDce(program: Program): Program {
  const roles = rolesOf(isaNamed(program.isa));
  return { ...program, functions: program.functions.map((f) => dropDead(f, roles)) };
}

function dropDead(f: Function, roles: Roles): Function {
  const graph = wordGraph(f);
  const reachable = f.blocks.filter((b) => graph.position.has(b.label));
  const live = liveValues({ ...f, blocks: reachable }, roles);
  const params = new Map(reachable.map((b) => [b.label, b.params]));
  const edge = (e: Edge): Edge => {
    const own = params.get(e.label) ?? [];
    return { label: e.label, args: e.args.filter((_, i) => live.has(own[i] ?? -1)) };
  };
  const blocks = reachable.map((block): Block => {
    const body = block.body.filter((instr) => {
      if (!isPure(instr)) return true;
      let wanted = false;
      forEachDef(instr, roles, (value) => (wanted ||= live.has(value)));
      return wanted;
    });
    return {
      ...block,
      params: block.params.filter((p) => live.has(p)),
      body,
      end: mapEdges(block.end, edge),
    };
  });
  return { ...f, blocks };
}

function liveValues(f: Function, roles: Roles): ReadonlySet<Value> {
  const definitions = definitionsOf(f, roles);
  const incoming = new Map<number, Edge[]>(f.blocks.map((b) => [b.label, []]));
  for (const block of f.blocks) for (const e of edgesOf(block.end)) incoming.get(e.label)?.push(e);
  const live = new Set<Value>();
  const work: Value[] = [];
  const mark = (value: Value): void => {
    if (live.has(value)) return;
    live.add(value);
    work.push(value);
  };
  for (const block of f.blocks) {
    for (const instr of block.body) if (!isPure(instr)) forEachUse(instr, roles, mark);
    forEachOwnEndUse(block.end, mark);
  }
  for (let value = work.pop(); value !== undefined; value = work.pop()) {
    const definition = definitions.get(value);
    if (definition?.kind === "instr") forEachUse(definition.instr, roles, mark);
    if (definition?.kind !== "blockParam") continue;
    for (const e of incoming.get(definition.block.label) ?? []) {
      const arg = e.args[definition.index];
      if (arg !== undefined) mark(arg);
    }
  }
  return live;
}
