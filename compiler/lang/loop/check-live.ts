// Rule L7 of check.ts: compares the live sets of a function with the exact ones.

import type { Span } from "../../source/span.ts";
import { violate, type Report } from "../violation.ts";
import type { Block, Function, Stmt, VarSet } from "./ast.ts";
import { withLiveSets } from "./liveness.ts";

export function checkLiveSets(f: Function, report: Report): void {
  compareBlocks(f.body, withLiveSets(f).body, report);
}

function compareBlocks(found: Block, exact: Block, report: Report): void {
  found.forEach((stmt, i) => {
    const twin = exact[i];
    if (twin !== undefined) compareStmts(stmt, twin, report);
  });
}

function compareStmts(found: Stmt, exact: Stmt, report: Report): void {
  if ("liveOut" in found && "liveOut" in exact) {
    compareSets("after", found.liveOut, exact.liveOut, { report, span: found.span });
  }
  if (found.kind === "if" && exact.kind === "if") {
    compareBlocks(found.then, exact.then, report);
    compareBlocks(found.else, exact.else, report);
  } else if (found.kind === "loop" && exact.kind === "loop") {
    compareSets("at the head of", found.liveIn, exact.liveIn, { report, span: found.span });
    compareBlocks(found.body, exact.body, report);
  } else if (found.kind === "block" && exact.kind === "block") {
    compareBlocks(found.body, exact.body, report);
  } else if (found.kind === "call" && exact.kind === "call") {
    compareBlocks(found.handler?.body ?? [], exact.handler?.body ?? [], report);
  }
}

interface Place {
  readonly report: Report;
  readonly span: Span;
}

function compareSets(where: string, found: VarSet, exact: VarSet, { report, span }: Place): void {
  for (const v of exact) {
    if (!found.has(v)) violate(report, "L7", `%${String(v)} is live ${where} the statement`, span);
  }
  for (const v of found) {
    if (!exact.has(v)) violate(report, "L7", `%${String(v)} is not live ${where} the statement`, span);
  }
}
