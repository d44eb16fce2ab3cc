// Cases of kind `link`: assembly files (sections `---- file NAME`), linked: diagnostics, or where everything went.
// `target: arm64` in the header: not RISC-V. `entry: SYMBOL` (default `_start`).

import { link } from "../../../compiler/object/link/link.ts";
import { machineNamed } from "../../../compiler/object/machine/machine-named.ts";
import { readProgramSymbols } from "../../../compiler/object/elf/read-program.ts";
import type { Diagnostic } from "../../../compiler/source/diagnostic.ts";
import { assemble } from "../../../compiler/target/assembler/assemble.ts";
import { assemblerNamed } from "../../../compiler/target/assembler/assembler-named.ts";
import { machineOf } from "../machine-header.ts";
import { CaseProblem, type GoldenKind } from "../runner.ts";

/** Runs a `link` case. */
export const linkKind: GoldenKind = {
  name: "link",
  summary: "assembly files linked: diagnostics, or sections and symbols with addresses",
  budgetLines: 60,
  run: (golden) => {
    const files = golden.sections.filter((s) => s.name.startsWith("file "));
    const objects = files.map(({ name, text }) => {
      const made = assemble(text, assemblerNamed(machineOf(golden)), { name: name.slice("file ".length) });
      const [problem] = made.diagnostics;
      if (problem !== undefined) throw new CaseProblem(`${name}: ${problem.message}`);
      return made.value;
    });
    const entry = golden.headers.get("entry") ?? "_start";
    const linked = link(objects, {
      entry,
      baseAddress: machineNamed(machineOf(golden)).linuxBaseAddress,
    });
    if (linked.diagnostics.length > 0) return linked.diagnostics.map(diagnosticText).join("\n");
    return readProgramSymbols(linked.value)
      .map((s) => `${s.address.toString(16)} ${s.section} ${s.name}`)
      .join("\n");
  },
};

function diagnosticText(d: Diagnostic): string {
  return `${d.severity}[${d.code}]: ${d.message}${d.help === null ? "" : `\n  help: ${d.help}`}`;
}
