// Programs for the machine from assembly text, through our own assembler and linker (or as bare words).

import { assemble } from "../../../compiler/target/assembler/assemble.ts";
import { arm64Target } from "../../../compiler/target/assembler/arm64-target.ts";
import { riscv64Target } from "../../../compiler/target/assembler/riscv64-target.ts";
import { withDebugSections } from "../../../compiler/object/dwarf/debug-sections.ts";
import { arm64Format } from "../../../compiler/object/machine/arm64.ts";
import { riscv64Format } from "../../../compiler/object/machine/riscv64.ts";
import { link } from "../../../compiler/object/link/link.ts";

const machines = {
  riscv64: { target: riscv64Target, format: riscv64Format },
  arm64: { target: arm64Target, format: arm64Format },
} as const;

/**
 * The bytes of a static program that starts at `_start`, for Linux unless it gets an address of its own. Throws with the
 * messages if the text is wrong.
 */
export function assembled(
  text: string,
  machine: keyof typeof machines = "riscv64",
  baseAddress: bigint = machines[machine].format.linuxBaseAddress,
): Uint8Array {
  const { target } = machines[machine];
  const object = assemble(text, target, { name: "test.s", lines: true, compress: true });
  const withLines = withDebugSections(object.value, { producer: "test", folder: "" });
  const linked = link([withLines], { entry: "_start", baseAddress });
  const problems = [...object.diagnostics, ...linked.diagnostics];
  if (problems.length > 0) throw new Error(problems.map((p) => `${p.code} ${p.message}`).join("\n"));
  return linked.value;
}
