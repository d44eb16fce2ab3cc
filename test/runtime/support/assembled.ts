// Programs for the machine from assembly text, through our own assembler and linker (or as bare words).

import { assemble } from "../../../compiler/target/assembler/assemble.ts";
import { riscv64Target } from "../../../compiler/target/assembler/riscv64-target.ts";
import { withDebugSections } from "../../../compiler/object/dwarf/debug-sections.ts";
import { riscv64Format } from "../../../compiler/object/machine/riscv64.ts";
import { link } from "../../../compiler/object/link/link.ts";

/** The bytes of a static program that starts at `_start`. Throws with the messages if the text is wrong. */
export function assembled(text: string): Uint8Array {
  const object = assemble(text, riscv64Target, { name: "test.s", lines: true, compress: true });
  const withLines = withDebugSections(object.value, { producer: "test", folder: "" });
  const linked = link([withLines], { entry: "_start", baseAddress: riscv64Format.linuxBaseAddress });
  const problems = [...object.diagnostics, ...linked.diagnostics];
  if (problems.length > 0) throw new Error(problems.map((p) => `${p.code} ${p.message}`).join("\n"));
  return linked.value;
}
