// Says which names live code needs and nobody defines: one diagnostic a name, at its first use. Relies on link-input.ts.

import { nearest } from "../../source/near-miss.ts";
import { diagnose, type Diagnostic } from "../../source/diagnostic.ts";
import { NO_SPAN, type Span } from "../../source/span.ts";
import { placeText, type InputSection, type LinkInput } from "./link-input.ts";

// The prefix of the symbols that implement foreign functions: `@x` calls `ffix` (reference-compiler.md, 4.2).
const FOREIGN_PREFIX = "ffi";

interface Use {
  readonly section: InputSection;
  readonly offset: number;
  readonly span: Span;
}

/** The diagnostics for undefined names that sections in `live` refer to. */
export function undefinedNames(input: LinkInput, live: readonly boolean[]): readonly Diagnostic[] {
  const uses = new Map<string, Use[]>();
  for (const section of input.sections) {
    if (live[section.number] !== true || !section.section.flags.alloc) continue;
    for (const relocation of section.section.relocations) {
      const target = input.targets[section.object]?.[relocation.symbol];
      if (target?.kind !== "undefined" || target.weak) continue;
      const list = uses.get(target.name) ?? [];
      if (list.length === 0) uses.set(target.name, list);
      list.push({ section, offset: relocation.offset, span: relocation.origin ?? NO_SPAN });
    }
  }
  const defined = definedNames(input);
  return [...uses].map(([name, list]) => undefinedName(input, name, { uses: list, defined }));
}

function definedNames(input: LinkInput): ReadonlySet<string> {
  const names = input.objects.flatMap((o) =>
    o.symbols.filter((s) => s.binding !== "local" && s.place.kind !== "undefined").map((s) => s.name),
  );
  return new Set(names);
}

function undefinedName(
  input: LinkInput,
  name: string,
  found: { readonly uses: readonly Use[]; readonly defined: ReadonlySet<string> },
): Diagnostic {
  const [first, ...others] = found.uses;
  if (first === undefined) return diagnose("L0202", NO_SPAN, { symbol: name, where: "the program" });
  const related = others
    .filter((use) => use.span.start >= 0)
    .slice(0, 3)
    .map((use) => ({ span: use.span, text: `\`${name}\` is needed here too` }));
  const where = placeText(input, first.section, first.offset);
  const isForeign = name.startsWith(FOREIGN_PREFIX) && first.span.start >= 0;
  if (!isForeign) {
    const near = nearest(name, found.defined);
    const help = near === null ? {} : { help: `did you mean \`${near}\`?` };
    return diagnose("L0202", first.span, { symbol: name, where }, { related, ...help });
  }
  const called = name.slice(FOREIGN_PREFIX.length);
  const known = [...found.defined]
    .filter((n) => n.startsWith(FOREIGN_PREFIX))
    .map((n) => n.slice(FOREIGN_PREFIX.length));
  const near = nearest(called, known);
  const help = near === null ? {} : { help: `did you mean \`@${near}\`?` };
  return diagnose("L0201", first.span, { name: called, symbol: name, where }, { related, ...help });
}
