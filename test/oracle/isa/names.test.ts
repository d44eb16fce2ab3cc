// Names of registers and CSRs mean the numbers that GNU as gives them.

import { expect, it } from "vitest";
import { riscv64 } from "../../../spec/isa/riscv64/riscv64.ts";
import { gnuAssemble } from "./gnu-tools.ts";

function words(bytes: Uint8Array): number[] {
  return Array.from({ length: bytes.length / 4 }, (_, i) =>
    new DataView(bytes.buffer).getUint32(4 * i, true),
  );
}

it("CSRs", () => {
  // binutils 2.40 hides what its default privileged version does not have.
  const march = "rv64gc_zicsr_sscofpmf_sstc_smstateen";
  const lines = riscv64.csrs.map((c) => `csrrs zero, ${c.name}, zero`);
  const numbers = words(gnuAssemble(`.option norvc\n${lines.join("\n")}`, march)).map((word) => word >>> 20);
  expect(numbers.slice(0, lines.length)).toEqual(riscv64.csrs.map((c) => c.number));
});

it.each([
  { file: "x", line: (name: string) => `lui ${name}, 1` },
  { file: "f", line: (name: string) => `flw ${name}, 0(a0)` },
])("registers of $file", ({ file, line }) => {
  const x = riscv64.registerClass(file);
  const names = [...x.names.map((name, i) => [name, i] as const), ...Object.entries(x.aliases)];
  const lines = names.map(([name]) => line(name));
  const numbers = words(gnuAssemble(`.option norvc\n${lines.join("\n")}`)).map((word) => (word >>> 7) & 31);
  expect(numbers.slice(0, lines.length)).toEqual(names.map(([, number]) => number));
});
