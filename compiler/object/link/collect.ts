// Section garbage collection: the sections that the program can reach from its entry. Relies on link-input.ts.
// Sections for tools and unwind tables are kept but keep nothing alive themselves.

import type { InputSection, LinkInput } from "./link-input.ts";

// True for sections that describe code and must not keep it: `.eh_frame` of C compilers.
function isUnwindTable(section: InputSection): boolean {
  return section.section.name.startsWith(".eh_frame");
}

function isRoot(section: InputSection): boolean {
  const { kind, flags } = section.section;
  return flags.alloc && (flags.retain === true || kind.endsWith("Array") || kind === "note");
}

/** For each section of the input: is it part of the output? `roots` are numbers of sections. */
export function collectLive(input: LinkInput, roots: readonly number[]): readonly boolean[] {
  const live = input.sections.map((s) => isRoot(s));
  const todo = [...roots, ...input.sections.filter(isRoot).map((s) => s.number)];
  for (const root of roots) live[root] = true;
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    const from = input.sections[next];
    for (const relocation of from?.section.relocations ?? []) {
      const target = input.targets[from?.object ?? 0]?.[relocation.symbol];
      if (target?.kind !== "section" || live[target.section] === true) continue;
      live[target.section] = true;
      todo.push(target.section);
    }
  }
  return input.sections.map((s) => live[s.number] === true || isUnwindTable(s) || isTool(s));
}

function isTool(section: InputSection): boolean {
  return (
    !section.section.flags.alloc &&
    section.section.name !== ".note.GNU-stack" &&
    section.section.sizeBytes > 0
  );
}
