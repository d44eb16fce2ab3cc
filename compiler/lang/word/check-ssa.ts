// Rule W2 of check.ts: values are defined once and before every use, on every path.
//
// Relies on W1 (the graph can be walked) and on machine instructions that exist (roles are known).

import type { Span } from "../../source/span.ts";
import { violate, type Report } from "../violation.ts";
import type { Block, Function, Label, Value } from "./ast.ts";
import { dominatorsOf, type Dominators } from "./dominators.ts";
import { wordGraph } from "./graph.ts";
import { forEachDef, forEachEndUse, forEachUse, type Roles } from "./operands.ts";

// Where a value is defined: block (null: function parameter) and position in it (-1: block parameter).
interface Site {
  readonly label: Label | null;
  readonly index: number;
}

interface Ssa {
  readonly f: Function;
  readonly roles: Roles;
  readonly report: Report;
  readonly sites: Map<Value, Site>;
}

export function checkSsa(f: Function, roles: Roles, report: Report): void {
  const ssa: Ssa = { f, roles, report, sites: new Map() };
  for (const value of f.params) define(value, { label: null, index: -1 }, f.span, ssa);
  for (const block of f.blocks) defineBlock(block, ssa);
  const graph = wordGraph(f);
  const dominators = dominatorsOf(graph);
  for (const block of f.blocks) {
    checkUses(block, graph.position.has(block.label) ? dominators : null, ssa);
  }
}

function define(value: Value, site: Site, span: Span, ssa: Ssa): void {
  if (ssa.sites.has(value)) violate(ssa.report, "W2", `%${String(value)} is defined twice`, span);
  if (value >= ssa.f.nextValue) violate(ssa.report, "W2", `%${String(value)} >= nextValue`, span);
  ssa.sites.set(value, site);
}

function defineBlock(block: Block, ssa: Ssa): void {
  for (const value of block.params) define(value, { label: block.label, index: -1 }, block.end.span, ssa);
  block.body.forEach((instr, index) => {
    forEachDef(instr, ssa.roles, (value) => define(value, { label: block.label, index }, instr.span, ssa));
  });
}

// `dominators` null: the block is unreachable.
function checkUses(block: Block, dominators: Dominators | null, ssa: Ssa): void {
  const use = (value: Value, index: number, span: Span): void => {
    const site = ssa.sites.get(value);
    if (site === undefined) {
      violate(ssa.report, "W2", `%${String(value)} is not defined`, span);
      return;
    }
    if (site.label === null || dominators === null) return;
    const earlier =
      site.label === block.label ? site.index < index : dominators.dominates(site.label, block.label);
    if (!earlier)
      violate(ssa.report, "W2", `%${String(value)} is used where its definition may not have run`, span);
  };
  block.body.forEach((instr, index) => {
    forEachUse(instr, ssa.roles, (value) => use(value, index, instr.span));
  });
  forEachEndUse(block.end, (value) => use(value, block.body.length, block.end.span));
}
