/**
 * lab-join: LabLang → LabLang.  Upstream has none.
 *
 * Two instructions in a row become one that does the same, where the target has one: neighbouring words are loaded and
 * stored in pairs, a base register moves along with its access. Shared accesses stay as they are: each is an event, and
 * a hypervisor that emulates the device can take apart only an access without write-back (Arm DDI 0487, ESR_EL2.ISV).
 *
 * Needs:       L1 to L7.
 * Establishes: nothing that later passes need.
 * Keeps:       order and number of accesses to shared memory, everything else.
 * Cost:        linear.
 */

import type * as lab from "../lang/lab/ast.ts";
import { conventionNamed } from "../target/convention-named.ts";
import type { Join } from "../target/convention.ts";

export function labJoin(program: lab.Program): lab.Program {
  const { joins } = conventionNamed(program.isa);
  if (joins.length === 0) return program;
  const sections = program.sections.map((section): lab.Section => {
    let { lines } = section;
    for (const join of joins) lines = joinLines(lines, join);
    return { ...section, lines };
  });
  return { ...program, sections };
}

// From the end, so that of an odd number of words the first one stays alone, where the frame begins.
function joinLines(lines: readonly lab.Line[], join: Join): readonly lab.Line[] {
  const reversed: lab.Line[] = [];
  for (const line of lines.toReversed()) {
    const next = reversed.at(-1);
    const joined = next === undefined ? null : joinTwo(line, next, join);
    if (joined !== null) reversed.pop();
    reversed.push(joined ?? line);
  }
  return reversed.reverse();
}

function joinTwo(first: lab.Line, second: lab.Line, join: Join): lab.Line | null {
  if (first.kind !== "machine" || second.kind !== "machine") return null;
  if (first.memory === "shared" || second.memory === "shared") return null;
  if (first.memory !== null && second.memory !== null && first.memory !== second.memory) return null;
  const code = join(first, second);
  return code === null ? null : { ...first, ...code, memory: first.memory ?? second.memory };
}
