/**
 * lab-join: LabLang → LabLang.  Upstream has none.
 *
 * Two instructions become one that does the same, where the target has one: neighbouring words are loaded and stored in
 * pairs, a base register moves along with its access. They stand in a row, or one that accesses no memory can move. Shared accesses stay as they are: each is an event, and
 * a hypervisor that emulates the device can take apart only an access without write-back (Arm DDI 0487, ESR_EL2.ISV).
 *
 * Needs:       L1 to L7.
 * Establishes: nothing that later passes need.
 * Keeps:       order and number of accesses to shared memory, everything else.
 * Cost:        linear; each line looks at a bounded number of later ones.
 */

import type * as lab from "../lang/lab/ast.ts";
import { forEachMachineRegister } from "../lang/stack/register-use.ts";
import { conventionNamed } from "../target/convention-named.ts";
import type { Convention, Join } from "../target/convention.ts";
import { instructionUse } from "../target/instruction-use.ts";

export function labJoin(program: lab.Program): lab.Program {
  const convention = conventionNamed(program.isa);
  const { joins } = convention;
  if (joins.length === 0) return program;
  const sections = program.sections.map((section): lab.Section => {
    let { lines } = section;
    for (const join of joins) lines = joinLines(lines, join, convention);
    return { ...section, lines };
  });
  return { ...program, sections };
}

/** How many lines a line may move to the one that it is joined with. */
const MAX_DISTANCE = 6;

// From the end, so that of an odd number of words the first one stays alone, where the frame begins.
function joinLines(lines: readonly lab.Line[], join: Join, convention: Convention): readonly lab.Line[] {
  const reversed: lab.Line[] = [];
  for (const line of lines.toReversed()) {
    if (!joinLater(line, reversed, join, convention)) reversed.push(line);
  }
  return reversed.reverse();
}

// Joins the line with one of the next ones (`reversed`, last first), if one of the two can move to the other.
function joinLater(line: lab.Line, reversed: lab.Line[], join: Join, convention: Convention): boolean {
  for (let distance = 1; distance <= MAX_DISTANCE; distance += 1) {
    const at = reversed.length - distance;
    const later = reversed[at];
    if (later?.kind !== "machine") return false;
    const joined = joinTwo(line, later, join);
    if (joined === null) continue;
    const between = reversed.slice(at + 1);
    if (canPass(later, between, convention)) {
      reversed.splice(at, 1);
      reversed.push(joined);
      return true;
    }
    if (!canPass(line, between, convention)) return false;
    reversed[at] = joined;
    return true;
  }
  return false;
}

type MachineLine = Extract<lab.Line, { kind: "machine" }>;

// True if the line does the same on the other side of those lines. Frames are opened and closed where they are.
function canPass(line: lab.Line, others: readonly lab.Line[], convention: Convention): boolean {
  if (others.length === 0) return true;
  if (line.kind !== "machine" || line.memory !== null || usesFlags(line, convention)) return false;
  const own = registersOf(line, convention);
  if (own.written.has(convention.stackPointer)) return false;
  return others.every((other) => {
    if (other.kind !== "machine") return false;
    const { read, written } = registersOf(other, convention);
    return (
      [...own.written].every((r) => !read.has(r) && !written.has(r)) &&
      [...own.read].every((r) => !written.has(r))
    );
  });
}

function usesFlags({ ins }: MachineLine, { isa }: Convention): boolean {
  const use = instructionUse(isa, isa.instruction(ins));
  return use.readsFlags || use.writesFlags;
}

function registersOf(
  line: MachineLine,
  convention: Convention,
): { readonly read: ReadonlySet<number>; readonly written: ReadonlySet<number> } {
  const [read, written] = [new Set<number>(), new Set<number>()];
  forEachMachineRegister(line, convention, { read: (r) => read.add(r), write: (r) => written.add(r) });
  return { read, written };
}

function joinTwo(first: lab.Line, second: lab.Line, join: Join): lab.Line | null {
  if (first.kind !== "machine" || second.kind !== "machine") return null;
  if (first.memory === "shared" || second.memory === "shared") return null;
  if (first.memory !== null && second.memory !== null && first.memory !== second.memory) return null;
  const code = join(first, second);
  return code === null ? null : { ...first, ...code, memory: first.memory ?? second.memory };
}
