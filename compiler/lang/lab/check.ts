// What a LabLang program must satisfy. A violation is a mistake of the toolchain.
//
// L1   Names of sections are unique and the entry exists.
// L2   Labels of a section are unique; jumps and branches name one of their own section.
// L3   The last line of a section leaves it: nothing runs off the end.
// L4   Machine instructions and branches agree with spec/isa; no line writes a register of the environment.
// L5   Calls and tail calls name sections.
// L6   Frame sizes are multiples of the stack's alignment; every section has a stack need, and no other name has.
// L7   Who reads condition flags follows who wrote them last, with no label, call or end of flow between.

import { STACK_ALIGN_BYTES } from "../../../spec/abi/internal-calls.ts";
import { NO_SPAN } from "../../source/span.ts";
import { conventionNamed } from "../../target/convention-named.ts";
import type { Convention } from "../../target/convention.ts";
import { FlagOrder, UNWRITTEN_FLAGS } from "../flag-order.ts";
import { branchProblems, machineProblems } from "../stack/check-machine.ts";
import { machineRoles } from "../stack/machine-roles.ts";
import { forEachMachineRegister } from "../stack/register-use.ts";
import { duplicates, newReport, violate, type Report, type Violation } from "../violation.ts";
import type { Label, Line, Program, Section } from "./ast.ts";

interface Context {
  readonly sections: ReadonlySet<string>;
  readonly convention: Convention;
  readonly labels: ReadonlySet<Label>;
  readonly report: Report;
}

/** All violations, in program order; empty for a well-formed program. */
export function check(program: Program): readonly Violation[] {
  const report = newReport();
  const convention = conventionNamed(program.isa);
  const sections = new Set(program.sections.map((s) => s.name));
  for (const name of duplicates(program.sections.map((s) => s.name))) {
    violate(report, "L1", `two sections \`${name}\``, NO_SPAN);
  }
  if (!sections.has(program.entry)) violate(report, "L1", `no entry \`${program.entry}\``, NO_SPAN);
  for (const name of program.stackNeed.keys()) {
    if (!sections.has(name))
      violate(report, "L6", `a stack need of \`${name}\`, which is no section`, NO_SPAN);
  }
  for (const section of program.sections) {
    report.function = section.name;
    if (!program.stackNeed.has(section.name)) violate(report, "L6", "no stack need", section.span);
    checkSection(section, { sections, convention, labels: checkLabels(section, report), report });
  }
  return report.violations;
}

function checkLabels(section: Section, report: Report): ReadonlySet<Label> {
  const labels = new Set<Label>();
  for (const line of section.lines) {
    if (line.kind !== "label") continue;
    if (labels.has(line.label)) violate(report, "L2", `two labels b${String(line.label)}`, section.span);
    labels.add(line.label);
  }
  return labels;
}

function checkSection(section: Section, context: Context): void {
  const { report } = context;
  if (section.frameBytes % STACK_ALIGN_BYTES !== 0) {
    violate(report, "L6", `a frame of ${String(section.frameBytes)} bytes`, section.span);
  }
  const last = section.lines.at(-1)?.kind;
  const leaves = last === "jump" || last === "return" || last === "tailCall" || last === "trap";
  if (!leaves) violate(report, "L3", "the section runs off its end", section.span);
  for (const line of section.lines) checkLine(line, context);
  checkFlags(section.lines, context);
}

// L7. Flags outlive a branch that is not taken.
function checkFlags(lines: readonly Line[], { convention, report }: Context): void {
  const flags = new FlagOrder();
  for (const line of lines) {
    if (line.kind !== "machine" && line.kind !== "branch") {
      if (line.kind !== "address") flags.forget();
      continue;
    }
    const found = machineRoles(convention.isa, line.ins);
    if (found !== null && !flags.accepts(found.use))
      violate(report, "L7", `\`${line.ins}\`: ${UNWRITTEN_FLAGS}`, line.span);
  }
}

function checkLine(line: Line, { sections, convention, labels, report }: Context): void {
  switch (line.kind) {
    case "machine": {
      const problems = machineProblems(convention.isa, line);
      for (const problem of problems) violate(report, "L4", problem, line.span);
      if (problems.length > 0) return;
      const read = (): void => undefined;
      const write = (r: number): void => {
        if (!convention.reserved.includes(r)) return;
        violate(report, "L4", `register ${String(r)} is written`, line.span);
      };
      forEachMachineRegister(line, convention, { read, write });
      return;
    }
    case "branch":
      for (const problem of branchProblems(convention.isa, line)) violate(report, "L4", problem, line.span);
      if (!labels.has(line.to)) violate(report, "L2", `no label b${String(line.to)}`, line.span);
      return;
    case "jump":
      if (!labels.has(line.to)) violate(report, "L2", `no label b${String(line.to)}`, line.span);
      return;
    case "call":
    case "tailCall":
      if (!sections.has(line.callee)) violate(report, "L5", `no section \`${line.callee}\``, line.span);
      return;
    case "label":
    case "address":
    case "foreignCall":
    case "return":
    case "trap":
  }
}
