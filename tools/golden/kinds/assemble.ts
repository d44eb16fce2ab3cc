// Cases of kind `assemble`: an assembly file, and its sections, symbols and relocations, or its diagnostics.
// `target: arm64` in the header: not RISC-V. `compress: no` turns 16-bit forms off; `extensions: I M` limits the
// instructions.

import { assemble } from "../../../compiler/target/assembler/assemble.ts";
import { assemblerNamed } from "../../../compiler/target/assembler/assembler-named.ts";
import { machineNamed } from "../../../compiler/object/machine/machine-named.ts";
import type { ObjectFile, ObjectSection, ObjectSymbol } from "../../../compiler/object/object-file.ts";
import type { Diagnostic } from "../../../compiler/source/diagnostic.ts";
import type { GoldenKind } from "../runner.ts";
import { requireSection } from "../runner.ts";
import { machineOf } from "../machine-header.ts";

/** Runs an `assemble` case. */
export const assembleKind: GoldenKind = {
  name: "assemble",
  summary: "assembly text: bytes, symbols and relocations, or diagnostics",
  budgetLines: 60,
  run: (golden) => {
    const text = requireSection(golden, "input");
    const { value, diagnostics } = assemble(text, assemblerNamed(machineOf(golden)), {
      compress: golden.headers.get("compress") !== "no",
      extensions: golden.headers.get("extensions")?.split(/\s+/) ?? null,
    });
    if (diagnostics.length > 0) return diagnostics.map((d) => diagnosticLine(d, text)).join("\n");
    return [...value.sections.flatMap((s) => sectionLines(s, value)), ...symbolLines(value)].join("\n");
  },
};

// `3:9 A0008 message` with what stands at the place, and the help below.
function diagnosticLine(d: Diagnostic, text: string): string {
  const before = text.slice(0, d.span.start);
  const line = before.split("\n").length;
  const column = before.length - before.lastIndexOf("\n");
  const at = text.slice(d.span.start, d.span.end).split("\n")[0] ?? "";
  const help = d.help === null ? "" : `\n  help: ${d.help}`;
  return `${String(line)}:${String(column)} ${d.code} [${at}] ${d.message}${help}`;
}

function hex(bytes: Uint8Array): string {
  const digits = Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
  return digits.replaceAll(/(?:00){17,}/g, (zeros) => ` (${String(zeros.length / 2)} zeros) `);
}

function sectionLines(section: ObjectSection, object: ObjectFile): string[] {
  if (section.sizeBytes === 0) return [];
  const contents = section.kind === "nobits" ? `${String(section.sizeBytes)} zeros` : hex(section.bytes);
  const relocations = section.relocations.map((r) => {
    const rule = machineNamed(object.machine).relocations.get(r.type);
    const name = object.symbols[r.symbol]?.name ?? "?";
    const addend =
      r.addend === 0n ? "" : ` ${r.addend > 0n ? "+" : "-"} ${String(r.addend < 0n ? -r.addend : r.addend)}`;
    return `  +${String(r.offset)} ${rule?.name ?? String(r.type)} ${name.trim()}${addend}`;
  });
  return [`${section.name} align ${String(section.alignment)}: ${contents}`, ...relocations];
}

function placeText(symbol: ObjectSymbol, object: ObjectFile): string {
  const { place } = symbol;
  switch (place.kind) {
    case "section":
      return `${object.sections[place.section]?.name ?? "?"}+${String(place.offset)}`;
    case "absolute":
      return String(place.value);
    case "undefined":
      return "undefined";
    case "common":
      return `common, align ${String(place.alignment)}`;
  }
}

function symbolLines(object: ObjectFile): string[] {
  return object.symbols.map((s) => {
    const size = s.sizeBytes === 0 ? "" : ` size ${String(s.sizeBytes)}`;
    const type = s.type === "none" ? "" : ` ${s.type}`;
    const hidden = s.hidden === true ? " hidden" : "";
    return `${s.binding}${hidden}${type} ${s.name.trim()} = ${placeText(s, object)}${size}`;
  });
}
