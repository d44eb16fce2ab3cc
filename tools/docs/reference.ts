// The generated reference under docs/reference: diagnostics, passes, and the instructions of each ISA.

import { order, pipeline } from "../../compiler/pipeline.ts";
import { allDiagnostics } from "../../spec/diagnostics/registry.ts";
import { riscv64 } from "../../spec/isa/riscv64/riscv64.ts";
import type { Isa } from "../../spec/isa/schema.ts";

const NOTE = "Made by `npm run docs`; do not edit.\n";

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}

/** All diagnostics with severity, message and help. */
export function diagnosticsPage(): string {
  const rows = [...allDiagnostics()].map(
    ([code, { severity, message, help }]) =>
      `| [${code}](../../spec/diagnostics/explain/${code}.md) | ${severity} | ${cell(message)} | ${cell(help ?? "")} |`,
  );
  return [
    "# Diagnostics\n",
    NOTE,
    "| code | severity | message | help |",
    "|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

/** The pass table and the reasons for its order. */
export function passesPage(): string {
  const rows = pipeline.map(
    (entry) =>
      `| \`${entry.name}\` | ${entry.from} | ${entry.to} | -O${entry.since} | ${Object.keys(entry.facts).join(", ")} |`,
  );
  const reasons = order.map(({ first, then, because }) => `- \`${first}\` before \`${then}\`: ${because}.`);
  return [
    "# Passes\n",
    NOTE,
    "| pass | from | to | from level | facts established |",
    "|---|---|---|---|---|",
    ...rows,
    "\n## Why this order\n",
    ...reasons,
    "",
  ].join("\n");
}

/** One instruction set: name, encoding, operands, effect. */
export function isaPage(title: string, isa: Isa): string {
  const groups = isa.groups.map((group) => {
    const rows = group.rows.map(({ name, encoding, operands, meaning }) => {
      const what = meaning.kind === "effect" ? meaning.text : `stands for ${meaning.text}`;
      return `| \`${name}\` | ${cell(operands)} | \`${cell(encoding)}\` | \`${cell(what)}\` |`;
    });
    return [
      `\n## ${group.name}\n`,
      "| name | operands | encoding | effect |",
      "|---|---|---|---|",
      ...rows,
    ].join("\n");
  });
  return [`# ${title}\n`, NOTE, ...groups, ""].join("\n");
}

/** Every generated page: path from the root and text. */
export function referencePages(): readonly { readonly path: string; readonly text: string }[] {
  return [
    { path: "docs/reference/diagnostics.md", text: diagnosticsPage() },
    { path: "docs/reference/passes.md", text: passesPage() },
    { path: "docs/reference/riscv64.md", text: isaPage("RISC-V instructions (RV64)", riscv64) },
  ];
}
