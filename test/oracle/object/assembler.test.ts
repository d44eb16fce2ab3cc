// Our assembler against GNU as on whole files: after GNU ld has linked both objects, code and data are the same bytes,
// so instructions, relocations, literals, alignment and symbols' places agree. Instruction by instruction: ../isa.

import { afterAll, describe, expect, test } from "vitest";
import { EF_RISCV } from "../../../spec/abi/elf.ts";
import { writeObject } from "../../../compiler/object/elf/write-object.ts";
import { assemble } from "../../../compiler/target/assembler/assemble.ts";
import { assemblerNamed } from "../../../compiler/target/assembler/assembler-named.ts";
import { machineTargets } from "../../support/machine-targets.ts";
import { assemblyTexts } from "../../../tools/embed/start-up-code.ts";
import { arm64Statements, arm64Wrong } from "./arm64-statements.ts";
import { cProgram } from "./programs.ts";
import { Workshop } from "./toolchain.ts";

// gcc's objects say that they pass floating-point values in registers.
const floating = { riscv64: { flags: EF_RISCV.FLOAT_ABI_DOUBLE }, arm64: {} } as const;

describe.each(machineTargets)("%s", (target) => {
  const shop = new Workshop(target);
  afterAll(() => {
    shop.close();
  });

  /** Code and data of the object `name`, linked at fixed addresses. */
  function linked(name: string): readonly string[] {
    const places = ["-Ttext=0x10000", "-Tdata=0x20000", "-Tbss=0x30000", "-e0", "--defsym=ext=0x11800"];
    shop.tool(
      "ld",
      "--no-relax",
      "--unresolved-symbols=ignore-all",
      ...places,
      `${name}.o`,
      "-o",
      `${name}.elf`,
    );
    return [".text", ".data"].map((section) => {
      shop.tool("objcopy", "-O", "binary", "-j", section, `${name}.elf`, `${name}.bin`);
      return Buffer.from(shop.read(`${name}.bin`)).toString("hex");
    });
  }

  function expectSame(file: string): void {
    // GNU as makes these sections in any case, and GNU ld places `_end` by them.
    const text = `    .data\n    .bss\n    .text\n${file}`;
    const { value, diagnostics } = assemble(text, assemblerNamed(target), { name: "x.s", compress: true });
    expect(diagnostics.map((d) => `${d.message}: ${text.slice(d.span.start, d.span.end)}`)).toEqual([]);
    shop.write("ours.o", writeObject(value));
    shop.write("x.s", text);
    const norelax = target === "riscv64" ? ["-mno-relax"] : [];
    shop.tool("as", ...shop.isa.assemblerOptions, ...norelax, "x.s", "-o", "theirs.o");
    expect(linked("ours")).toEqual(linked("theirs"));
  }

  const library = ["linux", "none"].flatMap((os) => Object.entries(assemblyTexts(`lib/${os}/${target}`)));
  test.each(library)("%s", (_, text) => {
    expectSame(text);
  });

  test.each(["-O0", "-O1", "-O2", "-Os"])("what gcc -S %s writes", (level) => {
    shop.write("c.c", shop.isa.systemCall + cProgram);
    const plain = ["-S", "-ffreestanding", "-fno-pic", "-fno-asynchronous-unwind-tables", level];
    shop.tool("gcc", ...plain, "c.c", "-o", "c.s");
    const made = assemble(shop.readText("c.s"), assemblerNamed(target), { name: "c.s", ...floating[target] });
    expect(made.diagnostics.map((d) => d.message)).toEqual([]);
    shop.write("c.o", writeObject(made.value));
    shop.write("start.s", shop.isa.start);
    shop.tool("as", ...shop.isa.assemblerOptions, "start.s", "-o", "start.o");
    shop.tool("ld", "-static", "start.o", "c.o", "-o", "a.out");
    shop.tool("gcc", "-static", "-nostdlib", "-ffreestanding", level, "start.s", "c.c", "-o", "b.out");
    expect(shop.qemu("a.out")).toEqual(shop.qemu("b.out"));
  });

  if (target !== "arm64") return;

  test("statements of all kinds", () => {
    expectSame(arm64Statements);
  });

  test("mapping symbols tell objdump what is code", () => {
    const { value } = assemble("    nop\n    .word 1\n    nop\n", assemblerNamed(target), { name: "x.s" });
    shop.write("ours.o", writeObject(value));
    expect(shop.tool("objdump", "-d", "ours.o")).toMatch(/nop\n.*\.word\t0x00000001\n.*nop/);
  });

  test.each(arm64Wrong)("both refuse `%s`", (line) => {
    const made = assemble(`    ${line}\n`, assemblerNamed(target), { name: "x.s" });
    expect(made.diagnostics.length).toBeGreaterThan(0);
    shop.write("x.s", `    ${line}\n`);
    expect(shop.run(`${shop.isa.prefix}as`, ["x.s", "-o", "x.o"]).status).not.toBe(0);
  });
});
