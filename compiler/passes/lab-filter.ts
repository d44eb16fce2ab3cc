// The last clean-up before encoding: looks at neighbouring lines only.

import type * as lab from "../lang/lab/ast.ts";
import { conventionNamed } from "../target/convention-named.ts";
import type { Convention } from "../target/convention.ts";

/**
 * lab-filter: LabLang → LabLang.  Upstream: lab_filterScript.sml.
 *
 * Drops what has no effect: lines that no way reaches, jumps and branches to the next line, a branch around a jump
 * (turned into one branch), moves of a register to itself, labels that nobody names.
 *
 * Needs:       L1 to L7.
 * Establishes: every label is named by a jump or a branch; no two labels stand at one place.
 * Keeps:       order of everything that stays.
 * Cost:        linear; repeats while jumps go away.
 */
export function labFilter(program: lab.Program): lab.Program {
  const convention = conventionNamed(program.isa);
  return { ...program, sections: program.sections.map((s) => filterSection(s, convention)) };
}

function filterSection(section: lab.Section, convention: Convention): lab.Section {
  let lines = section.lines;
  for (;;) {
    const next = filterOnce(lines, convention);
    if (next.length === lines.length) return { ...section, lines: next };
    lines = next;
  }
}

function filterOnce(lines: readonly lab.Line[], convention: Convention): readonly lab.Line[] {
  const merged = mergeLabels(lines);
  const kept: lab.Line[] = [];
  let reached = true;
  merged.forEach((line, i) => {
    if (line.kind === "label") reached = true;
    if (!reached || isIdle(line, merged, i, convention)) return;
    kept.push(line);
    if (endsFlow(line)) reached = false;
  });
  return dropUnnamed(turnBranches(kept, convention));
}

function endsFlow(line: lab.Line): boolean {
  return line.kind === "jump" || line.kind === "return" || line.kind === "tailCall" || line.kind === "trap";
}

function isIdle(line: lab.Line, lines: readonly lab.Line[], i: number, convention: Convention): boolean {
  if (line.kind === "jump" || line.kind === "branch") {
    const next = lines[i + 1];
    return next?.kind === "label" && next.label === line.to;
  }
  if (line.kind !== "machine") return false;
  const copied = convention.copiedOperand(line.ins, line.operands) ?? -1;
  const [dest, source] = [line.operands[0], line.operands[copied]];
  return dest?.kind === "register" && source?.kind === "register" && dest.register === source.register;
}

// Of labels that stand together the first one stays and the others' names go to it.
function mergeLabels(lines: readonly lab.Line[]): readonly lab.Line[] {
  const names = new Map<lab.Label, lab.Label>();
  const kept: lab.Line[] = [];
  for (const line of lines) {
    const before = kept.at(-1);
    if (line.kind === "label" && before?.kind === "label") names.set(line.label, before.label);
    else kept.push(line);
  }
  if (names.size === 0) return kept;
  return kept.map((line) =>
    line.kind === "jump" || line.kind === "branch" ? { ...line, to: names.get(line.to) ?? line.to } : line,
  );
}

// `if c then A; jump B; A:` becomes `if not c then B; A:`.
function turnBranches(lines: readonly lab.Line[], convention: Convention): readonly lab.Line[] {
  const out: lab.Line[] = [];
  for (let i = 0; i < lines.length; i += 1) {
    const [line, jump, label] = [lines[i], lines[i + 1], lines[i + 2]];
    if (line === undefined) continue;
    const negated = line.kind === "branch" ? convention.negated(line) : null;
    const isAround = line.kind === "branch" && label?.kind === "label" && label.label === line.to;
    if (line.kind === "branch" && isAround && jump?.kind === "jump" && negated !== null) {
      out.push({ ...line, ...negated, to: jump.to });
      i += 1;
    } else out.push(line);
  }
  return out;
}

function dropUnnamed(lines: readonly lab.Line[]): readonly lab.Line[] {
  const named = new Set<lab.Label>();
  for (const line of lines) if (line.kind === "jump" || line.kind === "branch") named.add(line.to);
  return lines.filter((line) => line.kind !== "label" || named.has(line.label));
}
