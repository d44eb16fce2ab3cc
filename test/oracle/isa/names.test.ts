// Names of registers and CSRs mean the numbers that GNU as gives them.

import { expect, it } from "vitest";
import { arm64 } from "../../../spec/isa/arm64/arm64.ts";
import { riscv64 } from "../../../spec/isa/riscv64/riscv64.ts";
import { arm64Tools, gnuAssemble, riscvTools } from "./gnu-tools.ts";

function words(bytes: Uint8Array): number[] {
  return Array.from({ length: bytes.length / 4 }, (_, i) =>
    new DataView(bytes.buffer).getUint32(4 * i, true),
  );
}

it("CSRs of RV64", () => {
  // binutils 2.40 hides what its default privileged version does not have.
  const tools = { ...riscvTools, march: "rv64gc_zicsr_sscofpmf_sstc_smstateen" };
  const lines = riscv64.csrs.map((c) => `csrrs zero, ${c.name}, zero`);
  const numbers = words(gnuAssemble(`.option norvc\n${lines.join("\n")}`, tools)).map((word) => word >>> 20);
  expect(numbers.slice(0, lines.length)).toEqual(riscv64.csrs.map((c) => c.number));
});

it("system registers of Arm64", () => {
  // `sve` for the names of the registers that announce it.
  const tools = { ...arm64Tools, march: `${arm64Tools.march}+sve` };
  const lines = arm64.csrs.map((c) => `mrs x0, ${c.name}`);
  const numbers = words(gnuAssemble(lines.join("\n"), tools)).map((word) => ((word >>> 5) & 0x7fff) + 0x8000);
  expect(numbers.slice(0, lines.length)).toEqual(arm64.csrs.map((c) => c.number));
});

it.each([
  {
    isa: riscv64,
    tools: riscvTools,
    name: "x",
    at: 7,
    line: (name: string) => `.option norvc\nlui ${name}, 1`,
  },
  {
    isa: riscv64,
    tools: riscvTools,
    name: "f",
    at: 7,
    line: (name: string) => `.option norvc\nflw ${name}, 0(a0)`,
  },
  { isa: arm64, tools: arm64Tools, name: "x", at: 0, line: (name: string) => `mvn ${name}, x1` },
  { isa: arm64, tools: arm64Tools, name: "w", at: 0, line: (name: string) => `mvn ${name}, w1` },
  { isa: arm64, tools: arm64Tools, name: "xsp", at: 0, line: (name: string) => `add ${name}, x1, #1` },
  { isa: arm64, tools: arm64Tools, name: "q", at: 0, line: (name: string) => `ldr ${name}, [x1]` },
  { isa: arm64, tools: arm64Tools, name: "b", at: 0, line: (name: string) => `ldr ${name}, [x1]` },
  { isa: arm64, tools: arm64Tools, name: "v", at: 0, line: (name: string) => `not ${name}.16b, v1.16b` },
])("registers of $isa.name: $name", ({ isa, tools, name, at, line }) => {
  const { names, aliases } = isa.registerClass(name);
  const all = [...names.map((text, i) => [text, i] as const), ...Object.entries(aliases)];
  const lines = all.map(([text]) => line(text));
  const numbers = words(gnuAssemble(lines.join("\n"), tools)).map((word) => (word >>> at) & 31);
  expect(numbers.slice(0, lines.length)).toEqual(all.map(([, number]) => number));
});
